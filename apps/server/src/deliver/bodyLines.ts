import { defang, defangLines } from "./defang.ts";
import { lineOf, moreOf } from "./digestOf.ts";
import type { Message } from "./Message.ts";

// Long enough for what happened, and short enough that a service that takes little shows some.
const lineLimit = 160;

/**
 * The lines of a message's body as `show` writes them for a service. Of a digest as many as `room` holds with the line of how many more
 * there are, which no cut may take: an attacker can make alerts, and titles that are long.
 */
export function bodyLines({ body, digest }: Message, room: number, show = (line: string) => line): string[] {
  if (digest === undefined) return defangLines(body).map(show);
  const lines: string[] = [];
  let left = room - show(moreOf(digest.count)).length;
  for (const alert of digest.alerts) {
    const line = show(defang(lineOf(alert), lineLimit));
    left -= line.length + 1;
    if (left < 0) break;
    lines.push(line);
  }
  const more = digest.count - lines.length;
  return more === 0 ? lines : [...lines, show(moreOf(more))];
}

/** How many characters of `limit` are left beside `lines` and the breaks after them. */
export function roomBeside(lines: readonly string[], limit: number): number {
  return lines.reduce((left, line) => left - line.length - 1, limit);
}

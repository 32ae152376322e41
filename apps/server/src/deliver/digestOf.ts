import { mostSevere, severities } from "@testudo/core/model/Finding";
import type { Hex } from "@testudo/core/model/Hex";
import type { GatheredAlert, Notice } from "@testudo/core/model/Notice";
import { hashOf } from "@testudo/core/model/Record";
import { keyOf } from "./Message.ts";

// With the line of how many more there are, no more than a terminal shows of a body.
const shownLines = 20;

/** The id of the digest of `notices` on `channel`: the same notices make the same digest. */
export function digestId(channel: string, notices: readonly Pick<Notice, "id">[]): Hex {
  return hashOf(["digest", channel, notices.map(({ id }) => id)]);
}

/** One notice that stands for `notices` (at least one): how many of what, and the most severe of them by name and in words. */
export function digestOf(id: Hex, notices: readonly Notice[]): Notice {
  const last = notices.at(-1)!;
  const severity = mostSevere(notices.map((notice) => notice.severity)) ?? "info";
  const counts = [...severities].reverse().flatMap((level) => {
    const count = notices.filter((notice) => notice.severity === level).length;
    return count === 0 ? [] : [`${count} ${level}`];
  });
  const sorted = [...notices].sort((a, b) => severities.indexOf(b.severity) - severities.indexOf(a.severity));
  const named = sorted.slice(0, sorted.length > shownLines ? shownLines - 1 : shownLines);
  const alerts = named.map(gather);
  const lines = alerts.map(lineOf);
  const more = notices.length - lines.length;
  return {
    kind: "Notice",
    id,
    thread: id,
    topic: "finding",
    transition: "digest",
    severity,
    title: `${notices.length} alerts within a minute: ${counts.join(", ")}; first ${nameOf(alerts[0]!)}`,
    body: [...lines, ...(more > 0 ? [moreOf(more)] : [])].join("\n"),
    chainId: last.chainId,
    blockNumber: last.blockNumber,
    blockHash: last.blockHash,
    record: id,
    digest: { count: notices.length, alerts },
    runbook: "RUNBOOK.md#a-storm-of-alerts",
  };
}

function gather({ thread, severity, transition, title, detector }: Notice): GatheredAlert {
  return { thread, severity, transition, title, ...(detector === undefined ? {} : { detector }) };
}

function nameOf({ thread, detector }: GatheredAlert): string {
  return `${keyOf(thread)}${detector === undefined ? "" : ` ${detector}`}`;
}

/** An alert of a digest in one line. Its title may quote an attacker, and begins no line of its own. */
export function lineOf(alert: GatheredAlert): string {
  const { severity, transition, title } = alert;
  return `${severity} ${transition} ${nameOf(alert)}: ${title.replace(/[\r\n]+/g, " ")}`;
}

/** That a digest stands for `count` more than it names. */
export function moreOf(count: number): string {
  return `and ${count} more; \`testudo status\` lists what is open`;
}

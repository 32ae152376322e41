// Discord renders Markdown, mentions (<@1>, <#1>, @everyone), custom emoji (<:a:1>) and time stamps (<t:1>). A backslash takes the
// meaning from each of the characters that they begin with; `allowed_mentions` lets none of them reach anybody besides.

import { cutText } from "@testudo/core/model/cutText";
import type { Severity } from "@testudo/core/model/Finding";
import type { Notice } from "@testudo/core/model/Notice";
import { bodyLines, roomBeside } from "./bodyLines.ts";
import { defang } from "./defang.ts";
import { messageOf } from "./Message.ts";

// Of an embed: title 256, description 4,096, 6,000 together; of a forum post's name: 100.
const titleLimit = 250;
const descriptionLimit = 4_000;

const colors: Readonly<Record<Severity, number>> = {
  critical: 0xc62828,
  high: 0xef6c00,
  medium: 0xf9a825,
  low: 0x0277bd,
  info: 0x757575,
};

/** What executing and editing a webhook's message take of a notice. */
export function discordMessage(notice: Notice) {
  const message = messageOf(notice);
  const headline = escapeDiscord(defang(`${message.label}: ${message.title}`, 600));
  const facts = message.facts.map(([name, value]) => `${name}: ${escapeDiscord(defang(value, 200))}`);
  const room = roomBeside([headline, ...facts], descriptionLimit);
  const lines = [headline, ...bodyLines(message, room, escapeDiscord), ...facts];
  return {
    embeds: [
      {
        title: cutEscaped(headline, titleLimit),
        description: cutEscaped(lines.join("\n"), descriptionLimit),
        color: colors[message.severity],
      },
    ],
    allowed_mentions: { parse: [] },
  };
}

/** The name of an alert's post in a forum; Discord shows it as it is. */
export function discordThreadName(notice: Notice): string {
  const { label, title, key } = messageOf(notice);
  return cutText(defang(`${label} ${key}: ${title}`, 200), 100);
}

function escapeDiscord(line: string): string {
  return line.replace(/[\\`*_~|<>[\]()#:+\-=.!{}&]/g, (c, at: number) => (isPlain(c, line, at) ? c : `\\${c}`));
}

// Only at a line's beginning, or after a number there, are these markup; elsewhere they would be hard to read escaped.
function isPlain(c: string, line: string, at: number): boolean {
  if ("+-=.!".includes(c)) return line.slice(0, at).trim() !== "" && !/^\s*\d+$/.test(line.slice(0, at));
  return "(){}&".includes(c);
}

// A backslash that lost what it stood before would take the ellipsis' or the line's end's place.
function cutEscaped(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${cutText(text, limit).slice(0, -1).replace(/\\+$/, "")}…`;
}

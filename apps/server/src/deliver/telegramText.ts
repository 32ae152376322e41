// Telegram's HTML knows few tags, and its clients find links, names, hashtags, commands and numbers in plain text by themselves, but
// not within <code>. So all that others may have written stands in <code>, with &, < and > as entities.

import { cutText } from "@testudo/core/model/cutText";
import type { Notice } from "@testudo/core/model/Notice";
import { bodyLines, roomBeside } from "./bodyLines.ts";
import { defang } from "./defang.ts";
import { messageOf } from "./Message.ts";

// 4,096 UTF-16 units after the entities were read.
const limit = 4_096;
const lineLimit = 400;
// A line that there is less room for is left out.
const spare = 20;

/** What sendMessage takes of a notice with `parse_mode: "HTML"`. */
export function telegramText(notice: Notice): string {
  const message = messageOf(notice);
  const headline = defang(`${message.label}: ${message.title}`, lineLimit);
  const facts = message.facts.map(([name, value]): [string, string] => [name, defang(value, 200)]);
  const around = [headline, ...facts.map(([name, value]) => `${name}: ${value}`)];
  const lines: [string, string][] = [
    ["", headline],
    ...bodyLines(message, roomBeside(around, limit - spare)).map((line): [string, string] => ["", line]),
    ...facts,
  ];
  let room = limit;
  const shown: string[] = [];
  for (const [name, value] of lines) {
    const head = name === "" ? "" : `${name}: `;
    if (value === "" || room < head.length + spare) continue;
    const text = cutText(value, Math.min(lineLimit, room - head.length - 1));
    room -= head.length + text.length + 1;
    shown.push(`${head}<code>${escapeHtml(text)}</code>`);
  }
  return shown.join("\n");
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

// In a fenced block GitHub makes nothing of text: no markup, no HTML, no mention, no reference, no link. The fence is longer than any
// run of backticks within, so that the text cannot end it. A title is shown without markup, but for code.

import { cutText } from "@testudo/core/model/cutText";
import type { Notice } from "@testudo/core/model/Notice";
import { bodyLines, roomBeside } from "./bodyLines.ts";
import { defang } from "./defang.ts";
import { messageOf } from "./Message.ts";

// 256 for a title, 65,536 for a body.
const titleLimit = 200;
const bodyLimit = 20_000;

/** Title and body of an issue; the body is also what a comment says. */
export function githubText(notice: Notice): { readonly title: string; readonly body: string } {
  const message = messageOf(notice);
  const headline = defang(`${message.label}: ${message.title}`, 600);
  const facts = message.facts.map(([name, value]) => `${name}: ${defang(value, 200)}`);
  const lines = [headline, ...bodyLines(message, roomBeside([headline, ...facts], bodyLimit)), ...facts];
  const text = cutText(lines.join("\n"), bodyLimit);
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  return {
    title: cutText(headline.replaceAll("`", "'"), titleLimit),
    body: `${markerOf(notice.id)}\n${fence}text\n${text}\n${fence}\n`,
  };
}

/** What a text of the notice `id` begins with; nobody sees it. */
export function markerOf(id: string): string {
  return `<!-- testudo ${id} -->`;
}

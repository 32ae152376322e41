// Only `plain_text` objects carry text that others may have written: Slack finds no markup, mention or link syntax in them. The
// fallback text is escaped as Slack asks (&, <, >), sent with `mrkdwn: false`, and holds no name that could be linked.

import { cutText } from "@testudo/core/model/cutText";
import type { Notice } from "@testudo/core/model/Notice";
import { bodyLines, roomBeside } from "./bodyLines.ts";
import { defang } from "./defang.ts";
import { messageOf, stageOf } from "./Message.ts";

export const acknowledgeAction = "testudo_acknowledge";

// Block Kit's limits are 150 for a header and 3,000 for a section.
const headerLimit = 150;
const sectionLimit = 2_900;

/** What chat.postMessage and chat.update take of a notice, without room and thread. */
export function slackMessage(notice: Notice, hasButton: boolean) {
  const message = messageOf(notice);
  const text = defang(`${message.label}: ${message.title}`, 600);
  const facts = message.facts.map(([name, value]) => `${name}: ${defang(value, 200)}`);
  const lines = [...bodyLines(message, roomBeside([text, ...facts], sectionLimit)), ...facts];
  const blocks: object[] = [
    { type: "header", text: plainText(text, headerLimit) },
    { type: "section", text: plainText([text, ...lines].join("\n"), sectionLimit) },
  ];
  const isOpen = stageOf(notice) === "open" && !["digest", "test"].includes(notice.transition);
  if (hasButton && isOpen && notice.topic !== "action") blocks.push(button(notice.record));
  return {
    text: escapeSlack(text),
    blocks,
    mrkdwn: false,
    parse: "none",
    link_names: false,
    unfurl_links: false,
    unfurl_media: false,
    // A reply that only those see who follow the thread would be missed.
    ...(["escalated", "raised-again", "repeated"].includes(notice.transition) ? { reply_broadcast: true } : {}),
    metadata: { event_type: "testudo_notice", event_payload: { id: notice.id } },
  };
}

function plainText(text: string, limit: number) {
  return { type: "plain_text", text: cutText(text, limit), emoji: false };
}

function button(finding: string): object {
  const text = { type: "plain_text", text: "Acknowledge", emoji: false };
  return {
    type: "actions",
    elements: [{ type: "button", action_id: acknowledgeAction, text, value: finding, style: "primary" }],
  };
}

function escapeSlack(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

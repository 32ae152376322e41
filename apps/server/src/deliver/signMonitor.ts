// What receivers of OpenZeppelin Monitor's webhooks check: HMAC-SHA256, hexadecimal, over the message as Rust prints it for
// debugging, followed by the time in milliseconds. (Its source signs `format!("{:?}{}", payload, timestamp)`.)
import { createHmac } from "node:crypto";
import type { Notice } from "@testudo/core/model/Notice";
import { escapeLine, escapeLines } from "./escapeText.ts";
import { messageOf } from "./Message.ts";

/** The body of such a webhook. */
export interface MonitorBody {
  readonly title: string;
  readonly body: string;
}

/** Headers for `body` at `timestampMs`. */
export function signMonitor(secret: string, { title, body }: MonitorBody, timestampMs: number) {
  const printed = `WebhookMessage { title: ${rustDebug(title)}, body: ${rustDebug(body)} }`;
  const signature = createHmac("sha256", secret).update(`${printed}${timestampMs}`).digest("hex");
  return { "x-signature": signature, "x-timestamp": `${timestampMs}` };
}

/** `notice` as title and text. Only characters that Rust prints as they are, quotes, backslashes and line breaks apart. */
export function monitorBody(notice: Notice): MonitorBody {
  const { label, title, body, facts } = messageOf(notice);
  const lines = [...escapeLines(body), ...facts.map(([name, value]) => `${name}: ${escapeLine(value)}`)];
  return {
    title: plain(escapeLine(`${label}: ${title}`)),
    body: lines
      .filter((line) => line !== "")
      .map(plain)
      .join("\n"),
  };
}

// Rust escapes what extends the character before it, what is unassigned or private, and blanks other than U+0020.
function plain(text: string): string {
  return text.replace(/[\p{M}\p{Cn}\p{Co}\p{Zs}\u200c\u200d]/gu, (c) => (c === " " ? c : "?"));
}

function rustDebug(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}

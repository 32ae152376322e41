// A receiver that checks signatures and keeps each id once, as a good one does; for the shared suite.
import { createHmac } from "node:crypto";
import type { ChannelBench } from "./channelSuite.testkit.ts";
import { secretA } from "./receiver.testkit.ts";
import { type Asked, openService, type Reply, type Service } from "./service.testkit.ts";
import { isSigned, parseSecret, type WebhookHeaders } from "./signWebhook.ts";
import { type WebhookOptions, webhookChannel } from "./webhookChannel.ts";

const monitorSecret = "a-secret-of-openzeppelin-monitor";

export interface WebhookBench extends ChannelBench {
  readonly service: Service;
}

export async function openWebhookBench({ format = "standard" }: Partial<WebhookOptions> = {}): Promise<WebhookBench> {
  const kept = new Map<string, { thread: string; text: string }>();
  const isMonitor = format === "oz-monitor";
  const handle = ({ headers, raw, json }: Asked): Reply => {
    const isRight = isMonitor
      ? headers["x-signature"] === monitorSignature(json, String(headers["x-timestamp"]))
      : isSigned([parseSecret(secretA)], headers as unknown as WebhookHeaders, raw, Date.now() / 1_000);
    if (!isRight) return { status: 401 };
    const id = String(headers["webhook-id"]);
    if (!kept.has(id)) kept.set(id, isMonitor ? monitored(json) : standard(json));
    return { status: 204 };
  };
  const service = await openService(handle, {
    rateLimited: () => ({ status: 429, headers: { "retry-after": "3" }, body: "slow down" }),
  });
  const secrets = [isMonitor ? monitorSecret : secretA];
  const url = `${service.url}/services/T0SECRETPATH/a%20token/x?token=a-token-in-the-query`;
  return {
    service,
    channel: webhookChannel({ name: "hook", url, secrets, format }),
    secrets: [...secrets, "T0SECRETPATH", "a token", "a%20token", "a-token-in-the-query"],
    threads: () => {
      const threads = new Map<string, string[]>();
      for (const { thread, text } of kept.values()) threads.set(thread, [...(threads.get(thread) ?? []), text]);
      return [...threads.values()];
    },
    // Data; that a receiver escapes it stands in the documentation.
    active: () => [],
    breakNext: service.breakNext,
    close: service.close,
  };
}

function standard({ data }: { data: { thread: string; title: string; transition: string } }) {
  return { thread: data.thread, text: `${data.title} ${data.transition === "retracted" ? "taken back" : ""}` };
}

function monitored({ title, body }: { title: string; body: string }) {
  return { thread: body.match(/alert: (\w+)/)?.[1] ?? "", text: `${title}\n${body}` };
}

/** What a receiver written in Rust computes, whose `{:?}` escapes what it does not print. */
function monitorSignature({ title, body }: { title: string; body: string }, timestamp: string): string {
  const printed = `WebhookMessage { title: ${debug(title)}, body: ${debug(body)} }${timestamp}`;
  return createHmac("sha256", monitorSecret).update(printed).digest("hex");
}

function debug(text: string): string {
  const shown = [...text].map((c) => {
    if (c === '"' || c === "\\") return `\\${c}`;
    if (c === "\n") return "\\n";
    const isPrinted = c === " " || !/[\p{C}\p{Z}\p{M}]/u.test(c);
    return isPrinted ? c : `\\u{${c.codePointAt(0)!.toString(16)}}`;
  });
  return `"${shown.join("")}"`;
}

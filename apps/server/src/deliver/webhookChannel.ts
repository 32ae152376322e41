import { canonicalJson } from "@testudo/core/model/canonicalJson";
import type { Severity } from "@testudo/core/model/Finding";
import type { Notice } from "@testudo/core/model/Notice";
import { toCloudEvent } from "../interop/toCloudEvent.ts";
import { type Channel, ChannelGoneError, DeliveryError, type Receipt } from "./Channel.ts";
import { callService, retryAfterMs, type ServiceAnswer } from "./callService.ts";
import { monitorBody, signMonitor } from "./signMonitor.ts";
import { parseSecret, signWebhook } from "./signWebhook.ts";

export type WebhookFormat = "standard" | "cloudevents" | "oz-monitor";

/** Settings of a webhook. One or two secrets, both sign. Times in milliseconds. */
export interface WebhookOptions {
  readonly name: string;
  readonly url: string;
  readonly secrets: readonly string[];
  readonly minSeverity?: Severity;
  /**
   * How the body is written: ours (default), a CloudEvents 1.0 event in structured mode (INT-04), or what receivers of
   * OpenZeppelin Monitor expect; there the first secret signs.
   */
  readonly format?: WebhookFormat | undefined;
  /** Default 10 s. */
  readonly timeoutMs?: number;
  /** Unix milliseconds; for tests. */
  readonly now?: () => number;
}

interface Letter {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * A channel that posts each notice to `url`, signed as Standard Webhooks say (DELIV-01). Any 2xx is delivered, 410 is
 * the end of the channel, everything else is tried again; redirects are not followed.
 */
export function webhookChannel(options: WebhookOptions): Channel {
  const { name, secrets, timeoutMs, now = Date.now } = options;
  const url = new URL(options.url);
  const write = options.format === "oz-monitor" ? monitorLetters(options) : standardLetters(options);
  const deliver = async (notice: Notice, signal: AbortSignal): Promise<Receipt> => {
    const { headers, body } = write(notice, now());
    const answer = await callService({
      url,
      headers,
      body,
      signal,
      timeoutMs,
      secrets: [...secrets, ...hiddenIn(url)],
    });
    judge(answer, now());
    return { said: `${answer.status}` };
  };
  return { name, minSeverity: options.minSeverity ?? "info", deliver };
}

function standardLetters({ name, secrets, format }: WebhookOptions): (notice: Notice, nowMs: number) => Letter {
  const keys = secrets.map(parseSecret);
  if (keys.length < 1 || keys.length > 2)
    throw new RangeError(`Webhook "${name}" has ${keys.length} secrets.\n- One or two are allowed.`);
  return (notice, nowMs) => {
    const isEvent = format === "cloudevents";
    const body = isEvent ? canonicalJson(toCloudEvent(notice)) : webhookBody(notice);
    const type = isEvent ? { "content-type": "application/cloudevents+json" } : {};
    return { headers: { ...signWebhook(keys, notice.id, Math.floor(nowMs / 1_000), body), ...type }, body };
  };
}

function monitorLetters({ name, secrets }: WebhookOptions): (notice: Notice, nowMs: number) => Letter {
  const [secret] = secrets;
  if (secret === undefined || secrets.length > 1)
    throw new RangeError(`Webhook "${name}" has ${secrets.length} secrets.\n- OpenZeppelin Monitor's format has one.`);
  return (notice, nowMs) => {
    const body = monitorBody(notice);
    // The id is ours: a receiver that knows it sees each notice once.
    return { headers: { ...signMonitor(secret, body, nowMs), "webhook-id": notice.id }, body: JSON.stringify(body) };
  };
}

/**
 * The request body: `{"type":"testudo.<topic>.<transition>.v1","data":<notice>}`, RFC 8785 JSON, block numbers as decimal
 * strings. The same notice gives the same bytes at every attempt. Texts may quote the chain: a receiver must escape them.
 */
export function webhookBody(notice: Notice): string {
  return canonicalJson({ type: `testudo.${notice.topic}.${notice.transition}.v1`, data: notice });
}

function judge({ status, headers, what }: ServiceAnswer, nowMs: number): void {
  if (status >= 200 && status < 300) return;
  if (status === 410) throw new ChannelGoneError(what);
  const after = retryAfterMs(headers, nowMs);
  throw new DeliveryError(what, { retryAfterMs: after, holds: status === 429 ? "channel" : "notice" });
}

/** Parts of `url` that may be a key: its login, its path and its query, as written and as read. */
function hiddenIn({ pathname, search, hash, username, password, searchParams }: URL): readonly string[] {
  const written = [pathname.slice(1), search.slice(1), hash.slice(1), username, password].flatMap((text) => [
    text,
    ...text.split(/[/&=+]/),
  ]);
  return [...written, ...written.map(decoded), ...searchParams.keys(), ...searchParams.values()];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

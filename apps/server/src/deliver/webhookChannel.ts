import { canonicalJson } from "@testudo/core/model/canonicalJson";
import type { Severity } from "@testudo/core/model/Finding";
import type { Notice } from "@testudo/core/model/Notice";
import { toCloudEvent } from "../interop/toCloudEvent.ts";
import { type Channel, ChannelGoneError, DeliveryError } from "./Channel.ts";
import { parseSecret, signWebhook } from "./signWebhook.ts";

export type WebhookFormat = "standard" | "cloudevents";

/** Settings of a webhook. One or two secrets, both sign. Times in milliseconds. */
export interface WebhookOptions {
  readonly name: string;
  readonly url: string;
  readonly secrets: readonly string[];
  readonly minSeverity?: Severity;
  /** How the body is written: ours (default), or a CloudEvents 1.0 event in structured mode (INT-04). */
  readonly format?: WebhookFormat | undefined;
  /** Default 10 s. */
  readonly timeoutMs?: number;
  /** Unix milliseconds; for tests. */
  readonly now?: () => number;
}

// Of an answer only the status counts; some text of it helps the person who reads the error.
const answerLimitBytes = 4_096;
const longestRetryAfterMs = 3_600_000;

/**
 * A channel that posts each notice to `url`, signed as Standard Webhooks say (DELIV-01). Any 2xx is delivered, 410 is
 * the end of the channel, everything else is tried again; redirects are not followed.
 */
export function webhookChannel(options: WebhookOptions): Channel {
  const { name, format = "standard", timeoutMs = 10_000, now = Date.now } = options;
  const url = new URL(options.url);
  const keys = options.secrets.map(parseSecret);
  if (keys.length < 1 || keys.length > 2)
    throw new RangeError(`Webhook "${name}" has ${keys.length} secrets.\n- One or two are allowed.`);
  const deliver = async (notice: Notice, signal: AbortSignal): Promise<void> => {
    const body = format === "standard" ? webhookBody(notice) : canonicalJson(toCloudEvent(notice));
    const type = format === "standard" ? "application/json" : "application/cloudevents+json";
    const headers = signWebhook(keys, notice.id, Math.floor(now() / 1_000), body);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const answer = await post(url, { ...headers, "content-type": type }, body, limit);
    await judge(url, answer);
  };
  return { name, minSeverity: options.minSeverity ?? "info", deliver };
}

/**
 * The request body: `{"type":"testudo.<topic>.<transition>.v1","data":<notice>}`, RFC 8785 JSON, block numbers as decimal
 * strings. The same notice gives the same bytes at every attempt. Texts may quote the chain: a receiver must escape them.
 */
export function webhookBody(notice: Notice): string {
  return canonicalJson({ type: `testudo.${notice.topic}.${notice.transition}.v1`, data: notice });
}

async function post(url: URL, headers: Record<string, string>, body: string, signal: AbortSignal): Promise<Response> {
  try {
    const all = { ...headers, "user-agent": "testudo" };
    // A redirect would hand the signed alert to an address that nobody configured.
    return await fetch(url, { method: "POST", headers: all, body, redirect: "manual", signal });
  } catch (cause) {
    throw new DeliveryError(`No answer from ${url.origin}: ${reasonOf(cause)}`, { cause });
  }
}

async function judge(url: URL, answer: Response): Promise<void> {
  const text = await readSome(answer);
  if (answer.status >= 200 && answer.status < 300) return;
  const what = `${url.origin} answered ${answer.status}${text === "" ? "" : `: ${text}`}`;
  if (answer.status === 410) throw new ChannelGoneError(what);
  if (answer.status >= 300 && answer.status < 400) throw new DeliveryError(`${what} (redirects are not followed)`);
  const seconds = Number(answer.headers.get("retry-after") ?? Number.NaN);
  if (!(seconds > 0)) throw new DeliveryError(what);
  throw new DeliveryError(what, { retryAfterMs: Math.min(seconds * 1_000, longestRetryAfterMs) });
}

/** The beginning of the answer; the rest is not read. A body that breaks off does not undo what its status said. */
async function readSome(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of answer.body ?? []) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= answerLimitBytes) break;
    }
  } catch {
    // Timed out or broken off: what came is enough.
  }
  return Buffer.concat(chunks).toString("utf8").slice(0, 200).trim();
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error
    ? cause.message || ((cause as NodeJS.ErrnoException).code ?? cause.name)
    : error.message;
}

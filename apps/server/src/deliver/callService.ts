// Every HTTP request of a channel. Tokens stand in headers, paths and bodies; an error must show none of them.

import { limitTime } from "@testudo/chain/rpc/limitTime";
import { DeliveryError } from "./Channel.ts";
import { hideSecrets } from "./hideSecrets.ts";

/** A request. `body` is sent as JSON unless it is a text already. */
export interface ServiceCall {
  readonly url: URL;
  readonly method?: "GET" | "POST" | "PATCH";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** What no error may show. */
  readonly secrets: readonly string[];
  readonly signal: AbortSignal;
  /** Default 10 s. */
  readonly timeoutMs?: number | undefined;
  /** How much of the answer is read; default 4 KiB. */
  readonly readBytes?: number;
}

/** An answer, whatever its status. `json` is undefined where the text is none. */
export interface ServiceAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: foreign JSON, looked at field by field
  readonly json: any;
  /** Who answered and what, for an error: without secrets, cut. */
  readonly what: string;
}

const longestRetryAfterMs = 3_600_000;

/** Asks a service. Throws DeliveryError when no answer comes and for a redirect, which is never followed. */
export async function callService(call: ServiceCall): Promise<ServiceAnswer> {
  return limitTime(call.timeoutMs ?? 10_000, call.signal, (limit) => ask(call, limit));
}

async function ask(call: ServiceCall, limit: AbortSignal): Promise<ServiceAnswer> {
  const { url, method = "POST", headers, body, readBytes = 4_096 } = call;
  const text = body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body);
  const type = text === null ? {} : { "content-type": "application/json" };
  let answer: Response;
  try {
    // A redirect would hand alert and token to an address that nobody configured.
    answer = await fetch(url, {
      method,
      headers: { ...type, "user-agent": "testudo", ...headers },
      body: text,
      redirect: "manual",
      signal: limit,
    });
  } catch (cause) {
    const reason = hideSecrets(reasonOf(cause), call.secrets);
    throw new DeliveryError(`No answer from ${url.origin}: ${reason}`, { cause: new Error(reason) });
  }
  const said = await readSome(answer, readBytes);
  const shown = hideSecrets(said, call.secrets).slice(0, 200).trim();
  const what = `${url.origin} answered ${answer.status}${shown === "" ? "" : `: ${shown}`}`;
  if (answer.status >= 300 && answer.status < 400) throw new DeliveryError(`${what} (redirects are not followed)`);
  return { status: answer.status, headers: answer.headers, text: said, json: toJson(said), what };
}

/** What `Retry-After` says in milliseconds, at most an hour; undefined where it says nothing. It may be a date (RFC 9110). */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const text = headers.get("retry-after");
  if (text === null) return undefined;
  const ms = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) * 1_000 : Date.parse(text) - nowMs;
  return ms > 0 ? Math.min(ms, longestRetryAfterMs) : undefined;
}

/** The beginning of the answer; the rest is not read. A body that breaks off does not undo what its status said. */
async function readSome(answer: Response, limit: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of answer.body ?? []) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= limit) break;
    }
  } catch {
    // Timed out or broken off: what came is enough.
  }
  return Buffer.concat(chunks).toString("utf8");
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error
    ? cause.message || ((cause as NodeJS.ErrnoException).code ?? cause.name)
    : error.message;
}

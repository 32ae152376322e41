import { DeliveryError, NoticeRefusedError } from "./Channel.ts";
import { callService, retryAfterMs, type ServiceAnswer } from "./callService.ts";
import { serviceKey } from "./serviceKey.ts";
import { withSlash } from "./withSlash.ts";

/** Slack's Web API for one token. Both verbs give the answer's fields, or throw SlackRefused or what a channel throws. */
export interface Slack {
  readonly service: string;
  post(method: string, body: object, signal: AbortSignal): Promise<Record<string, unknown>>;
  get(method: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Record<string, unknown>>;
}

export function openSlack({
  token,
  baseUrl = "https://slack.com/api/",
  timeoutMs,
}: {
  readonly token: string;
  readonly baseUrl?: string | undefined;
  readonly timeoutMs?: number | undefined;
}): Slack {
  const base = withSlash(baseUrl);
  const common = {
    headers: { authorization: `Bearer ${token}` },
    secrets: [token],
    timeoutMs,
    readBytes: 2_000_000,
  };
  return {
    service: serviceKey("slack", token),
    async post(method, body, signal) {
      return fieldsOf(await callService({ ...common, url: new URL(method, base), body, signal }), method);
    },
    async get(method, query, signal) {
      const url = new URL(method, base);
      url.search = new URLSearchParams(query).toString();
      return fieldsOf(await callService({ ...common, method: "GET", url, signal }), method);
    },
  };
}

// Slack says no inside of HTTP 200.
const refusing = ["msg_too_long", "no_text", "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"];
const passing = ["internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"];
const limiting = ["ratelimited", "rate_limited", "message_limit_exceeded"];
// Slack asks for a minute where it names no time.
const defaultRestMs = 60_000;

function fieldsOf({ status, headers, json, what }: ServiceAnswer, method: string): Record<string, unknown> {
  const code = json?.ok === false ? String(json.error) : undefined;
  const after = retryAfterMs(headers, Date.now());
  if (status === 429 || (code !== undefined && limiting.includes(code)))
    throw new DeliveryError(what, { retryAfterMs: after ?? defaultRestMs, holds: "service" });
  if (json?.ok === true) return json;
  if (code === undefined || passing.includes(code)) throw new DeliveryError(what, { retryAfterMs: after });
  if (refusing.includes(code)) throw new NoticeRefusedError(`Slack refuses the message: ${code} (${method}).`);
  throw new SlackRefused(code, method);
}

/** Slack refuses what was asked, by its error code: a token, a room or a right that a person has to mend. */
export class SlackRefused extends DeliveryError {
  override readonly name = "SlackRefused";
  readonly code: string;
  constructor(code: string, method: string) {
    const shown = code.slice(0, 80);
    super(`Slack refuses ${method}: ${shown}. See the method's errors in Slack's documentation.`, {
      needsPerson: true,
    });
    this.code = code;
  }
}

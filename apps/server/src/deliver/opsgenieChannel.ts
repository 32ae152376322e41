import { setTimeout } from "node:timers/promises";
import { cutText } from "@testudo/core/model/cutText";
import type { Severity } from "@testudo/core/model/Finding";
import type { Notice } from "@testudo/core/model/Notice";
import { bodyLines, roomBeside } from "./bodyLines.ts";
import { type Channel, DeliveryError, NoticeRefusedError, type Receipt, type Thread } from "./Channel.ts";
import { callService, retryAfterMs, type ServiceAnswer } from "./callService.ts";
import { defang } from "./defang.ts";
import { messageOf, stageOf } from "./Message.ts";
import type { Rules } from "./Rules.ts";
import { serviceKey } from "./serviceKey.ts";
import { withSlash } from "./withSlash.ts";

/** Settings of an Opsgenie channel. */
export interface OpsgenieOptions {
  readonly name: string;
  /** The key of an API integration. */
  readonly apiKey: string;
  readonly minSeverity?: Severity;
  readonly rules?: Rules | undefined;
  /** Default https://api.opsgenie.com/; https://api.eu.opsgenie.com/ in the EU. */
  readonly baseUrl?: string | undefined;
  readonly timeoutMs?: number;
  /** How often, and how long apart, Opsgenie is asked what became of a request; default 5 times, 400 ms. */
  readonly polls?: number;
  readonly pollMs?: number;
}

/**
 * A channel that keeps an Opsgenie alert: created under an alias, acknowledged, annotated and closed by it. An open alert of
 * that alias only counts another occurrence, so that what is sent twice is one alert. Opsgenie takes requests before it carries
 * them out (202); it is asked what became of each.
 */
export function opsgenieChannel(options: OpsgenieOptions): Channel {
  const { name, minSeverity = "info", rules } = options;
  const deliver = async (notice: Notice, signal: AbortSignal, thread: Thread): Promise<Receipt> => {
    const alias = thread.root ?? `testudo-${notice.thread.slice(2)}`;
    const done: Outcome[] = [];
    for (const [path, body] of requestsOf(notice, alias, thread)) {
      const answer = await ask(options, { path, body, signal });
      done.push(await outcomeOf(options, assertAccepted(answer), signal));
    }
    const restMs = Math.max(...done.map((one) => one.restMs ?? 0));
    const said = cutText(`${alias}: ${done.map((one) => one.said).join(", ")}`, 400);
    return { root: alias, said, ...(restMs > 0 ? { restMs } : {}) };
  };
  return { name, minSeverity, service: serviceKey("opsgenie", options.apiKey), ...(rules ? { rules } : {}), deliver };
}

type Request = readonly [path: string, body: object];

const noteLimit = 1_000;

function requestsOf(notice: Notice, alias: string, { root, folded }: Thread): readonly Request[] {
  const message = messageOf(notice);
  const of = (verb: string): string => `v2/alerts/${encodeURIComponent(alias)}/${verb}?identifierType=alias`;
  // Up to 25,000 characters, of which nobody reads more than this.
  const said = defang(`${message.label}: ${message.title}`, noteLimit);
  const named = message.digest === undefined ? [] : bodyLines(message, roomBeside([said], noteLimit));
  const note = [said, ...named].join("\n");
  const create: Request = ["v2/alerts", alertOf(notice, alias)];
  const close: Request = [of("close"), { note, source: "testudo" }];
  // A test shall page nobody for longer than it takes to see that it came.
  if (notice.transition === "test") return [create, close];
  const stage = stageOf(notice);
  // What came within a digest is a note there.
  if (stage === "note" || (folded && stage !== "open")) return [[of("notes"), { note, source: "testudo" }]];
  if (stage === "close") return [close];
  if (stage === "acknowledge") return [[of("acknowledge"), { note, source: "testudo" }]];
  // An occurrence is counted and its text dropped: what is new in it goes as a note.
  return root === null ? [create] : [create, [of("notes"), { note, source: "testudo" }]];
}

const priorityOf: Readonly<Record<Severity, string>> = {
  critical: "P1",
  high: "P2",
  medium: "P3",
  low: "P4",
  info: "P5",
};

const descriptionLimit = 14_000;

function alertOf(notice: Notice, alias: string): object {
  const message = messageOf(notice);
  const { label, title, facts, severity } = message;
  const headline = defang(`${label}: ${title}`, 1_000);
  return {
    alias,
    // 130 characters of message, 15,000 of description, 8,000 of details, 20 tags of 50.
    message: cutText(headline, 130),
    description: cutText(
      [headline, ...bodyLines(message, roomBeside([headline], descriptionLimit))].join("\n"),
      descriptionLimit,
    ),
    details: Object.fromEntries(facts.map(([name, value]) => [name, defang(value, 200)])),
    priority: priorityOf[severity],
    source: "testudo",
    entity: notice.subject ?? `chain ${notice.chainId}`,
    tags: ["testudo", severity],
  };
}

interface Asking {
  readonly path: string;
  readonly body?: object;
  readonly signal: AbortSignal;
}

function ask(options: OpsgenieOptions, { path, body, signal }: Asking): Promise<ServiceAnswer> {
  const { apiKey, timeoutMs } = options;
  return callService({
    url: new URL(path, withSlash(options.baseUrl ?? "https://api.opsgenie.com/")),
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `GenieKey ${apiKey}` },
    body,
    signal,
    timeoutMs,
    secrets: [apiKey],
  });
}

const defaultRestMs = 60_000;

function restAsked({ headers }: ServiceAnswer): number | undefined {
  const period = Number(headers.get("x-ratelimit-period-in-sec"));
  return retryAfterMs(headers, Date.now()) ?? (period > 0 ? period * 1_000 : undefined);
}

/** The request's id. */
function assertAccepted(answer: ServiceAnswer): string {
  const { status, json, what } = answer;
  if (status === 202 && typeof json?.requestId === "string") return json.requestId;
  const after = restAsked(answer);
  if (status === 429) throw new DeliveryError(what, { retryAfterMs: after ?? defaultRestMs, holds: "service" });
  if (status === 400 || status === 422) throw new NoticeRefusedError(what);
  throw new DeliveryError(what, { retryAfterMs: after, needsPerson: [401, 402, 403].includes(status) });
}

interface Outcome {
  readonly said: string;
  readonly restMs?: number;
}

/** What became of a request. It was accepted, which has to do where that is not known after all polls, or too much has been asked. */
async function outcomeOf(options: OpsgenieOptions, request: string, signal: AbortSignal): Promise<Outcome> {
  const { polls = 5, pollMs = 400 } = options;
  const accepted = { said: `accepted as ${request}` };
  for (let poll = 0; poll < polls; poll++) {
    if (poll > 0) await setTimeout(pollMs, undefined, { signal });
    const answer = await ask(options, { path: `v2/alerts/requests/${encodeURIComponent(request)}`, signal });
    if (answer.status === 429) return { ...accepted, restMs: restAsked(answer) ?? defaultRestMs };
    const { isSuccess, status } = answer.status === 200 ? (answer.json?.data ?? {}) : {};
    if (isSuccess === undefined) continue;
    const said = String(status ?? "");
    // Nothing to close, acknowledge or annotate: somebody has deleted it.
    if (isSuccess === true || /does not exist|already/i.test(said)) return { said };
    throw new DeliveryError(`Opsgenie took the request and did not carry it out: ${said.slice(0, 100)}`);
  }
  return accepted;
}

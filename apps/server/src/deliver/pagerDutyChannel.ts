import { cutText } from "@testudo/core/model/cutText";
import type { Severity } from "@testudo/core/model/Finding";
import type { Notice } from "@testudo/core/model/Notice";
import { bodyLines } from "./bodyLines.ts";
import { type Channel, DeliveryError, NoticeRefusedError, type Receipt, type Thread } from "./Channel.ts";
import { callService, retryAfterMs, type ServiceAnswer } from "./callService.ts";
import { defang } from "./defang.ts";
import { messageOf, type Stage, stageOf } from "./Message.ts";
import type { Rules } from "./Rules.ts";
import { serviceKey } from "./serviceKey.ts";
import { withSlash } from "./withSlash.ts";

/** Settings of a PagerDuty channel. */
export interface PagerDutyOptions {
  readonly name: string;
  /** The integration key of an Events API v2 integration; it stands in every event's body. */
  readonly routingKey: string;
  readonly minSeverity?: Severity;
  readonly rules?: Rules | undefined;
  /** Default https://events.pagerduty.com/; https://events.eu.pagerduty.com/ in the EU. */
  readonly baseUrl?: string | undefined;
  readonly timeoutMs?: number;
}

type Action = "trigger" | "acknowledge" | "resolve";

/**
 * A channel that sends events to PagerDuty: an alert triggers, an acknowledgement acknowledges, a retraction or the end resolves,
 * all under one dedup_key, so that whatever is sent twice is one incident. Steps of an action on its way send nothing. An
 * alert that came within a digest shares the digest's incident, and does not resolve it.
 */
export function pagerDutyChannel(options: PagerDutyOptions): Channel {
  const { name, routingKey, timeoutMs, minSeverity = "info", rules } = options;
  const url = new URL("v2/enqueue", withSlash(options.baseUrl ?? "https://events.pagerduty.com/"));
  const deliver = async (notice: Notice, signal: AbortSignal, thread: Thread): Promise<Receipt> => {
    const key = thread.root ?? `testudo-${notice.thread.slice(2)}`;
    const actions = actionsOf(notice, thread);
    for (const action of actions) {
      const body = { routing_key: routingKey, event_action: action, dedup_key: key, ...eventOf(notice, action) };
      assertTaken(await callService({ url, body, signal, timeoutMs, secrets: [routingKey] }));
    }
    const said = actions.length === 0 ? "nothing to send for this step" : `${actions.join(", ")} ${key}`;
    return { root: key, said };
  };
  return { name, minSeverity, service: serviceKey("pagerduty", routingKey), ...(rules ? { rules } : {}), deliver };
}

const actionOf: Readonly<Record<Stage, readonly Action[]>> = {
  open: ["trigger"],
  acknowledge: ["acknowledge"],
  close: ["resolve"],
  note: [],
};

function actionsOf(notice: Notice, { folded }: Thread): readonly Action[] {
  // A test shall page nobody for longer than it takes to see that it came.
  if (notice.transition === "test") return ["trigger", "resolve"];
  const actions = actionOf[stageOf(notice)];
  return folded && !actions.includes("trigger") ? [] : actions;
}

const severityOf: Readonly<Record<Severity, string>> = {
  critical: "critical",
  high: "error",
  medium: "warning",
  low: "warning",
  info: "info",
};

// Of an event's 512 kB.
const textLimit = 8_000;

function eventOf(notice: Notice, action: Action): object {
  if (action !== "trigger") return {};
  const message = messageOf(notice);
  const { label, title, facts, severity } = message;
  const details = Object.fromEntries(facts.map(([name, value]) => [name, defang(value, 200)]));
  return {
    client: "Testudo",
    payload: {
      // 1,024 characters at most.
      summary: cutText(defang(`${label}: ${title}`, 1_000), 1_000),
      severity: severityOf[severity],
      source: `testudo chain ${notice.chainId}`,
      ...(notice.detector === undefined ? {} : { class: defang(notice.detector, 100) }),
      ...(notice.subject === undefined ? {} : { component: notice.subject }),
      custom_details: { ...details, text: bodyLines(message, textLimit).join("\n") },
    },
  };
}

const defaultRestMs = 60_000;

function assertTaken({ status, headers, json, what }: ServiceAnswer): void {
  if (status === 202 && json?.status === "success") return;
  const after = retryAfterMs(headers, Date.now());
  if (status === 429) throw new DeliveryError(what, { retryAfterMs: after ?? defaultRestMs, holds: "service" });
  const isKey = /routing_key|integration/i.test(JSON.stringify(json?.errors ?? ""));
  if (status === 400 && !isKey) throw new NoticeRefusedError(what);
  throw new DeliveryError(what, { retryAfterMs: after, needsPerson: isKey || [401, 403, 404].includes(status) });
}

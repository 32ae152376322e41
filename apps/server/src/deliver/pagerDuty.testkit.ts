// PagerDuty's Events API v2 as its documentation has it: 202 for what is taken, 400 with errors, 429; one incident a dedup_key.
import type { ChannelBench } from "./channelSuite.testkit.ts";
import { linkedIn } from "./nastyText.testkit.ts";
import { type PagerDutyOptions, pagerDutyChannel } from "./pagerDutyChannel.ts";
import { type Asked, openService, type Reply, type Service } from "./service.testkit.ts";

const routingKey = "R0123456789abcdefR0123456789abcd";

export interface Page {
  readonly key: string;
  readonly summaries: string[];
  state: "triggered" | "acknowledged" | "resolved";
}

export interface PagerDutyBench extends ChannelBench {
  readonly service: Service;
  readonly pages: Page[];
  // biome-ignore lint/suspicious/noExplicitAny: events are foreign JSON
  readonly events: any[];
  refusal: Reply | undefined;
}

export async function openPagerDutyBench(options: Partial<PagerDutyOptions> = {}): Promise<PagerDutyBench> {
  const pages: Page[] = [];
  const events: unknown[] = [];
  const bench = { refusal: undefined as Reply | undefined };
  const invalid = (error: string): Reply => ({
    status: 400,
    body: { status: "invalid event", message: "Event object is invalid", errors: [error] },
  });
  const handle = ({ path, json }: Asked): Reply => {
    if (bench.refusal !== undefined) return bench.refusal;
    if (path !== "/v2/enqueue") return { status: 404 };
    if (json?.routing_key?.length !== 32)
      return invalid("Length of 'routing_key' is incorrect (should be 32 characters)");
    if (json.dedup_key === undefined || json.dedup_key.length > 255) return invalid("'dedup_key' is too long");
    const { event_action: action, payload } = json;
    if (action === "trigger") {
      if (!payload?.summary || payload.summary.length > 1_024)
        return invalid("'payload.summary' is missing or too long");
      if (!payload.source) return invalid("'payload.source' is missing or blank");
      if (!["critical", "error", "warning", "info"].includes(payload.severity))
        return invalid("'payload.severity' is invalid");
    } else if (!["acknowledge", "resolve"].includes(action)) return invalid("'event_action' is invalid");
    events.push(json);
    let page = pages.find((p) => p.key === json.dedup_key && p.state !== "resolved");
    if (action === "trigger") {
      page ??= { key: json.dedup_key, summaries: [], state: "triggered" };
      if (!pages.includes(page)) pages.push(page);
      page.summaries.push(payload.summary);
    } else if (page !== undefined) page.state = action === "resolve" ? "resolved" : "acknowledged";
    return { status: 202, body: { status: "success", message: "Event processed", dedup_key: json.dedup_key } };
  };
  const service = await openService(handle, {
    rateLimited: () => ({
      status: 429,
      body: { status: "throttle exceeded", message: "Requests for this service are arriving too quickly." },
    }),
  });
  const channel = pagerDutyChannel({ name: "pagerduty", routingKey, baseUrl: service.url, ...options });
  return Object.assign(bench, {
    channel,
    service,
    pages,
    events,
    secrets: [routingKey],
    threads: () => pages.map(({ summaries }) => [summaries[0]!]),
    active: () => events.flatMap((event) => stringsIn((event as { payload?: unknown }).payload)).flatMap(linkedIn),
    breakNext: service.breakNext,
    close: service.close,
  });
}

/** All texts in `value`. */
export function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return value !== null && typeof value === "object" ? Object.values(value).flatMap(stringsIn) : [];
}

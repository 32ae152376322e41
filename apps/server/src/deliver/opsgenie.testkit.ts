// Opsgenie's Alert API as its documentation has it: 202 and a request id, what became of it by that id, one open alert an alias.
import type { ChannelBench } from "./channelSuite.testkit.ts";
import { linkedIn } from "./nastyText.testkit.ts";
import { type OpsgenieOptions, opsgenieChannel } from "./opsgenieChannel.ts";
import { stringsIn } from "./pagerDuty.testkit.ts";
import { type Asked, openService, type Reply, type Service } from "./service.testkit.ts";

const apiKey = "eb243592-faa2-4ba2-a551-1afdf565c889";

const throttled: Reply = {
  status: 429,
  headers: { "x-ratelimit-state": "THROTTLED", "x-ratelimit-reason": "ACCOUNT", "x-ratelimit-period-in-sec": "60" },
  body: { message: "You are making too many requests!" },
};

export interface Alert {
  readonly alias: string;
  readonly texts: string[];
  count: number;
  state: "open" | "acknowledged" | "closed";
}

export interface OpsgenieBench extends ChannelBench {
  readonly service: Service;
  readonly alerts: Alert[];
  readonly bodies: unknown[];
  refusal: Reply | undefined;
  /** How often a request is asked about before it is known. */
  unknownFor: number;
  /** Whether who asks about a request has asked too much. */
  isThrottled: boolean;
}

export async function openOpsgenieBench(options: Partial<OpsgenieOptions> = {}): Promise<OpsgenieBench> {
  const alerts: Alert[] = [];
  const bodies: unknown[] = [];
  const requests: { isSuccess: boolean; status: string; asked: number }[] = [];
  const bench = { refusal: undefined as Reply | undefined, unknownFor: 0, isThrottled: false };
  const accept = (isSuccess: boolean, status: string): Reply => {
    requests.push({ isSuccess, status, asked: 0 });
    return { status: 202, body: { result: "Request will be processed", took: 0.1, requestId: `r-${requests.length}` } };
  };
  const unprocessable = (message: string): Reply => ({ status: 422, body: { message, took: 0.1, requestId: "r" } });
  const change = (alert: Alert | undefined, verb: string, note: string): Reply => {
    if (alert === undefined) return accept(false, "Alert does not exist");
    alert.texts.push(note);
    if (verb === "close") alert.state = "closed";
    if (verb === "acknowledge") alert.state = "acknowledged";
    return accept(true, `${verb} done`);
  };
  const handle = ({ method, path, query, json, headers }: Asked): Reply => {
    if (bench.refusal !== undefined) return bench.refusal;
    if (headers.authorization !== `GenieKey ${apiKey}`) return { status: 401, body: { message: "Key is invalid" } };
    const [, request] = path.match(/^\/v2\/alerts\/requests\/r-(\d+)$/) ?? [];
    if (method === "GET" && request !== undefined) {
      if (bench.isThrottled) return throttled;
      const known = requests[Number(request) - 1]!;
      if (known.asked++ < bench.unknownFor)
        return { status: 404, body: { message: "Request not found. It might not be processed, yet." } };
      return { status: 200, body: { data: { success: known.isSuccess, ...known } } };
    }
    bodies.push(json);
    if (path === "/v2/alerts") {
      const { message, alias, description, details, priority } = json;
      if (!message || message.length > 130) return unprocessable("message can not be empty or longer than 130");
      if (alias.length > 512 || description.length > 15_000) return unprocessable("too long");
      if (JSON.stringify(details).length > 8_000 || !/^P[1-5]$/.test(priority))
        return unprocessable("details or priority");
      const open = alerts.find((a) => a.alias === alias && a.state !== "closed");
      if (open !== undefined) open.count += 1;
      else alerts.push({ alias, texts: [description], count: 1, state: "open" });
      return accept(true, open === undefined ? "Created alert" : "Deduplicated alert");
    }
    const [, alias, verb] = path.match(/^\/v2\/alerts\/([^/]+)\/(close|acknowledge|notes)$/) ?? [];
    if (alias === undefined || query.get("identifierType") !== "alias") return { status: 404, body: { message: "No" } };
    if (json.note.length > 25_000) return unprocessable("note is too long");
    return change(
      alerts.findLast((a) => a.alias === alias),
      verb!,
      json.note,
    );
  };
  const service = await openService(handle, {
    rateLimited: () => throttled,
    isReading: ({ method }) => method === "GET",
  });
  const channel = opsgenieChannel({ name: "opsgenie", apiKey, baseUrl: service.url, pollMs: 1, ...options });
  return Object.assign(bench, {
    channel,
    service,
    alerts,
    bodies,
    secrets: [apiKey],
    threads: () => alerts.map(({ texts }) => texts),
    active: () => bodies.flatMap(stringsIn).flatMap(linkedIn),
    breakNext: service.breakNext,
    close: service.close,
  });
}

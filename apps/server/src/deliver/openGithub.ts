import { DeliveryError, NoticeRefusedError } from "./Channel.ts";
import { callService, retryAfterMs, type ServiceAnswer } from "./callService.ts";
import { serviceKey } from "./serviceKey.ts";
import { withSlash } from "./withSlash.ts";

/** GitHub's REST API for one repository. Paths are relative to it. Throws GithubMissing or what a channel throws. */
export interface Github {
  readonly service: string;
  send(
    method: "GET" | "POST" | "PATCH",
    path: string,
    body: object | undefined,
    signal: AbortSignal,
  ): Promise<Record<string, unknown>>;
  list(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<readonly unknown[]>;
}

export function openGithub({
  token,
  repository,
  baseUrl = "https://api.github.com/",
  timeoutMs,
}: {
  readonly token: string;
  readonly repository: string;
  readonly baseUrl?: string | undefined;
  readonly timeoutMs?: number | undefined;
}): Github {
  const base = withSlash(baseUrl);
  const headers = {
    authorization: `Bearer ${token}`,
    accept: "application/vnd.github+json",
    "x-github-api-version": "2022-11-28",
  };
  const ask = async (method: "GET" | "POST" | "PATCH", url: URL, body: object | undefined, signal: AbortSignal) => {
    const call = { url, method, headers, body, signal, timeoutMs, secrets: [token], readBytes: 8_000_000 };
    return assertTaken(await callService(call), Date.now());
  };
  const urlOf = (path: string) => new URL(`repos/${repository}/${path}`, base);
  return {
    service: serviceKey("github", token),
    send: async (method, path, body, signal) => {
      const { json, what } = await ask(method, urlOf(path), body, signal);
      if (json === null || typeof json !== "object") throw new DeliveryError(what);
      return json;
    },
    list: async (path, query, signal) => {
      const url = urlOf(path);
      url.search = new URLSearchParams(query).toString();
      const { json, what } = await ask("GET", url, undefined, signal);
      if (!Array.isArray(json)) throw new DeliveryError(what);
      return json;
    },
  };
}

// Where GitHub names no time, it asks for at least a minute.
const defaultRestMs = 60_000;
const longestRestMs = 3_600_000;

function assertTaken(answer: ServiceAnswer, nowMs: number): ServiceAnswer {
  const { status, what } = answer;
  if (status === 200 || status === 201) return answer;
  const restMs = restOf(answer, nowMs);
  if (restMs !== undefined) throw new DeliveryError(what, { retryAfterMs: restMs, holds: "service" });
  if (status === 422) throw new NoticeRefusedError(what);
  // An issue that was deleted is 410, one that moved away 301; a repository that is not there, or not ours to see, 404.
  if (status === 410) throw new GithubMissing(what);
  if (status === 404) throw new GithubMissing(`${what} (or the token may not see it)`);
  throw new DeliveryError(what, { needsPerson: status === 401 || status === 403 });
}

/** How long to rest, where GitHub has refused because of a limit: the hourly one, or a secondary one, which counts bursts. */
function restOf({ status, headers, text }: ServiceAnswer, nowMs: number): number | undefined {
  if (status !== 403 && status !== 429) return undefined;
  const named = retryAfterMs(headers, nowMs);
  if (named !== undefined) return named;
  if (headers.get("x-ratelimit-remaining") === "0") {
    const resetMs = Number(headers.get("x-ratelimit-reset")) * 1_000 - nowMs;
    return Math.min(Math.max(resetMs, 1_000), longestRestMs);
  }
  return status === 429 || /rate limit/i.test(text) ? defaultRestMs : undefined;
}

/** The issue, or the repository, is not there (any more). */
export class GithubMissing extends DeliveryError {
  override readonly name = "GithubMissing";
  constructor(what: string) {
    super(what, { needsPerson: true });
  }
}

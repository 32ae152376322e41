// Our own JSON-RPC client, and a small one. The back-scan of a range is bound by the client: viem's batching transport
// reaches half the blocks per second of a plain batch over a kept-alive connection (measured on anvil, the same blocks).
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { isCrumbled } from "./isCrumbled.ts";
import { RpcMalformed, RpcRefused, RpcTimedOut, RpcUnreachable } from "./RpcError.ts";
import { openBodyCleaner, openCleaner, redactUrl, redactUrlsIn } from "./redactUrl.ts";
import { toJsonText } from "./toJsonText.ts";

/** One question to a node. */
export interface RpcCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** What came back for one call of a batch. */
export type RpcAnswer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: RpcRefused };

/** What is told of one HTTP request. A batch goes by the method of its first call. */
export interface RpcSeen {
  readonly endpoint: string;
  readonly method: string;
  readonly calls: number;
  readonly ms: number;
  /** Whether the node answered in the form that was asked for. */
  readonly ok: boolean;
  /** Calls that were answered with an error. */
  readonly refused: number;
  /** The whole second, in Unix ms, that the server names in its HTTP `Date` header; undefined where an answer has none or may be a cache's. */
  readonly serverDateMs: number | undefined;
}

/** Told about each HTTP request, for metrics. */
export type RpcObserver = (seen: RpcSeen) => void;

export interface EndpointOptions {
  /** Name in messages and in a block's sources. Default: the URL without what may be a key. */
  readonly label?: string;
  /** For one HTTP request, from connection to the last byte. Default 10 s. */
  readonly timeoutMs?: number;
  /** Calls in one HTTP request; a larger batch is split. Default 100. */
  readonly maxBatch?: number;
  /** Bytes of one HTTP request; a larger batch is split, a single call is sent whatever its size. Default 1 MiB: servers close the connection over more than 2 to 5. */
  readonly maxRequestBytes?: number;
  /** HTTP requests under way at a time; the rest waits. Default 16. */
  readonly maxInFlight?: number;
  /** Bytes of one answer. Default 256 MiB. */
  readonly maxBytes?: number;
  /** Headers of each HTTP request beside those of JSON-RPC, such as a key. Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly observe?: RpcObserver;
}

/** Bounds of one call, or of one batch; left out, the endpoint's. */
export interface BatchOptions {
  readonly timeoutMs?: number;
  /** Bytes of one answer. Whatever is longer is not read. */
  readonly maxBytes?: number;
}

/** A node that can be asked. Nothing is cached and nothing is retried, except a connection that had gone stale. */
export interface Endpoint {
  readonly label: string;
  readonly url: string;
  /** For one HTTP request that says nothing else. */
  readonly timeoutMs: number;
  /** The result of one call. Throws `RpcUnreachable`, `RpcRefused` or `RpcMalformed`. */
  request(method: string, params?: readonly unknown[], bounds?: BatchOptions): Promise<unknown>;
  /** The answers in the order of `calls`. A refused call is an answer; a node that cannot be reached throws. */
  batch(calls: readonly RpcCall[], options?: BatchOptions): Promise<RpcAnswer[]>;
  /** Closes idle connections. The endpoint may still be used. */
  close(): void;
}

/** Opens the JSON-RPC node at `url` (http or https). Connects with the first request. */
export function openEndpoint(url: string, options: EndpointOptions = {}): Endpoint {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) throw new UrlRefused(url);
  const target = new URL(url);
  const label = options.label ?? redactUrl(url);
  const sockets = { keepAlive: true, maxSockets: options.maxInFlight ?? 16 };
  const agent = target.protocol === "https:" ? new HttpsAgent(sockets) : new HttpAgent(sockets);
  const { headers = {}, maxBytes = 256 * 1024 * 1024 } = options;
  const sent = Object.values(headers);
  const cleaners = { clean: openCleaner(url, sent), cleanBody: openBodyCleaner(url, sent) };
  const wire: Wire = { target, label, ...cleaners, agent, headers };
  const maxBatch = options.maxBatch ?? 100;
  const maxRequestBytes = options.maxRequestBytes ?? 1024 * 1024;
  const defaultTimeoutMs = options.timeoutMs ?? 10_000;
  let nextId = 1;

  /** Sends `envelopes`, the JSON of `calls`, whose ids go up from `first`. */
  async function exchange(
    { calls, envelopes, first }: Request,
    isBatch: boolean,
    bounds: Required<BatchOptions>,
  ): Promise<RpcAnswer[]> {
    const started = performance.now();
    let serverDateMs: number | undefined;
    let answers: RpcAnswer[] | undefined;
    try {
      const posted = await post(wire, isBatch ? `[${envelopes.join()}]` : envelopes[0]!, bounds);
      serverDateMs = posted.serverDateMs;
      answers = matchAnswers(wire, calls, first, parseBody(wire, calls, posted.text));
      return answers;
    } finally {
      const ms = performance.now() - started;
      const refused = answers?.filter((answer) => !answer.ok).length ?? 0;
      const method = calls[0]?.method ?? "none";
      options.observe?.({
        endpoint: label,
        method,
        calls: calls.length,
        ms,
        ok: answers !== undefined,
        refused,
        serverDateMs,
      });
    }
  }

  /** `calls` in as many requests as their number and size need, in order. */
  function requestsOf(calls: readonly RpcCall[]): Request[] {
    const requests: { calls: RpcCall[]; envelopes: string[]; first: number }[] = [];
    let bytes = 0;
    for (const call of calls) {
      const id = nextId++;
      const envelope = JSON.stringify({ jsonrpc: "2.0", id, ...call });
      const last = requests.at(-1);
      bytes += envelope.length;
      if (last === undefined || last.calls.length >= maxBatch || bytes > maxRequestBytes) {
        requests.push({ calls: [call], envelopes: [envelope], first: id });
        bytes = envelope.length;
      } else {
        last.calls.push(call);
        last.envelopes.push(envelope);
      }
    }
    return requests;
  }

  return {
    label,
    url,
    timeoutMs: defaultTimeoutMs,
    async request(method, params = [], bounds) {
      const all = { timeoutMs: defaultTimeoutMs, maxBytes, ...bounds };
      const [answer] = await exchange(requestsOf([{ method, params }])[0]!, false, all);
      if (!answer!.ok) throw answer!.error;
      return answer!.result;
    },
    async batch(calls, bounds) {
      const answers: RpcAnswer[] = [];
      const all = { timeoutMs: defaultTimeoutMs, maxBytes, ...bounds };
      for (const request of requestsOf(calls)) answers.push(...(await exchange(request, true, all)));
      return answers;
    },
    close: () => agent.destroy(),
  };
}

interface Request {
  readonly calls: readonly RpcCall[];
  readonly envelopes: readonly string[];
  readonly first: number;
}

interface Wire {
  readonly target: URL;
  readonly label: string;
  /** Takes what the URL keeps secret out of what the node says. */
  readonly clean: (text: string) => string;
  /** The same of a whole answer: what is no key by any chance. */
  readonly cleanBody: (body: string) => string;
  /** False: a connection of its own. */
  readonly agent: HttpAgent | false;
  readonly headers: Readonly<Record<string, string>>;
}

interface Posted {
  readonly text: string;
  readonly serverDateMs: number | undefined;
}

async function post(wire: Wire, body: string, bounds: Required<BatchOptions>): Promise<Posted> {
  try {
    return await postOnce(wire, body, bounds);
  } catch (error) {
    // The server had closed the idle connection just before it was used; the request never arrived. Other idle ones may be
    // as dead, so that it goes over a new one.
    if (error instanceof StaleConnection) return postOnce({ ...wire, agent: false }, body, bounds);
    throw error;
  }
}

// EPIPE where the request is longer than what the system takes at once: the rest meets the other side's refusal.
const staleCodes: ReadonlySet<string | undefined> = new Set(["ECONNRESET", "EPIPE"]);

function postOnce(wire: Wire, body: string, { timeoutMs, maxBytes }: Required<BatchOptions>): Promise<Posted> {
  const send = wire.target.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send(wire.target, {
      method: "POST",
      agent: wire.agent,
      headers: { ...wire.headers, "content-type": "application/json", "content-length": Buffer.byteLength(body) },
    });
    const timeOut = () => request.destroy(new RpcTimedOut(wire.label, timeoutMs));
    let timer: NodeJS.Timeout | undefined;
    // Waiting for others to be answered is not this request's time.
    request.once("socket", () => {
      timer = setTimeout(timeOut, timeoutMs);
    });
    const fail = (error: Error & { code?: string }) => {
      clearTimeout(timer);
      if (error instanceof RpcUnreachable || error instanceof RpcMalformed) reject(error);
      else if (request.reusedSocket && staleCodes.has(error.code)) reject(new StaleConnection());
      else reject(new RpcUnreachable(wire.label, redactUrlsIn(error.code ?? error.message), error));
    };
    // Destroying a request can raise a second error, which has to be heard too.
    request.on("error", fail);
    request.once("response", (response) => {
      readAll(wire, response, maxBytes, () => request.destroy()).then((text) => {
        clearTimeout(timer);
        const refusal = refusalOf(response.statusCode ?? 0, text);
        if (refusal === undefined) resolve({ text: wire.cleanBody(text), serverDateMs: dateOf(response) });
        else reject(new RpcUnreachable(wire.label, refusal));
      }, fail);
    });
    request.end(body);
  });
}

// An answer out of a cache carries the time at which it was put there, and says so by its age.
function dateOf({ headers }: IncomingMessage): number | undefined {
  const at = headers.age === undefined ? Date.parse(headers.date ?? "") : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

function readAll(wire: Wire, response: IncomingMessage, maxBytes: number, abort: () => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    response.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) chunks.push(chunk);
      else {
        const error = new RpcMalformed("HTTP", "body", `${bytes} bytes`, `at most ${maxBytes} bytes`, wire.label);
        reject(error);
        abort();
      }
    });
    response.on("error", reject);
    response.once("aborted", () => reject(new RpcUnreachable(wire.label, "the answer broke off")));
    response.once("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
  });
}

// Some nodes send JSON-RPC errors with a status of 4xx; those are answers. The rest is not.
function refusalOf(status: number, text: string): string | undefined {
  if (status >= 200 && status < 300) return undefined;
  if (status >= 400 && status < 500 && status !== 429 && /^\s*[[{].*"error"/s.test(text)) return undefined;
  return `HTTP status ${status}`;
}

function parseBody(wire: Wire, calls: readonly RpcCall[], text: string): unknown {
  if (isCrumbled(text))
    throw new RpcMalformed(
      calls[0]!.method,
      "body",
      shown(wire, text),
      "one value in 16 characters at most",
      wire.label,
    );
  try {
    return JSON.parse(text);
  } catch {
    throw new RpcMalformed(calls[0]!.method, "body", shown(wire, text), "JSON", wire.label);
  }
}

// Answers of a batch may come in any order; their ids say whose they are.
function matchAnswers(wire: Wire, calls: readonly RpcCall[], firstId: number, body: unknown): RpcAnswer[] {
  const { label } = wire;
  const method = calls[0]!.method;
  if (!Array.isArray(body)) {
    const single = readAnswer(wire, method, body);
    // A server that refuses the batch as a whole answers with one error, often without an id.
    if (!single.ok && (calls.length > 1 || (body as { id?: unknown }).id == null)) throw single.error;
    if (calls.length > 1) throw new RpcMalformed(method, "body", shown(wire, body), `${calls.length} answers`, label);
    return matchAnswers(wire, calls, firstId, [body]);
  }
  const answers = new Array<RpcAnswer | undefined>(calls.length);
  for (const item of body) {
    const index = numberOf((item as { id?: unknown } | null)?.id) - firstId;
    const call = calls[index];
    if (call === undefined || answers[index] !== undefined)
      throw new RpcMalformed(
        method,
        "id",
        shown(wire, (item as { id?: unknown } | null)?.id),
        "the id of one question, once",
        label,
      );
    answers[index] = readAnswer(wire, call.method, item);
  }
  // Not `answers.map`: it passes over the holes that a missing answer leaves.
  return calls.map((call, i) => {
    const answer = answers[i];
    if (answer === undefined) throw new RpcMalformed(call.method, "answer", undefined, "one for each id", label);
    return answer;
  });
}

// Some nodes give ids back as text. An object may have a `toString` that is none, and that one node sends it is no fault of ours.
function numberOf(id: unknown): number {
  return typeof id === "number" || typeof id === "string" ? Number(id) : Number.NaN;
}

// Of a longer text the rest is not looked at: it may be as long as an answer.
const mostShown = 8_000;

/** What a node said, as it may stand in a message. */
function shown({ clean }: Wire, said: unknown): string | undefined {
  const text = typeof said === "string" ? said : toJsonText(said);
  return text === undefined ? undefined : clean(text.slice(0, mostShown));
}

function readAnswer(wire: Wire, method: string, item: unknown): RpcAnswer {
  const { label } = wire;
  if (item === null || typeof item !== "object")
    throw new RpcMalformed(method, "answer", shown(wire, item), "an object", label);
  const { error, result } = item as { error?: unknown; result?: unknown };
  if (error !== undefined && error !== null) {
    const { code, message, data } = error as { code?: unknown; message?: unknown; data?: unknown };
    const said = shown(wire, typeof message === "string" ? message : error)!.slice(0, 2_000);
    return {
      ok: false,
      error: new RpcRefused(label, method, Number.isInteger(code) ? (code as number) : 0, said, data),
    };
  }
  if (result === undefined) throw new RpcMalformed(method, "result", shown(wire, item), "a result or an error", label);
  return { ok: true, result };
}

class StaleConnection extends Error {}

/** The URL is none that a node can be asked at. */
export class UrlRefused extends Error {
  override readonly name = "UrlRefused";
  constructor(url: string) {
    super(
      [
        `"${redactUrl(url)}" is no address of a node.`,
        "- Allowed are http:// and https:// URLs.",
        '- Write it in full, for example "http://127.0.0.1:8545".',
      ].join("\n"),
    );
  }
}

import { isServiceUrl } from "../../config/channelSchema.ts";
import { UsageError } from "../../config/UsageError.ts";
import { readServerFile, type ServerFile, serverFilePath } from "../../operator/serverFile.ts";

/** A server to ask. */
export interface ServerClient {
  readonly url: string;
  get(path: string): Promise<unknown>;
  /** `timeoutMs`: how long the answer may take. Default 10 s. */
  post(path: string, body: unknown, timeoutMs?: number): Promise<unknown>;
}

/** The server that runs on `data`, or undefined. */
export function findServer(data: string): ServerClient | undefined {
  const file = readServerFile(data);
  return file && openClient(urlOf(file), file.token, serverFilePath(data));
}

/** The server to say something to, and in whose name: undefined where the token itself is a person's. */
export interface Speech {
  readonly server: ServerClient;
  readonly actor: string | undefined;
}

/** What a person's word to a server needs. */
export interface SpeechFlags {
  readonly data: string;
  readonly server?: string;
  /** A name beside the server's own token. */
  readonly as?: string;
}

/**
 * How to say something to the server at `flags.server`, or that of the data folder; undefined where none runs. TESTUDO_TOKEN, which may be
 * a person's own, goes before the server's token in the folder.
 */
export function speechTo({ data, server: url, as }: SpeechFlags, account: string): Speech | undefined {
  const own = process.env.TESTUDO_TOKEN;
  const file = readServerFile(data);
  if (own === undefined || own === "") {
    const server = url === undefined ? findServer(data) : serverAt(url, data);
    return server && { server, actor: as ?? account };
  }
  if (url === undefined && file === undefined) return undefined;
  return { server: openClient(url === undefined ? urlOf(file!) : originOf(url), own), actor: as };
}

/** The server at `url`, with the token of `data` where that is its own, else of TESTUDO_TOKEN. */
export function serverAt(url: string, data: string): ServerClient {
  const origin = originOf(url);
  const file = readServerFile(data);
  const token = file !== undefined && urlOf(file) === origin ? file.token : process.env.TESTUDO_TOKEN;
  return openClient(origin, token);
}

function originOf(url: string): string {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return new URL(url).origin;
  throw new UsageError(
    `--server "${url}" is no URL.`,
    "Allowed: http://… or https://…",
    "Write it in full, with the port.",
  );
}

function urlOf({ host, port }: ServerFile): string {
  return new URL(`http://${host.includes(":") ? `[${host}]` : host}:${port}`).origin;
}

const answerMs = 10_000;

function openClient(url: string, token: string | undefined, named?: string): ServerClient {
  // A person's token is good until it is changed, and in the clear it would be anybody's on the way.
  if (token !== undefined && !isServiceUrl(url))
    throw new UsageError(
      `The server at ${url} would get a token in the clear.`,
      "Allowed: https://…, or http:// of a loopback address.",
      "Put TLS in front of it, or open a tunnel and give its end here as --server.",
    );
  const ask = async (path: string, init: RequestInit, timeoutMs = answerMs): Promise<unknown> => {
    const headers = { ...init.headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
    const answer = await fetch(`${url}${path}`, {
      ...init,
      headers,
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((cause: unknown) => {
      throw new ServerUnreachable(url, cause, { timeoutMs, named });
    });
    const body = (await answer.json().catch(() => undefined)) as { error?: Said } | undefined;
    if (!answer.ok) throw new ServerRefused(url, path, answer.status, body?.error);
    return body;
  };
  const post = (path: string, body: unknown, timeoutMs?: number) => {
    const headers = { "content-type": "application/json" };
    return ask(path, { method: "POST", headers, body: JSON.stringify(body) }, timeoutMs);
  };
  return { url, get: (path) => ask(path, {}), post };
}

/** The server does not answer. Retryable. */
export class ServerUnreachable extends Error {
  override readonly name = "ServerUnreachable";
  constructor(url: string, cause: unknown, { timeoutMs, named }: { timeoutMs: number; named: string | undefined }) {
    const inner =
      cause instanceof Error ? ((cause.cause as Error | undefined)?.message ?? cause.message) : String(cause);
    super(
      `The server at ${url} does not answer: ${inner}.\n- It should answer within ${timeoutMs / 1_000} s.\n- Check that it runs, then try again.${
        named === undefined ? "" : ` If it does not, remove "${named}", which names it.`
      }`,
      { cause },
    );
  }
}

interface Said {
  readonly code?: string;
  readonly message?: string;
}

/** The server said no. */
export class ServerRefused extends Error {
  override readonly name = "ServerRefused";
  readonly status: number;
  /** What the server calls the reason, where it said one. */
  readonly code: string | undefined;
  constructor(url: string, path: string, status: number, said: Said = {}) {
    super(said.message ?? `The server at ${url} answered ${path} with HTTP status ${status}.`);
    this.status = status;
    this.code = said.code;
  }
}

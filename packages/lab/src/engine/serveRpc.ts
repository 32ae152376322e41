import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { AnswerRpc } from "./answerStateRpc.ts";

/** A node that listens on loopback. */
export interface ServedRpc {
  readonly url: string;
  readonly port: number;
  /** Resolves when nobody is answered any more. */
  close(): Promise<void>;
}

export interface ServeOptions {
  /** Default: one that is free. */
  readonly port?: number;
  /** What `GET` of a path answers as JSON. */
  readonly pages?: { readonly [path: string]: () => unknown };
}

const host = "127.0.0.1";
// Forks ask in batches of a hundred or so, with a slot each.
const bodyMax = 4 * 1024 * 1024;
const batchMax = 1_000;
const loopback = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/;

/** Answers JSON-RPC over HTTP on loopback, single or in batches. Throws `PortInUse`. */
export async function serveRpc(answer: AnswerRpc, { port = 0, pages = {} }: ServeOptions = {}): Promise<ServedRpc> {
  const server = createServer((request, response) => {
    respond(request, answer, pages).then(
      ({ status, body }) => write(response, status, body),
      () => response.destroy(),
    );
  });
  await listen(server, port);
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://${host}:${bound}`,
    port: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

async function respond(
  request: IncomingMessage,
  answer: AnswerRpc,
  pages: NonNullable<ServeOptions["pages"]>,
): Promise<Reply> {
  // A page in a browser reaches loopback under a name of its own; it shall not read what is here.
  if (!loopback.test(request.headers.host ?? "")) return { status: 403, body: { error: "only from this machine" } };
  if (request.method === "GET") {
    const path = (request.url ?? "/").split("?")[0]!;
    return Object.hasOwn(pages, path)
      ? { status: 200, body: pages[path]!() }
      : { status: 404, body: { error: "not found" } };
  }
  if (request.method !== "POST") return { status: 405, body: { error: "use GET or POST" } };
  const text = await read(request);
  if (text === undefined) return { status: 413, body: refusal(-32600, `a request has at most ${bodyMax} bytes`) };
  return answerText(text, answer);
}

async function answerText(text: string, answer: AnswerRpc): Promise<Reply> {
  let asked: unknown;
  try {
    asked = JSON.parse(text);
  } catch {
    return { status: 400, body: refusal(-32700, "it is no JSON") };
  }
  if (!Array.isArray(asked)) return { status: 200, body: await answer(asked) };
  if (asked.length === 0 || asked.length > batchMax)
    return { status: 400, body: refusal(-32600, `a batch has 1 to ${batchMax} requests`) };
  return { status: 200, body: await Promise.all(asked.map(answer)) };
}

function refusal(code: number, message: string): object {
  return { jsonrpc: "2.0", id: null, error: { code, message } };
}

/** The body, or undefined where it is too long; what comes after is left where it is. */
function read(request: IncomingMessage): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= bodyMax) chunks.push(chunk);
      else {
        request.pause();
        resolve(undefined);
      }
    });
    request.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    request.on("error", reject);
    request.on("close", () => reject(new Error("The connection is gone.")));
  });
}

function write(response: ServerResponse, status: number, body: unknown): void {
  // Of what was refused some may still be on its way, and would be taken for the next request.
  const fate = status === 200 ? {} : { connection: "close" };
  response.writeHead(status, { "content-type": "application/json", ...fate });
  response.end(JSON.stringify(body));
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "EADDRINUSE" || error.code === "EACCES" ? new PortInUse(port, error) : error),
    );
    server.listen(port, host, () => resolve());
  });
}

/** Somebody else listens on the port, or it is not for everybody. */
export class PortInUse extends Error {
  override readonly name = "PortInUse";
  constructor(port: number, cause: Error) {
    super(
      [
        `Port ${port} of ${host} cannot be taken.`,
        "- It has to be free, and above 1023 without special rights.",
        "- Name another one; 0 takes a free one.",
      ].join("\n"),
      { cause },
    );
  }
}

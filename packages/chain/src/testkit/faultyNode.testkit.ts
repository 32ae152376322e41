import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { RpcCall } from "../rpc/rpcEndpoint.ts";

/** A JSON-RPC answer before it is sent. */
export interface WireAnswer {
  id: unknown;
  jsonrpc: string;
  result?: unknown;
  error?: { code: number; message: string; data?: unknown };
}

export interface WireCall extends RpcCall {
  readonly id: unknown;
}

/** A local server that misbehaves as told. */
export interface FaultyNode {
  readonly url: string;
  /** Number of HTTP requests so far, and of calls by method. */
  readonly seen: { requests: number; readonly calls: Map<string, number> };
  /** Drops connections while true. */
  isAway: boolean;
  close(): Promise<void>;
}

/** Stands in an answer for lists within lists, deeper than anybody's stack. */
export const deepList = "(deep list)";

/** Serves `answer` for each call; what it throws is a crash of the server. */
export async function serveCalls(answer: (call: WireCall) => WireAnswer | Promise<WireAnswer>): Promise<FaultyNode> {
  return serveBodies(async (body, response) => {
    const calls = JSON.parse(body) as WireCall | WireCall[];
    const answers = Array.isArray(calls) ? await Promise.all(calls.map(answer)) : await answer(calls);
    response.setHeader("content-type", "application/json");
    const depth = 100_000;
    response.end(
      JSON.stringify(answers).replaceAll(JSON.stringify(deepList), () => "[".repeat(depth) + "]".repeat(depth)),
    );
  });
}

/** Forwards calls to the node at `url` and lets `change` alter the answers. */
export function serveChanged(
  url: string,
  change: (call: WireCall, answer: WireAnswer) => WireAnswer | Promise<WireAnswer>,
): Promise<FaultyNode> {
  return serveCalls(async (call) => change(call, await forward(url, call)));
}

/** What the node at `url` answers. */
export async function forward(url: string, call: WireCall): Promise<WireAnswer> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(call),
  });
  return (await response.json()) as WireAnswer;
}

/** Serves raw bodies. */
export async function serveBodies(
  handle: (body: string, response: ServerResponse) => void | Promise<void>,
): Promise<FaultyNode> {
  const seen = { requests: 0, calls: new Map<string, number>() };
  const node = { seen, isAway: false };
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (node.isAway) return void request.socket.destroy();
      const body = Buffer.concat(chunks).toString();
      seen.requests += 1;
      for (const [, method] of body.matchAll(/"method":"(\w+)"/g))
        seen.calls.set(method!, (seen.calls.get(method!) ?? 0) + 1);
      Promise.resolve(handle(body, response)).catch(() => request.socket.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(node, {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

/** A refusal. */
export function refusal({ id }: WireCall, code: number, message: string): WireAnswer {
  return { jsonrpc: "2.0", id, error: { code, message } };
}

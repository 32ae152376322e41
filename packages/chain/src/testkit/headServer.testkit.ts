import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import { type WebSocket, WebSocketServer } from "ws";

/** A local node that tells heads over WebSocket, and misbehaves as told. */
export interface HeadServer {
  readonly url: string;
  readonly port: number;
  /** Connections asked for so far, subscriptions answered, and pings. */
  readonly seen: { connections: number; subscriptions: number; pings: number };
  /** The HTTP status that a connection is refused with. */
  refuses: number | undefined;
  /** What `eth_subscribe` is answered with instead of a subscription; null is no answer at all. */
  answer: object | null | undefined;
  /** Tells everyone who subscribed of a head. */
  tell(head: Pick<BlockRef, "number" | "hash">): void;
  /** Sends as it is to everyone who subscribed. */
  send(message: string | Buffer): void;
  /** Reads and answers nothing any more on the connections that stand. */
  freeze(): void;
  /** Closes all connections; new ones may come. */
  drop(): void;
  close(): Promise<void>;
}

const subscription = "0xcd0c3e8af590364c09d0fa6a1210faf5";

/** A notification of a head, as geth writes it. */
export function headMessage({ number, hash }: Pick<BlockRef, "number" | "hash">, of = subscription): string {
  const result = { number: `0x${number.toString(16)}`, hash, parentHash: hash, logsBloom: `0x${"00".repeat(256)}` };
  return JSON.stringify({ jsonrpc: "2.0", method: "eth_subscription", params: { subscription: of, result } });
}

/** Serves heads on `port`, or on a free one. */
export async function serveHeads(port = 0): Promise<HeadServer> {
  const seen = { connections: 0, subscriptions: 0, pings: 0 };
  const subscribed = new Set<WebSocket>();
  const sockets = new WebSocketServer({ noServer: true });
  const server = createServer((_, response) => response.writeHead(404).end());
  server.on("upgrade", (request, socket, head) => {
    seen.connections += 1;
    if (node.refuses !== undefined) return void socket.end(`HTTP/1.1 ${node.refuses} No\r\ncontent-length: 0\r\n\r\n`);
    sockets.handleUpgrade(request, socket, head, take);
  });

  function take(socket: WebSocket): void {
    socket.on("error", () => {});
    socket.on("ping", () => {
      seen.pings += 1;
    });
    socket.on("close", () => subscribed.delete(socket));
    socket.on("message", (data) => {
      const { id, method, params } = JSON.parse(String(data)) as { id: number; method: string; params: unknown[] };
      if (method !== "eth_subscribe" || params[0] !== "newHeads") throw new Error(`Asked for ${method}.`);
      if (node.answer === null) return;
      socket.send(JSON.stringify({ jsonrpc: "2.0", id, ...(node.answer ?? { result: subscription }) }));
      seen.subscriptions += 1;
      subscribed.add(socket);
    });
  }

  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const bound = (server.address() as AddressInfo).port;
  const node: HeadServer = {
    url: `ws://127.0.0.1:${bound}`,
    port: bound,
    seen,
    refuses: undefined,
    answer: undefined,
    tell: (head) => node.send(headMessage(head)),
    send: (message) => {
      for (const socket of subscribed) socket.send(message);
    },
    freeze: () => {
      for (const socket of sockets.clients) socket.pause();
    },
    drop: () => {
      for (const socket of sockets.clients) socket.terminate();
    },
    close: () =>
      new Promise((resolve) => {
        node.drop();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return node;
}

/** Waits until `isReached`; throws after 30 s. */
export async function untilTrue(isReached: () => boolean): Promise<void> {
  const end = Date.now() + 30_000;
  while (!isReached()) {
    if (Date.now() > end) throw new Error(`Not reached: ${isReached}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

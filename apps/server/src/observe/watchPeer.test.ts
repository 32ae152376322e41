import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import { afterEach, expect, test } from "vitest";
import { patient } from "../deliver/patient.testkit.ts";
import { chainOf, finding } from "../store/chain.testkit.ts";
import { watchPeer } from "./watchPeer.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

test("SELF-04: a watch that refuses, at length, keeps no connection for each look", async () => {
  const open = new Set<Socket>();
  let asked = 0;
  const server: Server = createServer((_, response) => {
    asked += 1;
    response.writeHead(503, { "content-type": "text/plain" }).end("x".repeat(1_000_000));
  });
  server.on("connection", (socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = new AbortController();
  const told: StreamTrouble[] = [];
  const peer = watchPeer({
    settings: {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      graceSeconds: 60,
      everySeconds: 0.02,
    },
    tell: (trouble) => void told.push(trouble),
    signal: stop.signal,
  });
  closers.push(async () => {
    stop.abort();
    await peer.done;
    server.closeAllConnections();
    await new Promise<void>((resolve) => void server.close(() => resolve()));
  });
  peer.onStored(chainOf().link({ records: [finding(7)] }));
  await expect.poll(() => asked, patient).toBeGreaterThan(20);
  expect(open.size).toBeLessThan(5);
  expect(told.map(({ trouble }) => trouble)).toEqual(["peer-away"]);
});

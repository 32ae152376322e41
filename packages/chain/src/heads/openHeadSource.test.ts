import { createServer, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { type HeadServer, headMessage, serveHeads, untilTrue } from "../testkit/headServer.testkit.ts";
import { type HeadSourceOptions, HeadUrlRefused, openHeadSource } from "./openHeadSource.ts";
import { type HeadHint, parseHeadMessage } from "./parseHeadMessage.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const hash = (byte: string) => `0x${byte.repeat(32)}` as const;

async function serve(port?: number): Promise<HeadServer> {
  const server = await serveHeads(port);
  closers.push(server.close);
  return server;
}

/** Follows `url` until the test ends and keeps what is told. */
function follow(url: string, options: HeadSourceOptions = {}) {
  const stop = new AbortController();
  const source = openHeadSource(url, { firstBackoffMs: 20, maxBackoffMs: 100, ...options });
  const told = { source, opened: 0, hints: [] as HeadHint[], lost: [] as string[], renew: (_: string) => {} };
  const listener = {
    onOpen(renew: (why: string) => void) {
      told.opened += 1;
      told.renew = renew;
    },
    onHint: (hint: HeadHint) => void told.hints.push(hint),
    onLost: (why: string) => void told.lost.push(why),
  };
  const done = source.follow(listener, stop.signal);
  closers.push(async () => {
    stop.abort();
    await done;
  });
  return told;
}

describe("STREAM-15: a socket of heads", () => {
  test("subscribes to newHeads and tells each by number and hash", async () => {
    const server = await serve();
    const told = follow(server.url);
    await untilTrue(() => told.opened === 1);
    server.tell({ number: 7n, hash: hash("ab") });
    await untilTrue(() => told.hints.length === 1);
    expect(told.hints).toEqual([{ number: 7n, hash: hash("ab") }]);
    expect(told.lost).toEqual([]);
  });

  test("passes over what is none of the protocol, counts it, and goes on", async () => {
    const server = await serve();
    const told = follow(server.url);
    await untilTrue(() => told.opened === 1);
    const good = headMessage({ number: 8n, hash: hash("cd") });
    for (const bad of [
      "",
      "{",
      "null",
      "[]",
      Buffer.from(good),
      headMessage({ number: 8n, hash: hash("cd") }, "0xother"),
      good.replace(hash("cd"), "0xcd"),
      good.replace('"0x8"', '"8"'),
      good.replace('"0x8"', `"0x${"f".repeat(100_000)}"`),
      '{"jsonrpc":"2.0","id":1,"result":"0xagain"}',
      `${"[".repeat(50_000)}`,
    ])
      server.send(bad);
    server.send(good);
    await untilTrue(() => told.hints.length > 0);
    expect(told.hints).toEqual([{ number: 8n, hash: hash("cd") }]);
    expect(told.source.malformed).toBe(11);
    expect(told.lost).toEqual([]);
  });

  test("a frame larger than allowed closes the connection before it is read, and another is made", async () => {
    const server = await serve();
    const told = follow(server.url, { maxBytes: 4_096 });
    await untilTrue(() => told.opened === 1);
    server.send("x".repeat(4_097));
    await untilTrue(() => told.opened === 2);
    expect(told.lost).toEqual(["Max payload size exceeded"]);
    expect(told.source.malformed).toBe(0);
  });

  test("more messages in a second than allowed close the connection", async () => {
    const server = await serve();
    const told = follow(server.url, { maxPerSecond: 100, firstBackoffMs: 60_000 });
    await untilTrue(() => told.opened === 1);
    for (let i = 0n; i < 5_000n; i++) server.tell({ number: i, hash: hash("ee") });
    await untilTrue(() => told.lost.length === 1);
    expect(told.lost).toEqual(["it sent more than 100 messages or 4 MiB in a second"]);
    // A second may have turned over on the way.
    expect(told.hints.length).toBeLessThanOrEqual(200);
  });

  test("a node that refuses the connection is asked again until it takes it", async () => {
    const server = await serve();
    server.refuses = 503;
    const told = follow(server.url);
    await untilTrue(() => told.lost.length >= 3);
    expect(new Set(told.lost)).toEqual(new Set(["Unexpected server response: 503"]));
    server.refuses = undefined;
    await untilTrue(() => told.opened === 1);
  });

  test("a node that is gone and comes back is found again", async () => {
    const server = await serve();
    const told = follow(server.url);
    await untilTrue(() => told.opened === 1);
    await server.close();
    await untilTrue(() => told.lost.length >= 3);
    const again = await serve(server.port);
    await untilTrue(() => told.opened === 2);
    again.tell({ number: 9n, hash: hash("09") });
    await untilTrue(() => told.hints.length === 1);
  });

  test("each wait is longer than the one before", async () => {
    const server = await serve();
    server.refuses = 500;
    const told = follow(server.url, { firstBackoffMs: 50, maxBackoffMs: 60_000 });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    // At least 25, 50, 100, 200, 400 ms lie between.
    expect(server.seen.connections).toBeLessThanOrEqual(6);
    expect(told.opened).toBe(0);
  });

  test("a subscription that is refused or never answered is a lost connection, and its words are quoted without keys", async () => {
    const server = await serve();
    server.answer = { error: { code: -32601, message: "no \u001b[2Jsuch at wss://node/v2/0123456789abcdef0123" } };
    const told = follow(server.url, { timeoutMs: 200 });
    await untilTrue(() => told.lost.length === 1);
    expect(told.lost).toEqual(['eth_subscribe was refused with -32601 "no \\u001b[2Jsuch at wss://node/v2/…"']);
    server.answer = null;
    await untilTrue(() => told.lost.includes("eth_subscribe was not answered within 200 ms"));
    server.answer = undefined;
    await untilTrue(() => told.opened === 1);
  });

  test("a server that takes the connection and says nothing is given up", async () => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => void sockets.add(socket.on("error", () => {})));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closers.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const told = follow(`ws://127.0.0.1:${(server.address() as { port: number }).port}`, { timeoutMs: 100 });
    await untilTrue(() => told.lost.length >= 1);
    expect(told.lost[0]).toBe("it did not open within 100 ms");
  });

  test("a node that answers pings is kept, one that does not is left", async () => {
    const server = await serve();
    const told = follow(server.url, { pingMs: 500 });
    await untilTrue(() => told.opened === 1);
    await untilTrue(() => server.seen.pings === 3);
    expect(told.lost).toEqual([]);
    server.freeze();
    await untilTrue(() => told.lost.length >= 1);
    expect(told.lost[0]).toBe("it was not heard for 500 ms");
  });

  test("renewing closes the connection and makes another", async () => {
    const server = await serve();
    const told = follow(server.url);
    await untilTrue(() => told.opened === 1);
    told.renew("it told of nothing");
    await untilTrue(() => told.opened === 2);
    expect(told.lost).toEqual(["it told of nothing"]);
    expect(server.seen.connections).toBe(2);
  });

  test("its label has neither user, password nor key, and neither has what is told of its loss", async () => {
    const server = await serve();
    server.refuses = 401;
    const url = server.url.replace("ws://", "ws://anna:hunter2@");
    const told = follow(`${url}/v2/0123456789abcdef0123?key=hunter3`);
    await untilTrue(() => told.lost.length === 1);
    expect(told.source.label).toBe(`${server.url}/v2/…`);
    expect(told.lost.join()).not.toMatch(/anna|hunter|0123456789/);
  });
});

test("STREAM-15: a message is a subscription, a refusal, a head, or nothing", () => {
  expect(parseHeadMessage('{"id":1,"result":"0x1"}')).toEqual({ kind: "subscribed", subscription: "0x1" });
  expect(parseHeadMessage('{"id":2,"result":"0x1"}')).toBeUndefined();
  expect(parseHeadMessage('{"id":1,"error":{"code":-1,"message":"no"},"result":"0x1"}')?.kind).toBe("refused");
  expect(parseHeadMessage(headMessage({ number: 255n, hash: hash("AB") }, "s"))).toEqual({
    kind: "hint",
    subscription: "s",
    hint: { number: 255n, hash: hash("ab") },
  });
  expect(parseHeadMessage('{"id":1,"result":{"__proto__":{"number":"0x1"}}}')).toBeUndefined();
});

test("error: an address that is none of a WebSocket is refused, without what may be a key", () => {
  for (const url of ["http://node", "wss:node", "node:8546", "wss://node/#part", "ws://a b/v2/0123456789abcdef0123"])
    expect(() => openHeadSource(url)).toThrow(HeadUrlRefused);
  expect(() => openHeadSource("https://anna:hunter2@node/v2/0123456789abcdef0123")).toThrow(
    '"https://node/v2/…" is no address that tells heads.\n- Allowed are ws:// and wss:// URLs without a fragment.',
  );
});

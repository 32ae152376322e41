import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { type FaultyNode, serveBodies, serveCalls } from "../testkit/faultyNode.testkit.ts";
import { RpcMalformed, RpcRefused, RpcUnreachable } from "./RpcError.ts";
import { redactUrl, redactUrlsIn } from "./redactUrl.ts";
import { openEndpoint, type RpcSeen, UrlRefused } from "./rpcEndpoint.ts";

const nodes: FaultyNode[] = [];
afterEach(async () => {
  for (const node of nodes.splice(0)) await node.close();
});

async function serving(body: string | ((asked: string) => string), status = 200) {
  const node = await serveBodies((asked, response) => {
    response.writeHead(status).end(typeof body === "string" ? body : body(asked));
  });
  nodes.push(node);
  return openEndpoint(node.url, { label: "node", timeoutMs: 20_000, maxBytes: 10_000 });
}

const two = [
  { method: "eth_a", params: [] },
  { method: "eth_b", params: [] },
];

describe("answers", () => {
  test("come in the order of the questions, whatever the order of the batch", async () => {
    const endpoint = await serving((asked) => {
      const calls = JSON.parse(asked) as { id: number; method: string }[];
      return JSON.stringify(calls.map(({ id, method }) => ({ jsonrpc: "2.0", id, result: method })).reverse());
    });
    expect(await endpoint.batch(two)).toEqual([
      { ok: true, result: "eth_a" },
      { ok: true, result: "eth_b" },
    ]);
  });

  test("a refused call of a batch is an answer, and the others stay", async () => {
    const node = await serveCalls(({ id, method }) =>
      method === "eth_a"
        ? { jsonrpc: "2.0", id, error: { code: 3, message: "execution reverted", data: "0x08" } }
        : { jsonrpc: "2.0", id, result: null },
    );
    nodes.push(node);
    const [first, second] = await openEndpoint(node.url, { label: "node" }).batch(two);
    expect(first).toMatchObject({ ok: false, error: { code: 3, said: "execution reverted", data: "0x08" } });
    expect(second).toEqual({ ok: true, result: null });
  });

  test("a batch above the limit is split and put together again", async () => {
    const node = await serveCalls(({ id, params }) => ({ jsonrpc: "2.0", id, result: params[0] }));
    nodes.push(node);
    const endpoint = openEndpoint(node.url, { maxBatch: 7 });
    const calls = Array.from({ length: 30 }, (_, i) => ({ method: "eth_x", params: [i] }));
    const answers = await endpoint.batch(calls);
    expect(answers.map((answer) => answer.ok && answer.result)).toEqual(calls.map((_, i) => i));
    expect(node.seen.requests).toBe(5);
  });

  test("no more requests are under way than allowed, and waiting is not held against them", async () => {
    let underWay = 0;
    let most = 0;
    const node = await serveCalls(async ({ id }) => {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setTimeout(resolve, 500));
      underWay -= 1;
      return { jsonrpc: "2.0", id, result: "0x1" };
    });
    nodes.push(node);
    const endpoint = openEndpoint(node.url, { timeoutMs: 2_000, maxInFlight: 1 });
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => endpoint.request("eth_a")));
    expect({ answers, most }).toEqual({ answers: Array(5).fill("0x1"), most: 1 });
  });

  test("requests are observed, failed ones too", async () => {
    const seen: unknown[] = [];
    const node = await serveBodies((_, response) => void response.writeHead(503).end());
    nodes.push(node);
    const endpoint = openEndpoint(node.url, { label: "node", observe: ({ ms: _, ...rest }) => seen.push(rest) });
    await expect(endpoint.request("eth_a")).rejects.toThrow(RpcUnreachable);
    const failed = { endpoint: "node", method: "eth_a", calls: 1, ok: false, refused: 0, serverDateMs: undefined };
    expect(seen).toEqual([failed]);
  });

  test("an observer is told how many calls were refused, and the server's time unless a cache gave it", async () => {
    const seen: RpcSeen[] = [];
    let headers: Record<string, string> = { date: "Thu, 26 Nov 2026 12:00:00 GMT" };
    const node = await serveBodies((body, response) => {
      const calls = JSON.parse(body) as { id: number; method: string }[];
      const answers = calls.map(({ id, method }) =>
        method === "eth_bad" ? { id, error: { code: -32601, message: "no" } } : { id, result: "0x1" },
      );
      response.writeHead(200, headers).end(JSON.stringify(answers));
    });
    nodes.push(node);
    const endpoint = openEndpoint(node.url, { observe: (one) => seen.push(one) });
    const ask = () => endpoint.batch(["eth_a", "eth_bad", "eth_bad"].map((method) => ({ method, params: [] })));
    await ask();
    headers = { ...headers, age: "7" };
    await ask();
    expect(seen).toMatchObject([
      { calls: 3, ok: true, refused: 2, serverDateMs: Date.UTC(2026, 10, 26, 12) },
      { calls: 3, ok: true, refused: 2, serverDateMs: undefined },
    ]);
  });
});

test("error: an answer of millions of empty lists is not read, which would take many times its size", async () => {
  const node = await serveBodies((_, response) => {
    response.end(`{"jsonrpc":"2.0","id":1,"result":[${new Array(6 * 2 ** 20).fill("[]").join()}]}`);
  });
  nodes.push(node);
  const told = await openEndpoint(node.url, { label: "node" })
    .request("eth_a")
    .then(
      () => "read",
      ({ message }: Error) => message.split("\n").slice(1),
    );
  expect(told).toEqual([
    "- Expected one value in 16 characters at most.",
    "- The node is faulty, or is no node of an EVM chain; use another.",
  ]);
});

test("an answer of 20 MB whose values are as long as a chain's is read", async () => {
  const hashes = new Array(300_000).fill(`0x${"ab".repeat(32)}`);
  const node = await serveCalls(({ id }) => ({ jsonrpc: "2.0", id, result: hashes }));
  nodes.push(node);
  expect(await openEndpoint(node.url).request("eth_a")).toHaveLength(300_000);
});

describe("error: unreachable", () => {
  test("a dead address", async () => {
    const endpoint = openEndpoint("http://127.0.0.1:1", { label: "dead" });
    await expect(endpoint.request("eth_blockNumber")).rejects.toThrowErrorMatchingInlineSnapshot(`
      [RpcUnreachable: Node dead cannot be reached: ECONNREFUSED.
      - It must answer JSON-RPC 2.0 over HTTP at this address.
      - Check the URL and the key, or name a second node; the request may be repeated.]
    `);
  });

  test.each([429, 500, 503])("HTTP %i", async (status) => {
    const endpoint = await serving('{"error":"busy"}', status);
    await expect(endpoint.request("eth_a")).rejects.toThrow(`HTTP status ${status}`);
  });

  test("an answer that never comes, within the timeout", async () => {
    const node = await serveBodies(() => {});
    nodes.push(node);
    const endpoint = openEndpoint(node.url, { timeoutMs: 100 });
    await expect(endpoint.request("eth_a")).rejects.toThrow("no answer within 100 ms");
  });

  test("an answer that breaks off", async () => {
    const node = await serveBodies((_, response) => {
      response.writeHead(200, { "content-length": 100 });
      response.write('{"jsonrpc":');
      setTimeout(() => response.destroy(), 20);
    });
    nodes.push(node);
    await expect(openEndpoint(node.url).request("eth_a")).rejects.toThrow(RpcUnreachable);
  });
});

describe("error: refused", () => {
  test("a JSON-RPC error inside HTTP 200", async () => {
    const endpoint = await serving('{"jsonrpc":"2.0","id":1,"error":{"code":-32005,"message":"limit exceeded"}}');
    const error = await endpoint.request("eth_getLogs").catch((e: unknown) => e);
    expect(error).toBeInstanceOf(RpcRefused);
    expect(error).toMatchObject({ code: -32005, said: "limit exceeded", method: "eth_getLogs", endpoint: "node" });
  });

  test("a JSON-RPC error with HTTP 400", async () => {
    const endpoint = await serving('{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"bad"}}', 400);
    await expect(endpoint.request("eth_a")).rejects.toThrow(RpcRefused);
  });

  test("one error for a whole batch", async () => {
    const endpoint = await serving('{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"batch too large"}}');
    await expect(endpoint.batch(two)).rejects.toThrow("batch too large");
  });
});

describe("error: malformed", () => {
  test.each([
    ["a page of HTML", "<html>Welcome</html>"],
    ["nothing", ""],
    ["null", "null"],
    ["a number", "7"],
    ["no result", '{"jsonrpc":"2.0","id":1}'],
    ["an id that no number can be made of", '{"jsonrpc":"2.0","id":{"toString":0,"valueOf":0},"result":"0x1"}'],
    ["the wrong id", '{"jsonrpc":"2.0","id":99,"result":"0x1"}'],
    ["more bytes than allowed", JSON.stringify({ jsonrpc: "2.0", id: 1, result: "x".repeat(20_000) })],
  ])("%s", async (_, body) => {
    const endpoint = await serving(body);
    await expect(endpoint.request("eth_a")).rejects.toThrow(RpcMalformed);
  });

  test.each([
    ["a missing answer", '[{"id":1,"result":1}]'],
    ["an answer twice", '[{"id":1,"result":1},{"id":1,"result":1}]'],
    ["a foreign id", '[{"id":1,"result":1},{"id":3,"result":1}]'],
    ["one answer for two questions", '{"id":1,"result":1}'],
    ["null among the answers", '[{"id":1,"result":1},null]'],
  ])("%s", async (_, body) => {
    const endpoint = await serving(body);
    await expect(endpoint.batch(two)).rejects.toThrow(RpcMalformed);
  });
});

describe("secrets", () => {
  test.each([
    ["https://user:pass@node.example/v2/AbCdEf0123456789xyz?key=s3cret", "https://node.example/v2/…"],
    ["https://mainnet.node.example/v3/0123456789abcdef0123456789abcdef", "https://mainnet.node.example/v3/…"],
    ["http://127.0.0.1:8545/", "http://127.0.0.1:8545"],
    ["not a url", "(not a URL)"],
  ])("%s is told as %s", (url, shown) => {
    expect(redactUrl(url)).toBe(shown);
  });

  test("a URL in a sentence is told without what follows it", () => {
    const said =
      "Block 7 is 0x1 at http://127.0.0.1:18701, at https://n.example/v2/AbCdEf0123456789xyz: and (http://a.b).";
    expect(redactUrlsIn(said)).toBe(
      "Block 7 is 0x1 at http://127.0.0.1:18701, at https://n.example/v2/…: and (http://a.b).",
    );
  });

  test("STREAM-15: a node's words of points without end take no longer to redact than they are long", () => {
    // A socket's message may have eight times as many, and the time would be 64 times as long.
    const said = `https://n.example/${".".repeat(2 ** 15)}/AbCdEf0123456789xyz`;
    const began = performance.now();
    expect(redactUrlsIn(`${said}...`)).toMatch(/^https:\/\/n\.example\/…\/…\.\.\.$/);
    expect(performance.now() - began).toBeLessThan(500);
  });

  test("a key in a node's own words does not reach the message", async () => {
    const said = "upstream https://n.example/v2/AbCdEf0123456789xyz is down";
    const endpoint = await serving(JSON.stringify({ jsonrpc: "2.0", id: 1, error: { code: 1, message: said } }));
    const error = (await endpoint.request("eth_a").catch((e: unknown) => e)) as Error;
    expect(error.message).not.toContain("AbCdEf");
  });

  test("error: an address that is no http URL is refused without being told", () => {
    expect(() => openEndpoint("ws://u:secret@node.example/key0123456789abc")).toThrow(UrlRefused);
    expect(() => openEndpoint("ws://u:secret@node.example/key0123456789abc")).not.toThrow(/secret|key0123/);
  });
});

describe("what a node repeats of its address", () => {
  const key = "s3cr3tKEY0123456789";
  type Echo = (request: { readonly url: string; readonly authorization: string; readonly id: unknown }) => unknown;
  const refused = (message: string) => ({ jsonrpc: "2.0", error: { code: -1, message } });

  /** All that an error says after a question at `path`, with `user:password@` before the host where given. */
  async function saidBy(path: string, echo: Echo, user = ""): Promise<string> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { id } = JSON.parse(Buffer.concat(chunks).toString()) as { id: unknown };
        const { url = "", headers } = request;
        const said = echo({ url, authorization: headers.authorization ?? "", id });
        response.end(typeof said === "string" ? said : JSON.stringify({ id, ...(said as object) }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const endpoint = openEndpoint(`http://${user}127.0.0.1:${port}${path}`);
    try {
      const error = await endpoint.request("eth_blockNumber").then(
        () => expect.fail("it answers"),
        (caught: unknown) => caught as Error,
      );
      return `${error.message} ${JSON.stringify(error)}`;
    } finally {
      endpoint.close();
      server.close();
    }
  }

  test.each<[string, string, Echo, string?, string?]>([
    ["in an answer that is no JSON", `/v2/${key}`, ({ url }) => `Unknown project ${url}`],
    ["as the id", `/v2/${key}`, ({ url }) => ({ id: url, result: "0x1" })],
    ["in an answer without a result", `/v2/${key}`, ({ url }) => ({ url })],
    ["beside an error", `/v2/${key}`, ({ url }) => ({ error: { code: 1, message: "no", data: url } })],
    ["as a name of the query", `/?${key}`, ({ url }) => refused(`bad ${url}`)],
    ["decoded", `/?key=ab+cd${key}`, ({ url }) => refused(decodeURIComponent(url)), "", `ab+cd${key}`],
    ["in small letters", `/v2/${key}`, ({ url }) => refused(url.toLowerCase()), "", key.toLowerCase()],
    ["as a header has it", "/", ({ authorization }) => refused(authorization), `user01:${key}@`, btoa(`user01:${key}`)],
  ])("is not told: %s", async (_, path, echo, user = "", secret = key) => {
    const said = await saidBy(path, echo, user);
    expect(said).toContain("…");
    expect(said).not.toContain(secret);
  });

  test("stays what it is where it is data, and short or of few letters", async () => {
    const zeros = "0".repeat(40);
    const server = createServer((request, response) => {
      request.resume().on("end", () => response.end(JSON.stringify({ id: 1, result: `0x${zeros}admin1` })));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const endpoint = openEndpoint(`http://admin1:${zeros}@127.0.0.1:${port}/`);
    expect(await endpoint.request("eth_call")).toBe(`0x${zeros}admin1`);
    endpoint.close();
    server.close();
  });

  test("of millions of characters only the first are looked at", async () => {
    const said = await saidBy(`/v2/${key}`, () => refused("https://a ".repeat(500_000)));
    expect(said.length).toBeLessThan(10_000);
  });
});

test.each([10, 6_000_000])(
  "STREAM-14: a connection that the node had closed while it was idle costs no request, of %i bytes too",
  async (bytes) => {
    const sockets = new Set<Socket>();
    const server = createServer(async (request, response) => {
      let asked = "";
      for await (const chunk of request) asked += chunk;
      response.end(JSON.stringify({ jsonrpc: "2.0", id: JSON.parse(asked).id, result: "0x1" }));
    });
    server.on("connection", (socket) => sockets.add(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const endpoint = openEndpoint(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    try {
      await endpoint.request("first");
      await new Promise((resolve) => setTimeout(resolve, 50));
      // In the same turn of the event loop: nobody has heard of it yet.
      for (const socket of sockets) socket.destroy();
      expect(await endpoint.request("second", ["x".repeat(bytes)])).toBe("0x1");
      expect(sockets.size).toBe(2);
    } finally {
      endpoint.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  },
);

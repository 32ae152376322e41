import { connect } from "node:net";
import type { TypedDataDefinition } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { action, actionStatus, chainOf, finding, findingStatus, notice } from "../store/chain.testkit.ts";
import { listDue, markDead } from "../store/outbox.ts";
import { incident, simulation } from "../store/records.testkit.ts";
import type { Store } from "../store/Store.ts";
import { storeFixture } from "../store/storeFolder.testkit.ts";
import { call } from "./call.testkit.ts";
import { HostNotLoopbackError, PortTakenError } from "./serveApi.ts";
import { type Served, serve, token, toTypedMessage } from "./served.testkit.ts";

const fixture = await storeFixture();
let store: Store;
let api: Served;
const [open, settled] = [finding(1), finding(2)];
const [ready, early] = [action("ready"), action("early")];
const guardian = privateKeyToAccount(`0x${"9".repeat(64)}`);

beforeAll(async () => {
  store = await fixture.open();
  api = await serve(store);
  const chain = chainOf();
  await api.commit(
    chain.link({
      records: [open, findingStatus(open), settled, findingStatus(settled, "retracted")],
      notices: [notice(open)],
    }),
    chain.link({
      records: [
        incident("x", "open", 0),
        ready,
        actionStatus(ready, "proposed"),
        early,
        actionStatus(early, "proposed"),
      ],
    }),
    chain.link({ records: [simulation(ready), actionStatus(ready, "simulated", 1), incident("x", "mitigating", 1)] }),
  );
});
afterAll(async () => {
  await api.close();
  await store.close();
  await fixture.remove();
});
beforeEach(() => {
  api.submitted.length = 0;
});

const get = (path: string, headers = {}) => call(api.port, path, { headers });
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  call(api.port, path, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}`, ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
const acknowledge = (headers: Record<string, string> = {}) =>
  post(`/findings/${open.id}/acknowledge`, { actor: "ann", note: "looking" }, headers);
const codeOf = ({ status, json }: { status: number; json: { error?: { code: string } } }) => [
  status,
  json?.error?.code,
];

describe("reading", () => {
  test("behavior: lists are newest first, filtered, and say bigint as decimal strings", async () => {
    const { json } = await get("/findings");
    expect(json.findings.map((f: { finding: { id: string } }) => f.finding.id)).toEqual([settled.id, open.id]);
    expect(json.findings[1].finding).toMatchObject({ blockNumber: "1", evidence: { net: "12345678901234567890" } });
    const filtered = await get("/findings?state=open,acknowledged&limit=5");
    expect(filtered.json.findings.map((f: { status: { work: string } }) => f.status.work)).toEqual(["open"]);
    const before = await get(`/findings?before=${json.findings[0].seq}&limit=1`);
    expect(before.json.findings).toEqual([json.findings[1]]);
    expect(
      (await get("/incidents")).json.incidents.map((i: { incident: { state: string } }) => i.incident.state),
    ).toEqual(["mitigating"]);
    expect(codeOf(await get("/findings?limit=0"))).toEqual([400, "request"]);
    expect(codeOf(await get("/findings?state=x'or"))).toEqual([400, "request"]);
    for (const [path, states] of [
      ["/findings", "open, acknowledged, resolved"],
      ["/incidents", "open, mitigating, monitoring, resolved"],
      ["/actions", "proposed, simulated, approved"],
      ["/false-alarms", "waiting, accepted, refused"],
    ] as const)
      for (const state of ["closed", "", "resolved,", "__proto__"]) {
        const { status, json } = await get(`${path}?state=${state}`);
        expect([status, json.error.message]).toEqual([400, expect.stringContaining(`- state: Allowed: ${states}`)]);
      }
  });

  test("RESP-03: an action shows a guardian what it would do, the simulation and the message to sign", async () => {
    const { json } = await get("/actions?state=simulated");
    expect(json.actions).toHaveLength(1);
    const [view] = json.actions;
    expect(view.intent[0]).toBe(
      `Pause withdraw(uint256) (0x2e1a7d4d) on ${ready.target}, chain 31337, until 2023-11-15 04:13:20 UTC.`,
    );
    expect(view.intent.at(-1)).toBe("Simulation at block 1 passed: The attack fails after the pause.");
    expect(view).toMatchObject({
      simulation: { passed: true },
      typedData: { primaryType: "Pause", message: { nonce: BigInt(ready.id).toString() } },
    });
    const { json: proposed } = await get("/actions?state=proposed");
    expect(proposed.actions[0].intent.at(-1)).toBe("Not simulated yet: do not sign.");
  });

  test("behavior: what was given back as typed data can be signed as it stands", async () => {
    const { json } = await get("/actions?state=simulated");
    const signature = await guardian.signTypedData(json.actions[0].typedData as TypedDataDefinition);
    expect((await post(`/actions/${ready.id}/approvals`, { signer: guardian.address, signature })).status).toBe(202);
  });

  test("DELIV-02: status shows the outbox and its dead letters", async () => {
    const [row] = await listDue(store, ["terminal"], store.now());
    await markDead(store, row!.id, "printer on fire");
    const { json } = await get("/status");
    expect(json).toMatchObject({ healthy: true, mode: "shadow", head: "12", outbox: { pending: 0, dead: 1 } });
    expect(json.deadLetters).toEqual([
      {
        id: row!.id,
        channel: "terminal",
        notice: notice(open).id,
        title: notice(open).title,
        error: "printer on fire",
        diedAt: expect.any(Number),
      },
    ]);
  });

  test("behavior: health and readiness answer 503 with reasons", async () => {
    expect([(await get("/healthz")).status, (await get("/readyz")).status]).toEqual([200, 200]);
    const well = api.status;
    api.status = () => ({ healthy: false, ready: true, reasons: ["no block for 40 s"] });
    expect(await get("/healthz")).toMatchObject({ status: 503, json: { ok: false, reasons: ["no block for 40 s"] } });
    expect((await get("/readyz")).status).toBe(200);
    api.status = () => {
      throw new Error("cannot tell");
    };
    expect((await get("/readyz")).status).toBe(503);
    expect((await get("/healthz")).json.reasons).toEqual(["status cannot be told: cannot tell"]);
    api.status = well;
  });

  test("behavior: the head of the evidence and a description of all paths are given", async () => {
    expect((await get("/evidence/head")).json.sequence).toBe(2);
    const { json } = await get("/openapi.json");
    expect(Object.keys(json.paths).sort()).toMatchInlineSnapshot(`
      [
        "/actions",
        "/actions/{id}/approvals",
        "/channels",
        "/channels/{name}/requeue",
        "/channels/{name}/test",
        "/detect",
        "/events",
        "/evidence/head",
        "/false-alarms",
        "/findings",
        "/findings/{id}/acknowledge",
        "/findings/{id}/resolve",
        "/findings/{id}/review",
        "/healthz",
        "/incidents",
        "/pending",
        "/readyz",
        "/reload",
        "/reports",
        "/reports/{id}",
        "/status",
      ]
    `);
    expect(codeOf(await get("/nothing"))).toEqual([404, "path"]);
  });
});

describe("writing", () => {
  test("RESP-04: a guardian's signature goes to the pipeline with its recovered signer", async () => {
    const signature = await guardian.signTypedData(toTypedMessage(ready) as unknown as TypedDataDefinition);
    expect(await post(`/actions/${ready.id}/approvals`, { signer: guardian.address, signature })).toMatchObject({
      status: 202,
      json: { accepted: true },
    });
    expect(api.submitted).toEqual([
      { kind: "approval", action: ready.id, signer: guardian.address.toLowerCase(), signature },
    ]);
  });

  test("RESP-04: a signature of another person, another action or no signature at all is refused", async () => {
    const sign = (of: typeof ready) => guardian.signTypedData(toTypedMessage(of) as unknown as TypedDataDefinition);
    const path = `/actions/${ready.id}/approvals`;
    expect(codeOf(await post(path, { signer: `0x${"12".repeat(20)}`, signature: await sign(ready) }))).toEqual([
      422,
      "signature",
    ]);
    expect(codeOf(await post(path, { signer: guardian.address, signature: await sign(early) }))).toEqual([
      422,
      "signature",
    ]);
    expect(codeOf(await post(path, { signer: guardian.address, signature: `0x${"ff".repeat(65)}` }))).toEqual([
      422,
      "signature",
    ]);
    expect(codeOf(await post(path, { signer: guardian.address, signature: "0x12" }))).toEqual([400, "request"]);
    expect(
      codeOf(await post(`/actions/${early.id}/approvals`, { signer: guardian.address, signature: await sign(early) })),
    ).toEqual([409, "state"]);
    expect(
      codeOf(await post(`/actions/${open.id}/approvals`, { signer: guardian.address, signature: await sign(early) })),
    ).toEqual([404, "action"]);
    expect(api.submitted).toEqual([]);
  });

  test("RESP-04: whoever is none of the guardians is told, and not that his signature was taken", async () => {
    const own = await serve(store, { isGuardian: (signer) => signer === `0x${"12".repeat(20)}` });
    const signature = await guardian.signTypedData(toTypedMessage(ready) as unknown as TypedDataDefinition);
    const answer = await call(own.port, `/actions/${ready.id}/approvals`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ signer: guardian.address, signature }),
    });
    await own.close();
    expect(codeOf(answer)).toEqual([422, "guardian"]);
    expect(own.submitted).toEqual([]);
  });

  test("behavior: findings are acknowledged and resolved by name and with a reason", async () => {
    expect((await acknowledge()).status).toBe(202);
    const resolve = (body: object, id = open.id) => post(`/findings/${id}/resolve`, body);
    expect((await resolve({ actor: "ann", note: "a rebalance", resolution: "false-positive" })).status).toBe(202);
    expect(api.submitted).toEqual([
      { kind: "acknowledge", finding: open.id, actor: "ann", note: "looking" },
      { kind: "resolve", finding: open.id, actor: "ann", note: "a rebalance", resolution: "false-positive" },
    ]);
    expect(codeOf(await resolve({ actor: "ann", note: " ", resolution: "benign" }))).toEqual([400, "request"]);
    expect(codeOf(await resolve({ actor: "ann", note: "x", resolution: "retracted" }))).toEqual([400, "request"]);
    expect(codeOf(await resolve({ actor: "ann", note: "x", resolution: "benign", more: 1 }))).toEqual([400, "request"]);
    expect(codeOf(await resolve({ actor: "ann", note: "x", resolution: "benign" }, settled.id))).toEqual([
      409,
      "state",
    ]);
    expect(codeOf(await resolve({ actor: "ann", note: "x", resolution: "benign" }, ready.id))).toEqual([
      404,
      "finding",
    ]);
  });

  test("behavior: what the pipeline refuses is told with its reason", async () => {
    const before = api.submit;
    api.submit = async () => ({ accepted: false, reason: "shutting down" });
    expect(await acknowledge()).toMatchObject({
      status: 409,
      json: { error: { code: "refused", message: "shutting down" } },
    });
    api.submit = async () => Promise.reject(new Error("secret detail"));
    const failed = await acknowledge();
    expect([failed.status, failed.text.includes("secret detail")]).toEqual([500, false]);
    api.submit = before;
  });

  test("error: without the right token nothing is changed", async () => {
    for (const authorization of [
      "",
      "Bearer ",
      `Bearer ${token.slice(1)}`,
      `Bearer ${token}0`,
      `Basic ${token}`,
      token,
    ])
      expect(codeOf(await acknowledge({ authorization }))).toEqual([401, "token"]);
    expect(api.submitted).toEqual([]);
  });

  test("error: broken JSON, another media type and a huge body are refused", async () => {
    const path = `/findings/${open.id}/acknowledge`;
    expect((await post(path, "{")).status).toBe(400);
    expect((await post(path, "")).status).toBe(400);
    expect(codeOf(await post(path, "null"))).toEqual([400, "request"]);
    expect(codeOf(await acknowledge({ "content-type": "text/plain" }))).toEqual([415, "content-type"]);
    expect(codeOf(await acknowledge({ "content-type": "application/jsonp" }))).toEqual([415, "content-type"]);
    const huge = JSON.stringify({ actor: "ann", note: "x".repeat(70_000) });
    expect(codeOf(await post(path, huge))).toEqual([413, "body"]);
    expect(codeOf(await post(path, huge, { "transfer-encoding": "chunked" }))).toEqual([413, "body"]);
    expect(api.submitted).toEqual([]);
  });
});

describe("who may ask", () => {
  test("error: a rebound name is refused, for reading too", async () => {
    const rebound = [
      "evil.example",
      `evil.example:${api.port}`,
      "127.0.0.1.evil.example",
      "localhost.evil.example:4600",
      "[::2]",
    ];
    for (const host of rebound) expect(codeOf(await get("/status", { host })), host).toEqual([403, "host"]);
    expect(codeOf(await acknowledge({ host: "evil.example" }))).toEqual([403, "host"]);
    for (const host of ["localhost:4600", "LOCALHOST", "127.0.0.1", "[::1]:4600"])
      expect((await get("/evidence/head", { host })).status).toBe(200);
  });

  test("error: pages of other sites are refused, even with the token", async () => {
    const own = `127.0.0.1:${api.port}`;
    for (const origin of ["http://evil.example", "null", `https://${own}`, "http://127.0.0.1:1"])
      expect(codeOf(await acknowledge({ origin, host: own }))).toEqual([403, "origin"]);
    expect(codeOf(await get("/status", { "sec-fetch-site": "cross-site" }))).toEqual([403, "origin"]);
    expect((await acknowledge({ origin: `http://${own}`, host: own })).status).toBe(202);
  });
});

describe("serving", () => {
  test("error: a taken port is named with the way out", async () => {
    const second = serve(store, { port: api.port });
    await expect(second).rejects.toThrow(PortTakenError);
    await expect(second).rejects.toThrow(`choose another port with --port ${api.port + 1}`);
  });

  test("error: an address that others reach is refused", async () => {
    const { serveApi } = await import("./serveApi.ts");
    const options = { store, bus: api.bus, token, port: 0, status: api.status, submit: api.submit, toTypedMessage };
    for (const host of ["0.0.0.0", "::", "192.168.1.5", "example.com"])
      await expect(serveApi({ ...options, host })).rejects.toThrow(HostNotLoopbackError);
  });
});

test("error: a connection on which many requests wait for their answers is broken, and others are served", async () => {
  const socket = connect(api.port, "127.0.0.1");
  const closed = new Promise((resolve) => socket.once("close", resolve).on("error", () => {}));
  // Never read: every answer would be kept.
  socket.write("GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(2_000));
  await closed;
  expect((await get("/healthz")).status).toBe(200);
}, 20_000);

test("behavior: a client that sends a few requests ahead gets all the answers, in turn", async () => {
  const socket = connect(api.port, "127.0.0.1");
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const paths = ["/healthz", "/nothing", "/readyz"];
  socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`).join(""));
  await vi.waitFor(
    () => expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(["200", "404", "200"].map((code) => `HTTP/1.1 ${code}`)),
    5_000,
  );
  socket.destroy();
});

test("error: more connections than are served are broken, and those that are there are served", async () => {
  const own = await serve(store);
  const sockets = await Promise.all(
    Array.from({ length: 520 }, () => {
      const socket = connect(own.port, "127.0.0.1").on("error", () => {});
      return new Promise<typeof socket>((resolve) => socket.once("connect", () => resolve(socket)));
    }),
  );
  const isOpen = ({ destroyed, readableEnded }: (typeof sockets)[number]) => !destroyed && !readableEnded;
  for (const socket of sockets) socket.resume();
  await vi.waitFor(() => expect(sockets.filter(isOpen)).toHaveLength(512), 5_000);
  const answered = new Promise<string>((resolve) => sockets.find(isOpen)!.once("data", (chunk) => resolve(`${chunk}`)));
  sockets.find(isOpen)!.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  expect(await answered).toContain("200 OK");
  for (const socket of sockets) socket.destroy();
  await own.close();
});

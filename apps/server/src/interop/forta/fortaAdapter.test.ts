// The sample bot of the published forta-agent, and bots written to its documented interface, run with it.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BlockBundle } from "@testudo/core/model/BlockBundle";
import type { DetectorUse } from "@testudo/core/model/Detector";
import { addr, type CaseTx, frame, topicOf, transferLog, viewsOf } from "@testudo/core/model/detectorCase.testkit";
import type { Finding } from "@testudo/core/model/Finding";
import type { Hex } from "@testudo/core/model/Hex";
import type { Commit } from "@testudo/core/model/Output";
import { hashOf } from "@testudo/core/model/Record";
import { openState, step } from "@testudo/core/pipeline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FortaAdapterOptions } from "./fortaAdapter.ts";

// The thread runs what was built.
const { fortaAdapter } = (await import(
  new URL("../../../dist/interop/forta/fortaAdapter.js", import.meta.url).href
)) as typeof import("./fortaAdapter.ts");
const peers = fileURLToPath(new URL("../../../../../bench/peers/node_modules", import.meta.url));
const why = "needs forta-agent 0.1.48: npm ci --prefix bench/peers";
const hasForta = existsSync(join(peers, "forta-agent"));

const vault = addr(0xa17);
const [alice, bob] = [addr(0xa11ce), addr(0xb0b)];
const token = addr(0x70c);

const spender = `
const { Finding, FindingSeverity, FindingType } = require("forta-agent");
let seen = 0;
let ready = false;
const find = (alertId, more) => Finding.fromObject({ name: "Large transfer", description: "seen " + seen, alertId, severity: FindingSeverity.High, type: FindingType.Suspicious, ...more });
module.exports = {
  initialize: async () => { ready = true; },
  handleBlock: async (event) => event.blockNumber % 10 === 0
    ? [find("TENTH", { metadata: { hash: event.blockHash, now: String(Date.now()), chance: String(Math.random()), ready: String(ready) } })] : [],
  handleTransaction: async (event) => {
    seen += 1;
    const transfers = event.filterLog("event Transfer(address indexed from, address indexed to, uint256 value)", "${token}");
    return transfers.filter(({ args }) => args.value.gt(100)).map(({ args }) => find("LARGE", {
      addresses: [args.to], metadata: { to: event.to, value: args.value.toString(), traces: event.traces.map((t) => t.type + t.traceAddress.join(".")).join(" ") },
    }));
  },
};`;

const listener = `
const { Finding, FindingSeverity, FindingType, AlertEvent } = require("forta-agent");
module.exports = {
  initialize: async () => ({ alertConfig: { subscriptions: [{ botId: "spender", alertId: "LARGE" }, { botId: "sloppy" }] } }),
  handleAlert: async (event) => event instanceof AlertEvent && event.hasAddress("${bob}")
    ? [Finding.fromObject({ name: "Heard", description: [event.botId, event.alertId, event.transactionHash, ...event.alert.labels.map(({ label }) => label)].join(" "), alertId: "HEARD", severity: FindingSeverity.Critical, type: FindingType.Exploit })] : [],
};`;

const caller = `
const { Finding, FindingSeverity, FindingType, getEthersProvider, getChainId } = require("forta-agent");
module.exports = { handleBlock: async () => {
  const balance = await getEthersProvider().getBalance("${alice}");
  return [Finding.fromObject({ name: "Balance", description: balance.toString() + " on " + (await getChainId()), alertId: "B", severity: FindingSeverity.Info, type: FindingType.Info })];
} };`;

// As bots do at times, though metadata is to be texts: amounts of ethers, objects, what cannot leave a thread at all.
const sloppy = `
const { ethers, Finding, FindingSeverity, FindingType, EntityType, Label, getBotId } = require("forta-agent");
const circle = {};
circle.self = circle;
module.exports = { handleBlock: async () => [Finding.fromObject({
  name: "Odd", description: "by " + getBotId(), alertId: "ODD", severity: FindingSeverity.Low, type: FindingType.Info,
  metadata: { amount: ethers.BigNumber.from("12345678901234567890"), big: 7n, many: [1, 2n], inner: { of: ethers.BigNumber.from(5) }, fn: () => 1, none: undefined, circle, bare: Object.create(null) },
  addresses: ["${bob}", undefined, 7],
  labels: [Label.fromObject({ entityType: EntityType.Address, entity: "${bob}", label: "attacker", confidence: 0.9 }), { entityType: "URL", entity: "http://x", label: "gone", confidence: NaN, remove: true }],
})] };`;

// A node of the JSON-RPC kind, with few answers.
const nodeScript = `
const answers = { eth_getBalance: "0x2a", eth_chainId: "0x1", net_version: "1" };
const server = require("node:http").createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => { body += chunk; });
  request.on("end", () => {
    const { id, method } = JSON.parse(body);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ jsonrpc: "2.0", id, result: answers[method] }));
  });
});
server.listen(0, "127.0.0.1", () => console.log("http://127.0.0.1:" + server.address().port));`;

let folder = "";
let node: ChildProcess;
let rpcUrl = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "testudo-forta-"));
  if (hasForta) symlinkSync(peers, join(folder, "node_modules"));
  for (const [name, text] of Object.entries({
    spender,
    listener,
    caller,
    sloppy,
    thrower: `require("forta-agent"); let n = 0; module.exports = { handleBlock: async () => { n += 1; throw new Error("bot is ill " + n); } };`,
    sleeper: `require("forta-agent"); module.exports = { handleBlock: () => new Promise(() => undefined) };`,
    nothing: `require("forta-agent"); module.exports = {};`,
  })) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "agent.js"), text);
  }
  // The bots' thread is waited for, so that the node is a process of its own.
  node = spawn(process.execPath, ["-e", nodeScript], { stdio: ["ignore", "pipe", "inherit"] });
  rpcUrl = await new Promise((resolve) => node.stdout?.once("data", (data: Buffer) => resolve(data.toString().trim())));
});
afterAll(() => {
  node?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

const adapter = (names: readonly string[], more: Partial<FortaAdapterOptions> = {}) =>
  fortaAdapter({
    id: `forta-${names.join("-")}`,
    bots: names.map((name) => ({ id: name, module: join(folder, name, "agent.js") })),
    runbook: "RUNBOOK.md",
    owner: "risk",
    ...more,
  });

/** A chain that the pipeline judges with one adapter. */
function openChain(use: DetectorUse) {
  const program = { chainId: 1, watched: [vault], detectors: [use], playbooks: [], policy: null };
  const state = openState();
  const bundleOf = (number: number, branch: string, parent: string, txs: readonly CaseTx[]): BlockBundle => {
    const views = viewsOf({ number, txs });
    const hash = (name: string, n: number) => hashOf([name, n]);
    return {
      ref: {
        number: BigInt(number),
        hash: hash(branch, number),
        parentHash: hash(parent, number - 1),
        timestamp: BigInt(1_700_000_000 + number * 12),
      },
      txs: views.map(({ tx }) => tx),
      logs: views.flatMap((view) => view.logs),
      traces: views.map(({ trace, tx }) => trace ?? frame({ from: tx.from, to: tx.to ?? vault })),
      has: ["X", "L", "T"],
      sources: [],
    };
  };
  const commitOf = (input: Parameters<typeof step>[2]) => step(program, state, input).outputs[0] as Commit;
  return {
    block: (number: number, txs: readonly CaseTx[], branch = "a", parent = branch) => {
      const bundle = bundleOf(number, branch, parent, txs);
      return commitOf({ kind: "block", bundle, phase: "live", receivedAtMs: 0 });
    },
    reorg: (ancestor: number, orphaned: readonly number[], branch = "a") =>
      commitOf({
        kind: "reorg",
        ancestor: bundleOf(ancestor, branch, branch, []).ref,
        orphaned: orphaned.map((number) => bundleOf(number, branch, branch, []).ref),
      }),
  };
}

const findingsIn = (commit: Commit) => commit.records.filter((r): r is Finding => r.kind === "Finding");
const pay = (value: bigint, to: Hex = bob): CaseTx => ({
  from: alice,
  to: vault,
  logs: [transferLog(token, vault, to, value)],
  trace: frame({
    from: alice,
    to: vault,
    calls: [frame({ from: vault, to: token, type: "STATICCALL" }), frame({ type: "CREATE", from: vault, to: addr(9) })],
  }),
});

describe.skipIf(!hasForta)(`bots of forta-agent (${hasForta ? "installed" : why})`, () => {
  test("INT-02: what an unmodified bot finds in a transaction is a finding of ours, counted once", () => {
    const { block } = openChain(adapter(["spender"], { traces: true }));
    expect(findingsIn(block(1, [pay(100n), pay(101n)]))).toMatchObject([
      {
        detector: "forta-spender",
        severity: "high",
        class: "anomaly",
        reason: "Large transfer: seen 2",
        subject: vault,
        addresses: [bob],
        txHash: topicOf(1_001n),
        evidence: {
          bot: "spender",
          alertId: "LARGE",
          type: "suspicious",
          metadata: { to: vault, value: "101", traces: "call call0 create1" },
          deterministic: true,
        },
      },
    ]);
    expect(findingsIn(block(2, []))).toEqual([]);
  });

  test("INT-02: the sample bot that the SDK publishes runs as it stands there", () => {
    const module = join(peers, "forta-agent/dist/starter-project/js/src/agent.js");
    const { block } = openChain(adapter([], { id: "forta-starter", bots: [{ id: "starter", module }] }));
    const tether = "0xdac17f958d2ee523a2206206994597c13d831ec7";
    const pays = (value: bigint): CaseTx => ({
      from: alice,
      to: tether,
      logs: [transferLog(tether, alice, bob, value)],
    });
    // In whole Tether, of which it has six decimals: more than 10,000.
    expect(findingsIn(block(1, [pays(10_000_999_999n), pays(10_001_000_000n), pay(1n)]))).toMatchObject([
      {
        ...{ detector: "forta-starter", severity: "low", txHash: topicOf(1_001n) },
        reason: "High Tether Transfer: High amount of USDT transferred: 10001",
        evidence: { bot: "starter", alertId: "FORTA-1", type: "info" },
      },
    ]);
    // It tells five and no more.
    const later = findingsIn(
      block(
        2,
        Array.from({ length: 9 }, () => pays(20_000_000_000n)),
      ),
    );
    expect(later).toHaveLength(4);
  });

  test("INT-02: the same blocks give the same findings, clock and chance included", () => {
    const run = () => findingsIn(openChain(adapter(["spender"])).block(10, [pay(1n)]));
    const [first, second] = [run(), run()];
    expect(first).toEqual(second);
    expect(first[0]!.evidence.metadata).toMatchObject({ now: "1700000120000", ready: "true" });
  });

  test("INT-02: a reorg retracts what a bot found, and the bot begins anew on the other branch", () => {
    const { block, reorg } = openChain(adapter(["spender"]));
    block(1, [pay(1n)]);
    const [found] = findingsIn(block(2, [pay(500n)]));
    expect(found!.reason).toBe("Large transfer: seen 2");
    const retracted = reorg(1, [2]);
    expect(retracted.records.find((r) => r.kind === "FindingStatus")).toMatchObject({
      finding: found!.id,
      transition: "retracted",
    });
    const [again] = findingsIn(block(2, [pay(501n, alice)], "b", "a"));
    expect(again!.reason).toBe("Large transfer: seen 1");
  });

  test("INT-02: a bot hears the alerts that it subscribed to", () => {
    const { block } = openChain(adapter(["spender", "listener"]));
    const found = findingsIn(block(1, [pay(500n), pay(500n, alice)]));
    expect(found.map(({ severity, reason }) => [severity, reason])).toEqual([
      ["high", "Large transfer: seen 1"],
      ["high", "Large transfer: seen 2"],
      ["critical", `Heard: spender LARGE ${topicOf(1_000n)}`],
    ]);
  });

  test("INT-02: values that are no texts and labels are told; each bot is told its own name", () => {
    const found = findingsIn(openChain(adapter(["sloppy", "listener"])).block(1, []));
    expect(found[1]!.reason).toBe("Heard: sloppy ODD  attacker gone");
    expect(found.slice(0, 1)).toMatchObject([
      {
        reason: "Odd: by sloppy",
        addresses: [bob],
        evidence: {
          metadata: {
            ...{ amount: "12345678901234567890", big: "7", many: '[1,"2"]', fn: "() => 1", none: "undefined" },
            ...{ inner: expect.stringContaining('"0x05"'), circle: "unreadable", bare: "unreadable" },
          },
          labels: [
            { entityType: "address", entity: bob, label: "attacker", confidence: 0.9 },
            { entityType: "url", entity: "http://x", label: "gone", removed: true },
          ],
        },
      },
    ]);
  });

  test("INT-02: a bot has no network unless its owner allows it, and then its findings say so", () => {
    const closed = openChain(adapter(["caller"])).block(1, []);
    expect(findingsIn(closed)).toMatchObject([
      { detector: "self-health", reason: expect.stringMatching(/threw: BotFailed: .*(network|could not detect)/s) },
    ]);
    const use = adapter(["caller"], { network: true, rpcUrl });
    expect(use.meta.deterministic).toBe(false);
    expect(findingsIn(openChain(use).block(1, []))).toMatchObject([
      { reason: "Balance: 42 on 1", evidence: { bot: "caller", deterministic: false } },
    ]);
  });

  test("DET-05: a bot that throws or never ends is told, and judges the next block anew", () => {
    const ill = openChain(adapter(["thrower"]));
    for (const number of [1, 2])
      expect(findingsIn(ill.block(number, []))).toMatchObject(
        number === 1 ? [{ reason: expect.stringContaining("bot is ill 1") }] : [],
      );
    const asleep = openChain(adapter(["sleeper"], { limitMs: 200 }));
    expect(findingsIn(asleep.block(1, []))).toMatchObject([
      { reason: expect.stringContaining("did not answer within 200 ms") },
    ]);
  });

  test("error: a module without handlers", () => {
    const { block } = openChain(adapter(["nothing"]));
    expect(findingsIn(block(1, []))).toMatchObject([
      { detector: "self-health", reason: expect.stringContaining('Bot "nothing" exports no handleBlock') },
    ]);
  });
});

test.each([
  [{ bots: [{ id: "x", module: "/nowhere/agent.js" }] }, 'there is no file "/nowhere/agent.js"'],
  [{ bots: [] }, "bots:"],
  [{ owner: " " }, "owner:"],
  [{ id: "Big" }, "lower case, digits and hyphens"],
])("error: an adapter with %o", (change, message) => {
  const options = {
    id: "a",
    runbook: "r",
    owner: "o",
    bots: [{ id: "x", module: fileURLToPath(import.meta.url) }],
    ...change,
  };
  expect(() => fortaAdapter(options)).toThrow(message);
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Anvil, startAnvil } from "@testudo/chain/fork/startAnvil";
import { type Endpoint, openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { refusal, serveChanged } from "@testudo/chain/testkit/faultyNode.testkit";
import { detectOutflow } from "@testudo/core/detectors/detectOutflow";
import type { BlockBundle } from "@testudo/core/model/BlockBundle";
import { type DetectContext, useDetector } from "@testudo/core/model/Detector";
import type { Finding } from "@testudo/core/model/Finding";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Program } from "@testudo/core/model/Program";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadProgram } from "../jobs/step/programSource.ts";
import { type EvaluationCase, toRecord } from "./Case.ts";
import { type RangeSourceOptions, rangeSource } from "./rangeSource.ts";
import type { Labels } from "./readLabels.ts";
import { runBacktest } from "./runBacktest.ts";

// A worker cannot load TypeScript: the watch is the built one.
const { openWatch } = (await import(new URL("../../dist/watch/openWatch.js", import.meta.url).href)) as {
  openWatch: typeof import("../watch/openWatch.ts").openWatch;
};

const { rangeSource: builtRangeSource } = (await import(
  new URL("../../dist/backtest/rangeSource.js", import.meta.url).href
)) as typeof import("./rangeSource.ts");

const till: Address = `0x${"7a".repeat(20)}`;
// Pays the word in calldata to whoever calls it.
const tillCode: Hex = "0x60006000600060006000353361fffff100";
// Says Uniswap v2's Sync of the first two words in calldata, then its Swap of the next four.
const poolCode: Hex = `0x60c06000600037${"7f1c411e9a96e071241c2f21f7726b17ae89e3cab4c78be50e062b03a9fffbbad1"}60406000a160006000${"7fd78ad95fa46c994b6551d0da85fc275fe613ce37657fb8d5e3d130840159d822"}60806040a3`;
// Calls the pool with the first six words in calldata, then the till with the seventh. Called with nothing, takes the money.
const raiderOf = (pool: Address): Hex =>
  `0x36600557005b36600060003760006000${"60c060006000"}73${pool.slice(2)}5af150${"60006000602060c06000"}73${till.slice(2)}5af15000`;
const word = (value: bigint): Hex => `0x${value.toString(16).padStart(64, "0")}`;
const ether = 10n ** 18n;

let anvil: Anvil;
let node: Endpoint;
let folder: string;
let from: Address;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "testudo-backtest-"));
  anvil = await startAnvil({ noMining: true });
  node = openEndpoint(anvil.url);
  [from] = (await node.request("eth_accounts")) as [Address];
  // Or all blocks are of one second where the machine is fast.
  await node.request("anvil_setBlockTimestampInterval", [2]);
  await node.request("anvil_setCode", [till, tillCode]);
  await node.request("anvil_setBalance", [till, "0x56bc75e2d63100000"]);
  await node.request("evm_mine");
});
afterAll(async () => {
  node?.close();
  await anvil?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function pay(amount: bigint): Promise<Hex> {
  const hash = await node.request("eth_sendTransaction", [{ from, to: till, data: word(amount), gas: "0x30d40" }]);
  await node.request("evm_mine");
  return hash as Hex;
}
const head = async () => BigInt((await node.request("eth_blockNumber")) as Hex);

test("DET-07: a back-test of a range says, record by record, what the live watch said, and lays it to the attack", async () => {
  const source = { kind: "zero-config", chainId: 31_337, protect: [till] } as const;
  const program = await loadProgram(source);
  const stop = new AbortController();
  const live: Finding[] = [];
  let seen = -1n;
  const first = await head();
  const watch = await openWatch({
    source,
    program,
    rpc: [anvil.url],
    quorum: 1,
    dataDir: join(folder, "data"),
    api: { host: "127.0.0.1", port: 0 },
    channels: [],
    detectorLimitMs: 60_000,
    pollMs: 20,
    onStored: ({ records, cursor }) => {
      live.push(...records.filter((record) => record.kind === "Finding").filter((f) => f.class !== "health"));
      if (cursor) seen = cursor.number;
    },
    signal: stop.signal,
  });
  await expect.poll(() => seen, { timeout: 120_000 }).toBeGreaterThanOrEqual(first);
  for (let i = 0; i < 3; i++) await pay(ether / 100n);
  const theft = await pay(60n * ether);
  await pay(ether / 100n);
  const last = await head();
  await expect.poll(() => seen, { timeout: 120_000 }).toBe(last);
  stop.abort();
  await watch.done;
  expect(live.map((f) => [f.detector, f.severity, f.txHash === theft])).toContainEqual(["asset-drain", "high", true]);

  const again: Finding[] = [];
  const range = rangeSource({
    endpoints: [node],
    program,
    from: first,
    to: last,
    labels: new Map([[theft, { truth: "attack", name: "theft", mechanism: "open till" }]]),
    onFinding: (finding) => void (finding.class !== "health" && again.push(finding)),
  });
  const cases: EvaluationCase[] = [];
  for await (const one of range.cases(new AbortController().signal, () => {}))
    if (one.kind !== "fault") cases.push(one);
  expect(again).toEqual(live);

  expect(cases).toHaveLength(5);
  const attack = cases.find((one) => one.tx === theft);
  expect(attack).toMatchObject({ kind: "judged", truth: "attack", stage: "in-transaction", mechanism: "open till" });
  const others = cases.filter((one) => one.truth === "benign");
  expect(others.every((one) => one.kind === "judged" && one.findings.every((f) => f.severity !== "critical"))).toBe(
    true,
  );
  expect([...range.hashes.values()]).toHaveLength(1);
  expect(range.coveredSeconds()).toBe(2 * Number(last - first));
});

test("DET-07: call trees that the node remembers, or that are made here, lead to what its tracing leads to; a swap is found in its frame", async () => {
  const pool: Address = `0x${"b0".repeat(20)}`;
  const raider: Address = `0x${"ad".repeat(20)}`;
  await node.request("anvil_setCode", [pool, poolCode]);
  await node.request("anvil_setCode", [raider, raiderOf(pool)]);
  await node.request("evm_mine");
  const first = await head();
  await pay(ether / 100n);
  // Reserves after, then what came and went: the price falls to a quarter. Last what the till has to pay.
  const words = [2_000_000n, 500_000n, 1_000_000n, 0n, 0n, 500_000n, ether / 2n].map((n) => word(n).slice(2));
  await node.request("eth_sendTransaction", [{ from, to: raider, data: `0x${words.join("")}`, gas: "0x7a120" }]);
  await node.request("evm_mine");
  await pay(ether / 100n);
  const last = await head();
  // The newest block is live.
  await node.request("evm_mine");
  const program = await loadProgram({ kind: "zero-config", chainId: 31_337, protect: [till] });
  const { frameLogs: _, ...silent } = program.detectors[0]!;
  const judge = async (detectors: Program["detectors"], more: Partial<RangeSourceOptions> = {}) => {
    const told: Finding[] = [];
    const sources: (string | undefined)[] = [];
    const onFinding = (finding: Finding) => void told.push(finding);
    const onBundle = ({ traceSource }: BlockBundle) => void sources.push(traceSource);
    const open = more.reexecute === undefined ? rangeSource : builtRangeSource;
    const range = open({
      endpoints: [node],
      program: { ...program, detectors },
      ...{ from: first, to: last, onFinding, onBundle },
      ...more,
    });
    for await (const _ of range.cases(new AbortController().signal, () => {}));
    return { told, sources: sources.slice(1) };
  };
  const recalled = await judge(program.detectors);
  const executed = await judge([silent, ...program.detectors.slice(1)]);
  const again = "debug_traceBlockByHash";
  expect(recalled.sources).toEqual(["trace_block", again, "trace_block"]);
  expect(executed.sources).toEqual([again, again, again]);
  expect(recalled.told).toEqual(executed.told);
  expect(recalled.told.map(({ detector, severity }) => [detector, severity])).toContainEqual([
    "impact-then-use",
    "high",
  ]);
  const proxy = await serveChanged(anvil.url, (call, answer) =>
    /^(debug|trace)_/.test(call.method) ? refusal(call, -32601, "Method not found") : answer,
  );
  const blind = openEndpoint(proxy.url);
  try {
    const without = await judge(program.detectors, { endpoints: [blind] });
    expect(without.sources).toEqual([undefined, undefined, undefined]);
    expect(without.told).not.toEqual(executed.told);
    const made = await judge(program.detectors, { endpoints: [blind], reexecute: {} });
    expect(new Set(made.sources)).toEqual(new Set(["re-execution"]));
    expect(made.told).toEqual(executed.told);
  } finally {
    blind.close();
    await proxy.close();
  }
});

test("behavior: told to stop, a range ends with what it has; from the first block it goes on to the last", async () => {
  const program = await loadProgram({ kind: "zero-config", chainId: 31_337, protect: [till] });
  for (let i = 0; i < 3; i++) await pay(ether / 1_000n);
  const to = await head();
  const blocksUntil = async (last: number) => {
    const stop = new AbortController();
    let blocks = 0;
    const range = rangeSource({ endpoints: [node], program, from: 0n, to });
    for await (const _ of range.cases(stop.signal, () => void (++blocks === last && stop.abort())));
    return [blocks, range.goOn?.()];
  };
  expect(await blocksUntil(2)).toEqual([2, `--from 3 --to ${to}`]);
  expect(await blocksUntil(1_000)).toEqual([Number(to), undefined]);
});

test("behavior: a range of the chain's first block alone is empty, and does not go on to the head", async () => {
  const program = await loadProgram({ kind: "zero-config", chainId: 31_337, protect: [till] });
  const blocks: bigint[] = [];
  const onBundle = ({ ref }: BlockBundle) => void blocks.push(ref.number);
  const range = rangeSource({ endpoints: [node], program, from: 0n, to: 0n, onBundle });
  for await (const _ of range.cases(AbortSignal.timeout(3_000), () => undefined));
  expect([blocks, range.goOn?.(), range.coveredSeconds()]).toEqual([[], undefined, 0]);
});

test("EVAL-01: a range is told of by the detectors that judged it, and of no other", async () => {
  const meta = { ...useDetector(detectOutflow).meta, id: "any-payment" };
  const detect = (context: DetectContext<unknown>) => {
    for (const { tx } of context.txs)
      context.finding({
        severity: "high",
        subject: till,
        reason: "paid",
        txHash: tx.hash,
        key: [tx.hash],
        score: 1,
        evidence: {},
      });
  };
  const program: Program = {
    chainId: 31_337,
    watched: [till],
    detectors: [{ meta, detect, settings: {} }],
    playbooks: [],
    policy: null,
  };
  const theft = await pay(ether / 100n);
  const last = await head();
  const labels: Labels = new Map([[theft, { truth: "attack" }]]);
  const signal = new AbortController().signal;
  const hooks = { signal, onProgress: () => {}, onFault: () => {} };
  const { report, cases } = await runBacktest(
    [rangeSource({ endpoints: [node], program, from: last, to: last, labels })],
    hooks,
  );
  expect(report.detectors).toEqual({ "any-payment": meta.version });
  // A file of many cases does not say it with each.
  expect(cases.map((one) => "detectors" in one)).toEqual([true]);
  expect(cases.map((one) => "detectors" in toRecord(one))).toEqual([false]);
  const rows = report.evaluation.filter(({ kind }) => kind === "detector");
  expect(rows.map(({ name, matrix }) => [name, matrix.tp, matrix.fn])).toEqual([["any-payment", 1, 0]]);
});

test("DET-05, STREAM-08: a detector that fails on blocks is told once, and counts there as n/a and not as silent", async () => {
  const meta = { ...useDetector(detectOutflow).meta, id: "broken" };
  const detect = () => {
    throw new Error("no such field");
  };
  const program: Program = {
    chainId: 31_337,
    watched: [till],
    detectors: [{ meta, detect, settings: {} }],
    playbooks: [],
    policy: null,
  };
  await pay(ether / 1_000n);
  await pay(ether / 1_000n);
  const to = await head();
  const hooks = { signal: new AbortController().signal, onProgress: () => {}, onFault: () => {} };
  const { report, cases } = await runBacktest([rangeSource({ endpoints: [node], program, from: to - 1n, to })], hooks);
  expect(report.faults).toEqual([
    { kind: "fault", source: `node, block ${to - 1n}`, message: 'Detector "broken" threw: Error: no such field' },
  ]);
  expect(cases.map((one) => one.kind === "judged" && one.failed)).toEqual([["broken"], ["broken"]]);
  const [row] = report.evaluation.filter(({ kind }) => kind === "detector");
  expect(row!.matrix).toEqual({ tp: 0, fn: 0, fp: 0, tn: 0, na: { attack: 0, benign: 2 } });
});

test("EVAL-02: what is said of blocks without a transaction counts among the alerts, and about no transaction", async () => {
  const meta = { ...useDetector(detectOutflow).meta, id: "each-block" };
  const detect = (context: DetectContext<unknown>) =>
    context.finding({
      severity: context.block.ref.number % 2n === 0n ? "critical" : "low",
      subject: till,
      reason: "a block",
      key: [`${context.block.ref.number}`],
      score: 1,
      evidence: {},
    });
  const detectors = [{ meta, detect, settings: {} }];
  const program: Program = { chainId: 31_337, watched: [till], detectors, playbooks: [], policy: null };
  const from = (await head()) + 1n;
  for (let i = 0; i < 4; i++) await node.request("evm_mine");
  const hooks = { signal: new AbortController().signal, onProgress: () => {}, onFault: () => {} };
  const { report } = await runBacktest([rangeSource({ endpoints: [node], program, from, to: from + 3n })], hooks);
  expect(report).toMatchObject({ transactions: 0, judged: 0, alerts: { low: 2, critical: 2 } });
  expect(report.alertedTransactions.critical).toBe(0);
  expect(report.perDetector).toEqual({ "each-block": { low: 2, critical: 2 } });
  // Four blocks of two seconds each cover six.
  expect(report.alertsPerDay).toBe((2 / 6) * 86_400);
  expect(report.overTime.map(({ critical, high, lower }) => [critical, high, lower])).toEqual([[2, 0, 2]]);
});

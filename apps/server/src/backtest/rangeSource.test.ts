import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Endpoint, openEndpoint } from "@testudo/chain/rpcEndpoint";
import { type Anvil, startAnvil } from "@testudo/chain/startAnvil";
import type { Finding } from "@testudo/core/model/Finding";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadProgram } from "../jobs/programSource.ts";
import type { EvaluationCase } from "./Case.ts";
import { rangeSource } from "./rangeSource.ts";

// A worker cannot load TypeScript: the watch is the built one.
const { openWatch } = (await import(new URL("../../dist/watch/openWatch.js", import.meta.url).href)) as {
  openWatch: typeof import("../watch/openWatch.ts").openWatch;
};

const till: Address = `0x${"7a".repeat(20)}`;
// Pays the word in calldata to whoever calls it.
const tillCode: Hex = "0x60006000600060006000353361fffff100";
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
  await expect.poll(() => seen, { timeout: 60_000 }).toBeGreaterThanOrEqual(first);
  for (let i = 0; i < 3; i++) await pay(ether / 100n);
  const theft = await pay(60n * ether);
  await pay(ether / 100n);
  const last = await head();
  await expect.poll(() => seen, { timeout: 60_000 }).toBe(last);
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
  expect(range.coveredSeconds()).toBeGreaterThan(0);
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

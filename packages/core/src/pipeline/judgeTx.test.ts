import { expect, test } from "vitest";
import { addr, frame, transferLog } from "../model/detectorCase.testkit.ts";
import { toWord } from "../model/Hex.ts";
import type { StateRead } from "../model/StateRead.ts";
import { judgeTx } from "./judgeTx.ts";
import { bundleOfTx } from "./TxCase.ts";

const [thief, contract, vault, usd] = [addr(0xbad), addr(0xbad1), addr(0x71c), addr(0x701)];
const amount = 900n * 10n ** 18n;
const pay = frame({
  from: vault,
  to: usd,
  input: `0xa9059cbb${toWord(contract)}${toWord(amount)}`,
  output: `0x${toWord(1n)}`,
});
const again = frame({ from: vault, to: contract, calls: [frame({ from: contract, to: vault, input: "0x22222222" })] });
const theft = frame({
  from: thief,
  to: contract,
  input: "0x01020304",
  calls: [frame({ from: contract, to: vault, input: "0x11111111", calls: [again, pay] })],
});
const logs = [transferLog(usd, vault, contract, amount)];

test("TREE-03: what is not known is a missing scope", () => {
  expect(bundleOfTx({ trace: theft }).has).toEqual(["X", "T"]);
  expect(bundleOfTx({ trace: theft, logs: [] }).has).toEqual(["X", "T", "L"]);
  const [log] = logs;
  expect(bundleOfTx({ trace: { ...theft, logs } }).logs).toEqual([{ ...log, index: 0, txIndex: 0 }]);
  expect(bundleOfTx({ trace: frame({ type: "CREATE", from: thief, to: contract }) }).txs[0]!.to).toBeNull();
});

test("TREE-03: with state, what was taken is judged by holdings, and each read is asked once", async () => {
  const asked: StateRead[] = [];
  const answer = async (reads: readonly StateRead[]) => {
    asked.push(...reads);
    return reads.map((read) => {
      const isHolding = read.kind === "call" && read.to === usd && read.data === `0x70a08231${toWord(vault)}`;
      const held = isHolding ? (read.at === "parent" ? amount : 0n) : 0n;
      return { ok: true as const, value: `0x${toWord(held)}` as const };
    });
  };
  const { detected, severity, findings } = await judgeTx({ trace: theft, logs }, { answer });
  expect({ detected, severity }).toEqual({ detected: true, severity: "critical" });
  expect(findings.map((f) => `${f.severity} ${f.detector} ${f.subject}`)).toContain(`critical asset-drain ${vault}`);
  const keys = asked.map((read) => JSON.stringify(read));
  expect(new Set(keys).size).toBe(keys.length);
});

test("TREE-03: without state the call tree speaks, and the worst finding is first", async () => {
  const { detected, severity, findings } = await judgeTx({ trace: theft });
  expect({ detected, severity }).toEqual({ detected: true, severity: "critical" });
  expect(findings[0]).toMatchObject({ detector: "call-tree", severity: "critical", subject: vault });
  expect(new Set(findings.map((f) => f.detector)).size).toBe(2);
});

test("STREAM-08, DET-05: who lacks a scope is named, and so is who fails; neither silence is a verdict", async () => {
  const bare = await judgeTx({ trace: theft });
  expect(bare.notJudged).toEqual(expect.arrayContaining(["asset-drain", "outflow"]));
  expect(bare.notJudged).not.toContain("call-tree");
  expect(bare.failed).toEqual([]);
  const answer = () => {
    // An answer of no form: a detector that reads it breaks down.
    return undefined as never;
  };
  const { failed } = await judgeTx({ trace: theft, logs: [] }, { answer: (reads) => reads.map(answer) });
  expect(failed.map(({ detector }) => detector)).toContain("asset-drain");
});

test("behavior: a plain payment is nothing", async () => {
  const payment = frame({ from: thief, to: vault, value: 5n });
  expect(await judgeTx({ trace: payment })).toMatchObject({ detected: false, severity: null, findings: [] });
});

test("behavior: a transaction that failed is nothing", async () => {
  expect((await judgeTx({ trace: { ...theft, error: "execution reverted" } })).findings).toEqual([]);
});

import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import type { Undo } from "@testudo/core/model/Memory";
import type { Commit } from "@testudo/core/model/Output";
import type { ActionCase } from "@testudo/core/pipeline/Case";
import { expect, test } from "vitest";
import { openMetrics } from "./Metrics.ts";
import { observeCommits } from "./observeCommits.ts";

const hash: Hex = `0x${"11".repeat(32)}`;
const cursor: BlockRef = { number: 7n, hash, parentHash: hash, timestamp: 1_750_000_000n };
const push: Undo = { ref: cursor, before: [] };

function open() {
  const metrics = openMetrics();
  const count = observeCommits(metrics, 1_000_000);
  const store = (changed: Pick<Commit, "undo"> & Partial<Commit>, storedAtMs: number) =>
    count({ kind: "commit", records: [], notices: [], cells: [], evidence: null!, ...changed }, { storedAtMs });
  const stored = async () => (await metrics.blockStored.get()).values.map(({ value }) => value);
  const ended = async (action: string, result: string) =>
    (await metrics.action.get()).values.find(({ labels }) => labels.action === action && labels.result === result)
      ?.value;
  return { store, stored, ended };
}

test("OBS-01: when a block was last stored is the start's time until one is, so that a watch that never begins stands still too", async () => {
  const { store, stored } = open();
  expect(await stored()).toEqual([1_000]);
  store({ undo: { push }, cursor }, 1_007_500);
  expect(await stored()).toEqual([1_007.5]);
});

test("OBS-01: neither troubles nor a reorg without blocks pass for a head that moves", async () => {
  const { store, stored } = open();
  store({ undo: null }, 1_010_000);
  store({ undo: { popNewest: 2 }, cursor }, 1_020_000);
  store({ undo: { dropOldest: 2 } }, 1_030_000);
  expect(await stored()).toEqual([1_000]);
});

const failed = (type: "pause" | "guardRule", action: Hex): Partial<Commit> => ({
  records: [{ kind: "ActionStatus", id: hash, from: [], action, state: "failed", note: "", sequence: 1 }],
  cells: [[`c/action/${action}`, { action: { id: action, type } } as Partial<ActionCase> as never]],
});

test("OBS-04: every state of an action begins at zero, or the first failure would be no increase to Prometheus", async () => {
  const { store, ended } = open();
  expect([await ended("pause", "failed"), await ended("guardRule", "simulation-failed")]).toEqual([0, 0]);
  store({ undo: null, ...failed("pause", hash) }, 1_010_000);
  expect(await ended("pause", "failed")).toBe(1);
});

test("OBS-01: a guard rule that ends is counted as one, and not as a pause", async () => {
  const { store, ended } = open();
  store({ undo: null, ...failed("guardRule", hash) }, 1_010_000);
  expect([await ended("pause", "failed"), await ended("guardRule", "failed")]).toEqual([0, 1]);
});

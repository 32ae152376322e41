// What becomes of a block on which detectors end the thread that judges it, or never return.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import type { Output } from "@testudo/core/model/Output";
import { afterAll, expect, test } from "vitest";
import type { Loss } from "./retrial.ts";
import type { StepperOptions } from "./stepper.ts";

// The thread runs what was built.
const { openStepper } = (await import(new URL("../../../dist/jobs/step/stepper.js", import.meta.url).href)) as {
  openStepper: typeof import("./stepper.ts").openStepper;
};

const word = (n: number): Hex => `0x${n.toString(16).padStart(64, "0")}`;
const folder = mkdtempSync(join(tmpdir(), "testudo-retrial-"));
const path = join(folder, "program.mjs");
// Four detectors that tell of each block. On block 10 two hang, on block 20 one hoards and one hangs; on block 21 one
// throws what hoards as it is told; one gathers memory over the blocks from 40 on. Block 30 kills the thread once it is judged.
writeFileSync(
  path,
  `const subject = "0x" + "aa".repeat(20);
  const gathered = [];
  const hoard = () => { for (const all = []; ; ) all.push({ all: [...all.slice(-9)] }); };
  const does = {
    first: { 10: () => { for (;;); } },
    second: { 10: () => { for (;;); }, 20: hoard },
    third: { 20: () => { for (;;); }, 21: () => { throw { toString: hoard }; } },
    last: {},
  };
  const detectors = Object.entries(does).map(([id, on]) => ({
    meta: { id, version: "1.0.0", class: "anomaly", needs: { all: [] }, finality: 3, runbook: "none", owner: "test" },
    settings: {},
    detect: (c) => {
      const n = Number(c.block.ref.number);
      on[n]?.();
      if (n === 30) Promise.resolve().then(() => { throw new Error("too late"); });
      if (id === "first" && n >= 40) gathered.push(Array.from({ length: 500_000 }, (_, i) => ({ i })));
      c.finding({ severity: "low", reason: "test", subject, key: [c.block.ref.hash], score: 1, evidence: { n } });
    },
  }));
  export const createProgram = () => ({ chainId: 1, watched: [subject], detectors, playbooks: [], policy: null });`,
);
afterAll(() => rmSync(folder, { recursive: true }));

function blockOf(n: number): Input {
  const ref = { number: BigInt(n), hash: word(n), parentHash: word(n - 1), timestamp: BigInt(n) };
  return {
    kind: "block",
    phase: "live",
    receivedAtMs: 0,
    bundle: { ref, txs: [], logs: [], has: ["X", "L"], sources: ["test"] },
  };
}

/** Who says what of blocks, each judged after the one before, and which threads were lost. */
async function judge(
  numbers: readonly number[],
  { afterMs = 0, ...options }: Partial<StepperOptions> & { readonly afterMs?: number },
) {
  const losses: Loss[] = [];
  const outputs: Output[] = [];
  const reload = async () => ({
    cells: [...new Map(outputs.flatMap((one) => (one.kind === "commit" ? one.cells : [])))] as never,
    undo: [],
  });
  const stepper = await openStepper({
    source: { kind: "module", path, params: {} },
    limitMs: 60_000,
    reload,
    onLost: (loss) => void losses.push(loss),
    ...options,
  });
  try {
    for (const n of numbers) {
      outputs.push(...(await stepper.step(blockOf(n))));
      await new Promise((resolve) => setTimeout(resolve, afterMs));
    }
  } finally {
    await stepper.close();
  }
  const records = outputs.flatMap((one) => (one.kind === "commit" ? one.records : []));
  const said = records.flatMap((one) =>
    one.kind === "Finding" ? [one.detector === "self-health" ? one.reason : `${one.detector}: ${one.blockNumber}`] : [],
  );
  return { said, losses: losses.map(({ kind, detector }) => `${kind} ${detector}`) };
}

test("DET-05: where two detectors hang on one block, both are left out of it, and it is judged", async () => {
  const { said, losses } = await judge([10, 11], { limitMs: 300 });
  const hung = (id: string) => `Detector ${id} timed out: overran its 300 ms`;
  expect(said.slice(0, 4).sort()).toEqual([hung("first"), hung("second"), "last: 10", "third: 10"]);
  expect(said.slice(4).sort()).toEqual(["first: 11", "last: 11", "second: 11", "third: 11"]);
  expect(losses).toEqual(["overran first", "overran second"]);
});

test("DET-05: a detector that fills the thread with memory is left out of that block, beside one that hangs there", async () => {
  const { said, losses } = await judge([20, 21, 22], { heapMb: 64, limitMs: 6_000 });
  const died = (id: string) => `Detector ${id} ended its thread: it took more than 64 MiB of memory`;
  expect(said.slice(0, 4).sort()).toEqual([
    died("second"),
    "Detector third timed out: overran its 6000 ms",
    "first: 20",
    "last: 20",
  ]);
  expect(said.slice(4, 8).sort()).toEqual([died("third"), "first: 21", "last: 21", "second: 21"]);
  expect(said).toHaveLength(12);
  expect(losses).toEqual(["died second", "died second", "overran third", "died third", "died third"]);
});

test("DET-05: a thread that dies between two blocks is followed by a new one", async () => {
  const { said, losses } = await judge([30, 31, 32], { afterMs: 200 });
  expect(said).toHaveLength(12);
  expect(losses).toEqual(["died undefined"]);
});

test("DET-05: a detector that gathers memory over many blocks costs a new thread now and then, and nobody's judgement", async () => {
  const numbers = Array.from({ length: 12 }, (_, i) => 40 + i);
  const { said, losses } = await judge(numbers, { heapMb: 64 });
  expect(said.filter((one) => one.startsWith("Detector"))).toEqual([]);
  expect(said).toHaveLength(4 * numbers.length);
  expect(losses.length).toBeGreaterThan(1);
  expect(losses.length).toBeLessThan(numbers.length);
});

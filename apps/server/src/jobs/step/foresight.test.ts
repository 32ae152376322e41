import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import type { Output } from "@testudo/core/model/Output";
import { keyOfRead, type StateRead } from "@testudo/core/model/StateRead";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Stepper } from "./stepper.ts";

// The thread runs what was built.
const { openStepper } = (await import(new URL("../../../dist/jobs/step/stepper.js", import.meta.url).href)) as {
  openStepper: typeof import("./stepper.ts").openStepper;
};

const address: Hex = `0x${"0a".repeat(20)}`;
const word = (value: number): Hex => `0x${value.toString(16).padStart(64, "0")}`;
const slot = (name: number): StateRead => ({ kind: "slot", at: "block", address, slot: word(name) });
const ref = (n: number): BlockRef => ({
  number: BigInt(n),
  hash: word(n),
  parentHash: word(n - 1),
  timestamp: BigInt(n),
});
const answer = (value: number) => ({ ok: true as const, value: word(value) });
const known = (...names: number[]) => names.map((name) => [keyOfRead(slot(name)), answer(name)] as const);
const blockOf = (n: number): Input => ({
  kind: "block",
  phase: "history",
  receivedAtMs: 0,
  bundle: { ref: ref(n), txs: [], logs: [], has: ["X", "L"], sources: ["test"] },
});

// Reads one slot, then another, and tells both.
const program = `
const slot = (name) => ({ kind: "slot", at: "block", address: "${address}", slot: "0x" + name.toString(16).padStart(64, "0") });
const meta = { id: "two-reads", version: "1.0.0", class: "anomaly", needs: { all: ["S"] }, finality: "finalized", runbook: "none", owner: "test" };
const detect = (context) => {
  const first = context.read(slot(1)).value;
  const second = context.read(slot(2)).value;
  context.finding({ severity: "low", subject: "${address}", reason: first + second, key: [first, second], score: 1, evidence: { first, second } });
};
export const createProgram = () => ({ chainId: 1, watched: [], detectors: [{ meta, detect, settings: {} }], playbooks: [], policy: null });
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "testudo-foresight-"));
  writeFileSync(join(folder, "program.mjs"), program);
  writeFileSync(
    join(folder, "hanging.mjs"),
    program.replace("const first", "while (context.block.ref.number === 6n);\n  const first"),
  );
  writeFileSync(
    join(folder, "endless.mjs"),
    program.replace("const second", "for (let i = 3; i < 30; i++) context.read(slot(i));\n  const second"),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function withStepper<T>(use: (stepper: Stepper) => Promise<T>): Promise<T> {
  const source = { kind: "module" as const, path: join(folder, "program.mjs"), params: {} };
  const stepper = await openStepper({ source, reload: async () => ({ cells: [], undo: [] }), limitMs: 5_000 });
  try {
    return await use(stepper);
  } finally {
    await stepper.close();
  }
}

describe("a step with foresight", () => {
  test("behavior: ends in one exchange as it would have in three, and tells what it used", async () => {
    const asked = await withStepper(async (stepper) => {
      await stepper.step(blockOf(1));
      await stepper.step({ kind: "reads", blockHash: word(1), answers: known(1) });
      return stepper.step({ kind: "reads", blockHash: word(1), answers: known(2) });
    });
    const used: StateRead[] = [];
    const foreseen = await withStepper((stepper) =>
      stepper.step(blockOf(1), { answers: known(1, 2, 3), used: (reads) => void used.push(...reads) }),
    );
    expect(asked[0]?.kind).toBe("commit");
    expect(foreseen).toEqual(asked);
    expect(used).toEqual([slot(1), slot(2)]);
  });

  test("behavior: asks for what was not foreseen", async () => {
    const outputs = await withStepper((stepper) => stepper.step(blockOf(1), { answers: known(1), used: () => {} }));
    expect(outputs).toEqual([{ kind: "ask", ref: ref(1), reads: [slot(2)] }]);
  });

  test("behavior: many inputs at once come to what they come to one by one, and end where something is asked", async () => {
    const foresight = (n: number) => ({ answers: n === 3 ? known(1) : known(1, 2), used: () => {} });
    const steps = [1, 2, 3, 4].map((n) => ({ input: blockOf(n), foresight: foresight(n) }));
    const oneByOne = await withStepper(async (stepper) => {
      const outputs = [];
      for (const { input, foresight } of steps.slice(0, 3)) outputs.push(await stepper.step(input, foresight));
      return outputs;
    });
    const together = await withStepper((stepper) => stepper.stepMany(steps));
    expect(together).toEqual(oneByOne);
    expect(together.map(([first]) => first?.kind)).toEqual(["commit", "commit", "ask"]);
  });

  test("DET-05: a detector that hangs on one of many blocks is isolated on that one alone", async () => {
    const steps = [5, 6, 7].map((n) => ({ input: blockOf(n), foresight: { answers: known(1, 2), used: () => {} } }));
    const commits: Extract<Output, { kind: "commit" }>[] = [];
    const source = { kind: "module" as const, path: join(folder, "hanging.mjs"), params: {} };
    // What the store would hold: the cells after all commits so far.
    const reload = async () => ({ cells: [...new Map(commits.flatMap(({ cells }) => cells))] as never, undo: [] });
    const stepper = await openStepper({ source, reload, limitMs: 300 });
    try {
      for (let left = steps; left.length > 0; ) {
        const done = await stepper.stepMany(left);
        for (const outputs of done) commits.push(...outputs.filter((output) => output.kind === "commit"));
        left = left.slice(done.length);
      }
    } finally {
      await stepper.close();
    }
    const isolated = commits.map(({ records }) => records.some((r) => r.kind === "Finding" && r.class === "health"));
    expect(isolated).toEqual([false, true, false]);
  });

  test("behavior: a detector that asks without end is told so whether its answers were foreseen or not", async () => {
    const source = { kind: "module" as const, path: join(folder, "endless.mjs"), params: {} };
    const names = Array.from({ length: 40 }, (_, i) => i);
    const stepper = await openStepper({ source, reload: async () => ({ cells: [], undo: [] }), limitMs: 5_000 });
    const foreseen = await stepper.step(blockOf(1), { answers: known(...names), used: () => {} });
    await stepper.close();
    const asking = await openStepper({ source, reload: async () => ({ cells: [], undo: [] }), limitMs: 5_000 });
    let asked = await asking.step(blockOf(1));
    while (asked[0]?.kind === "ask") {
      const answers = asked[0].reads.map((read) => [keyOfRead(read), answer(nameOf(read))] as const);
      asked = await asking.step({ kind: "reads", blockHash: word(1), answers });
    }
    await asking.close();
    expect(foreseen[0]?.kind).toBe("commit");
    expect(foreseen).toEqual(asked);
    expect(JSON.stringify(foreseen, plain)).toContain("Asked for state 12 times");
  });
});

const nameOf = (read: StateRead) => Number(BigInt((read as { slot: Hex }).slot));
const plain = (_: string, value: unknown) => (typeof value === "bigint" ? `${value}` : value);

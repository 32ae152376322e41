import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import { keyOfRead, type StateRead } from "@testudo/core/model/StateRead";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Stepper } from "./stepper.ts";

// The thread runs what was built.
const { openStepper } = (await import(new URL("../../dist/jobs/stepper.js", import.meta.url).href)) as {
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
});

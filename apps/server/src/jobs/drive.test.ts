import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { ChainEvent } from "@testudo/core/model/ChainEvent";
import type { Hex } from "@testudo/core/model/Hex";
import type { Commit } from "@testudo/core/model/Output";
import { keyOfRead, type StateRead } from "@testudo/core/model/StateRead";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { drive } from "./drive.ts";
import type { Foresee } from "./Intake.ts";
import { openMailbox } from "./mailbox.ts";

// The thread runs what was built.
const { openStepper } = (await import(new URL("../../dist/jobs/stepper.js", import.meta.url).href)) as {
  openStepper: typeof import("./stepper.ts").openStepper;
};

const address: Hex = `0x${"0a".repeat(20)}`;
const word = (value: number): Hex => `0x${value.toString(16).padStart(64, "0")}`;
const slot: StateRead = { kind: "slot", at: "block", address, slot: word(0) };
const blocks = 60;
const refOf = (n: number): BlockRef => ({
  number: BigInt(n),
  hash: word(n),
  parentHash: word(n - 1),
  timestamp: BigInt(n),
});

// Says each block's number and what it has read there.
const program = `
const slot = ${JSON.stringify(slot)};
const meta = { id: "tells", version: "1.0.0", class: "anomaly", needs: { all: ["S"] }, finality: "finalized", runbook: "none", owner: "test" };
const detect = (context) => {
  const { value } = context.read(slot);
  context.finding({ severity: "low", subject: "${address}", reason: value, key: [value], score: 1, evidence: { value } });
};
export const createProgram = () => ({ chainId: 1, watched: [], detectors: [{ meta, detect, settings: {} }], playbooks: [], policy: null });
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "testudo-drive-"));
  writeFileSync(join(folder, "program.mjs"), program);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function* history(): AsyncGenerator<ChainEvent> {
  for (let n = 1; n <= blocks; n++) {
    const bundle = { ref: refOf(n), txs: [], logs: [], has: ["X", "L"] as const, sources: ["test"] };
    yield { kind: "block", phase: "history", receivedAtMs: 0, bundle };
  }
}

interface Told {
  readonly commits: readonly Commit[];
  /** What happened, in order. */
  readonly steps: readonly string[];
}

/** Drives the blocks through the detector; what is stored, and the order in which blocks were asked about. */
async function run(foresees: (n: number) => boolean, stopAfter = blocks): Promise<Told> {
  const source = { kind: "module" as const, path: join(folder, "program.mjs"), params: {} };
  const stepper = await openStepper({ source, reload: async () => ({ cells: [], undo: [] }), limitMs: 5_000 });
  const stop = new AbortController();
  const commits: Commit[] = [];
  const steps: string[] = [];
  const answerOf = (ref: BlockRef) => ({ ok: true as const, value: ref.hash });
  const foresee: Foresee = async (ref) => {
    const n = Number(ref.number);
    steps.push(`look up ${n}`);
    if (!foresees(n)) return undefined;
    const used = () => {
      steps.push(`judged ${n}`);
      if (n === stopAfter) stop.abort();
    };
    return { answers: [[keyOfRead(slot), answerOf(ref)]], used };
  };
  const { done } = drive({
    stepper,
    mailbox: openMailbox(),
    stream: history(),
    foresee,
    answer: async (ref, reads) => {
      steps.push(`ask ${ref.number}`);
      return reads.map(() => answerOf(ref));
    },
    store: async (some) => void commits.push(...some),
    onStored: () => {},
    run: () => {},
    signal: stop.signal,
  });
  await done.finally(() => stepper.close());
  return { commits, steps };
}

const numbersOf = ({ commits }: Told) => commits.map(({ cursor }) => Number(cursor?.number));
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

describe("a back-scan", () => {
  test("behavior: comes to the same in the same order, whatever was foreseen", async () => {
    const asked = await run(() => false);
    expect(numbersOf(asked)).toEqual(upTo(blocks));
    expect(asked.steps.filter((step) => step.startsWith("ask"))).toHaveLength(blocks);
    for (const foresees of [() => true, (n: number) => n % 3 > 0, (n: number) => n % 7 === 0])
      expect((await run(foresees)).commits).toEqual(asked.commits);
  });

  test("behavior: looks up the next blocks while others are judged", async () => {
    const { steps } = await run(() => true);
    const ahead = upTo(blocks - 16).filter((n) => steps.indexOf(`look up ${n + 8}`) < steps.indexOf(`judged ${n}`));
    expect(ahead.length).toBeGreaterThan((blocks - 16) / 2);
    expect(steps.filter((step) => step.startsWith("ask"))).toEqual([]);
  });

  test("behavior: looks again where nothing was known of the next block yet", async () => {
    const seen = new Map<number, number>();
    const { steps } = await run((n) => {
      seen.set(n, (seen.get(n) ?? 0) + 1);
      return seen.get(n)! > 1 || n === 1;
    });
    expect(steps.filter((step) => step.startsWith("ask")).length).toBeLessThanOrEqual(blocks / 2);
  });

  test("behavior: whoever stops it has a row without gaps stored, and no block that was taken ahead", async () => {
    const told = await run(() => true, 20);
    const stored = numbersOf(told);
    expect(stored).toEqual(upTo(stored.length));
    expect(stored.length).toBeGreaterThanOrEqual(20);
    expect(stored.length).toBeLessThan(28);
  });
});

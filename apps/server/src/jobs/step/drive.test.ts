import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { ChainEvent } from "@testudo/core/model/ChainEvent";
import type { Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import type { Command, Commit, Output } from "@testudo/core/model/Output";
import { keyOfRead, type StateRead } from "@testudo/core/model/StateRead";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { drive } from "./drive.ts";
import type { Seer } from "./Intake.ts";
import { type Mailbox, openMailbox } from "./mailbox.ts";
import type { Stepper } from "./stepper.ts";

// The thread runs what was built.
const { openStepper } = (await import(new URL("../../../dist/jobs/step/stepper.js", import.meta.url).href)) as {
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

interface RunOptions {
  /** The block after which whoever watches stops it. */
  readonly stopAfter?: number;
  /** Before a block is looked up, and before a question is answered. */
  readonly wait?: (what: string, stop: AbortController) => Promise<void>;
  readonly mailbox?: Mailbox;
}

/** Drives the blocks through the detector; what is stored, and the order in which blocks were asked about. */
async function run(foresees: (n: number) => boolean, options: RunOptions = {}): Promise<Told> {
  const { stopAfter = blocks, wait = async () => {}, mailbox = openMailbox() } = options;
  const source = { kind: "module" as const, path: join(folder, "program.mjs"), params: {} };
  const stepper = await openStepper({ source, reload: async () => ({ cells: [], undo: [] }), limitMs: 5_000 });
  const stop = new AbortController();
  const commits: Commit[] = [];
  const steps: string[] = [];
  const answerOf = (ref: BlockRef) => ({ ok: true as const, value: ref.hash });
  const foresee: Seer["foresee"] = async (ref) => {
    const n = Number(ref.number);
    steps.push(`look up ${n}`);
    await wait(`look up ${n}`, stop);
    if (!foresees(n)) return undefined;
    const used = () => {
      steps.push(`judged ${n}`);
      if (n === stopAfter) stop.abort();
    };
    return { answers: [[keyOfRead(slot), answerOf(ref)]], used };
  };
  const { done } = drive({
    stepper,
    mailbox,
    stream: history(),
    seer: { foresee, isForeseen: ({ number }) => foresees(Number(number)) },
    answer: async (ref, reads) => {
      steps.push(`ask ${ref.number}`);
      await wait(`ask ${ref.number}`, stop);
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

  test("behavior: leaves a block of which nothing is known where it is, until the one before it is judged", async () => {
    const { steps } = await run((n) => n % 4 > 0);
    for (let n = 4; n <= blocks; n += 4)
      expect(steps.indexOf(`judged ${n - 1}`)).toBeLessThan(steps.indexOf(`look up ${n}`));
    expect(steps.filter((step) => step.startsWith("ask"))).toHaveLength(blocks / 4);
  });

  test("behavior: whoever stops it has a row without gaps stored, and no block that was taken ahead", async () => {
    const told = await run(() => true, { stopAfter: 20 });
    const stored = numbersOf(told);
    expect(stored).toEqual(upTo(stored.length));
    expect(stored.length).toBeGreaterThanOrEqual(20);
    expect(stored.length).toBeLessThan(28);
  });

  test("error: stopped while a node does not answer, it stores no block that was judged without its state", async () => {
    const told = await run((n) => n < 20, {
      wait: async (what, stop) => {
        if (what === "ask 20") stop.abort();
      },
    });
    expect(numbersOf(told)).toEqual(upTo(19));
  });

  test("behavior: what a person says is stored while the next blocks wait for a slow node", async () => {
    const mailbox = openMailbox();
    let release = () => {};
    const slow = new Promise<void>((resolve) => {
      release = resolve;
    });
    let isStored: boolean | undefined;
    const mode: Input = { kind: "mode", mode: "shadow", actor: "test", reason: "a person says so" };
    const told = await run(() => true, {
      mailbox,
      wait: async (what) => {
        if (what !== "look up 30") return;
        mailbox.deliver(mode).then((done) => {
          isStored = done;
          release();
        });
        await slow;
      },
    });
    expect(isStored).toBe(true);
    expect(numbersOf(told).filter((n) => !Number.isNaN(n) && n > 0)).toEqual(upTo(blocks));
  });
});

test("GATE-02: an order whose action ended before it was stored is not run: what a reorg took in the same breath is not sent", async () => {
  const action = word(7);
  const send = { kind: "send", action: { id: action }, approvals: [] } as unknown as Command;
  const other = { kind: "send", action: { id: word(8) }, approvals: [] } as unknown as Command;
  const commitOf = (state: string) =>
    ({ kind: "commit", notices: [], records: [{ kind: "ActionStatus", action, state }] }) as unknown as Commit;
  const stepped: Output[][] = [[commitOf("approved"), send, other], [commitOf("stale")]];
  const bundle = { ref: refOf(1), txs: [], logs: [], has: ["X", "L"] as const, sources: ["test"] };
  async function* stream(): AsyncGenerator<ChainEvent> {
    yield { kind: "block", phase: "history", receivedAtMs: 0, bundle };
    yield { kind: "reorg", ancestor: refOf(0), orphaned: [refOf(1)] };
  }
  const ran: Command[] = [];
  let stored = 0;
  await drive({
    stepper: { step: async () => stepped.shift()! } as unknown as Stepper,
    mailbox: openMailbox(),
    stream: stream(),
    answer: async () => [],
    store: async (commits) => {
      stored += commits.length;
    },
    onStored: () => {},
    run: (command) => void ran.push(command),
    signal: new AbortController().signal,
  }).done;
  expect([stored, ran]).toEqual([2, [other]]);
});

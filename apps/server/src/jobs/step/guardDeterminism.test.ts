import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Finding } from "@testudo/core/model/Finding";
import type { Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DeterminismError, type Guarded, guardDeterminism } from "./guardDeterminism.ts";
import type { Stepper } from "./stepper.ts";

// The thread runs what was built.
const { openStepper } = (await import(new URL("../../../dist/jobs/step/stepper.js", import.meta.url).href)) as {
  openStepper: typeof import("./stepper.ts").openStepper;
};

const word = (value: number): Hex => `0x${value.toString(16).padStart(64, "0")}`;
const blockOf = (n: number): Input => ({
  kind: "block",
  phase: "history",
  receivedAtMs: 0,
  bundle: {
    ref: { number: BigInt(n), hash: word(n), parentHash: word(n - 1), timestamp: BigInt(n) },
    txs: [],
    logs: [],
    has: ["X", "L"],
    sources: ["test"],
  },
});

const calls = {
  "Date.now": "Date.now()",
  "Date()": "Date()",
  "new Date()": "new Date()",
  "performance.now": "performance.now()",
  "Math.random": "Math.random()",
  fetch: 'fetch("http://127.0.0.1:9")',
  setTimeout: "setTimeout(() => undefined, 1)",
  setInterval: "setInterval(() => undefined, 1)",
  setImmediate: "setImmediate(() => undefined)",
};

// One detector for each call, one that kept the clock when it was loaded, an honest one, and one that hangs if told to.
// While it is loaded, and between steps, a module may use them all.
const program = `
const address = "0x${"0a".repeat(20)}";
const keptNow = Date.now;
let ticks = 0;
const timer = setInterval(() => { ticks += 1; }, 5);
timer.unref();
await new Promise((resolve) => setTimeout(resolve, 10));
const meta = (id) => ({ id, version: "1.0.0", class: "anomaly", needs: { all: [] }, finality: "finalized", runbook: "none", owner: "test" });
const useOf = (id, detect) => ({ meta: meta(id), detect, settings: {} });
const forbidden = [${Object.entries(calls)
  .map(([name, code]) => `[${JSON.stringify(name)}, () => ${code}]`)
  .join(", ")}];
export const createProgram = ({ hangsAt }) => ({
  chainId: 1, watched: [], playbooks: [], policy: null,
  detectors: [
    ...forbidden.map(([name, call], i) => useOf("d" + i, () => void call())),
    useOf("kept", () => void keptNow()),
    useOf("honest", (c) => c.finding({
      severity: "low", subject: address, key: [], score: 1, evidence: {},
      reason: new Date(0).toISOString() + " " + (new Date(5) instanceof Date) + " " + Math.max(1, 2) + " " + (ticks > 0),
    })),
    useOf("hangs", (c) => { while (Number(c.block.ref.number) === hangsAt); }),
  ],
});
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "testudo-determinism-"));
  writeFileSync(join(folder, "program.mjs"), program);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function withStepper<T>(hangsAt: number, use: (stepper: Stepper) => Promise<T>): Promise<T> {
  const source = { kind: "module" as const, path: join(folder, "program.mjs"), params: { hangsAt } };
  const stepper = await openStepper({ source, reload: async () => ({ cells: [], undo: [] }), limitMs: 1_000 });
  try {
    return await use(stepper);
  } finally {
    await stepper.close();
  }
}

async function findingsOf(stepper: Stepper, n: number): Promise<Finding[]> {
  const outputs = await stepper.step(blockOf(n));
  return outputs
    .flatMap((output) => (output.kind === "commit" ? output.records : []))
    .filter((record) => record.kind === "Finding");
}

test("DET-01: a detector that takes clock, randomness, network or a timer throws and is named, the honest one is heard", () =>
  withStepper(0, async (stepper) => {
    const found = (await findingsOf(stepper, 1)).map(({ detector, reason }) => `${detector}: ${reason.split("\n")[0]}`);
    const thrown = (id: string, call: string) =>
      `self-health: Detector ${id} threw: DeterminismError: Detector "${id}" called ${call}.`;
    expect(found).toEqual([
      ...Object.keys(calls).map((call, i) => thrown(`d${i}`, call)),
      thrown("kept", "Date.now"),
      "honest: 1970-01-01T00:00:00.000Z true 2 true",
    ]);
  }));

test("DET-01: the watchdog still stops a detector that hangs, and the next thread is guarded as well", () =>
  withStepper(1, async (stepper) => {
    const reasons = (await findingsOf(stepper, 1)).map(({ reason }) => reason.split("\n")[0]);
    expect(reasons).toContain("Detector hangs timed out: overran its 1000 ms");
    expect(reasons).toContain('Detector d0 threw: DeterminismError: Detector "d0" called Date.now.');
  }));

test("DET-01: while no detector runs everything works as before", () => {
  let running: string | undefined;
  const scope: Guarded = {
    Date,
    Math: { random: () => 0.5 },
    performance: { now: () => 7 },
    fetch,
    setTimeout,
    setInterval,
    setImmediate,
  };
  guardDeterminism(scope, () => running);
  expect([scope.Math.random(), scope.performance.now()]).toEqual([0.5, 7]);
  expect(scope.Date.now()).toBeGreaterThan(0);
  expect(new scope.Date() instanceof Date).toBe(true);
  running = "odd";
  expect(() => scope.Date.now()).toThrow(DeterminismError);
  expect(() => new scope.Date()).toThrow(/Take the time from context\.block\.ref\.timestamp/);
  expect(new scope.Date(5).getTime()).toBe(5);
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import { afterAll, expect, test } from "vitest";
import type { Stepper } from "./stepper.ts";

// The thread runs what was built.
const { openStepper } = (await import(new URL("../../../dist/jobs/step/stepper.js", import.meta.url).href)) as {
  openStepper: typeof import("./stepper.ts").openStepper;
};

const vault: Hex = `0x${"aa".repeat(20)}`;
const word = (n: number): Hex => `0x${n.toString(16).padStart(64, "0")}`;
const folder = mkdtempSync(join(tmpdir(), "testudo-stepper-"));
const path = join(folder, "program.mjs");
// Two detectors that accuse each transaction, one that hangs where there is none, and a pause for as long as it is told to be.
writeFileSync(
  path,
  `import { toPolicy } from ${JSON.stringify(import.meta.resolve("@testudo/core/governance/policyCheck"))};
  const one = (n) => "0x" + n.toString(16).padStart(40, "0");
  const finding = (subject, txHash) => ({ severity: "critical", reason: "test", subject, txHash, key: [txHash], score: 1, evidence: {} });
  const uses = (vault) => ["anomaly", "damage"].map((kind) => ({
    meta: { id: kind, version: "1.0.0", class: kind, needs: { all: ["X"] }, finality: 3, runbook: "none", owner: "test" },
    settings: {},
    detect: (c) => { for (const { tx } of c.txs) c.finding(finding(vault, tx.hash)); if (c.txs.length === 0 && kind === "damage") for (;;); },
  }));
  export const createProgram = ({ vault, seconds }) => ({
    chainId: 1,
    watched: [vault],
    detectors: uses(vault),
    playbooks: [{ id: "mine", version: "1.0.0", matches: () => true, plan: () => [{ type: "pause", target: vault, selectors: ["0x2e1a7d4d"], durationSeconds: seconds }] }],
    policy: toPolicy({
      expiresAt: 10_000_000n, minSeverity: "high", guardians: [one(1), one(2)], quorum: 2, council: one(3), breaker: one(4),
      permissions: [{ target: vault, name: "Vault", selectors: ["0x2e1a7d4d"], exempt: [], maxDurationSeconds: 1_000 }],
      coolOffSeconds: 0, deadlineSeconds: 300, canaries: [],
    }),
  });`,
);
afterAll(() => rmSync(folder, { recursive: true }));

function blockOf(n: number, isAttacked: boolean): Input {
  const ref = { number: BigInt(n), hash: word(n), parentHash: word(n - 1), timestamp: BigInt(n) };
  const tx = { hash: word(1_000 + n), index: 0, from: vault, to: vault, value: 0n, input: "0x" as Hex, nonce: 0 };
  const bundle = { ref, txs: isAttacked ? [tx] : [], logs: [], has: ["X", "L"] as const, sources: ["test"] };
  return { kind: "block", phase: "live", receivedAtMs: 0, bundle };
}

/** How long the pauses last that are proposed on block `n`. */
const pausesOn = async (stepper: Stepper, n: number) =>
  (await stepper.step(blockOf(n, true))).flatMap((one) =>
    one.kind === "simulate" ? [Number(one.action.until) - n] : [],
  );

test("DET-06: what answers stays that of the start, after an edit was taken over and a detector that hangs had the thread restarted", async () => {
  const sourceOf = (seconds: number) => ({ kind: "module" as const, path, params: { vault, seconds } });
  const stepper = await openStepper({
    source: sourceOf(111),
    limitMs: 500,
    reload: async () => ({ cells: [], undo: [] }),
  });
  try {
    const { fingerprints } = await stepper.prepare(sourceOf(222));
    await stepper.step({ kind: "rules", actor: "test", detectors: fingerprints });
    const before = await pausesOn(stepper, 10);
    await stepper.step(blockOf(11, false));
    expect([before, await pausesOn(stepper, 12)]).toEqual([[111], [111]]);
  } finally {
    await stepper.close();
  }
});

test("STREAM-05: a program that may not act proposes nothing, and judges as one that may", async () => {
  const source = { kind: "module" as const, path, params: { vault, seconds: 111 } };
  const found = async (mayAct: boolean) => {
    const stepper = await openStepper({ source, mayAct, limitMs: 500, reload: async () => ({ cells: [], undo: [] }) });
    try {
      const outputs = await stepper.step(blockOf(10, true));
      const records = outputs.flatMap((one) => (one.kind === "commit" ? one.records : []));
      const ids = records.flatMap((record) => (record.kind === "Finding" ? [record.id] : []));
      return { ids, kinds: outputs.map(({ kind }) => kind), actions: records.filter(({ kind }) => kind === "Action") };
    } finally {
      await stepper.close();
    }
  };
  const [able, bound] = [await found(true), await found(false)];
  expect([able.kinds, bound.kinds]).toEqual([["commit", "simulate"], ["commit"]]);
  expect(bound).toMatchObject({ ids: able.ids, actions: [] });
  expect(able.ids).toHaveLength(2);
});

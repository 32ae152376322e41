// Attacks of the suite, each played bare on a real chain among honest traffic, recorded, and answered by a guard rule that
// nobody chose.
import { hashOf } from "@testudo/core/model/Record";
import type { GuardRulePatch } from "@testudo/lab/patch/Patch";
import { type Proposed, proposePatch } from "@testudo/lab/patch/proposePatch";
import { beforeAll, expect, test } from "vitest";
import { listAttacks, type SuiteEntry } from "../reference/attackSuite.ts";
import { sceneOf } from "../reference/drill.ts";
import { exempt, type RecordedAttack, recordSuite } from "./recordSuite.ts";

/** Those whose way to the money leads through the exchange's own functions. */
const numbers = ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14", "15"];

interface Answered extends RecordedAttack {
  readonly proposed: Proposed;
}

const answered: Answered[] = [];

beforeAll(async () => {
  const entries = listAttacks().filter(({ name }) => numbers.includes(name.slice(0, 2)));
  for (const group of byScene(entries)) await recordSuite(group, async (one) => void answered.push(await answer(one)));
}, 900_000);

function byScene(entries: readonly SuiteEntry[]): readonly (readonly SuiteEntry[])[] {
  const groups = new Map<string, SuiteEntry[]>();
  for (const entry of entries) {
    const scene = hashOf(sceneOf(entry));
    groups.set(scene, [...(groups.get(scene) ?? []), entry]);
  }
  return [...groups.values()];
}

async function answer(recorded: RecordedAttack): Promise<Answered> {
  const { capsule, invariant } = recorded;
  const now = () => performance.now();
  return { ...recorded, proposed: await proposePatch(capsule, { invariants: [invariant], enough: 1, now }) };
}

test("LAB-21: each of 15 attacks of the suite is stopped by a guard rule found without a person", () => {
  expect(answered.filter(({ proposed }) => proposed.ok)).toHaveLength(numbers.length);
});

test("LAB-20: without the patch others lose, with it no more than is stated", () => {
  for (const { proposed } of answered) {
    const { report } = proposed.proposals[0]!;
    expect(report.invariantsBefore).toMatchObject([{ ok: false }]);
    expect([report.ok, report.attack.stopped, report.invariants[0]!.ok]).toEqual([true, true, true]);
  }
});

test("LAB-20: of the honest transactions beside each attack none is changed, in output, logs or state", () => {
  for (const { capsule, proposed } of answered) {
    const { benign } = proposed.proposals[0]!.report;
    expect(capsule.gaps).toBeUndefined();
    expect(benign.transactions).toBeGreaterThan(50);
    expect(benign.changed).toEqual([]);
  }
});

test("LAB-22: each rule ends by itself, is taken back by one call, and leaves the ways out alone", () => {
  for (const { proposed } of answered) {
    const { report, patch } = proposed.proposals[0]!;
    expect(report.reversal).toMatchObject({ clears: true, expires: true });
    expect((patch as GuardRulePatch).rules.filter(({ selector }) => exempt.includes(selector))).toEqual([]);
  }
});

test("LAB-23: the scorecard has the time of each stage", () => {
  for (const { proposed } of answered) {
    const { stages, tried } = proposed.scorecard;
    expect(stages.map(({ stage }) => stage)).toEqual(["baseline", "candidates", "simulate", "rank"]);
    expect(stages.find(({ stage }) => stage === "simulate")).toMatchObject({ count: tried });
    expect(stages.reduce((sum, { ms }) => sum + ms, 0)).toBeGreaterThan(0);
  }
});

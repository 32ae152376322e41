import { describe, expect, test } from "vitest";
import { fingerprintOf } from "../model/fingerprintOf.ts";
import type { Hex } from "../model/Hex.ts";
import type { Commit } from "../model/Output.ts";
import { blockOn, detectorOf } from "../pipeline.testkit.ts";
import { openState, step } from "../pipeline.ts";

const program = { chainId: 1, watched: [], detectors: [], playbooks: [], policy: null };
const [x, y]: readonly Hex[] = ["0x11", "0x22"];

function open() {
  const state = openState();
  const first = blockOn(null);
  const commitOf = (input: Parameters<typeof step>[2]) => step(program, state, input).outputs[0] as Commit;
  commitOf({ kind: "block", bundle: first, phase: "live", receivedAtMs: 0 });
  return {
    rules: (actor: string, detectors: { readonly [id: string]: Hex }) => commitOf({ kind: "rules", actor, detectors }),
    findingIn: (commit: Commit) => commit.records.find((r) => r.kind === "Finding"),
    remarkIn: (commit: Commit) => commit.records.find((r) => r.kind === "Remark"),
  };
}

describe("an edit of the rules", () => {
  test("DET-06: is an entry of the evidence with who, old and new", () => {
    const { rules, remarkIn } = open();
    rules("start", { a: x!, b: x! });
    const commit = rules("alice", { a: y!, c: x! });
    const remark = remarkIn(commit)!;
    expect(remark).toMatchObject({ topic: "rules", actor: "alice" });
    expect(remark.kind === "Remark" && remark.text).toMatch(
      /^0x[0-9a-f]{64} → 0x[0-9a-f]{64}; added c 0x11; removed b 0x11; edited a 0x11 → 0x22$/,
    );
    expect(commit.evidence.from).toContain(remark.id);
  });

  test("SELF-01: is told as a finding about ourselves, louder where a detector went", () => {
    const { rules, findingIn } = open();
    expect(findingIn(rules("start", { a: x! }))).toBeUndefined();
    expect(findingIn(rules("alice", { a: y! }))).toMatchObject({
      detector: "self-health",
      severity: "medium",
      reason: "Rules edited by alice: 1 edited (a).",
    });
    const gone = rules("bob", {});
    expect(findingIn(gone)).toMatchObject({ severity: "high", reason: "Rules edited by bob: 1 removed (a)." });
    expect(gone.notices).toHaveLength(1);
    // Back again is another edit.
    expect(findingIn(rules("bob", { a: y! }))).toMatchObject({ reason: "Rules edited by bob: 1 added (a)." });
  });

  test("DET-06: the same rules again are none", () => {
    const { rules } = open();
    rules("start", { a: x! });
    expect(rules("restart", { a: x! })).toMatchObject({ records: [], notices: [] });
  });
});

test("DET-06: the hash of a detector follows its parameters, its version and its words", () => {
  const use = { ...detectorOf("a", "anomaly", () => undefined), settings: { limit: 1n } };
  const base = fingerprintOf(use);
  expect(fingerprintOf({ ...use, settings: { limit: 1n } })).toBe(base);
  expect(fingerprintOf({ ...use, settings: { limit: 2n } })).not.toBe(base);
  expect(fingerprintOf({ ...use, meta: { ...use.meta, version: "2.0.0" } })).not.toBe(base);
  expect(fingerprintOf({ ...use, text: "other words" })).not.toBe(base);
  expect(fingerprintOf({ ...use, detect: (c) => void c.chainId })).not.toBe(base);
});

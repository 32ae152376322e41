import { expect, test } from "vitest";
import { pausePlaybook } from "../governance/pausePlaybook.ts";
import type { ActionFinality, Policy } from "../model/Policy.ts";
import type { Program } from "../model/Program.ts";
import {
  actionOf,
  armed,
  attacked,
  blockOn,
  both,
  calm,
  damage,
  detectorOf,
  draftOf,
  feeder,
  marksOf,
  pass,
  sendsOf,
  sign,
  signed,
  states,
  vault,
  withdraw,
} from "../pipeline.testkit.ts";

/** A program whose pauses wait for `finality`. */
function waiting(finality: ActionFinality, change: Partial<Policy> = {}): Program {
  const policy = { ...both.policy!, ...change };
  return { ...both, policy: { ...policy, permissions: policy.permissions.map((one) => ({ ...one, finality })) } };
}

test.each([
  ["12 blocks deep", 12, "12 blocks deep"],
  ["finalized", "finalized", "finalized"],
] as const)(
  "FIND-05: alerts are told at once, an action that the policy names waits until its causes are %s",
  (_, finality, words) => {
    const { f, attack } = attacked(waiting(finality));
    expect(f.records().some((r) => r.kind === "Finding")).toBe(true);
    const action = actionOf(f);
    const notes = () => f.records().flatMap((r) => (r.kind === "ActionStatus" ? [r.note] : []));
    expect(notes()[0]).toContain(`; sent once the blocks of both are ${words}`);
    pass(f, action.id, attack);
    sign(f, action.id, 0, 1);
    expect(states(f).at(-1)).toBe("cooling");
    expect(notes().at(-1)).toMatch(new RegExp(`^held: the block of finding 0x[0-9a-f]{64} is not ${words} yet$`));
    const head = calm(f, attack, 11);
    expect(sendsOf(f)).toBe(0);
    expect(states(f).filter((state) => state === "cooling")).toHaveLength(1);
    if (finality === "finalized") {
      f.live(blockOn(head.ref, "a"));
      f.feed({ kind: "finalize", tag: "safe", ref: attack.ref });
      expect(sendsOf(f)).toBe(0);
      f.feed({ kind: "finalize", tag: "finalized", ref: attack.ref });
    } else f.live(blockOn(head.ref, "a"));
    expect(sendsOf(f)).toBe(1);
  },
);

test("FIND-05: an action that waits ends with the block of its cause, and is not sent in shadow mode", () => {
  const held = () => {
    const { f, attack } = signed(waiting(2));
    expect(states(f).at(-1)).toBe("cooling");
    return { f, attack };
  };
  const orphaned = held();
  const next = blockOn(orphaned.attack.ref, "a");
  orphaned.f.live(next);
  const { parentHash: hash, number, timestamp } = orphaned.attack.ref;
  const ancestor = { hash, number: number - 1n, timestamp: timestamp - 1n, parentHash: hash };
  orphaned.f.feed({ kind: "reorg", ancestor, orphaned: [next.ref, orphaned.attack.ref] });
  expect(states(orphaned.f).at(-1)).toBe("stale");
  const disarmed = held();
  disarmed.f.feed({ kind: "mode", mode: "shadow", actor: "Anna", reason: "wait" });
  calm(disarmed.f, disarmed.attack, 3);
  expect(sendsOf(disarmed.f)).toBe(0);
});

test("FIND-05: a cause that becomes graver while the action waits does not make it wait longer", () => {
  const growing = detectorOf("growing", "anomaly", (c) => {
    const [mark] = marksOf(c.block);
    const severity = mark === "attack" ? "high" : "critical";
    if (mark !== undefined) c.finding(draftOf({ key: ["same"], severity }));
  });
  const program = waiting(4);
  const playbooks = [
    pausePlaybook({
      id: "stop",
      targets: [{ target: vault, selectors: [withdraw], durationSeconds: 3_600 }],
      severity: "high",
    }),
  ];
  const { f, attack } = signed({ ...program, detectors: [growing, damage], playbooks });
  const worse = blockOn(attack.ref, "a", ["worse"]);
  f.live(worse);
  expect(f.records().flatMap((r) => (r.kind === "FindingStatus" ? [r.transition] : []))).toContain("repeated");
  const later = calm(f, worse, 2);
  expect(sendsOf(f)).toBe(0);
  calm(f, later, 1);
  expect(sendsOf(f)).toBe(1);
});

test("FIND-05: a cause that its detector calls final and the action does not is taken back with its block, and nothing is sent", () => {
  const f = feeder(waiting(12));
  const first = blockOn(null);
  f.feed(armed);
  f.live(first);
  const attack = blockOn(first.ref, "a", ["attack"]);
  f.live(attack);
  pass(f, actionOf(f).id, attack);
  sign(f, actionOf(f).id, 0, 1);
  const blocks = [attack];
  for (let i = 0; i < 5; i++) {
    blocks.push(blockOn(blocks.at(-1)!.ref, "a"));
    f.live(blocks.at(-1)!);
  }
  const transitions = () => f.records().flatMap((r) => (r.kind === "FindingStatus" ? [r.transition] : []));
  expect(transitions().slice(-2)).toEqual(["confirmed", "confirmed"]);
  f.feed({ kind: "reorg", ancestor: first.ref, orphaned: blocks.map(({ ref }) => ref).reverse() });
  expect([transitions().slice(-2), states(f).at(-1)]).toEqual([["retracted", "retracted"], "stale"]);
  calm(f, first, 14, "b");
  expect(sendsOf(f)).toBe(0);
});

test("FIND-05: where the graver version of a cause is orphaned the first one stands, and the action goes on", () => {
  const growing = detectorOf("growing", "anomaly", (c) => {
    const [mark] = marksOf(c.block);
    if (mark !== undefined) c.finding(draftOf({ key: ["same"], severity: mark === "attack" ? "high" : "critical" }));
  });
  const targets = [{ target: vault, selectors: [withdraw], durationSeconds: 3_600 }];
  const playbooks = [pausePlaybook({ id: "stop", targets, severity: "high" })];
  const { f, attack } = signed({ ...waiting(4), detectors: [growing, damage], playbooks });
  const worse = blockOn(attack.ref, "a", ["worse"]);
  f.live(worse);
  f.feed({ kind: "reorg", ancestor: attack.ref, orphaned: [worse.ref] });
  const last = f.records().findLast((r) => r.kind === "FindingStatus");
  expect(last).toMatchObject({ transition: "relocated", chain: "pending" });
  const first = f.records().find((r) => r.kind === "Finding" && r.detector === "growing");
  expect(last).toMatchObject({ finding: first!.id });
  calm(f, attack, 4, "b");
  expect(sendsOf(f)).toBe(1);
});

test("FIND-05: what people have settled meanwhile is not sent, nor is it proposed twice while it waits", () => {
  const { f, attack } = signed(waiting(4, { coolOffSeconds: 1 }));
  const head = calm(f, attack, 3);
  expect(f.records().filter((r) => r.kind === "Action")).toHaveLength(1);
  const [first] = f.records().filter((r) => r.kind === "Finding");
  f.feed({ kind: "resolve", finding: first!.id, resolution: "false-positive", actor: "Anna", note: "a rebalance" });
  calm(f, head, 2);
  expect(sendsOf(f)).toBe(0);
  const note = f.records().flatMap((r) => (r.kind === "ActionStatus" && r.state === "stale" ? [r.note] : []));
  expect(note).toEqual([`finding ${first!.id} was resolved before sending`]);
});

test("FIND-05: an attack that people have called one is still stopped", () => {
  const { f, attack } = signed(waiting(4));
  const head = calm(f, attack, 3);
  for (const record of f.records())
    if (record.kind === "Finding")
      f.feed({ kind: "resolve", finding: record.id, resolution: "true-positive", actor: "Anna", note: "a theft" });
  calm(f, head, 2);
  expect(sendsOf(f)).toBe(1);
  expect(states(f)).not.toContain("stale");
});

test("FIND-05: an anomaly that people have called an attack still meets the damage that shows later", () => {
  const settledAs = (resolution: "true-positive" | "benign") => {
    const odd = detectorOf("odd", "anomaly", (c) => {
      if (marksOf(c.block).includes("odd")) c.finding(draftOf());
    });
    const hurt = detectorOf("hurt", "damage", (c) => {
      if (marksOf(c.block).includes("hurt")) c.finding(draftOf());
    });
    const f = feeder({ ...both, detectors: [odd, hurt] });
    const first = blockOn(null);
    f.feed(armed);
    f.live(first);
    const second = blockOn(first.ref, "a", ["odd"]);
    f.live(second);
    const { id } = f.records().find((r) => r.kind === "Finding")!;
    f.feed({ kind: "resolve", finding: id, resolution, actor: "Anna", note: "seen" });
    f.live(blockOn(second.ref, "a", ["hurt"]));
    return f.records().filter((r) => r.kind === "Action").length;
  };
  expect([settledAs("true-positive"), settledAs("benign")]).toEqual([1, 0]);
});

test("FIND-05: the order to send is given once, and not in shadow mode when a freeze ends", () => {
  const once = signed(waiting(1));
  calm(once.f, once.attack, 4);
  expect(sendsOf(once.f)).toBe(1);
  const trouble = { kind: "trouble", trouble: "endpoint-disagrees", message: "two hashes" } as const;
  const frozen = signed(waiting(1));
  frozen.f.feed({ ...trouble, freeze: true });
  calm(frozen.f, frozen.attack, 2);
  frozen.f.feed({ kind: "mode", mode: "shadow", actor: "Anna", reason: "wait" });
  frozen.f.feed({ ...trouble, trouble: "recovered", freeze: false });
  expect([sendsOf(frozen.f), states(frozen.f).at(-1)]).toEqual([0, "cooling"]);
  frozen.f.feed(armed);
  expect(sendsOf(frozen.f)).toBe(1);
  frozen.f.feed({ ...trouble, freeze: true });
  frozen.f.feed({ ...trouble, trouble: "recovered", freeze: false });
  frozen.f.feed(armed);
  expect(sendsOf(frozen.f)).toBe(1);
});

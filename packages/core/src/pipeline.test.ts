import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pausePlaybook } from "./governance/pausePlaybook.ts";
import { pause, when } from "./governance/when.ts";
import type { Action } from "./model/Action.ts";
import type { BlockBundle, Log } from "./model/BlockBundle.ts";
import { canonicalJson } from "./model/canonicalJson.ts";
import { verifyEvidence } from "./model/Evidence.ts";
import type { Hex } from "./model/Hex.ts";
import type { Input } from "./model/Input.ts";
import { fromPlainJson, toPlainJson } from "./model/plainJson.ts";
import { isIntact } from "./model/Record.ts";
import { trippedTopic } from "./pipeline/effectLogs.ts";
import {
  blockOn,
  breaker,
  detectorOf,
  draftOf,
  feeder,
  guardians,
  marksOf,
  onMark,
  programOf,
  vault,
} from "./pipeline.testkit.ts";
import { openState, readStanding, StreamBroken, step } from "./pipeline.ts";

const anomaly = onMark("odd", "anomaly", "attack");
const damage = onMark("harm", "damage", "attack");
const both = programOf([anomaly, damage]);
const armed = { kind: "mode", mode: "armed", actor: "test", reason: "test" } as const;

function actionOf(f: ReturnType<typeof feeder>) {
  const action = f.records().find((record) => record.kind === "Action");
  if (action?.kind !== "Action") throw new Error("no action was proposed");
  return action;
}

function pass(f: ReturnType<typeof feeder>, action: Hex, head: BlockBundle) {
  return f.feed({ kind: "simulation", action, passed: true, ref: head.ref, calls: [], note: "ok" });
}

function sign(f: ReturnType<typeof feeder>, action: Hex, ...who: number[]) {
  return who.flatMap((i) => f.feed({ kind: "approval", action, signer: guardians[i]!, signature: `0x0${i}` }));
}

function trippedLog({ evidence, until, selectors }: Action, selector = selectors[0]!): Log {
  const end = until.toString(16).padStart(64, "0");
  const topics: Hex[] = [
    trippedTopic,
    `0x${vault.slice(2).padStart(64, "0")}`,
    `0x${selector.slice(2).padEnd(64, "0")}`,
  ];
  return { address: breaker, topics, data: `0x${end}${"0".repeat(64)}${evidence.slice(2)}`, index: 0, txIndex: 0 };
}

const states = (f: ReturnType<typeof feeder>) =>
  f.records().flatMap((r) => (r.kind === "ActionStatus" ? [r.state] : []));
const transitions = (f: ReturnType<typeof feeder>) =>
  f.records().flatMap((r) => (r.kind === "FindingStatus" ? [r.transition] : []));

describe("gate", () => {
  test("GATE-01: an anomaly alone is an alert and proposes nothing", () => {
    const f = feeder(programOf([anomaly]));
    f.live(blockOn(null, "a", ["attack"]));
    expect(f.records().map((r) => r.kind)).toEqual(["Finding", "FindingStatus", "Incident", "Decision"]);
    expect(f.records().at(-1)).toMatchObject({ outcome: "alert-only" });
  });

  test("GATE-01: damage alone proposes nothing, a hard invariant alone does", () => {
    const soft = feeder(programOf([damage]));
    soft.live(blockOn(null, "a", ["attack"]));
    expect(states(soft)).toEqual([]);
    const hard = feeder(programOf([onMark("solvent", "invariant", "attack", true)]));
    hard.live(blockOn(null, "a", ["attack"]));
    expect(states(hard)).toEqual(["proposed"]);
  });

  test("GATE-01: anomaly and damage name themselves on the action", () => {
    const f = feeder(both);
    f.live(blockOn(null, "a", ["attack"]));
    const findings = f.records().flatMap((r) => (r.kind === "Finding" ? [r.id] : []));
    expect([actionOf(f).anomaly, actionOf(f).damage]).toEqual(findings);
  });

  test("GATE-02: an action whose cause was orphaned is dropped, and proposed anew when the cause returns", () => {
    const f = feeder(both);
    const first = blockOn(null);
    const attack = blockOn(first.ref, "a", ["attack"]);
    f.feed(armed);
    f.live(first);
    f.live(attack);
    const old = actionOf(f);
    pass(f, old.id, attack);
    f.feed({ kind: "reorg", ancestor: first.ref, orphaned: [attack.ref] });
    expect(sign(f, old.id, 0, 1).filter((o) => o.kind === "send")).toEqual([]);
    expect(states(f)).toEqual(["proposed", "simulated", "stale"]);
    f.live(blockOn(first.ref, "b", ["attack"]));
    expect(states(f)).toEqual(["proposed", "simulated", "stale", "proposed"]);
  });
});

describe("action", () => {
  test("RESP-14: in shadow mode nothing is collected or sent", () => {
    const f = feeder(both);
    const head = blockOn(null, "a", ["attack"]);
    f.live(head);
    expect(pass(f, actionOf(f).id, head).map((o) => o.kind)).toEqual(["commit"]);
    expect(sign(f, actionOf(f).id, 0, 1).filter((o) => o.kind !== "commit")).toEqual([]);
  });

  test("RESP-14: arming later goes on with what was simulated", () => {
    const f = feeder(both);
    const head = blockOn(null, "a", ["attack"]);
    f.live(head);
    pass(f, actionOf(f).id, head);
    expect(f.feed(armed).map((o) => o.kind)).toEqual(["commit", "collect"]);
  });

  test("RESP-04: two different guardians make the quorum of two, a stranger and a repeat do not count", () => {
    const f = feeder(both);
    const head = blockOn(null, "a", ["attack"]);
    f.feed(armed);
    f.live(head);
    const { id } = actionOf(f);
    pass(f, id, head);
    f.feed({ kind: "approval", action: id, signer: `0x${"99".repeat(20)}`, signature: "0x" });
    expect(sign(f, id, 0, 0).filter((o) => o.kind === "send")).toEqual([]);
    expect(sign(f, id, 2).filter((o) => o.kind === "send")).toHaveLength(1);
  });

  test("RESP-03: an action whose trial failed is never collected", () => {
    const f = feeder(both);
    const head = blockOn(null, "a", ["attack"]);
    f.feed(armed);
    f.live(head);
    const { id } = actionOf(f);
    const outputs = f.feed({
      kind: "simulation",
      action: id,
      passed: false,
      ref: head.ref,
      calls: [],
      note: "close reverts",
    });
    expect([outputs.map((o) => o.kind), states(f)]).toEqual([["commit"], ["proposed", "simulation-failed"]]);
  });

  test("RESP-05: a running pause is not proposed again while it cools off", () => {
    const f = feeder(both);
    let head = blockOn(null, "a", ["attack"]);
    f.live(head);
    head = blockOn(head.ref, "a", ["attack"]);
    f.live(head);
    expect(f.records().filter((r) => r.kind === "Action")).toHaveLength(1);
  });

  test("RESP-07: the kill switch ends what has not been sent", () => {
    const f = feeder(both);
    f.live(blockOn(null, "a", ["attack"]));
    f.feed({ kind: "mode", mode: "killed", actor: "test", reason: "test" });
    expect(states(f)).toEqual(["proposed", "killed"]);
  });

  test("RESP-11: nothing is sent while our own sources disagree, and it goes on after", () => {
    const f = feeder(both);
    const head = blockOn(null, "a", ["attack"]);
    f.feed(armed);
    f.live(head);
    const { id } = actionOf(f);
    pass(f, id, head);
    const trouble = { kind: "trouble", trouble: "endpoint-disagrees", message: "two hashes" } as const;
    f.feed({ ...trouble, freeze: true });
    expect(sign(f, id, 0, 1).filter((o) => o.kind === "send")).toEqual([]);
    const after = f.feed({ ...trouble, trouble: "recovered", freeze: false });
    expect(after.filter((o) => o.kind === "send")).toHaveLength(1);
  });

  test("behavior: the pause is seen in a block, lost in a reorg and expected again", () => {
    const f = feeder(both);
    const attack = blockOn(null, "a", ["attack"]);
    f.feed(armed);
    f.live(attack);
    const action = actionOf(f);
    pass(f, action.id, attack);
    sign(f, action.id, 0, 1);
    f.feed({ kind: "effect", action: action.id, state: "broadcast", note: "sent", txHash: "0x01" });
    const paused = blockOn(attack.ref, "a", ["pause"], [trippedLog(action)]);
    f.live(paused);
    expect(states(f).at(-1)).toBe("active");
    const outputs = f.feed({ kind: "reorg", ancestor: attack.ref, orphaned: [paused.ref] });
    expect(outputs.filter((o) => o.kind === "send")).toHaveLength(1);
    f.live(blockOn(attack.ref, "b", ["pause"], [trippedLog(action)]));
    expect(states(f).slice(-3)).toEqual(["active", "broadcast", "active"]);
    expect(f.records().filter((r) => r.kind === "Action")).toHaveLength(1);
  });

  test.each([
    ["12 blocks deep", 12, "12 blocks deep"],
    ["finalized", "finalized", "finalized"],
  ] as const)(
    "FIND-05: alerts are told at once, an action that the policy names waits until its causes are %s",
    (_, finality, words) => {
      const permissions = both.policy!.permissions.map((one) => ({ ...one, finality }));
      const f = feeder({ ...both, policy: { ...both.policy!, permissions } });
      const attack = blockOn(null, "a", ["attack"]);
      f.feed(armed);
      f.live(attack);
      expect(f.records().some((r) => r.kind === "Finding")).toBe(true);
      const action = actionOf(f);
      const notes = () => f.records().flatMap((r) => (r.kind === "ActionStatus" ? [r.note] : []));
      expect(notes()[0]).toContain(`; sent once the blocks of both are ${words}`);
      pass(f, action.id, attack);
      sign(f, action.id, 0, 1);
      expect(states(f).at(-1)).toBe("cooling");
      expect(notes().at(-1)).toMatch(new RegExp(`^held: the block of finding 0x[0-9a-f]{64} is not ${words} yet$`));
      const sends = () => f.outputs().filter((o) => o.kind === "send").length;
      let head = attack;
      for (let i = 0; i < 11; i += 1) {
        head = blockOn(head.ref, "a");
        f.live(head);
      }
      expect(sends()).toBe(0);
      expect(states(f).filter((state) => state === "cooling")).toHaveLength(1);
      if (finality === "finalized") {
        f.live(blockOn(head.ref, "a"));
        f.feed({ kind: "finalize", tag: "safe", ref: attack.ref });
        expect(sends()).toBe(0);
        f.feed({ kind: "finalize", tag: "finalized", ref: attack.ref });
      } else f.live(blockOn(head.ref, "a"));
      expect(sends()).toBe(1);
    },
  );

  test("FIND-05: an action that waits ends with the block of its cause, and is not sent in shadow mode", () => {
    const permissions = both.policy!.permissions.map((one) => ({ ...one, finality: 2 }));
    const held = () => {
      const f = feeder({ ...both, policy: { ...both.policy!, permissions } });
      const attack = blockOn(null, "a", ["attack"]);
      f.feed(armed);
      f.live(attack);
      const action = actionOf(f);
      pass(f, action.id, attack);
      sign(f, action.id, 0, 1);
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
    let head = disarmed.attack;
    for (let i = 0; i < 3; i += 1) {
      head = blockOn(head.ref, "a");
      disarmed.f.live(head);
    }
    expect(disarmed.f.outputs().filter((o) => o.kind === "send")).toHaveLength(0);
  });

  test("FIND-05: what people have settled meanwhile is not sent, nor is it proposed twice while it waits", () => {
    const permissions = both.policy!.permissions.map((one) => ({ ...one, finality: 4 }));
    const f = feeder({ ...both, policy: { ...both.policy!, permissions, coolOffSeconds: 1 } });
    const attack = blockOn(null, "a", ["attack"]);
    f.feed(armed);
    f.live(attack);
    const action = actionOf(f);
    pass(f, action.id, attack);
    sign(f, action.id, 0, 1);
    let head = attack;
    const goOn = (blocks: number) => {
      for (let i = 0; i < blocks; i += 1) {
        head = blockOn(head.ref, "a");
        f.live(head);
      }
    };
    goOn(3);
    expect(f.records().filter((r) => r.kind === "Action")).toHaveLength(1);
    const [first] = f.records().filter((r) => r.kind === "Finding");
    f.feed({ kind: "resolve", finding: first!.id, resolution: "false-positive", actor: "Anna", note: "a rebalance" });
    goOn(2);
    expect(f.outputs().filter((o) => o.kind === "send")).toHaveLength(0);
    const note = f.records().flatMap((r) => (r.kind === "ActionStatus" && r.state === "stale" ? [r.note] : []));
    expect(note).toEqual([`finding ${first!.id} was resolved before sending`]);
  });

  test("behavior: an answer to two detectors counts a finding where it was found last, not where it was first told", () => {
    const slow = detectorOf("slow", "anomaly", (c) => c.finding(draftOf({ key: ["same"], severity: "critical" })));
    const answer = when("slow", { and: "harm", within: "1 block" });
    const plan = pause(vault, both.policy!.permissions[0]!.selectors, 3_600);
    const f = feeder({
      ...both,
      ...programOf([slow, damage], {}),
      policy: both.policy,
      playbooks: [answer.respond(plan)],
    });
    f.feed(armed);
    let head = blockOn(null);
    f.live(head);
    for (let i = 0; i < 4; i += 1) {
      head = blockOn(head.ref, "a");
      f.live(head);
    }
    expect(f.records().filter((r) => r.kind === "Action")).toHaveLength(0);
    f.live(blockOn(head.ref, "a", ["attack"]));
    expect(f.records().filter((r) => r.kind === "Action")).toHaveLength(1);
  });

  test("FIND-05: the order to send is given once, and not in shadow mode when a freeze ends", () => {
    const permissions = both.policy!.permissions.map((one) => ({ ...one, finality: 1 }));
    const f = feeder({ ...both, policy: { ...both.policy!, permissions } });
    const attack = blockOn(null, "a", ["attack"]);
    f.feed(armed);
    f.live(attack);
    const action = actionOf(f);
    pass(f, action.id, attack);
    sign(f, action.id, 0, 1);
    let head = attack;
    for (let i = 0; i < 4; i += 1) {
      head = blockOn(head.ref, "a");
      f.live(head);
    }
    expect(f.outputs().filter((o) => o.kind === "send")).toHaveLength(1);
  });

  test("FIND-06: an incident says when it was acknowledged and when an action was in force, and takes back what a reorg takes", () => {
    const f = feeder(both);
    const attack = blockOn(null, "a", ["attack"]);
    f.feed(armed);
    f.live(attack);
    const action = actionOf(f);
    const incident = () => f.records().findLast((r) => r.kind === "Incident")!;
    expect(incident()).not.toHaveProperty("acknowledgedAt");
    pass(f, action.id, attack);
    sign(f, action.id, 0, 1);
    const quiet = blockOn(attack.ref, "a");
    f.live(quiet);
    const [first, second] = f.records().filter((r) => r.kind === "Finding");
    f.feed({ kind: "acknowledge", finding: first!.id, actor: "Anna", note: "mine" });
    expect(incident()).toMatchObject({ openedAt: attack.ref.timestamp, acknowledgedAt: quiet.ref.timestamp });
    f.feed({ kind: "effect", action: action.id, state: "broadcast", note: "sent", txHash: "0x01" });
    const paused = blockOn(quiet.ref, "a", ["pause"], [trippedLog(action)]);
    f.live(paused);
    expect(incident()).toMatchObject({ state: "mitigating", mitigatedAt: paused.ref.timestamp });
    f.feed({ kind: "acknowledge", finding: second!.id, actor: "Bruno", note: "mine too" });
    f.feed({ kind: "reorg", ancestor: quiet.ref, orphaned: [paused.ref] });
    expect(incident()).not.toHaveProperty("mitigatedAt");
    const later = blockOn(blockOn(quiet.ref, "b").ref, "b", ["pause"], [trippedLog(action)]);
    f.live(blockOn(quiet.ref, "b"));
    f.live(later);
    expect(incident()).toMatchObject({
      acknowledgedAt: quiet.ref.timestamp,
      mitigatedAt: later.ref.timestamp,
    });
  });

  test("RESP-12: each way that bytes went is a step of its own, told once, also after the sender began anew", () => {
    const f = feeder(both);
    const attack = blockOn(null, "a", ["attack"]);
    f.feed(armed);
    f.live(attack);
    const { id } = actionOf(f);
    pass(f, id, attack);
    sign(f, id, 0, 1);
    const give = (way: "relay" | "public", txHash: Hex, blockNumber: bigint) =>
      f.feed({ kind: "effect", action: id, state: "broadcast", note: "given", way, txHash, blockNumber });
    give("relay", "0x01", 5n);
    give("relay", "0x01", 6n);
    give("relay", "0x02", 6n);
    give("public", "0x02", 7n);
    give("public", "0x02", 8n);
    const steps = f
      .records()
      .flatMap((r) => (r.kind === "ActionStatus" && r.way ? [[r.state, r.way, r.txHash, r.blockNumber]] : []));
    expect(steps).toEqual([
      ["broadcast", "relay", "0x01", 5n],
      ["broadcast", "relay", "0x02", 6n],
      ["broadcast", "public", "0x02", 7n],
    ]);
  });

  test("RESP-06: a pause that ends before the signed time is in force, says until when, and expires then", () => {
    const deposit = "0xb6b55f25" as Hex;
    const [permission] = both.policy!.permissions;
    const selectors = [...permission!.selectors, deposit];
    const wide = { ...both.policy!, permissions: [{ ...permission!, selectors }] };
    const targets = [{ target: vault, selectors, durationSeconds: 3_600 }];
    const f = feeder({ ...both, policy: wide, playbooks: [pausePlaybook({ id: "stop", targets })] });
    const attack = blockOn(null, "a", ["attack"]);
    f.feed(armed);
    f.live(attack);
    const action = actionOf(f);
    pass(f, action.id, attack);
    sign(f, action.id, 0, 1);
    const notes = () => f.records().flatMap((r) => (r.kind === "ActionStatus" ? [r.note] : []));
    const until = attack.ref.timestamp + 60n;
    const timeOf = (at: bigint) => `${new Date(Number(at) * 1_000).toISOString().slice(0, 19).replace("T", " ")} UTC`;
    const paused = blockOn(attack.ref, "a", ["pause"], [trippedLog({ ...action, until })]);
    f.live(paused);
    expect(states(f).at(-1)).toBe("active");
    expect(notes().at(-1)).toBe(
      `paused until ${timeOf(until)}: ${action.selectors[0]}; not paused, its bounds are reached: ${deposit}`,
    );
    let head = paused;
    while (head.ref.timestamp < until) {
      expect(states(f).at(-1)).toBe("active");
      head = blockOn(head.ref, "a");
      f.live(head);
    }
    expect(states(f).at(-1)).toBe("expired");
  });

  test("behavior: a pause of another target's or action's selector does not make an action active", () => {
    const f = feeder(both);
    const attack = blockOn(null, "a", ["attack"]);
    f.feed(armed);
    f.live(attack);
    const action = actionOf(f);
    pass(f, action.id, attack);
    sign(f, action.id, 0, 1);
    f.live(blockOn(attack.ref, "a", ["pause"], [trippedLog(action, "0xdeadbeef")]));
    expect(states(f)).not.toContain("active");
  });
});

describe("finding", () => {
  test("FIND-01: a second occurrence counts and tells nobody", () => {
    const f = feeder(programOf([detectorOf("odd", "anomaly", (c) => c.finding(draftOf({ severity: "high" })))]));
    const first = blockOn(null);
    f.live(first);
    f.live(blockOn(first.ref));
    expect(f.notices().map((n) => n.transition)).toEqual(["raised"]);
  });

  test("behavior: retracts an alert whose block was reorged and raises it again on the new branch", () => {
    const f = feeder(programOf([anomaly]));
    const first = blockOn(null);
    const attack = blockOn(first.ref, "a", ["attack"]);
    f.live(first);
    f.live(attack);
    f.feed({ kind: "reorg", ancestor: first.ref, orphaned: [attack.ref] });
    const b1 = blockOn(first.ref, "b");
    const b2 = blockOn(b1.ref, "b");
    const b3 = blockOn(b2.ref, "b");
    for (const block of [b1, b2, b3, blockOn(b3.ref, "b", ["attack"])]) f.live(block);
    expect(transitions(f)).toEqual(["raised", "retracted", "raised-again"]);
    expect(new Set(f.notices().map((n) => n.thread)).size).toBe(1);
    expect(new Set(f.notices().map((n) => n.id)).size).toBe(3);
  });

  test("FIND-03: a transaction that moves to the next block is relocated", () => {
    const f = feeder(programOf([anomaly]));
    const first = blockOn(null);
    const attack = blockOn(first.ref, "a", ["attack"]);
    f.live(first);
    f.live(attack);
    f.feed({ kind: "reorg", ancestor: first.ref, orphaned: [attack.ref] });
    f.live(blockOn(first.ref, "b", ["attack"]));
    expect(transitions(f)).toEqual(["raised", "retracted", "relocated"]);
  });

  test("DET-09: findings of history are stored and never delivered", () => {
    const f = feeder(both);
    f.feed({ kind: "block", bundle: blockOn(null, "a", ["attack"]), phase: "history", receivedAtMs: 0 });
    expect([f.records().filter((r) => r.kind === "Finding").length, f.notices(), states(f)]).toEqual([2, [], []]);
  });

  test("DET-09: what history kept silent is told when it happens again before our eyes", () => {
    const f = feeder(programOf([detectorOf("odd", "anomaly", (c) => c.finding(draftOf({ severity: "high" })))]));
    const first = blockOn(null);
    f.feed({ kind: "block", bundle: first, phase: "history", receivedAtMs: 0 });
    const second = blockOn(first.ref);
    f.live(second);
    f.live(blockOn(second.ref));
    expect(f.notices().map((n) => [n.transition, n.blockNumber])).toEqual([["raised", second.ref.number]]);
  });

  test("DET-09: history is told by order alone, and that changes neither what is judged nor what is decided", () => {
    // What a detector is given stands in its evidence: it cannot tell one run from the other (DET-07).
    const looking = detectorOf("looking", "anomaly", (c) => {
      const given = Object.entries(c).map(([name, value]) => [name, typeof value].join(" "));
      c.finding(draftOf({ key: [c.block.ref.hash], evidence: { given } }));
    });
    const first = blockOn(null, "a", ["attack"]);
    const orphan = blockOn(first.ref, "a", ["attack"]);
    const again = blockOn(first.ref, "b", ["calm"]);
    const live = blockOn(again.ref, "b", ["attack"]);
    const inputs: Input[] = [
      { kind: "mode", mode: "armed", actor: "ops", reason: "test" },
      { kind: "block", bundle: first, phase: "history", receivedAtMs: 0 },
      { kind: "block", bundle: orphan, phase: "history", receivedAtMs: 0 },
      { kind: "reorg", ancestor: first.ref, orphaned: [orphan.ref] },
      { kind: "block", bundle: again, phase: "history", receivedAtMs: 0 },
      { kind: "block", bundle: live, phase: "live", receivedAtMs: 0 },
    ];
    const run = (deliverHistory: boolean) => {
      const f = feeder(programOf([anomaly, damage, looking], { deliverHistory }));
      const commands = f.feed(...inputs).filter(({ kind }) => kind !== "commit");
      const done = f.commits.map(({ evidence, records, undo, cursor }) => ({ evidence, records, undo, cursor }));
      return { notices: f.notices(), judged: canonicalJson({ done, commands }), acted: commands.length };
    };
    const [silent, told] = [run(false), run(true)];
    expect(told.judged).toBe(silent.judged);
    expect(told.acted).toBeGreaterThan(0);
    const late = told.notices.filter(({ phase }) => phase === "history");
    expect(told.notices.filter(({ phase }) => phase === undefined)).toEqual(silent.notices);
    expect(late.map((n) => `${n.detector} ${n.transition} in ${n.blockNumber}: ${n.title}`)).toMatchInlineSnapshot(`
      [
        "odd raised in 100: From history: test",
        "harm raised in 100: From history: test",
        "looking raised in 100: From history: test",
        "looking raised in 101: From history: test",
        "looking retracted in 101: From history: test",
        "looking raised in 101: From history: test",
      ]
    `);
  });

  test("DET-09: what was told of history is taken back aloud whoever watches then, and what was not is not", () => {
    const first = blockOn(null);
    const orphan = blockOn(first.ref, "a", ["attack"]);
    const toldOf = (before: boolean, after: boolean) => {
      const f = feeder(programOf([anomaly], { deliverHistory: before }));
      for (const bundle of [first, orphan]) f.feed({ kind: "block", bundle, phase: "history", receivedAtMs: 0 });
      const restarted = feeder(programOf([anomaly], { deliverHistory: after }), f.state);
      restarted.feed({ kind: "reorg", ancestor: first.ref, orphaned: [orphan.ref] });
      restarted.feed({ kind: "block", bundle: blockOn(first.ref, "b", ["attack"]), phase: "history", receivedAtMs: 0 });
      return [...f.notices(), ...restarted.notices()].map(({ transition }) => transition);
    };
    // Whoever was told that it is gone has to hear that it came back.
    expect(toldOf(true, false)).toEqual(["raised", "retracted", "relocated"]);
    expect(toldOf(false, true)).toEqual(["relocated"]);
    expect(toldOf(false, false)).toEqual([]);
  });

  test("DET-05: a detector that throws is isolated, named, and the others go on", () => {
    const broken = detectorOf("broken", "anomaly", (c) => {
      c.memory.count("half");
      throw new Error("boom");
    });
    const f = feeder(programOf([broken, anomaly]));
    f.live(blockOn(null, "a", ["attack"]));
    const found = f.records().flatMap((r) => (r.kind === "Finding" ? [`${r.detector}: ${r.reason}`] : []));
    expect(found).toEqual(["self-health: Detector broken threw: Error: boom", "odd: test"]);
    expect(f.state.cells.has("d/broken/half")).toBe(false);
  });

  test("DET-05: a detector that was killed is left out of the block that is judged again", () => {
    const f = feeder(both);
    const block = blockOn(null, "a", ["attack"]);
    f.feed({ kind: "detectorTimedOut", detector: "odd", blockHash: block.ref.hash, limitMs: 250 });
    f.live(block);
    const found = f.records().flatMap((r) => (r.kind === "Finding" ? [r.detector] : []));
    expect(found).toEqual(["self-health", "harm"]);
  });

  test("STREAM-08: a detector without its scope says so instead of nothing", () => {
    const needsTrace = { ...anomaly, meta: { ...anomaly.meta, needs: { all: ["T"] as const } } };
    const f = feeder(programOf([needsTrace]));
    f.live(blockOn(null));
    expect(f.notices().map((n) => n.title)).toEqual([
      "Detector odd cannot judge here: Scope T is missing from the block.",
    ]);
  });
});

describe("reads", () => {
  const reader = detectorOf("reader", "anomaly", (c) => {
    const [a] = c.readAll([{ kind: "balance", at: "parent", address: vault }]);
    if (a?.ok && BigInt(a.value) === 7n) c.finding(draftOf());
  });

  test("behavior: a missing answer is asked for and the run starts again with it", () => {
    const f = feeder(programOf([reader]));
    const block = blockOn(null);
    expect(f.live(block)).toEqual([
      { kind: "ask", ref: block.ref, reads: [{ kind: "balance", at: "parent", address: vault }] },
    ]);
    f.feed({
      kind: "reads",
      blockHash: block.ref.hash,
      answers: [[`balance:parent:${vault}`, { ok: true, value: "0x07" }]],
    });
    expect(f.records().filter((r) => r.kind === "Finding")).toHaveLength(1);
  });

  test("error: an answer for another block is refused", () => {
    const f = feeder(programOf([reader]));
    f.live(blockOn(null));
    expect(() => f.feed({ kind: "reads", blockHash: "0x00", answers: [] })).toThrow(StreamBroken);
  });

  test("DET-05: a detector that asks without end is isolated", () => {
    let n = 0;
    const endless = detectorOf(
      "endless",
      "anomaly",
      (c) => void c.read({ kind: "balance", at: "parent", address: `0x${(n++).toString(16).padStart(40, "0")}` }),
    );
    const f = feeder(programOf([endless]));
    const block = blockOn(null);
    for (let outputs = f.live(block); outputs[0]?.kind === "ask"; )
      outputs = f.feed({
        kind: "reads",
        blockHash: block.ref.hash,
        answers: outputs[0].reads.map((r) => [
          `balance:parent:${r.kind === "balance" ? r.address : ""}`,
          { ok: true, value: "0x00" },
        ]),
      });
    expect(f.notices().map((x) => x.title)).toEqual([
      "Detector endless asks for state without end: Asked for state 12 times.",
    ]);
  });
});

describe("stream", () => {
  test("STREAM-02: a block that does not follow is refused and nothing changes", () => {
    const f = feeder(both);
    f.live(blockOn(null));
    const before = toPlainJson([...f.state.cells]);
    expect(() => f.live(blockOn(null, "b"))).toThrow(StreamBroken);
    expect(toPlainJson([...f.state.cells])).toBe(before);
  });

  test("STREAM-01: after any reorgs detector memory equals a fresh scan of the canonical chain", () => {
    const counting = detectorOf("counting", "anomaly", (c) => {
      c.memory.count("blocks");
      for (const mark of marksOf(c.block)) {
        c.memory.window("sum", 6, BigInt(mark.length), 3);
        c.memory.ewma("mean", mark.length, 0.9);
        c.memory.set(`seen/${mark}`, c.block.ref.number);
        if (mark.length === 3) c.memory.set("seen/a", undefined);
      }
    });
    const program = programOf([counting], { policy: null });
    const marks = fc.array(fc.constantFrom("a", "bb", "ccc", "dddd"), { maxLength: 3 });
    const move = fc.oneof(
      { weight: 3, arbitrary: marks.map((m) => ({ mine: m })) },
      { weight: 1, arbitrary: fc.nat(4).map((back) => ({ back })) },
    );
    fc.assert(
      fc.property(fc.array(move, { maxLength: 40 }), (moves) => {
        const f = feeder(program);
        const chain: BlockBundle[] = [];
        moves.forEach((m, i) => {
          if ("mine" in m) {
            chain.push(blockOn(chain.at(-1)?.ref ?? null, `b${i}`, m.mine));
            f.live(chain.at(-1)!);
          } else if (m.back > 0 && chain.length > m.back) {
            const orphaned = chain.splice(-m.back).reverse();
            f.feed({ kind: "reorg", ancestor: chain.at(-1)!.ref, orphaned: orphaned.map((b) => b.ref) });
          }
        });
        const fresh = feeder(program);
        for (const block of chain) fresh.live(block);
        const memory = (x: typeof f) => toPlainJson([...x.state.cells].filter(([key]) => key.startsWith("d/")).sort());
        expect(memory(f)).toBe(memory(fresh));
      }),
      { numRuns: 300 },
    );
  });

  test("STREAM-12: a state rebuilt from what was committed goes on exactly like the one in memory", () => {
    const f = feeder(both);
    const blocks = [blockOn(null)];
    for (let i = 0; i < 6; i += 1) blocks.push(blockOn(blocks.at(-1)!.ref, "a", i === 3 ? ["attack"] : []));
    for (const block of blocks.slice(0, 5)) f.live(block);
    f.feed({ kind: "reorg", ancestor: blocks[2]!.ref, orphaned: [blocks[4]!.ref, blocks[3]!.ref] });
    const cells = new Map<string, unknown>();
    const undo: unknown[] = [];
    for (const commit of f.commits) {
      for (const [key, value] of commit.cells)
        value === undefined ? cells.delete(key) : cells.set(key, fromPlainJson(toPlainJson(value)));
      if (commit.undo && "push" in commit.undo) undo.push(commit.undo.push);
      if (commit.undo && "popNewest" in commit.undo) undo.splice(-commit.undo.popNewest);
    }
    const copy = openState(cells as never, undo as never);
    expect(toPlainJson([...copy.cells].sort())).toBe(toPlainJson([...f.state.cells].sort()));
    const next = {
      kind: "block",
      bundle: blockOn(blocks[2]!.ref, "z", ["attack"]),
      phase: "live",
      receivedAtMs: 0,
    } as const;
    expect(toPlainJson(step(both, copy, next).outputs)).toBe(toPlainJson(step(both, f.state, next).outputs));
  });

  test("DET-02: the same inputs give the same records and evidence, byte for byte", () => {
    const run = () => {
      const f = feeder(both);
      const first = blockOn(null, "a", ["attack"]);
      f.live(first);
      f.live(blockOn(first.ref, "a", ["attack"]));
      return toPlainJson(f.commits);
    };
    expect(run()).toBe(run());
  });

  test("RESP-13: every step leaves a link of evidence, no action included, and the chain holds", () => {
    const f = feeder(both);
    const first = blockOn(null);
    f.live(first);
    f.live(blockOn(first.ref, "a", ["attack"]));
    expect(f.commits.map((c) => c.evidence.outcome)).toEqual(["no-action", "recorded"]);
    expect(verifyEvidence(f.commits.map((c) => c.evidence))).toBeUndefined();
    expect(f.records().every(isIntact)).toBe(true);
    const altered = f.commits.map((c, i) => (i === 0 ? { ...c.evidence, input: "reorg" } : c.evidence));
    expect(verifyEvidence(altered)).toMatchObject({ fault: "altered", sequence: 0 });
    expect(verifyEvidence(f.commits.slice(1).map((c) => c.evidence))).toMatchObject({ fault: "gap" });
  });

  test("behavior: finality confirms findings and forgets undo entries", () => {
    const f = feeder(both);
    const first = blockOn(null, "a", ["attack"]);
    f.live(first);
    let head = first;
    for (let i = 0; i < 3; i += 1) {
      head = blockOn(head.ref);
      f.live(head);
    }
    expect(transitions(f)).toEqual(["raised", "raised", "confirmed", "confirmed"]);
    f.feed({ kind: "finalize", tag: "finalized", ref: first.ref });
    expect(f.state.undo).toHaveLength(3);
    expect(readStanding(f.state).pending).toEqual([]);
  });
});

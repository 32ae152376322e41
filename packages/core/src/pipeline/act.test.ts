// What becomes of an action between its proposal and its effect, told by the whole pipeline.
import { describe, expect, test } from "vitest";
import { pausePlaybook } from "../governance/pausePlaybook.ts";
import { toPolicy } from "../governance/policyCheck.ts";
import { pause, when } from "../governance/when.ts";
import type { Action } from "../model/Action.ts";
import type { BlockBundle, Log } from "../model/BlockBundle.ts";
import type { Hex } from "../model/Hex.ts";
import type { ActionFinality, Policy } from "../model/Policy.ts";
import type { Program } from "../model/Program.ts";
import {
  actionOf,
  armed,
  blockOn,
  breaker,
  calm,
  detectorOf,
  draftOf,
  feeder,
  marksOf,
  onMark,
  pass,
  programOf,
  sign,
  states,
  vault,
  withdraw,
} from "../pipeline.testkit.ts";
import { trippedTopic } from "./effectLogs.ts";

const anomaly = onMark("odd", "anomaly", "attack");
const damage = onMark("harm", "damage", "attack");
const both = programOf([anomaly, damage]);

type Fed = { readonly f: ReturnType<typeof feeder>; readonly attack: BlockBundle };

/** An armed pipeline after a block with an attack. */
function attacked(program: Program): Fed {
  const f = feeder(program);
  const attack = blockOn(null, "a", ["attack"]);
  f.feed(armed);
  f.live(attack);
  return { f, attack };
}

/** The same, with its first action tried, and signed by a quorum. */
function signed(program: Program): Fed & { readonly action: Action } {
  const { f, attack } = attacked(program);
  const action = actionOf(f);
  pass(f, action.id, attack);
  sign(f, action.id, 0, 1);
  return { f, attack, action };
}

/** A program whose pauses wait for `finality`. */
function waiting(finality: ActionFinality, change: Partial<Policy> = {}): Program {
  const policy = { ...both.policy!, ...change };
  return { ...both, policy: { ...policy, permissions: policy.permissions.map((one) => ({ ...one, finality })) } };
}

/** How often the order to send was given. */
const sendsOf = (f: Fed["f"]) => f.outputs().filter((o) => o.kind === "send").length;

function trippedLog({ evidence, until, selectors }: Action, selector = selectors[0]!, target = vault): Log {
  const end = until.toString(16).padStart(64, "0");
  const topics: Hex[] = [
    trippedTopic,
    `0x${target.slice(2).padStart(64, "0")}`,
    `0x${selector.slice(2).padEnd(64, "0")}`,
  ];
  return { address: breaker, topics, data: `0x${end}${"0".repeat(64)}${evidence.slice(2)}`, index: 0, txIndex: 0 };
}

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
    const { f, attack, action } = signed(both);
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

  describe("a rate limit", () => {
    const market: Hex = `0x${"ab".repeat(20)}`;
    const bank: Hex = `0x${"ba".repeat(20)}`;
    const [permission] = both.policy!.permissions;
    const permissions = [vault, market, bank].map((target) => ({ ...permission!, target }));
    const limited = (seconds: number): Program => {
      const { id: _, ...policy } = { ...both.policy!, permissions, rateLimit: { actions: 2, seconds } };
      const targets = permissions.map(({ target, selectors }) => ({ target, selectors, durationSeconds: 3_600 }));
      return { ...both, policy: toPolicy(policy), playbooks: [pausePlaybook({ id: "stop", targets })] };
    };
    const actions = (f: Fed["f"]) => f.records().filter((r) => r.kind === "Action");
    const decisions = (f: Fed["f"]) => f.records().flatMap((r) => (r.kind === "Decision" ? [r.because] : []));
    const beyond = "2 actions were begun within 60 s, 2 may be: the rest is for people";

    test("RESP-01: no more actions are begun than the policy says, the decision says why, and a restart counts on", () => {
      const { f, attack } = attacked(limited(60));
      expect(actions(f).map((a) => a.kind === "Action" && a.target)).toEqual([vault, market]);
      expect(decisions(f).at(-1)).toContain(beyond);
      const again = feeder(limited(60), f.state);
      const next = blockOn(attack.ref, "a", ["attack"]);
      again.live(next);
      expect([actions(again).length, decisions(again).at(-1)?.includes(beyond)]).toEqual([0, true]);
      const later = calm(again, next, 30);
      again.live(blockOn(later.ref, "a", ["attack"]));
      expect(actions(again).map((a) => a.kind === "Action" && a.target)).toEqual([bank]);
    });

    test("RESP-01: what is beyond the limit is told to people with the reason, once while that stays the same", () => {
      const { f, attack } = attacked(limited(60));
      const told = () => f.notices().filter(({ transition }) => transition === "limited");
      expect(told()).toMatchObject([
        {
          ...{ topic: "incident", severity: "critical", subject: vault, body: `${beyond} at ${bank}` },
          runbook: "RUNBOOK.md#a-limit-leaves-it-to-people",
        },
      ]);
      calm(f, attack, 20);
      expect(told()).toHaveLength(1);
    });

    test("RESP-01: what ended before it was sent counts no more, so that nothing is kept from its place by what comes to nothing", () => {
      const { f, attack } = attacked(limited(60));
      const failed = { kind: "simulation", passed: false, ref: attack.ref, calls: [], note: "it reverts" } as const;
      for (const { id } of actions(f)) f.feed({ ...failed, action: id });
      f.live(blockOn(attack.ref, "a", ["attack"]));
      expect(actions(f).map((a) => a.kind === "Action" && a.target)).toEqual([vault, market, vault, market]);
    });

    test("RESP-01: an action that was sent counts on after its block was orphaned", () => {
      const { f, attack } = attacked(limited(60));
      const [first] = actions(f);
      pass(f, first!.id, attack);
      sign(f, first!.id, 0, 1);
      f.feed({ kind: "effect", action: first!.id, state: "broadcast", note: "sent", txHash: "0x01" });
      const { parentHash: hash, number, timestamp } = attack.ref;
      const ancestor = { hash, number: number - 1n, timestamp: timestamp - 1n, parentHash: hash };
      f.feed({ kind: "reorg", ancestor, orphaned: [attack.ref] });
      f.live(blockOn(ancestor, "b", ["attack"]));
      // The one that was not sent ended with its cause, and is begun anew; a third one is not.
      expect(actions(f).map((a) => a.kind === "Action" && a.target)).toEqual([vault, market, market]);
    });
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
    const first = blockOn(null);
    f.live(first);
    const head = calm(f, first, 4);
    expect(f.records().filter((r) => r.kind === "Action")).toHaveLength(0);
    f.live(blockOn(head.ref, "a", ["attack"]));
    expect(f.records().filter((r) => r.kind === "Action")).toHaveLength(1);
  });

  test("behavior: where a finding was counted last in a block that is orphaned, an answer to two detectors counts it where it was told", () => {
    const slow = detectorOf("slow", "anomaly", (c) => {
      if (marksOf(c.block)[0] === "slow") c.finding(draftOf({ key: ["same"] }));
    });
    const plan = pause(vault, both.policy!.permissions[0]!.selectors, 3_600);
    const answer = when("slow", { and: "harm", within: "1 block" }).respond(plan);
    const f = feeder({ ...both, ...programOf([slow, damage], {}), policy: both.policy, playbooks: [answer] });
    f.feed(armed);
    const first = blockOn(null, "a", ["slow"]);
    f.live(first);
    const head = calm(f, first, 6);
    const again = blockOn(head.ref, "a", ["slow"]);
    f.live(again);
    f.feed({ kind: "reorg", ancestor: head.ref, orphaned: [again.ref] });
    const other = blockOn(head.ref, "b");
    f.live(other);
    f.live(blockOn(other.ref, "b", ["attack"]));
    expect(f.records().filter((r) => r.kind === "Action")).toHaveLength(0);
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

  test("FIND-06: of two actions in force, a reorg of the later one's block leaves the time of the earlier one, in one second too", () => {
    const market: Hex = `0x${"ab".repeat(20)}`;
    const [permission] = both.policy!.permissions;
    const permissions = [permission!, { ...permission!, target: market }];
    const targets = permissions.map(({ target, selectors }) => ({ target, selectors, durationSeconds: 3_600 }));
    const { f, attack } = signed({
      ...both,
      policy: { ...both.policy!, permissions },
      playbooks: [pausePlaybook({ id: "stop", targets })],
    });
    const [first, second] = f.records().filter((r) => r.kind === "Action");
    pass(f, second!.id, attack);
    sign(f, second!.id, 0, 1);
    for (const { id: action } of [first!, second!])
      f.feed({ kind: "effect", action, state: "broadcast", note: "sent", txHash: "0x01" });
    const one = blockOn(attack.ref, "a", ["pause"], [trippedLog(first!)]);
    const two = blockOn(one.ref, "a", ["more"], [trippedLog(second!, undefined, market)]);
    const sameSecond = { ...two, ref: { ...two.ref, timestamp: one.ref.timestamp } };
    f.live(one);
    f.live(sameSecond);
    f.feed({ kind: "reorg", ancestor: one.ref, orphaned: [sameSecond.ref] });
    const incident = f.records().findLast((r) => r.kind === "Incident");
    expect(incident).toMatchObject({ mitigatedAt: one.ref.timestamp });
  });

  test("FIND-06: an incident says when it was acknowledged and when an action was in force, and takes back what a reorg takes", () => {
    const { f, attack } = attacked(both);
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
    const { f, attack } = attacked(both);
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
    const { f, attack, action } = signed({
      ...both,
      policy: wide,
      playbooks: [pausePlaybook({ id: "stop", targets })],
    });
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
    const { f, attack, action } = signed(both);
    f.live(blockOn(attack.ref, "a", ["pause"], [trippedLog(action, "0xdeadbeef")]));
    expect(states(f)).not.toContain("active");
  });
});

import { describe, expect, test } from "vitest";
import { pause } from "../governance/pause.ts";
import { pausePlaybook } from "../governance/pausePlaybook.ts";
import { when } from "../governance/when.ts";
import type { Action } from "../model/Action.ts";
import type { Log } from "../model/BlockBundle.ts";
import type { Hex } from "../model/Hex.ts";
import {
  actionOf,
  anomaly,
  armed,
  attacked,
  blockOn,
  both,
  breaker,
  calm,
  damage,
  detectorOf,
  draftOf,
  feeder,
  marksOf,
  onMark,
  pass,
  programOf,
  sign,
  signed,
  states,
  vault,
} from "../pipeline.testkit.ts";
import { trippedTopic } from "./effectLogs.ts";
import { titleOfAction } from "./noticeOfAction.ts";

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

  test("RESP-14: signatures given in shadow mode count once somebody arms, and people are asked for what is missing", () => {
    for (const [signers, kinds] of [
      [
        [0, 1],
        ["commit", "send"],
      ],
      [[0], ["commit", "collect"]],
    ] as const) {
      const f = feeder(both);
      const head = blockOn(null, "a", ["attack"]);
      f.live(head);
      const { id } = actionOf(f);
      pass(f, id, head);
      expect(sign(f, id, ...signers).filter((o) => o.kind !== "commit")).toEqual([]);
      expect(f.feed(armed).map((o) => o.kind)).toEqual(kinds);
    }
  });

  test("RESP-05: what was killed before it left us does not cool off, also where the sender had it", () => {
    const { f, attack: head } = attacked({ ...both, policy: { ...both.policy!, coolOffSeconds: 86_400 } });
    const { id } = actionOf(f);
    pass(f, id, head);
    sign(f, id, 0, 1);
    for (const state of ["signed", "dropped", "killed"] as const)
      f.feed({ kind: "effect", action: id, state, note: "the switch is not on armed; nothing was sent" });
    f.live(blockOn(head.ref, "b", ["attack"]));
    expect(states(f)).toEqual(["proposed", "simulated", "approved", "signed", "dropped", "killed", "proposed"]);
  });

  test("RESP-05: what the sender could not send before its deadline does not cool off either", () => {
    const { f, attack: head } = attacked({ ...both, policy: { ...both.policy!, coolOffSeconds: 86_400 } });
    const { id } = actionOf(f);
    pass(f, id, head);
    sign(f, id, 0, 1);
    for (const state of ["dropped", "stale"] as const)
      f.feed({ kind: "effect", action: id, state, note: "nothing of it was sent before its deadline" });
    f.live(blockOn(head.ref, "b", ["attack"]));
    expect(states(f)).toEqual(["proposed", "simulated", "approved", "dropped", "stale", "proposed"]);
  });

  test("RESP-05: a pause that no block took before its deadline does not cool off, whoever said that it has it", () => {
    for (const [isLate, last] of [
      [false, "failed"],
      [true, "proposed"],
    ] as const) {
      const { f, attack: head } = attacked({ ...both, policy: { ...both.policy!, coolOffSeconds: 86_400 } });
      const { id, deadline } = actionOf(f);
      pass(f, id, head);
      sign(f, id, 0, 1);
      for (const state of ["signed", "broadcast"] as const)
        f.feed({ kind: "effect", action: id, state, note: "given" });
      const next = blockOn(head.ref);
      const timestamp = isLate ? deadline + 1n : next.ref.timestamp;
      const later = { ...next, ref: { ...next.ref, timestamp } };
      f.live(later);
      f.feed({ kind: "effect", action: id, state: "failed", note: "no block took it" });
      const again = blockOn(later.ref, "b", ["attack"]);
      f.live({ ...again, ref: { ...again.ref, timestamp: timestamp + 2n } });
      expect(states(f).at(-1)).toBe(last);
    }
  });

  /** An attack that a pause is signed for; `callOff` has people call its cause harmless, or a reorg take it. */
  function signedAttack() {
    const f = feeder(both);
    const first = blockOn(null);
    const head = blockOn(first.ref, "a", ["attack"]);
    f.feed(armed);
    f.live(first);
    f.live(head);
    const { id, anomaly } = actionOf(f);
    pass(f, id, head);
    sign(f, id, 0, 1);
    const said = { resolution: "false-positive", actor: "ana", note: "the keeper" } as const;
    const callOff = (isReorg: boolean) =>
      isReorg
        ? f.feed({ kind: "reorg", ancestor: first.ref, orphaned: [head.ref] })
        : f.feed({ kind: "resolve", finding: anomaly, ...said });
    return { f, id, callOff };
  }

  test("GATE-02: what the sender cannot send ends where people call its cause harmless, or a reorg takes it, unless it left us", () => {
    for (const [told, last] of [
      [["dropped"], "stale"],
      [["signed", "dropped"], "stale"],
      [["broadcast", "dropped"], "dropped"],
    ] as const)
      for (const isReorg of [false, true]) {
        const { f, id, callOff } = signedAttack();
        for (const state of told) f.feed({ kind: "effect", action: id, state, note: "send it gas money" });
        callOff(isReorg);
        expect(states(f).at(-1)).toBe(last);
      }
  });

  test("GATE-02: what the sender finds that it cannot send ends where its cause was called harmless, or taken, just before", () => {
    for (const isReorg of [false, true]) {
      const { f, id, callOff } = signedAttack();
      f.feed({ kind: "effect", action: id, state: "signed", note: "stored" });
      callOff(isReorg);
      expect(states(f).at(-1)).toBe("signed");
      f.feed({ kind: "effect", action: id, state: "dropped", note: "send it gas money" });
      expect(states(f).at(-1)).toBe("stale");
    }
  });

  test("RESP-04: two different guardians make the quorum of two, a stranger and a repeat do not count", () => {
    const { f, attack: head } = attacked(both);
    const { id } = actionOf(f);
    pass(f, id, head);
    f.feed({ kind: "approval", action: id, signer: `0x${"99".repeat(20)}`, signature: "0x" });
    expect(sign(f, id, 0, 0).filter((o) => o.kind === "send")).toEqual([]);
    expect(sign(f, id, 2).filter((o) => o.kind === "send")).toHaveLength(1);
  });

  test("RESP-03: an action whose trial failed is never collected", () => {
    const { f, attack: head } = attacked(both);
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
    const { f, attack: head } = attacked(both);
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

  test("behavior: every message about an action names it, its target and its function, whatever its state", () => {
    const { f, attack, action } = signed(both);
    f.feed({ kind: "effect", action: action.id, state: "broadcast", note: "sent", txHash: "0x01" });
    f.live(blockOn(attack.ref, "a", ["pause"], [trippedLog(action)]));
    const lost = attacked(both);
    const note = "close reverts: \u001b[2J @everyone";
    const trial = { kind: "simulation", passed: false, ref: lost.attack.ref, calls: [], note } as const;
    lost.f.feed({ ...trial, action: actionOf(lost.f).id });
    const told = [f, lost.f].flatMap((each) => each.notices().filter(({ topic }) => topic === "action"));
    const states = ["proposed", "simulated", "approved", "broadcast", "active", "proposed", "simulation-failed"];
    expect(told.map(({ transition }) => transition)).toEqual(states);
    for (const { title, transition, action: named, subject } of told) {
      expect({ named, subject }).toEqual({ named: { id: action.id, selectors: action.selectors }, subject: vault });
      expect(title).toBe(`Pause ${action.id.slice(0, 12)} of ${action.selectors[0]} at ${vault}: ${transition}`);
    }
  });

  test("behavior: a pause's target stands within what a pager shows, however many functions it has and whatever its state", () => {
    const action = actionOf(attacked(both).f);
    const selectors = Array.from({ length: 40 }, (_, i): Hex => `0x${String(i).padStart(8, "0")}`);
    const title = titleOfAction({ ...action, selectors }, "simulation-failed");
    const shown = `HIGH simulation-failed: ${title}`.slice(0, 130);
    expect(shown).toContain(`${action.id.slice(0, 12)} of 0x00000000 and 39 more functions at ${vault}`);
  });

  test("behavior: a pause of another target's or action's selector does not make an action active", () => {
    const { f, attack, action } = signed(both);
    f.live(blockOn(attack.ref, "a", ["pause"], [trippedLog(action, "0xdeadbeef")]));
    expect(states(f)).not.toContain("active");
  });
});

import { describe, expect, test } from "vitest";
import { rulePlaybook } from "../governance/rulePlaybook.ts";
import type { RuleAction } from "../model/Action.ts";
import type { BlockBundle, Log } from "../model/BlockBundle.ts";
import type { GuardRule } from "../model/GuardRule.ts";
import { type Hex, toWord } from "../model/Hex.ts";
import { armed, blockOn, both, breaker, feeder, guardians, states, vault, withdraw } from "../pipeline.testkit.ts";
import { ruleClearedTopic, ruleSetTopic, tightenedTopic } from "./effectLogs.ts";

const rule: GuardRule = { target: vault, selector: withdraw, kind: "ARG_MAX", argIndex: 0, bound: 1_000n };
const program = {
  ...both,
  playbooks: [rulePlaybook({ id: "narrow", rules: [{ ...rule, durationSeconds: 3_600 }] })],
  policy: {
    ...both.policy!,
    rules: {
      program: `0x${"dd".repeat(20)}` as Hex,
      permissions: [{ target: vault, selectors: [withdraw], kinds: ["ARG_MAX" as const], maxDurationSeconds: 3_600 }],
      atOnce: 1,
    },
  },
};

/** A watch whose rule was tried and passed on the block of the attack. */
function proposed(mode: "armed" | "shadow" = "armed") {
  const f = feeder(program);
  const head = blockOn(null, "a", ["attack"]);
  if (mode === "armed") f.feed(armed);
  f.live(head);
  const action = f.records().find((record) => record.kind === "Action") as RuleAction;
  const told = f.feed({ kind: "simulation", action: action.id, passed: true, ref: head.ref, calls: [], note: "ok" });
  return { f, head, action, told };
}

const about: readonly Hex[] = [`0x${toWord(vault)}`, `0x${withdraw.slice(2).padEnd(64, "0")}`];

function setLogs({ evidence, until }: RuleAction, by = breaker): Log[] {
  const words = [2n, 0n, 1_000n, until].map(toWord).join("");
  return [
    { address: by, topics: [ruleSetTopic, ...about], data: `0x${words}`, index: 0, txIndex: 0 },
    {
      address: by,
      topics: [tightenedTopic, about[0]!, about[1]!],
      data: `0x${"0".repeat(64)}${evidence.slice(2)}`,
      index: 1,
      txIndex: 0,
    },
  ];
}

const cleared: Log = { address: breaker, topics: [ruleClearedTopic, ...about], data: "0x", index: 2, txIndex: 0 };
const after = (head: BlockBundle, logs: readonly Log[]) => blockOn(head.ref, "a", ["x"], logs);

describe("LAB-22: the life of a rule that nobody signs", () => {
  test("is sent as soon as its trial has passed, in force by the breaker's word, and ends by itself", () => {
    const { f, head, action, told } = proposed();
    expect(told.map(({ kind }) => kind)).toEqual(["commit", "send"]);
    const inForce = after(head, setLogs(action));
    f.live(inForce);
    expect(states(f)).toEqual(["proposed", "simulated", "approved", "active"]);
    const later = { ...after(inForce, []), ref: { ...after(inForce, []).ref, timestamp: action.until } };
    f.live(later);
    expect(states(f).at(-1)).toBe("expired");
  });

  test("one call of the council ends it, in whatever block that comes", () => {
    const { f, head, action } = proposed();
    const inForce = after(head, setLogs(action));
    f.live(inForce);
    f.live(after(inForce, [cleared]));
    expect(states(f).at(-1)).toBe("released");
    const same = proposed();
    same.f.live(after(same.head, [...setLogs(same.action), cleared]));
    expect(states(same.f).slice(-2)).toEqual(["active", "released"]);
  });

  test("somebody else's logs, or another evidence, put nothing in force", () => {
    const { f, head, action } = proposed();
    f.live(after(head, [...setLogs(action, vault), ...setLogs({ ...action, evidence: `0x${"99".repeat(32)}` })]));
    expect(states(f).at(-1)).toBe("approved");
  });

  test("in shadow mode it stops after its trial; arming goes on, the kill switch ends it", () => {
    const waiting = proposed("shadow");
    expect(waiting.told.map(({ kind }) => kind)).toEqual(["commit"]);
    expect(waiting.f.feed(armed).map(({ kind }) => kind)).toEqual(["commit", "send"]);
    const other = proposed("shadow");
    other.f.feed({ ...armed, mode: "killed" });
    expect(states(other.f).at(-1)).toBe("killed");
  });

  test("signatures do nothing to it", () => {
    const { f, action } = proposed("shadow");
    f.feed(armed);
    const before = f.records().length;
    for (const signer of guardians) f.feed({ kind: "approval", action: action.id, signer, signature: "0x" });
    expect(f.records().length).toBe(before);
  });

  test("while one stands no second is proposed; the incident's next block does not repeat it", () => {
    const { f, head, action } = proposed();
    const inForce = after(head, setLogs(action));
    f.live(inForce);
    f.live(blockOn(inForce.ref, "a", ["attack", "more"]));
    expect(f.records().filter(({ kind }) => kind === "Action")).toHaveLength(1);
  });

  test("GATE-02: a rule whose cause is orphaned before it is sent is dropped", () => {
    const f = feeder(program);
    const first = blockOn(null);
    const attack = blockOn(first.ref, "a", ["attack"]);
    f.feed(armed);
    f.live(first);
    f.live(attack);
    f.feed({ kind: "reorg", ancestor: first.ref, orphaned: [attack.ref] });
    expect(states(f)).toEqual(["proposed", "stale"]);
  });
});

import { describe, expect, test } from "vitest";
import { rulePlaybook } from "../governance/rulePlaybook.ts";
import type { RuleAction } from "../model/Action.ts";
import type { BlockBundle } from "../model/BlockBundle.ts";
import type { Derivation, Derived, DeriveRequest } from "../model/Derivation.ts";
import type { GuardRule } from "../model/GuardRule.ts";
import type { Hex } from "../model/Hex.ts";
import type { Output } from "../model/Output.ts";
import { blockOn, both, close, feeder, vault, withdraw } from "../pipeline.testkit.ts";

const rule: GuardRule = { target: vault, selector: withdraw, kind: "ARG_MAX", argIndex: 0, bound: 1_000n };
const armed = { kind: "mode", mode: "armed", actor: "test", reason: "test" } as const;
const granted = {
  ...{ target: vault, selectors: [withdraw], kinds: ["ARG_MAX" as const], maxDurationSeconds: 3_600 },
  ...{ oracles: [], amounts: [{ selector: withdraw, argIndex: 0, lowestMax: 500n }] },
};
const policy = {
  ...both.policy!,
  coolOffSeconds: 10,
  rules: {
    program: `0x${"dd".repeat(20)}` as Hex,
    permissions: [],
    atOnce: 3,
    derived: { permissions: [granted], aDay: 1, leastHonest: 1, lookBackBlocks: 10, budgetMs: 1_000 },
  },
};
const playbooks = [
  rulePlaybook({
    id: "find",
    derive: [{ target: vault, durationSeconds: 3_600 }],
    pauses: [{ target: vault, selectors: [withdraw], durationSeconds: 3_600 }],
  }),
];
const program = { ...both, playbooks, policy };
const found: Derived = {
  ...{
    capsule: `0x${"ca".repeat(32)}`,
    honest: { recorded: 2, senders: 2, seen: 0 },
    tried: [{ rules: [rule], why: "w" }],
  },
  ...{ stages: [{ stage: "record", ms: 5, count: 3 }], rule, note: "derived" },
};

const asked = (outputs: readonly Output[]) =>
  outputs.flatMap((one): DeriveRequest[] => (one.kind === "derive" ? [one.request] : []));
const recordsOf = (f: ReturnType<typeof feeder>) => ({
  derived: f.records().filter((one): one is Derivation => one.kind === "Derivation"),
  rules: f.records().filter((one): one is RuleAction => one.kind === "Action" && one.type === "guardRule"),
  pauses: f.records().filter((one) => one.kind === "Action" && one.type === "pause"),
});

function attacked(change: Partial<typeof program> = {}) {
  const f = feeder({ ...program, ...change });
  f.feed(armed);
  const head = blockOn(null, "a", ["attack"]);
  const outputs = f.live(head);
  return { f, head, outputs, request: asked(outputs)[0] };
}

const answer = (request: DeriveRequest, change: Partial<Derived> = {}) =>
  ({ kind: "derived", request: request.id, derived: { ...found, ...change } }) as const;

describe("LAB-22: a rule is looked for in an attack", () => {
  test("on the transaction that anomaly and damage name, beside the pause and not before it", () => {
    const { f, head, outputs, request } = attacked();
    expect(outputs.map(({ kind }) => kind)).toEqual(["commit", "simulate", "derive"]);
    expect(request).toMatchObject({
      target: vault,
      attack: [head.txs[0]!.hash],
      durationSeconds: 3_600,
      playbook: "find",
    });
    expect(recordsOf(f).pauses).toHaveLength(1);
  });

  test("what is found is recorded and tried on a fork like a written rule; its evidence is the record", () => {
    const { f, request } = attacked();
    const outputs = f.feed(answer(request!));
    const { derived, rules } = recordsOf(f);
    expect(derived).toMatchObject([{ capsule: found.capsule, tried: found.tried, stages: found.stages, rule }]);
    expect(rules).toMatchObject([{ rule, evidence: derived[0]!.id, from: [derived[0]!.id], quorum: 0 }]);
    expect(outputs.map(({ kind }) => kind)).toEqual(["commit", "simulate"]);
    const [, command] = outputs;
    expect(command).toMatchObject({ kind: "simulate", triggers: request!.attack });
  });

  test("RESP-01: what is found when the rate limit has been reached is recorded and told, and not deployed", () => {
    const { f, request } = attacked({
      policy: { ...policy, rateLimit: { actions: 1, seconds: 3_600 } } as typeof policy,
    });
    const told = () => f.notices().filter(({ transition }) => transition === "limited");
    expect([recordsOf(f).pauses.length, told()]).toEqual([1, []]);
    f.feed(answer(request!));
    expect(recordsOf(f)).toMatchObject({
      derived: [{ note: expect.stringMatching(/^1 actions were begun/) }],
      rules: [],
    });
    expect(told()).toHaveLength(1);
  });

  test("where none is found the record says why and nothing else happens", () => {
    const { f, request } = attacked();
    const { rule: _, ...none } = found;
    const outputs = f.feed({ kind: "derived", request: request!.id, derived: { ...none, note: "none of 3" } });
    expect(outputs.map(({ kind }) => kind)).toEqual(["commit"]);
    expect(recordsOf(f)).toMatchObject({ derived: [{ note: "none of 3" }], rules: [] });
  });

  test("the same attack is looked at once, and one of a contract at a time; a new transaction of it again", () => {
    const { f, head, request } = attacked();
    const again = blockOn(head.ref, "a", ["attack"]);
    const other = (on: BlockBundle) => {
      const block = blockOn(on.ref, "a", ["attack"]);
      const hash = `0x${block.ref.number.toString(16).padStart(64, "0")}` as const;
      return { ...block, txs: block.txs.map((tx) => ({ ...tx, hash })) };
    };
    const [second, third] = [other(again), other(other(again))];
    expect(asked(f.live(again))).toEqual([]);
    expect(asked(f.live(second))).toEqual([]);
    const { rule: _, ...none } = found;
    f.feed({ kind: "derived", request: request!.id, derived: none });
    const [next] = asked(f.live(third));
    expect(next!.attack).toEqual([head, second, third].map(({ txs }) => txs[0]!.hash));
    // What was answered is not answered twice.
    f.feed(answer(request!));
    expect(recordsOf(f).derived).toHaveLength(1);
  });
});

describe("LAB-22: what the search says is not believed", () => {
  const refused = (change: Partial<GuardRule>) => {
    const { f, request } = attacked();
    f.feed(answer(request!, { rule: { ...rule, ...change } }));
    const { derived, rules } = recordsOf(f);
    expect(rules).toEqual([]);
    expect(derived[0]!.rule).toBeUndefined();
    return derived[0]!.note;
  };

  test("a rule beyond the written bounds is refused: contract, function, kind, argument, amount", () => {
    expect(refused({ target: `0x${"99".repeat(20)}` })).toMatch(/^the rule is on 0x99/);
    expect(refused({ selector: close })).toMatch(/may not be ruled/);
    expect(refused({ kind: "DENY" })).toMatch(/a rule DENY .* is not in the policy/);
    expect(refused({ argIndex: 1 })).toMatch(/word 1 of 0x2e1a7d4d has no ARG_MAX/);
    expect(refused({ bound: 499n })).toMatch(/ARG_MAX 499 of word 0 is beyond the policy's 500/);
  });

  test("after the kill switch, or once its cause is orphaned, nothing is sent", () => {
    const killed = attacked();
    killed.f.feed({ ...armed, mode: "killed" });
    killed.f.feed(answer(killed.request!));
    expect(recordsOf(killed.f)).toMatchObject({ derived: [{ note: "the kill switch is on: derived" }], rules: [] });
    const f = feeder(program);
    const first = blockOn(null);
    const attack = blockOn(first.ref, "a", ["attack"]);
    f.feed(armed);
    f.live(first);
    const [request] = asked(f.live(attack));
    f.feed({ kind: "reorg", ancestor: first.ref, orphaned: [attack.ref] });
    f.feed(answer(request!));
    expect(recordsOf(f)).toMatchObject({ derived: [{ note: "its cause was taken back: derived" }], rules: [] });
  });

  test("what is found long after it was asked for starts nothing", () => {
    const answeredAfter = (seconds: bigint) => {
      const { f, head, request } = attacked();
      const next = blockOn(head.ref);
      f.live({ ...next, ref: { ...next.ref, timestamp: head.ref.timestamp + seconds } });
      f.feed(answer(request!));
      return recordsOf(f);
    };
    // The budget of a second, and the time that guardians have.
    expect(answeredAfter(301n).rules).toHaveLength(1);
    const late = answeredAfter(302n);
    expect([late.rules, late.derived[0]!.rule]).toEqual([[], undefined]);
    expect(late.derived[0]!.note).toMatch(/^it was found 302 s after the attack, 301 s may pass: /);
  });

  test("without bounds for derived rules none is looked for", () => {
    const { derived: _, ...rules } = policy.rules;
    const { f, request } = attacked({ policy: { ...policy, rules } as unknown as typeof policy });
    expect(request).toBeUndefined();
    expect(recordsOf(f).pauses).toHaveLength(1);
  });
});

describe("LAB-22: an attacker who makes rules be derived", () => {
  test("gets no more of them in a day than the policy says, whatever he does", () => {
    const f = feeder({ ...program, policy: { ...policy, coolOffSeconds: 0 } });
    f.feed(armed);
    let head: BlockBundle | undefined;
    for (let i = 0; i < 40; i += 1) {
      head = blockOn(head?.ref ?? null, "a", [...Array.from({ length: i }, (_, j) => `n${j}`), "attack"]);
      head = {
        ...head,
        txs: head.txs.map((tx) => ({ ...tx, hash: `0x${(i * 100 + tx.index).toString(16).padStart(64, "0")}` })),
      };
      for (const request of asked(f.live(head))) {
        f.feed(answer(request));
        const action = recordsOf(f).rules.at(-1);
        // It fails its trial: the allowance is spent all the same.
        if (action !== undefined)
          f.feed({ kind: "simulation", action: action.id, passed: false, ref: head.ref, calls: [], note: "no" });
      }
    }
    expect(recordsOf(f).rules).toHaveLength(1);
    const refusals = f.records().flatMap((one) => (one.kind === "Decision" ? one.because : []));
    expect(refusals.some((text) => text.includes("1 derived rules were proposed within a day, 1 may be"))).toBe(true);
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RulePlan } from "../model/Action.ts";
import { type GuardRule, ruleKinds } from "../model/GuardRule.ts";
import type { RuleBounds } from "../model/Policy.ts";
import {
  anyFindings,
  close,
  findingOf,
  hash,
  incidentOf,
  market,
  policyBody,
  vault,
  withdraw,
} from "./cases.testkit.ts";
import { type DecideInput, decide } from "./decide.ts";
import { PolicyRefused } from "./PolicyRefused.ts";
import { coolOffKey, toPolicy } from "./policyCheck.ts";
import { maxRuleSeconds } from "./ruleCheck.ts";
import { rulePlaybook } from "./rulePlaybook.ts";

const rule: GuardRule = { target: vault, selector: withdraw, kind: "ARG_MAX", argIndex: 0, bound: 1_000n };
const bounds: RuleBounds = {
  program: `0x${"dd".repeat(20)}`,
  permissions: [{ target: vault, selectors: [withdraw], kinds: ["ARG_MAX"], maxDurationSeconds: 3_600 }],
  atOnce: 1,
};
const withRules = (change: Partial<RuleBounds> = {}) => toPolicy({ ...policyBody, rules: { ...bounds, ...change } });
const now = 1_000_000n;
const [anomaly, damage] = [findingOf("anomaly"), findingOf("damage")];
const pauses = [{ target: vault, selectors: [withdraw], durationSeconds: 3_600 }];
const narrow = (change: Partial<GuardRule & { durationSeconds: number }> = {}) =>
  rulePlaybook({ id: "narrow", rules: [{ ...rule, durationSeconds: 3_600, ...change }] });

const decided = (change: Partial<DecideInput> = {}) =>
  decide({
    chainId: 31_337,
    incident: incidentOf([anomaly, damage]),
    findings: [anomaly, damage],
    playbooks: [narrow()],
    policy: withRules(),
    mode: "armed",
    head: { number: 100n, hash, parentHash: hash, timestamp: now },
    coolOffUntil: () => undefined,
    standingRules: 0,
    begunOfLate: 0,
    derivedToday: 0,
    searchesToday: 0,
    isAsked: () => false,
    ...change,
  });

const refusal = (change: Partial<DecideInput>) => {
  const { actions, decision } = decided(change);
  expect(actions).toEqual([]);
  return decision.because;
};

describe("LAB-22: a playbook deploys a guard rule within its written bounds", () => {
  test("with an anomaly and a damage: the action names rule, program, end and both, and asks nobody", () => {
    const { actions, decision } = decided();
    expect(actions).toMatchObject([
      {
        type: "guardRule",
        rule,
        program: bounds.program,
        breaker: policyBody.breaker,
        selectors: [withdraw],
        until: now + 3_600n,
        quorum: 0,
        anomaly: anomaly.id,
        damage: damage.id,
        evidence: decision.id,
      },
    ]);
  });

  test("an invariant that counts as both is enough for a pause and not for a rule", () => {
    const broken = findingOf("invariant", { hard: true });
    const playbooks = [rulePlaybook({ id: "narrow", rules: [{ ...rule, durationSeconds: 3_600 }], pauses })];
    const { actions, decision } = decided({ findings: [broken], playbooks });
    expect(actions.map(({ type }) => type)).toEqual(["pause"]);
    expect(decision.because).toContain("a rule without a person needs an anomaly and a damage");
  });

  test("without both it is never deployed, whatever is found", () => {
    fc.assert(
      fc.property(anyFindings, (findings) => {
        for (const action of decided({ findings }).actions) {
          const named = [action.anomaly, action.damage].map((id) => findings.find((one) => one.id === id)!.class);
          expect(named[0]).toBe("anomaly");
          expect(["damage", "invariant"]).toContain(named[1]);
        }
      }),
    );
  });

  test("what lies beyond the bounds is refused: target, selector, kind, duration, number, time", () => {
    expect(refusal({ playbooks: [narrow({ target: market })] })).toContain(`target ${market} may not be ruled`);
    expect(refusal({ playbooks: [narrow({ selector: close })] })).toContain(`selector ${close} of ${vault} may not`);
    expect(refusal({ playbooks: [narrow({ kind: "DENY" })] })).toContain("a rule DENY");
    expect(refusal({ playbooks: [narrow({ durationSeconds: 3_601 })] })).toContain("3601 s is outside 1..3600 s");
    expect(refusal({ standingRules: 1 })).toContain("1 rules stand, 1 may at once");
    expect(refusal({ policy: toPolicy(policyBody) })).toContain("the policy has no bounds for rules");
    expect(refusal({ policy: toPolicy({ ...policyBody, rules: bounds, expiresAt: now }) })).toContain("policy expired");
    expect(refusal({ mode: "killed" })).toBe("the kill switch is on");
  });

  test("of any plans no more than may stand at once are deployed, each as its permission says", () => {
    const permissions = [{ target: vault, selectors: [withdraw, close], kinds: ruleKinds, maxDurationSeconds: 3_600 }];
    const anyPlan = fc.record({
      target: fc.constantFrom(vault, market),
      selector: fc.constantFrom(withdraw, close),
      kind: fc.constantFrom(...ruleKinds),
      argIndex: fc.nat(3),
      bound: fc.bigInt(0n, 9n),
      durationSeconds: fc.integer({ min: -1, max: 4_000 }),
    });
    const policy = toPolicy({
      ...policyBody,
      permissions: policyBody.permissions.map((one) => ({ ...one, exempt: [] })),
      rules: { ...bounds, permissions, atOnce: 2 },
    });
    fc.assert(
      fc.property(fc.array(anyPlan, { maxLength: 6 }), fc.nat(3), (rules, standingRules) => {
        const { actions } = decided({ policy, standingRules, playbooks: [rulePlaybook({ id: "any", rules })] });
        expect(actions.length).toBeLessThanOrEqual(Math.max(0, 2 - standingRules));
        expect(new Set(actions.map(({ selectors }) => selectors[0])).size).toBe(actions.length);
        for (const { target, until } of actions) {
          expect(target).toBe(vault);
          expect(until > now && until <= now + 3_600n).toBe(true);
        }
      }),
    );
  });

  test("a rule that cools off leaves the pause of the same function alone", () => {
    const coolOffUntil = (asked: string) => (asked === coolOffKey("guardRule", vault, withdraw) ? now + 1n : undefined);
    const playbooks = [rulePlaybook({ id: "narrow", rules: [{ ...rule, durationSeconds: 3_600 }], pauses })];
    const { actions } = decided({ coolOffUntil, playbooks });
    expect(actions.map(({ type }) => type)).toEqual(["pause"]);
  });

  test("error: a policy that would rule a way out of risk, for longer than the breaker grants, or without end", () => {
    const permission = (change: object) => () => withRules({ permissions: [{ ...bounds.permissions[0]!, ...change }] });
    expect(permission({ selectors: [close] })).toThrow(/reduces risk and may be ruled/);
    expect(permission({ maxDurationSeconds: maxRuleSeconds + 1 })).toThrow(PolicyRefused);
    expect(permission({ maxDurationSeconds: maxRuleSeconds })).not.toThrow();
    expect(() => withRules({ atOnce: 0 })).toThrow(/0 rules may run at once/);
    expect(() => withRules({ permissions: [bounds.permissions[0]!, bounds.permissions[0]!] })).toThrow(
      /two permissions/,
    );
  });

  test("a plan is data: the playbook gives it as it was written", () => {
    const [plan] = narrow().plan(incidentOf([]), []) as [RulePlan];
    expect(plan).toEqual({ type: "guardRule", rule, durationSeconds: 3_600 });
  });
});

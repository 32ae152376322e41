import { expect, test } from "vitest";
import type { Action } from "../model/Action.ts";
import type { ActionFinality, Policy, RulePermission } from "../model/Policy.ts";
import { market, permission, policyBody, vault, withdraw } from "./cases.testkit.ts";
import { finalityOf, waitsForFinal } from "./finalityOf.ts";
import { toPolicy } from "./policyCheck.ts";

const rule = (target: typeof vault, finality?: ActionFinality): RulePermission => ({
  ...{ target, selectors: [withdraw], kinds: ["ARG_MAX"], maxDurationSeconds: 3_600 },
  ...(finality === undefined ? {} : { finality }),
});
const withRules = (permissions: readonly RulePermission[], pause?: ActionFinality): Policy =>
  toPolicy({
    ...{ ...policyBody, deadlineSeconds: 3_600 },
    permissions: [pause === undefined ? permission : { ...permission, finality: pause }],
    rules: { program: market, permissions, atOnce: 1 },
  });
const action = (type: Action["type"], target = vault) => ({ type, target }) as Action;

test("FIND-05: a pause waits for what its target's permission says, a rule for what its own says", () => {
  const policy = withRules([rule(vault, 3), rule(market)], 12);
  expect(finalityOf(policy, action("pause"))).toBe(12);
  expect(finalityOf(policy, action("guardRule"))).toBe(3);
  expect(finalityOf(policy, action("guardRule", market))).toBeUndefined();
  expect(finalityOf(policy, action("pause", market))).toBeUndefined();
  expect(finalityOf(null, action("pause"))).toBeUndefined();
});

test("FIND-05: what the chain calls final is waited for where any permission says so", () => {
  expect(waitsForFinal(withRules([rule(vault, 3)], 12))).toBe(false);
  expect(waitsForFinal(withRules([rule(vault, "finalized")]))).toBe(true);
  expect(waitsForFinal(withRules([], "finalized"))).toBe(true);
  expect(waitsForFinal(null)).toBe(false);
});

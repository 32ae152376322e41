// Rules that cost what others do and refuse nothing: what they stop, no rule has stopped.
import type { GuardRule } from "@testudo/core/model/GuardRule";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { PatchScene } from "./applyPatch.ts";
import type { Gate } from "./Gate.ts";
import type { GuardRulePatch } from "./Patch.ts";
import type { Baseline } from "./playBaseline.ts";
import type { Trial } from "./Trial.ts";

/** What stands in for the rules of `patch`, at the same cost: the widest bound, no delay, for the others a rule that nobody calls. */
export function neutralRules(
  baseline: Baseline,
  { scene, id }: Pick<Trial, "scene" | "id">,
  patch: GuardRulePatch,
  exempt: readonly Hex[],
): readonly GuardRule[] {
  const called = new Set(baseline.calls.map(({ selector }) => selector));
  const [selector] = idle(id).filter((one) => !called.has(one) && !exempt.includes(one));
  const marked = marksOf(scene, patch, "gate");
  const rules = patch.rules.map((rule) => {
    if (rule.kind === "NO_SAME_BLOCK" && marked.includes(rule.target)) return rule;
    return neutralOf(rule, baseline) ?? { ...rule, selector: selector!, kind: "DENY" as const };
  });
  return [...new Map(rules.map((rule) => [rule.target + rule.selector, rule])).values()];
}

/** The gates of `scene`; where NO_SAME_BLOCK marks who has called, with marks that no call finds again. */
export function neutralGates(scene: PatchScene, patch: GuardRulePatch): readonly Gate[] {
  const marked = marksOf(scene, patch, "gate");
  return scene.gates.map((gate) =>
    // What is left of the gas stands in them instead of the block's number, and costs the same.
    marked.includes(gate.victim) ? { ...gate, code: withOpcode(gate.code, "43", "5a") } : gate,
  );
}

/** `code` with each opcode `from` replaced by `to`, two digits each; what PUSH pushes stays. */
function withOpcode(code: Hex, from: string, to: string): Hex {
  const bytes = code.slice(2).match(/../g) ?? [];
  for (let i = 0; i < bytes.length; i++) {
    const pushed = Number.parseInt(bytes[i]!, 16) - 0x5f;
    if (bytes[i] === from) bytes[i] = to;
    else if (pushed > 0 && pushed <= 32) i += pushed;
  }
  return `0x${bytes.join("")}`;
}

/** The same rule where it refuses nothing, so that it takes the same gas; undefined where there is none. */
function neutralOf(rule: GuardRule, { calls }: Baseline): GuardRule | undefined {
  const end = 2 + 2 * (4 + 32 * (rule.argIndex + 1));
  const isShort = calls.some(({ selector, input }) => selector === rule.selector && input.length < end);
  switch (rule.kind) {
    case "ARG_MAX":
      return isShort ? undefined : { ...rule, bound: (1n << 256n) - 1n };
    case "ARG_MIN":
      return isShort ? undefined : { ...rule, bound: 0n };
    case "ORACLE_DELAY":
      return { ...rule, bound: rule.bound & ((1n << 160n) - 1n) };
    case "DENY":
    case "NO_SAME_BLOCK":
      return undefined;
    default:
      return never(rule.kind);
  }
}

/** Selectors that nobody could foresee who did not know the patch. */
function idle(id: Hex): readonly Hex[] {
  return [...Array(14).keys()].map((i): Hex => `0x${id.slice(2 + 4 * i, 10 + 4 * i)}`);
}

/** The targets of NO_SAME_BLOCK that enforce it in that way. */
export function marksOf({ gates }: PatchScene, { rules }: GuardRulePatch, by: Gate["enforcedBy"]): readonly Address[] {
  const marked = rules.filter(({ kind }) => kind === "NO_SAME_BLOCK").map(({ target }) => target);
  return gates
    .filter(({ victim, enforcedBy }) => enforcedBy === by && marked.includes(victim))
    .map((gate) => gate.victim);
}

function never(kind: never): never {
  throw new TypeError(`Unknown rule kind ${JSON.stringify(kind)}.`);
}

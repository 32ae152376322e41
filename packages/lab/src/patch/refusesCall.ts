import type { GuardRule } from "@testudo/core/model/GuardRule";
import type { VictimCall } from "./victimCalls.ts";

/** The word of a call's arguments at `index`, as the breaker reads it; undefined where the call data ends before. */
export function argumentAt({ input }: Pick<VictimCall, "input">, index: number): bigint | undefined {
  const start = 10 + index * 64;
  return input.length < start + 64 ? undefined : BigInt(`0x${input.slice(start, start + 64)}`);
}

/**
 * Which of `calls`, in their order, `rule` would refuse, as PauseStorage.sol does. Of ORACLE_DELAY only the chain knows: none.
 */
export function refusedBy(rule: GuardRule, calls: readonly VictimCall[]): readonly VictimCall[] {
  const own = calls.filter(({ victim, selector }) => victim === rule.target && selector === rule.selector);
  switch (rule.kind) {
    case "DENY":
      return own;
    case "ARG_MAX":
      return own.filter((call) => (argumentAt(call, rule.argIndex) ?? -1n) > rule.bound || isShort(call, rule));
    case "ARG_MIN":
      return own.filter((call) => (argumentAt(call, rule.argIndex) ?? -1n) < rule.bound);
    case "NO_SAME_BLOCK":
      return repeated(own);
    case "ORACLE_DELAY":
      return [];
    default:
      return never(rule.kind);
  }
}

function isShort(call: VictimCall, { argIndex }: GuardRule): boolean {
  return argumentAt(call, argIndex) === undefined;
}

/** Calls whose caller or origin called before in the same block. */
export function repeated(calls: readonly VictimCall[]): readonly VictimCall[] {
  const seen = new Set<string>();
  return calls.filter(({ caller, origin, block, victim }) => {
    const marks = [caller, origin].map((account) => `${victim} ${account} ${block}`);
    const isSecond = marks.some((mark) => seen.has(mark));
    // The first stays; a refused call leaves no mark on chain, and its accounts are marked already or lose theirs.
    if (!isSecond) for (const mark of marks) seen.add(mark);
    return isSecond;
  });
}

function never(kind: never): never {
  throw new TypeError(`Unknown kind of rule ${JSON.stringify(kind)}.`);
}

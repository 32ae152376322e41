// A guard rule of the breaker as data: what ISelectorBreaker.sol calls `Rule`, with the function that it narrows.
import type { Address, Hex } from "./Hex.ts";

/** The kinds of the breaker's guard rules, in the order of `RuleKind` in ISelectorBreaker.sol. */
export const ruleKinds = ["DENY", "ARG_MAX", "ARG_MIN", "ORACLE_DELAY", "NO_SAME_BLOCK"] as const;
export type RuleKind = (typeof ruleKinds)[number];

/** One guard rule. `argIndex` counts 32-byte words after the selector; of ORACLE_DELAY `bound` is seconds << 160 | source. */
export interface GuardRule {
  readonly target: Address;
  readonly selector: Hex;
  readonly kind: RuleKind;
  readonly argIndex: number;
  readonly bound: bigint;
}

/** `rule` in words, such as "ARG_MAX 0x2e1a7d4d, word 0, 1000". */
export function describeRule({ kind, selector, argIndex, bound }: GuardRule): string {
  switch (kind) {
    case "DENY":
    case "NO_SAME_BLOCK":
      return `${kind} ${selector}`;
    case "ARG_MAX":
    case "ARG_MIN":
      return `${kind} ${selector}, word ${argIndex}, ${bound}`;
    case "ORACLE_DELAY": {
      const source = (bound & ((1n << 160n) - 1n)).toString(16).padStart(40, "0");
      return `${kind} ${selector}, ${bound >> 160n} s after 0x${source}`;
    }
    default:
      return never(kind);
  }
}

function never(kind: never): never {
  throw new TypeError(`Unknown rule kind ${JSON.stringify(kind)}.`);
}

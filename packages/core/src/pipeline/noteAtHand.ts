import type { Hex } from "../model/Hex.ts";
import type { Draft } from "../model/Memory.ts";
import { readCase, writeCase } from "./Case.ts";

/** A finding whose case is at hand, and its dedup key. */
export type AtHand = readonly [finding: Hex, dedupKey: Hex];

// A cell holds so many, so that none is long and a thousand do not make a thousand.
const listLength = 256;

/** Notes `findings` of the time `at` (the chain's, Unix seconds) after all others, in the order in which their cases are put away. */
export function noteAtHand(cases: Draft, findings: readonly AtHand[], at: bigint): void {
  const shelf = shelfOf(cases);
  let { next } = shelf;
  for (let i = 0; i < findings.length; i += listLength, next += 1)
    writeCase(cases, "atHand", `${next}`, { at, findings: findings.slice(i, i + listLength) });
  writeCase(cases, "shelf", "", { ...shelf, next, count: shelf.count + findings.length });
}

/** Between which places cases are noted, and how many there are. */
export function shelfOf(cases: Draft) {
  return readCase(cases, "shelf", "") ?? { first: 0, next: 0, count: 0 };
}

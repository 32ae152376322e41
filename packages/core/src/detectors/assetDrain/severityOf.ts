import type { Severity } from "../../model/Finding.ts";
import type { DrainSign } from "../../signs/DrainSign.ts";
import { strongSigns } from "./strongSigns.ts";

/** What is known of a loss when its severity is asked for. */
export interface JudgedLoss {
  readonly isZ1: boolean;
  readonly isZ2: boolean;
  /** The actors keep what left, or what it was sold for, whatever its share. */
  readonly isKept: boolean;
  /** The actors end with less of nothing. */
  readonly isNet: boolean;
  /** Somebody ends with more. */
  readonly hasGain: boolean;
}

/** Severity of a loss by the lines of the detector; undefined when it is nothing to tell. */
export function severityOf(judged: JudgedLoss, signs: readonly DrainSign[]): Severity | undefined {
  const { isZ1, isZ2, isKept, isNet, hasGain } = judged;
  const isStrong = signs.some((s) => strongSigns.includes(s));
  if ((isZ1 && signs.length > 0) || (isZ2 && isStrong)) return "critical";
  if (isZ1) return hasGain ? "high" : "medium";
  // A small share of a large holding: whoever closes a position with a loan looks like this too, but not from a new contract.
  if (isKept && isNet && isStrong) return signs.includes("Z3") ? "critical" : "high";
  return isZ2 && signs.length > 0 ? "medium" : undefined;
}

/** One step lower, because somebody or something speaks for the exchange: a critical loss becomes high, every other medium. */
export function lowered(severity: Severity | undefined): Severity | undefined {
  return severity === undefined ? undefined : severity === "critical" ? "high" : "medium";
}

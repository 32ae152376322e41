import { type Detector, type DetectorUse, useDetector } from "../model/Detector.ts";
import type { LendingAdapter } from "../model/LendingAdapter.ts";
import type { OptionsVaultAdapter } from "../model/OptionsVaultAdapter.ts";
import type { PerpAdapter } from "../model/PerpAdapter.ts";
import { collateralJumpOf } from "./detectCollateralJump.ts";
import { detectExecVsMark } from "./detectExecVsMark.ts";
import { detectFunding } from "./detectFunding.ts";
import { detectLiqCascade } from "./detectLiqCascade.ts";
import { detectLoopedBorrow } from "./detectLoopedBorrow.ts";
import { detectOrderFlow } from "./detectOrderFlow.ts";
import { detectSkewOi } from "./detectSkewOi.ts";

/** Settings that differ from a detector's defaults, by its id. */
export type DerivativeOverrides = Readonly<{ [id: string]: object }>;

/**
 * The suite for a perpetual: looped borrow, collateral jump, liquidation cascade, order flow, skew, funding, execution.
 *
 * @example
 * export default defineConfig({ detectors: [...zeroConfigDetectors(), ...perpDetectors(curieAdapter({ ... }))] });
 */
export function perpDetectors(adapter: PerpAdapter, overrides: DerivativeOverrides = {}): DetectorUse[] {
  const bind = binderOf(overrides);
  return allBound(overrides, [
    bind(detectLoopedBorrow(adapter)),
    bind(collateralJumpOf(adapter)),
    bind(detectLiqCascade(adapter)),
    bind(detectOrderFlow(adapter)),
    bind(detectSkewOi(adapter)),
    bind(detectFunding(adapter)),
    bind(detectExecVsMark(adapter)),
  ]);
}

/** The suite for a lending protocol: looped borrow, collateral jump, liquidation cascade. */
export function lendingDetectors(adapter: LendingAdapter, overrides: DerivativeOverrides = {}): DetectorUse[] {
  const bind = binderOf(overrides);
  return allBound(overrides, [
    bind(detectLoopedBorrow(adapter)),
    bind(collateralJumpOf(adapter)),
    bind(detectLiqCascade(adapter)),
  ]);
}

/** The suite for a vault that writes options: collateral jump, concentration of open interest, premiums and payoffs. */
export function optionsDetectors(adapter: OptionsVaultAdapter, overrides: DerivativeOverrides = {}): DetectorUse[] {
  const bind = binderOf(overrides);
  return allBound(overrides, [
    bind(collateralJumpOf(adapter)),
    bind(detectSkewOi(adapter)),
    bind(detectExecVsMark(adapter)),
  ]);
}

function binderOf(overrides: DerivativeOverrides) {
  return <P extends object>(detector: Detector<P>) =>
    useDetector(detector, (overrides[detector.meta.id] ?? {}) as Partial<P>);
}

function allBound(overrides: DerivativeOverrides, uses: DetectorUse[]): DetectorUse[] {
  const known = uses.map(({ meta }) => meta.id);
  const unknown = Object.keys(overrides).filter((id) => !known.includes(id));
  if (unknown.length > 0) throw new UnknownDetector(unknown, known);
  return uses;
}

/** Settings were given for a detector that the suite does not have. */
export class UnknownDetector extends Error {
  override readonly name = "UnknownDetector";
  constructor(unknown: readonly string[], known: readonly string[]) {
    super(
      `There is no detector "${unknown.join('", "')}" in this suite.\n` +
        `- It has ${known.join(", ")}.\n` +
        "- Correct the name in the overrides.",
    );
  }
}

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
 * Where one configuration has several suites, each but one needs a `name`, which its detectors' ids end with: memory and alerts hang on
 * the id. Overrides go by the id without it.
 *
 * @example
 * export default defineConfig({ detectors: [...zeroConfigDetectors(), ...perpDetectors(curieAdapter({ ... }))] });
 */
export function perpDetectors(adapter: PerpAdapter, overrides: DerivativeOverrides = {}, name?: string): DetectorUse[] {
  const bind = binderOf(overrides, name);
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

/** The suite for a lending protocol: looped borrow, collateral jump, liquidation cascade. `name` as in `perpDetectors`. */
export function lendingDetectors(
  adapter: LendingAdapter,
  overrides: DerivativeOverrides = {},
  name?: string,
): DetectorUse[] {
  const bind = binderOf(overrides, name);
  return allBound(overrides, [
    bind(detectLoopedBorrow(adapter)),
    bind(collateralJumpOf(adapter)),
    bind(detectLiqCascade(adapter)),
  ]);
}

/** The suite for a vault that writes options: collateral jump, concentration of open interest, premiums and payoffs. `name` as in `perpDetectors`. */
export function optionsDetectors(
  adapter: OptionsVaultAdapter,
  overrides: DerivativeOverrides = {},
  name?: string,
): DetectorUse[] {
  const bind = binderOf(overrides, name);
  return allBound(overrides, [
    bind(collateralJumpOf(adapter)),
    bind(detectSkewOi(adapter)),
    bind(detectExecVsMark(adapter)),
  ]);
}

/** Binds the suite's detectors; those of a suite that has a name are known by it. */
function binderOf(overrides: DerivativeOverrides, name: string | undefined) {
  if (name !== undefined && !(typeof name === "string" && suiteName.test(name))) throw new SuiteNameInvalid(name);
  return <P extends object>(detector: Detector<P>) => {
    const { id } = detector.meta;
    const named = name === undefined ? detector : { ...detector, meta: { ...detector.meta, id: `${id}-${name}` } };
    return { id, use: useDetector(named, (overrides[id] ?? {}) as Partial<P>) };
  };
}

const suiteName = /^[a-z0-9][a-z0-9-]{0,31}$/;

function allBound(
  overrides: DerivativeOverrides,
  bound: readonly { readonly id: string; readonly use: DetectorUse }[],
): DetectorUse[] {
  const known = bound.map(({ id }) => id);
  const unknown = Object.keys(overrides).filter((id) => !known.includes(id));
  if (unknown.length > 0) throw new UnknownDetector(unknown, known);
  return bound.map(({ use }) => use);
}

/** A suite's name does not fit into an id. */
export class SuiteNameInvalid extends Error {
  override readonly name = "SuiteNameInvalid";
  constructor(name: unknown) {
    super(
      `"${String(name)}" is no name for a suite of detectors.\n` +
        "- It becomes part of their ids: 1 to 32 small letters, digits and hyphens, no hyphen first.\n" +
        '- For example `lendingDetectors(adapter, {}, "morpho")`.',
    );
  }
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

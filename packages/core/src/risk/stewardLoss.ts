import { ceilDiv } from "../math/ceilDiv.ts";
import { WAD } from "./MarginInputs.ts";
import { loosestAfter, type StepBounds } from "./stewardStep.ts";

/** What a stolen steward key may move: open interest up to its ceiling, and the margin that backs it. */
export type StewardLossInputs = {
  /** Ceiling of the open-interest cap, in units of value. */
  readonly openInterestCeil: bigint;
  /** Margin in force, WAD of notional; a lower one is looser. */
  readonly margin: bigint;
  readonly marginBounds: StepBounds;
  /** Seconds between two loosenings. */
  readonly cooldown: bigint;
  /** Seconds until the council has dismissed the key or paused the steward. */
  readonly vetoTime: bigint;
};

/**
 * The most that a stolen steward key can cost, rounded up: the margin that it can take away until it is stopped, on the
 * open interest at its ceiling.
 */
export function stewardLoss(inputs: StewardLossInputs): bigint {
  const count = inputs.vetoTime / inputs.cooldown + 1n;
  const loosest = loosestAfter(inputs.margin, false, count, inputs.marginBounds);
  return lossUp(inputs.openInterestCeil, inputs.margin, loosest);
}

/** What is lost on `openInterest` when its margin (WAD) falls from `margin` to `lower`, rounded up. */
export function lossUp(openInterest: bigint, margin: bigint, lower: bigint): bigint {
  return lower >= margin ? 0n : ceilDiv(openInterest * (margin - lower), WAD);
}

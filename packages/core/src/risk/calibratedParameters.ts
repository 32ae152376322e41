// What contracts/src/reference/CalibratedParameters.sol answers, bit for bit over
// contracts/test/vectors/calibratedParameters.json. Amounts are in units of the collateral, ratios in WAD.
import { ceilDiv } from "../math/ceilDiv.ts";
import { calibrateMargin } from "./calibrateMargin.ts";
import { type MarginInputs, marginRanges, WAD } from "./MarginInputs.ts";
import { profitAsCollateral } from "./profitAsCollateral.ts";

/** What of a market's terms nobody moves; times in seconds. */
export interface MarketModel
  extends Pick<
    MarginInputs,
    "sigma" | "zM" | "zI" | "jump" | "oracleDev" | "fee" | "penalty" | "slippage" | "k" | "oracleDelay" | "hM" | "hI"
  > {
  /** Part of a gain that may count as collateral. */
  readonly profitFraction: bigint;
  /** Part of what the market can carry that one window may liquidate. */
  readonly liquidationShare: bigint;
}

/** What steward and fund say of a market; undefined is no answer. */
export interface MarketValues {
  readonly depth: bigint | undefined;
  readonly oiCap: bigint | undefined;
  readonly initialFloor: bigint | undefined;
  readonly maintenanceFloor: bigint | undefined;
  /** What the fund would still pay for this market. */
  readonly fundLeft: bigint | undefined;
}

export interface MarketLimits {
  readonly oiCap: bigint;
  readonly depth: bigint;
  readonly skewScale: bigint;
  readonly liquidationCap: bigint;
}

/** `own` is margin, `gain` what is left unrealised of a gain of which `drawn` was paid out. */
export interface MarketAccount {
  readonly own: bigint;
  readonly gain: bigint;
  readonly drawn: bigint;
  readonly notional: bigint;
}

/** Equity less maintenance margin, equity with profit as far as it could be realised, and the initial margin. */
export interface AccountHealth {
  readonly excess: bigint;
  readonly collateral: bigint;
  readonly initial: bigint;
}

const [, maxAmount] = marginRanges.size;
const [, maxRatio] = marginRanges.floorM;
const maxInt256 = (1n << 255n) - 1n;

/** The limits of a market, rounded down. Without depth: no new risk, no impact, and every insolvent account goes. */
export function marketLimits(model: MarketModel, values: MarketValues): MarketLimits {
  const { depth, oiCap, fundLeft } = values;
  if (!depth) return { oiCap: 0n, depth: maxAmount, skewScale: maxAmount, liquidationCap: maxAmount };
  const carried = (model.k * depth) / WAD;
  const isKnown = oiCap !== undefined && fundLeft !== undefined;
  return {
    oiCap: isKnown ? least(carried, oiCap, fundLeft) : 0n,
    depth,
    skewScale: carried > 0n ? carried : 1n,
    liquidationCap: (model.liquidationShare * carried) / WAD,
  };
}

/** How an account stands, margins rounded up and profit down. Without margins it is only insolvent or not, and never healthy. */
export function marketHealth(model: MarketModel, values: MarketValues, account: MarketAccount): AccountHealth {
  const { own, gain, drawn } = account;
  const size = least(account.notional, maxAmount);
  const inputs = inputsOf(model, values, size);
  if (!inputs) return { excess: own + gain, collateral: -maxInt256 - 1n, initial: maxInt256 };
  const { mmr, imr } = calibrateMargin(inputs);
  const counted = countedGain(gain, drawn, size, inputs.depth, model.profitFraction);
  return { excess: own + gain - marginUp(mmr, size), collateral: own + counted, initial: marginUp(imr, size) };
}

function inputsOf(model: MarketModel, values: MarketValues, size: bigint): MarginInputs | undefined {
  const { depth, initialFloor, maintenanceFloor } = values;
  if (!depth || initialFloor === undefined || maintenanceFloor === undefined) return undefined;
  const [floorM, floorI] = [least(maintenanceFloor, maxRatio), least(initialFloor, maxRatio)];
  const { profitFraction: _, liquidationShare: __, ...terms } = model;
  return { ...terms, size, depth, floorM, floorI, cover: 0n };
}

// A margin of more than a hundred times the notional says no more than one of a hundred times.
function marginUp(ratio: bigint, notional: bigint): bigint {
  return ceilDiv(least(ratio, maxRatio) * notional, WAD);
}

// What was drawn of a gain counts as still there, so that drawing does not make room for more of it.
function countedGain(gain: bigint, drawn: bigint, size: bigint, depth: bigint, fraction: bigint): bigint {
  const whole = gain + drawn;
  if (whole <= 0n) return gain;
  return profitAsCollateral(least(whole, maxAmount), size, depth, fraction) - drawn;
}

function least(...values: readonly bigint[]): bigint {
  return values.reduce((a, b) => (a < b ? a : b));
}

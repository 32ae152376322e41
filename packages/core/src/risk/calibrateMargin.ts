// MarginMath.sol in bigint, bit for bit: change both together, and run scripts/vectors/marginCalibrator.mjs.
import { ceilDiv } from "../math/ceilDiv.ts";
import { sqrtUp } from "../math/sqrtUp.ts";
import { assertMarginInputs, type MarginInputs, WAD } from "./MarginInputs.ts";

const year = 365n * 86_400n;

/** Margins in WAD of notional, rounded up; leverage in WAD and open interest, rounded down. Leverage zero closes. */
export type MarginOutput = {
  readonly mmr: bigint;
  readonly imr: bigint;
  readonly maxLeverage: bigint;
  readonly oiCap: bigint;
};

/**
 * Margins, leverage and open-interest cap of a market, the same as MarginCalibrator.calibrate. Throws MarginInputError
 * where the contract reverts.
 *
 * @example calibrateMargin(inputs).imr // 154_000_000_000_000_000n: 15.4 %
 */
export function calibrateMargin(inputs: MarginInputs): MarginOutput {
  assertMarginInputs(inputs);
  const mmr = larger(inputs.floorM, lossUp(inputs, inputs.zM, inputs.hM));
  const risky = lossUp(inputs, inputs.zI, inputs.hI);
  const imr = larger(inputs.floorI, larger(risky, mmr + inputs.penalty + inputs.slippage));
  const byDepth = (inputs.k * inputs.depth) / WAD;
  return {
    mmr,
    imr,
    maxLeverage: imr >= WAD ? 0n : (WAD * WAD) / imr,
    oiCap: byDepth < inputs.cover ? byDepth : inputs.cover,
  };
}

function lossUp(inputs: MarginInputs, z: bigint, horizon: bigint): bigint {
  const diffusion = ceilDiv(z * inputs.sigma * sqrtYearsUp(inputs.oracleDelay + horizon), WAD * WAD);
  return diffusion + inputs.jump + ceilDiv(inputs.size * WAD, inputs.depth) + inputs.oracleDev + inputs.fee;
}

function sqrtYearsUp(seconds: bigint): bigint {
  return sqrtUp(ceilDiv(seconds * WAD * WAD, year));
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

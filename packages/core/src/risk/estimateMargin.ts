/** The inputs of the closed form as floats: ratios as numbers (0.05 is 5 %), times in seconds, amounts in one unit. */
export type MarginEstimateInputs = {
  readonly sigma: number;
  readonly zM: number;
  readonly zI: number;
  readonly oracleDelay: number;
  readonly hM: number;
  readonly hI: number;
  readonly jump: number;
  readonly size: number;
  readonly depth: number;
  readonly oracleDev: number;
  readonly fee: number;
  readonly penalty: number;
  readonly slippage: number;
  readonly floorM: number;
  readonly floorI: number;
};

const year = 365 * 86_400;

/** Maintenance and initial margin in floating point, for searches; what goes on chain comes from calibrateMargin. */
export function estimateMargin(inputs: MarginEstimateInputs): { readonly mmr: number; readonly imr: number } {
  const rest = inputs.jump + inputs.size / inputs.depth + inputs.oracleDev + inputs.fee;
  const loss = (z: number, horizon: number) =>
    z * inputs.sigma * Math.sqrt((inputs.oracleDelay + horizon) / year) + rest;
  const mmr = Math.max(inputs.floorM, loss(inputs.zM, inputs.hM));
  return { mmr, imr: Math.max(inputs.floorI, loss(inputs.zI, inputs.hI), mmr + inputs.penalty + inputs.slippage) };
}

/** Jump add-on 1 - eps^(1/eta): a downward jump of size Exp(eta) in log price exceeds it with probability `eps`. */
export function jumpAddOn(eps: number, eta: number): number {
  return -Math.expm1(Math.log(eps) / eta);
}

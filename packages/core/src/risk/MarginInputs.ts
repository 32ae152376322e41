/**
 * What a market's margins depend on: the fields of `Inputs` in IMarginCalibrator.sol, in its order and units. WAD is
 * 10^18 = 1, times are seconds, amounts are in one unit of value.
 */
export type MarginInputs = {
  readonly sigma: bigint;
  readonly zM: bigint;
  readonly zI: bigint;
  readonly oracleDelay: bigint;
  readonly hM: bigint;
  readonly hI: bigint;
  readonly jump: bigint;
  readonly size: bigint;
  readonly depth: bigint;
  readonly oracleDev: bigint;
  readonly fee: bigint;
  readonly penalty: bigint;
  readonly slippage: bigint;
  readonly floorM: bigint;
  readonly floorI: bigint;
  readonly k: bigint;
  readonly cover: bigint;
};

export type MarginField = keyof MarginInputs;

/** One = 10^18. */
export const WAD = 10n ** 18n;

const maxRatio = 100n * WAD;
const maxTime = 365n * 86_400n;
const maxAmount = (1n << 128n) - 1n;

/** Least and greatest legal value of each field, in the order in which the contract looks. */
export const marginRanges: { readonly [field in MarginField]: readonly [min: bigint, max: bigint] } = {
  sigma: [1n, maxRatio],
  zM: [1n, maxRatio],
  zI: [1n, maxRatio],
  oracleDelay: [0n, maxTime],
  hM: [1n, maxTime],
  hI: [1n, maxTime],
  jump: [0n, maxRatio],
  size: [0n, maxAmount],
  depth: [1n, maxAmount],
  oracleDev: [0n, maxRatio],
  fee: [0n, maxRatio],
  penalty: [1n, maxRatio],
  slippage: [0n, maxRatio],
  floorM: [0n, maxRatio],
  floorI: [0n, maxRatio],
  k: [0n, maxRatio],
  cover: [0n, maxAmount],
};

/** The names of the fields in the contract's order. */
export const marginFields = Object.keys(marginRanges) as readonly MarginField[];

/** Throws MarginInputError for the first field outside its range. */
export function assertMarginInputs(inputs: MarginInputs): void {
  for (const field of marginFields) assertMarginRange(field, inputs[field], marginRanges[field]);
}

/** Throws MarginInputError where `value` lies outside `range`. */
export function assertMarginRange(field: string, value: bigint, range: readonly [min: bigint, max: bigint]): void {
  if (value < range[0] || value > range[1]) throw new MarginInputError(field, value, range);
}

/** A field lies outside its range; the contract answers the same with Margin_Input(field). */
export class MarginInputError extends RangeError {
  override readonly name = "MarginInputError";
  readonly field: string;

  constructor(field: string, value: bigint, [min, max]: readonly [min: bigint, max: bigint]) {
    super(`Margin input "${field}" is ${value}.\n- It may be ${min} to ${max}.`);
    this.field = field;
  }
}

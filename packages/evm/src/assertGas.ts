/** The machine counts gas in 63 bits; a greater number, or one below zero, would come out as another one. */
export const mostGasOfMessage = (1n << 63n) - 1n;

/** Throws `GasOutOfRange` for gas that no message can have. */
export function assertGas(gas: bigint): void {
  if (gas < 0n || gas > mostGasOfMessage) throw new GasOutOfRange(gas);
}

/** Thrown for gas that the machine cannot count. Not retryable. */
export class GasOutOfRange extends Error {
  override readonly name = "GasOutOfRange";
  constructor(gas: bigint) {
    super(`The gas of a message is ${gas}.\n- It is at least 0 and at most ${mostGasOfMessage}.`);
  }
}

const mostWord = (1n << 256n) - 1n;
const mostNonce = (1n << 64n) - 1n;

/** Throws `AmountOutOfRange` for what no word of the machine holds. */
export function assertWord(value: bigint): void {
  if (value < 0n || value > mostWord) throw new AmountOutOfRange(value, mostWord);
}

/** Throws `AmountOutOfRange` for a nonce that no account comes to. */
export function assertNonce(nonce: bigint): void {
  if (nonce < 0n || nonce > mostNonce) throw new AmountOutOfRange(nonce, mostNonce);
}

/** Thrown for a number that its place in the machine would cut, so that it came out as another one. Not retryable. */
export class AmountOutOfRange extends RangeError {
  override readonly name = "AmountOutOfRange";
  constructor(value: bigint, most: bigint) {
    super(`An amount, a key or a number of a block is ${value}.\n- It is at least 0 and at most ${most}.`);
  }
}

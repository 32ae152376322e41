/** The least integer whose square is at least `value`. Throws for a negative value. */
export function sqrtUp(value: bigint): bigint {
  if (value < 0n) throw new RangeError(`No square root of ${value}.\n- Give a value of zero or more.`);
  if (value < 2n) return value;
  // Newton from above, which falls to the floor of the root and then stops falling.
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root * root < value ? root + 1n : root;
    root = next;
  }
}

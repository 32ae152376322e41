/** Gas of one blob (EIP-4844). */
export const gasPerBlob = 131_072n;

/** The price of blob gas in wei: e^(excess / fraction), as EIP-4844 approximates it. */
export function blobBaseFee(excessBlobGas: bigint, updateFraction: bigint): bigint {
  let sum = 0n;
  let term = updateFraction;
  for (let i = 1n; term > 0n; i++) {
    sum += term;
    term = (term * excessBlobGas) / (updateFraction * i);
  }
  return sum / updateFraction;
}

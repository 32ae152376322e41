/** Gas of one blob (EIP-4844). */
export const gasPerBlob = 131_072n;

// e^177 is the last that a word holds. The sum takes ever longer, and whoever gives a header may name any excess.
const mostFractions = 177n;
const mostFee = 2n ** 256n - 1n;

/** The price of blob gas in wei: e^(excess / fraction), as EIP-4844 approximates it; a word at most. */
export function blobBaseFee(excessBlobGas: bigint, updateFraction: bigint): bigint {
  if (excessBlobGas > updateFraction * mostFractions) return mostFee;
  let sum = 0n;
  let term = updateFraction;
  for (let i = 1n; term > 0n; i++) {
    sum += term;
    term = (term * excessBlobGas) / (updateFraction * i);
  }
  return sum / updateFraction;
}

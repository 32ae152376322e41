/** A block of the middle of 2024. */
export const block = {
  number: 20_000_000n,
  timestamp: 1_717_281_407n,
  gasLimit: 30_000_000n,
  baseFeePerGas: 0n,
  coinbase: `0x${"c0".repeat(20)}`,
  prevRandao: 0n,
  excessBlobGas: 0n,
} as const;

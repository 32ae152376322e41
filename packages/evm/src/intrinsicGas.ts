import type { ForkRules } from "./fork.ts";
import type { EngineTransaction } from "./Transaction.ts";

const transaction = 21_000n;
const creation = 32_000n;
const zeroByte = 4n;
const otherByte = 16n;
const initCodeWord = 2n;
const listedAddress = 2400n;
const listedKey = 1900n;
/** EIP-7702: for each authorization, as if its account were empty. */
export const emptyAccount = 25_000n;

/** Gas that a transaction costs before it runs, and what it costs at least (EIP-2028, EIP-2930, EIP-3860, EIP-7623, EIP-7702). */
export function intrinsicGas(tx: EngineTransaction, rules: ForkRules): { gas: bigint; floor: bigint } {
  let zeros = 0n;
  for (const byte of tx.input) if (byte === 0) zeros++;
  const others = BigInt(tx.input.length) - zeros;
  let gas = transaction + zeros * zeroByte + others * otherByte;
  if (tx.to === null) gas += creation + initCodeWord * ((BigInt(tx.input.length) + 31n) / 32n);
  for (const { storageKeys } of tx.accessList ?? []) gas += listedAddress + listedKey * BigInt(storageKeys.length);
  gas += emptyAccount * BigInt(tx.authorizationList?.length ?? 0);
  const floor = rules.floorGasPerToken === 0n ? 0n : transaction + rules.floorGasPerToken * (zeros + 4n * others);
  return { gas, floor };
}

import type { ForkRules } from "./fork.ts";
import type { EngineTransaction } from "./Transaction.ts";

const transaction = 21_000;
const creation = 32_000;
const zeroByte = 4;
const otherByte = 16;
const initCodeWord = 2;
const listedAddress = 2400;
const listedKey = 1900;
/** EIP-7702: for each authorization, as if its account were empty. */
export const emptyAccount = 25_000n;

/** Gas that a transaction costs before it runs, and what it costs at least (EIP-2028, EIP-2930, EIP-3860, EIP-7623, EIP-7702). */
export function intrinsicGas(tx: EngineTransaction, rules: ForkRules): { gas: bigint; floor: bigint } {
  // As numbers, which cost less than bigints: what an input or a list of any length costs is far below 2^53.
  const zeros = zerosOf(tx.input);
  const others = tx.input.length - zeros;
  let gas = transaction + zeros * zeroByte + others * otherByte;
  if (tx.to === null) gas += creation + initCodeWord * Math.ceil(tx.input.length / 32);
  for (const { storageKeys } of tx.accessList ?? []) gas += listedAddress + listedKey * storageKeys.length;
  gas += Number(emptyAccount) * (tx.authorizationList?.length ?? 0);
  const floor = rules.floorGasPerToken === 0n ? 0 : transaction + Number(rules.floorGasPerToken) * (zeros + 4 * others);
  return { gas: BigInt(gas), floor: BigInt(floor) };
}

function zerosOf(bytes: Uint8Array): number {
  let zeros = 0;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] === 0) zeros++;
  return zeros;
}

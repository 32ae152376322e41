import { gasPerBlob } from "./blobBaseFee.ts";
import type { ForkRules } from "./fork.ts";
import type { EngineBlock, EngineTransaction } from "./Transaction.ts";

const mostNonce = (1n << 64n) - 1n;
const most256 = (1n << 256n) - 1n;
// EIP-3860.
const mostInitCode = 49_152;

/** What an account that sends must be. */
export interface Sender {
  readonly nonce: bigint;
  readonly balance: bigint;
  /** It has code that is no delegation (EIP-3607). */
  readonly isContract: boolean;
}

/** What the block asks, beside what stands in it. */
export interface Prices {
  readonly blobBaseFee: bigint;
  readonly intrinsic: bigint;
  readonly floor: bigint;
}

/** Most that a transaction may cost its sender beside its value, in wei. */
function mostFee(tx: EngineTransaction, { baseFeePerGas }: EngineBlock): bigint {
  const blobs = BigInt(tx.blobVersionedHashes?.length ?? 0);
  // Where it names no price it pays the base fee.
  return tx.gas * (tx.maxFeePerGas ?? tx.gasPrice ?? baseFeePerGas) + blobs * gasPerBlob * (tx.maxFeePerBlobGas ?? 0n);
}

/** Why the rules do not let the transaction into the block, or undefined. Funds are looked at last. */
export function whyInvalid(
  tx: EngineTransaction,
  block: EngineBlock,
  rules: ForkRules,
  sender: Sender,
  prices: Prices,
): string | undefined {
  return (
    whyUnfit(tx) ??
    whyNoSender(tx, sender) ??
    whyNoGas(tx, block, rules, prices) ??
    whyNoBlobs(tx, rules, prices) ??
    whyNoDelegations(tx, rules) ??
    whyUnfunded(tx, block, sender)
  );
}

// What no bytes can carry: a tip below zero would pay for the gas out of the coinbase's purse. Gas has its own least, and what is
// too much is more than the sender has.
const amounts = ["value", "gasPrice", "maxFeePerGas", "maxPriorityFeePerGas", "maxFeePerBlobGas", "nonce"] as const;

function whyUnfit(tx: EngineTransaction): string | undefined {
  const name = amounts.find((each) => (tx[each] ?? 0n) < 0n);
  if (name !== undefined) return `its ${name} is ${tx[name]}, below zero`;
  const keys = (tx.accessList ?? []).flatMap(({ storageKeys }) => storageKeys);
  return keys.some((key) => key < 0n || key > most256) ? "a key of its access list fits no slot" : undefined;
}

function whyNoSender(tx: EngineTransaction, sender: Sender): string | undefined {
  if (sender.isContract && tx.isImpersonated !== true) return "its sender is a contract";
  if (tx.nonce !== undefined && tx.nonce !== sender.nonce) {
    return `its nonce is ${tx.nonce}, and its sender's next is ${sender.nonce}`;
  }
  if (sender.nonce >= mostNonce) return "its sender has used the last nonce";
  return undefined;
}

function whyNoGas(tx: EngineTransaction, block: EngineBlock, rules: ForkRules, prices: Prices): string | undefined {
  if (tx.gas > rules.mostGas) return `its gas of ${tx.gas} is more than the ${rules.mostGas} that any may have`;
  const most = block.mostGas ?? block.gasLimit;
  if (tx.gas > most) return `its gas of ${tx.gas} is more than the block's ${most}`;
  if (tx.to === null && tx.input.length > mostInitCode) return `its init code has ${tx.input.length} bytes`;
  const needed = prices.intrinsic > prices.floor ? prices.intrinsic : prices.floor;
  if (tx.gas < needed) return `its gas of ${tx.gas} is less than the ${needed} that it costs in any case`;
  const fee = tx.maxFeePerGas ?? tx.gasPrice ?? block.baseFeePerGas;
  if (fee < block.baseFeePerGas) return `it pays ${fee} wei per gas, less than the base fee of ${block.baseFeePerGas}`;
  if ((tx.maxPriorityFeePerGas ?? 0n) > fee) return "its priority fee is more than its whole fee";
  return undefined;
}

function whyNoBlobs(tx: EngineTransaction, rules: ForkRules, prices: Prices): string | undefined {
  const hashes = tx.blobVersionedHashes;
  if (hashes === undefined) return undefined;
  if (tx.to === null) return "it has blobs and creates a contract";
  if (hashes.length === 0) return "it is of the kind that has blobs, and has none";
  if (hashes.length > rules.mostBlobs) return `it has ${hashes.length} blobs, more than ${rules.mostBlobs}`;
  if (hashes.some((hash) => hash.length !== 32 || hash[0] !== 1))
    return "the hash of a blob has another version than 1";
  if ((tx.maxFeePerBlobGas ?? 0n) < prices.blobBaseFee) return "it pays less for blob gas than the block asks";
  return undefined;
}

function whyNoDelegations(tx: EngineTransaction, rules: ForkRules): string | undefined {
  if (tx.authorizationList === undefined) return undefined;
  if (!rules.hasDelegations) return "this fork knows no authorizations";
  if (tx.to === null) return "it has authorizations and creates a contract";
  return tx.authorizationList.length === 0 ? "it is of the kind that has authorizations, and has none" : undefined;
}

function whyUnfunded(tx: EngineTransaction, block: EngineBlock, sender: Sender): string | undefined {
  const most = mostFee(tx, block) + tx.value;
  if (most > most256) return "what it may cost does not fit 256 bits";
  return most > sender.balance ? `it may cost ${most} wei, and its sender has ${sender.balance}` : undefined;
}

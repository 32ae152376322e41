// Pending transactions are a stream of their own: what is not in a block is no event of the chain, and never becomes one by
// being judged.
import type { EvmTransaction } from "./Evm.ts";
import type { Address, Hex } from "./Hex.ts";

/** A transaction that waits to come into a block, as a node's pool or a relay showed it. Amounts in wei. */
export interface PendingTx extends Omit<EvmTransaction, "nonce" | "block"> {
  readonly hash: Hex;
  readonly nonce: number;
  /** The chain that it is signed for; undefined where it says none. */
  readonly chainId?: number;
  /** Who showed it: a node's label, or `relay`. */
  readonly source: string;
}

/**
 * What makes a finding a prediction: the transaction that was tried on the state after `Finding.blockHash`, by whom, and
 * until which block it is waited for. It ends as soon as the sender's nonce is used (PRE-01).
 */
export interface Prediction {
  readonly tx: Hex;
  readonly sender: Address;
  /** Null where any transaction of the sender's may be the one: what a probe found is not bound to one. */
  readonly nonce: number | null;
  /** What it pays to the block's maker for each gas, at the base fee of the next block. */
  readonly tipWei: bigint;
  /** Its highest price for each gas, base fee included. */
  readonly maxFeeWei: bigint;
  /** The last block in which it may still come true. */
  readonly untilBlock: bigint;
}

/** Blocks after which a prediction that did not come true is dropped (PRE-01). */
export const predictionBlocks = 12n;

/** What `tx` pays for each gas in a block of `baseFeeWei`: to the block's maker, and at most in all. */
export function priceOf(tx: PendingTx, baseFeeWei: bigint): { readonly tipWei: bigint; readonly maxFeeWei: bigint } {
  const maxFeeWei = tx.maxFeePerGas ?? tx.gasPrice ?? 0n;
  const room = maxFeeWei > baseFeeWei ? maxFeeWei - baseFeeWei : 0n;
  const wished = tx.maxPriorityFeePerGas ?? room;
  return { tipWei: wished < room ? wished : room, maxFeeWei };
}

/** The prediction that a finding about `tx` rests on, tried after block `head`. */
export function predictionOf(tx: PendingTx, head: bigint, baseFeeWei: bigint): Prediction {
  const { hash, from, nonce } = tx;
  return { tx: hash, sender: from, nonce, ...priceOf(tx, baseFeeWei), untilBlock: head + predictionBlocks };
}

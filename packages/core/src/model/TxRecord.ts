import type { CallFrame } from "./BlockBundle.ts";
import type { AccountState, EvmBlock, EvmTransaction } from "./Evm.ts";
import type { Address, Hex } from "./Hex.ts";

/** What a node tells of a transaction of one of its blocks: the state that it met, and what came of it. */
export interface TxRecord {
  readonly tx: Omit<EvmTransaction, "block"> & { readonly hash: Hex; readonly type: number; readonly nonce: bigint };
  /** As it was signed and sent, where the node gives it. */
  readonly raw?: Hex;
  /** Its place in the block. */
  readonly index: number;
  readonly header: TxHeader;
  readonly succeeded: boolean;
  readonly gasUsed: bigint;
  readonly logs: readonly { readonly address: Address; readonly topics: readonly Hex[]; readonly data: Hex }[];
  /** As geth's callTracer with logs tells it, where the node does. */
  readonly trace?: CallFrame;
  /** All that it touched, as it was before. */
  readonly met: ReadonlyMap<Address, MetAccount>;
  /**
   * Where `met` comes from: a tracer, which is exact, or the state after the block before, by keys that a call at that state
   * touched: with a proof of each value from the block's header, or read without one.
   */
  readonly metBy: "tracer" | "proofs" | "reads";
}

export interface MetAccount extends AccountState {
  /** Words of 32 bytes by keys of 32 bytes. */
  readonly storage: ReadonlyMap<Hex, Hex>;
}

/** The header of a block as transactions see it. */
export type TxHeader = Omit<EvmBlock, "chainId" | "hardfork"> & { readonly hash: Hex; readonly parentHash: Hex };

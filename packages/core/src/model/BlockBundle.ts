import type { Address, Hex } from "./Hex.ts";

/** What a detector may need of a block: logs, transactions, call traces, state, cross-block windows. */
export type Scope = "L" | "X" | "T" | "S" | "H";

/** A block by its hash. `timestamp` in Unix seconds. */
export interface BlockRef {
  readonly number: bigint;
  readonly hash: Hex;
  readonly parentHash: Hex;
  readonly timestamp: bigint;
}

/** A transaction as it stands in a block. `to` is null for a creation; amounts in wei. */
export interface Transaction {
  readonly hash: Hex;
  readonly index: number;
  readonly from: Address;
  readonly to: Address | null;
  readonly value: bigint;
  readonly input: Hex;
  readonly nonce: number;
  /** Accounts that this transaction made act by a contract's code (EIP-7702), as far as their signatures name them. */
  readonly delegations?: readonly Delegation[];
}

/** An account and whose code it runs from now on; the zero address ends it. */
export interface Delegation {
  readonly authority: Address;
  readonly to: Address;
}

/** An event log. `index` counts within the block, `txIndex` names the transaction. */
export interface Log {
  readonly address: Address;
  readonly topics: readonly Hex[];
  readonly data: Hex;
  readonly index: number;
  readonly txIndex: number;
}

export type FrameType = "CALL" | "STATICCALL" | "DELEGATECALL" | "CALLCODE" | "CREATE" | "CREATE2" | "SELFDESTRUCT";

/** A log inside a call frame. `position` = number of sub-calls made before it, where the tracer says so. */
export interface FrameLog {
  readonly address: Address;
  readonly topics: readonly Hex[];
  readonly data: Hex;
  readonly position?: number;
}

/** One call of a transaction's call tree. `error` is set when this frame itself failed. */
export interface CallFrame {
  readonly type: FrameType;
  readonly from: Address;
  readonly to: Address;
  readonly value: bigint;
  readonly input: Hex;
  readonly output: Hex;
  readonly error?: string;
  readonly calls: readonly CallFrame[];
  readonly logs: readonly FrameLog[];
}

/**
 * All that was fetched of one block. `traces[i]` belongs to `txs[i]`. `has` names the scopes that are really here:
 * a detector whose scope is missing runs degraded or reports `not-applicable`, never "clean" (STREAM-08).
 */
export interface BlockBundle {
  readonly ref: BlockRef;
  readonly txs: readonly Transaction[];
  readonly logs: readonly Log[];
  readonly traces?: readonly CallFrame[];
  readonly has: readonly Scope[];
  /** Endpoints that agreed on the block's hash, by label. */
  readonly sources: readonly string[];
  /** How the traces were made: `debug_traceBlockByHash`, `debug_traceTransaction`, `trace_block` or absent. */
  readonly traceSource?: string;
}

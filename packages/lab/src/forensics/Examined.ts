import type { CallFrame, FrameLog, Transaction } from "@testudo/core/model/BlockBundle";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { StateAnswer, StateRead } from "@testudo/core/model/StateRead";
import type { Abi } from "viem";
import type { TracedFrame } from "../record/TracedFrame.ts";
import type { StateDiff } from "../tracer/prestateResult.ts";

/** A transaction that is to be explained, with all that is known of it. */
export interface Examined {
  readonly chainId: number;
  readonly tx: Transaction;
  readonly block: { readonly number: bigint; readonly timestamp: bigint };
  readonly succeeded: boolean;
  readonly gasUsed?: bigint;
  /** Its call tree; with gas where the tracer told it. */
  readonly trace: CallFrame | TracedFrame;
  /** The receipt's logs; left out, those of the trace. */
  readonly logs?: readonly FrameLog[];
  readonly diff?: StateDiff;
  /** Keys of mappings by the slots that were hashed of them, as far as the run showed. */
  readonly hashed?: ReadonlyMap<Hex, readonly [key: Hex, slot: Hex]>;
  /** Transactions by which the same actor made ready for it, and what they created. */
  readonly before?: readonly { readonly hash: Hex; readonly created: readonly Address[] }[];
  /** Answers from the state before (`parent`) and after (`block`) the transaction. Without it no state is known. */
  readonly answer?: (reads: readonly StateRead[]) => Promise<readonly StateAnswer[]>;
  readonly abis?: readonly Abi[];
  readonly prices?: PriceSource;
  readonly layouts?: ReadonlyMap<Address, readonly LayoutEntry[]>;
  /** Sides known beforehand: who is protected, and so a possible victim and never an actor. */
  readonly protect?: readonly Address[];
  /** What was known beforehand to be missing. */
  readonly limits?: readonly string[];
}

/** Prices of one whole token or coin, by asset. */
export interface PriceSource {
  readonly currency: string;
  readonly prices: ReadonlyMap<string, number>;
}

/** A variable of a contract's storage, as a compiler's storage layout names it. */
export interface LayoutEntry {
  readonly label: string;
  readonly slot: bigint;
  readonly type: string;
}

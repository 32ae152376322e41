import type { AssetFlow } from "./AssetFlow.ts";
import type { CallFrame, Log, Transaction } from "./BlockBundle.ts";

/** A transaction with what belongs to it, and its asset flow, computed once for all detectors. */
export interface TxView {
  readonly tx: Transaction;
  readonly logs: readonly Log[];
  readonly trace: CallFrame | undefined;
  /** Net movement of assets, see AssetFlow. Computed at first use. */
  flow(): AssetFlow;
}

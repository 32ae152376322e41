import type { EvmRefusal } from "@testudo/core/model/Evm";
import type { Hex } from "@testudo/core/model/Hex";
import type { CapsuleTransaction, TransactionRole } from "../record/Capsule.ts";

/** A transaction of a capsule in its place, and whose work it is: what nobody marked an attack has to stay as it was. */
export interface PlacedTx {
  readonly index: number;
  readonly tx: CapsuleTransaction;
  readonly role: TransactionRole;
}

/** What came of one transaction. */
export interface TxRun {
  readonly index: number;
  readonly tx: Hex | null;
  readonly role: TransactionRole;
  readonly status: "succeeded" | "failed" | "refused";
  /** Why it was refused: it never ran. In the engine's words, too. */
  readonly refusal?: EvmRefusal;
  readonly detail?: string;
  readonly gasUsed: bigint;
  readonly output: Hex;
  /** SHA-256 over addresses, topics and data of its logs. */
  readonly logs: Hex;
  /** What its gas cost its sender, in wei. */
  readonly fee: bigint;
}

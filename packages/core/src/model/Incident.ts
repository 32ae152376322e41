import type { Severity } from "./Finding.ts";
import type { Address, Hex } from "./Hex.ts";
import type { RecordBase } from "./Record.ts";

export const incidentStates = ["open", "mitigating", "monitoring", "resolved"] as const;
export type IncidentState = (typeof incidentStates)[number];

/** Findings about one subject that belong together (FIND-06). Each growth by a block, or change, is a record of its own. */
export interface Incident extends RecordBase {
  readonly kind: "Incident";
  /** Stable over all records of one incident: the id of its first record's key. */
  readonly incident: Hex;
  readonly state: IncidentState;
  readonly severity: Severity;
  readonly subject: Address;
  readonly addresses: readonly Address[];
  /** Those of the newest block, and of those before where they are very many the first and the last of each kind. */
  readonly findings: readonly Hex[];
  readonly openedAtBlock: bigint;
  readonly openedAt: bigint;
  readonly lastAt: bigint;
  /** When somebody first took one of its findings upon himself, by the time of the chain's head. */
  readonly acknowledgedAt?: bigint;
  /** When the first action against it was in force, by the time of its block; taken back with that block. */
  readonly mitigatedAt?: bigint;
  readonly sequence: number;
}

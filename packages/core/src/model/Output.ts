import type { Action } from "./Action.ts";
import type { ActionStatus } from "./ActionStatus.ts";
import type { Approval } from "./Approval.ts";
import type { BlockRef } from "./BlockBundle.ts";
import type { Plain } from "./canonicalJson.ts";
import type { Decision } from "./Decision.ts";
import type { Derivation, DeriveRequest } from "./Derivation.ts";
import type { Evidence } from "./Evidence.ts";
import type { Finding, FindingDraft } from "./Finding.ts";
import type { FindingStatus } from "./FindingStatus.ts";
import type { Hex } from "./Hex.ts";
import type { Incident } from "./Incident.ts";
import type { Undo } from "./Memory.ts";
import type { Notice } from "./Notice.ts";
import type { RecordBase } from "./Record.ts";
import type { Report } from "./Report.ts";
import type { Review } from "./Review.ts";
import type { Simulation } from "./Simulation.ts";
import type { StateRead } from "./StateRead.ts";

/** A remark of a person or of the stream that belongs into the chain of evidence. */
export interface Remark extends RecordBase {
  readonly kind: "Remark";
  readonly topic: "mode" | "rules" | "trouble" | "acknowledge" | "resolve" | "reorg";
  readonly actor: string;
  readonly text: string;
}

/** Every record that is stored and linked into the chain of evidence. */
export type EvidenceRecord =
  | Finding
  | FindingStatus
  | Incident
  | Decision
  | Derivation
  | Action
  | ActionStatus
  | Approval
  | Simulation
  | Report
  | Review
  | Remark;

/**
 * What one step changed, to be stored in one database transaction (STREAM-12): records, their link of the chain of
 * evidence, notices for the outbox, cells, undo entries, cursor.
 */
export interface Commit {
  readonly kind: "commit";
  readonly evidence: Evidence;
  readonly records: readonly EvidenceRecord[];
  readonly notices: readonly Notice[];
  readonly cells: readonly (readonly [key: string, value: Plain | undefined])[];
  /** The undo entry to append, or how many to drop from the newest (reorg) or the oldest (finality) side. */
  readonly undo: { readonly push: Undo } | { readonly popNewest: number } | { readonly dropOldest: number } | null;
  /** Last block judged; absent where the input did not move it. */
  readonly cursor?: BlockRef;
}

/** What the driver shall do. Commands are given again after a restart until their effect has come back as an input. */
export type Command =
  /** `triggers`: transactions that findings name; `blocks`: where the findings that opened the gate were made. */
  | {
      readonly kind: "simulate";
      readonly action: Action;
      readonly triggers: readonly Hex[];
      readonly blocks: readonly Hex[];
    }
  /** Looks for a rule in the attack. Its id stands where another command has its action's. */
  | { readonly kind: "derive"; readonly request: DeriveRequest }
  | { readonly kind: "collect"; readonly action: Action }
  | { readonly kind: "send"; readonly action: Action; readonly approvals: readonly Approval[] };

/** What the detectors say about a pending transaction. Not stored: what matters of it is a finding. */
export interface Foretold {
  readonly kind: "foretold";
  readonly tx: Hex;
  /** True where the block that it was tried on is not the last one any more: nothing was judged. */
  readonly isStale: boolean;
  readonly findings: readonly (Pick<FindingDraft, "severity" | "score" | "reason" | "subject"> & {
    readonly detector: string;
  })[];
}

/** `ask`: answers are needed before the step can end; nothing else comes with it and nothing has changed. */
export type Output =
  | { readonly kind: "ask"; readonly ref: BlockRef; readonly reads: readonly StateRead[] }
  | Commit
  | Foretold
  | Command;

// Open cases live in the same cells as detector memory, but under a prefix of their own that a reorg does not roll back:
// what was said and done stays said and done; it is retracted, not forgotten.
import type { CompositeMember } from "../detectors/detectComposite.ts";
import type { Action } from "../model/Action.ts";
import type { ActionState, SendWay } from "../model/ActionStatus.ts";
import type { Approval } from "../model/Approval.ts";
import type { BlockRef } from "../model/BlockBundle.ts";
import type { Plain } from "../model/canonicalJson.ts";
import type { DeriveRequest } from "../model/Derivation.ts";
import type { Finding, Severity } from "../model/Finding.ts";
import type { ChainStatus, Resolution, WorkStatus } from "../model/FindingStatus.ts";
import type { Address, Hex } from "../model/Hex.ts";
import type { Incident } from "../model/Incident.ts";
import type { Mode } from "../model/Input.ts";
import { type Draft, readDraft } from "../model/Memory.ts";
import type { Verdict } from "../model/Review.ts";

/** A finding with its current status, by dedup key. */
export interface FindingCase {
  readonly finding: Finding;
  readonly chain: ChainStatus;
  readonly work: WorkStatus;
  /** What came of it, once it is resolved. */
  readonly resolution?: Resolution;
  readonly count: number;
  readonly sequence: number;
  readonly finality: "finalized" | number;
  readonly retractedAtBlock?: bigint;
  /**
   * Less grave ones that `finding` took the place of, oldest first: one may stand where the block of `finding` is orphaned. What is
   * predicted goes on with all of them.
   */
  readonly earlier?: readonly Finding[];
  /** The thread of what was predicted, which may have the key of another hour; absent: the finding's own key. */
  readonly thread?: Hex;
  /** Where it was counted last, if it was. */
  readonly lastBlock?: bigint;
  /** What a prediction is about, whatever the hour: the key of its `foretold`. */
  readonly topic?: Hex;
  /** True where history is told (DET-09). Kept, so that it is taken back aloud by a watch that tells none, too. */
  readonly isTold?: true;
}

/** An action with its current state and what was collected for it. */
export interface ActionCase {
  readonly action: Action;
  readonly state: ActionState;
  readonly sequence: number;
  readonly approvals: readonly Approval[];
  /** The block that holds the pause, once seen. */
  readonly seenIn?: BlockRef;
  /** The block that took the rule back. */
  readonly clearedIn?: BlockRef;
  /** Whether the order to send it was given: the sender goes on with it by itself. */
  readonly isReleased?: boolean;
  /** Whether somebody has had its bytes: it may take effect whatever we do. */
  readonly hasLeft?: boolean;
  /** As what it had ended before it took effect all the same; absent: it had not. */
  readonly endedAs?: ActionState;
  /** When the last of its selectors comes back, as the chain told. Unix seconds. */
  readonly pausedUntil?: bigint;
  /** The block that each cause was first seen in, where the action waits for that: what makes a cause graver later delays nothing. */
  readonly causeBlocks?: { readonly [finding: Hex]: bigint };
  /** The bytes that were given out last, and which way, where the policy names a relay. */
  readonly sent?: { readonly way: SendWay; readonly txHash?: Hex };
}

/** What is true of the pipeline as a whole. */
export interface Standing {
  readonly mode: Mode;
  /** Reasons why nothing may be sent, by source (RESP-11). */
  readonly frozen: { readonly [source: string]: string };
  readonly evidenceSequence: number;
  readonly evidenceHead: Hex;
  readonly head: BlockRef | null;
  /** The newest block that the chain calls final, where the policy has an action wait for it. */
  readonly finalized?: bigint;
  readonly openIncidents: readonly Hex[];
  readonly openActions: readonly Hex[];
  /** What ended while the sender had it, or once guardians had signed it, and may take effect. */
  readonly ended?: readonly Hex[];
  /** Dedup keys of findings that are not final yet. */
  readonly pending: readonly Hex[];
  /** Dedup keys of findings that have not happened yet. */
  readonly predicted?: readonly Hex[];
  /** Troubles of ours that are over and not settled yet, by their keys. */
  readonly ending?: readonly string[];
}

/** A finding that may be a part of a composite, and whose actors it is. */
export interface MemberCase extends CompositeMember {
  readonly dedupKey: Hex;
  readonly seeds: readonly Address[];
}

/** A composite that stands, and of what. */
export interface CompositeCase {
  readonly dedupKey: Hex;
  readonly severity: Severity;
  readonly members: readonly Hex[];
}

/** A report that was taken, and whether another engine had confirmed it. */
export interface ReportCase {
  readonly id: Hex;
  readonly isVerified: boolean;
}

/** A trouble of ours that was told: by which finding, and since when it is over (Unix seconds, the chain's), by what sign. */
export interface TroubleCase {
  readonly dedupKey: Hex;
  /** The findings of the hours before, where it lasts. */
  readonly earlier?: readonly Hex[];
  readonly overAt?: bigint;
  readonly note?: string;
}

/** That a person said of a finding that it was no attack, by its id; and what another said of that. */
export interface MarkCase {
  /** The status that says so. */
  readonly status: Hex;
  readonly actor: string;
  readonly verdict?: Verdict;
}

interface Kinds {
  readonly members: readonly MemberCase[];
  readonly composites: readonly CompositeCase[];
  readonly finding: FindingCase;
  readonly incident: Incident;
  readonly action: ActionCase;
  /** By what the report says: `Report.report`. */
  readonly report: ReportCase;
  readonly standing: Standing;
  /** The detectors that judge, by id with the hash of what each is made of. */
  readonly rules: { readonly [id: string]: Hex };
  readonly mark: MarkCase;
  /** By what it is and whose. */
  readonly trouble: TroubleCase;
  /** Finding id → dedup key. */
  readonly findingId: Hex;
  /** What a prediction is about, whatever the hour → its dedup key, while it is waited for. One of an earlier version may be over. */
  readonly foretold: Hex;
  /** Findings whose cases are at hand, by their place: the oldest first, with the chain's time when they came (Unix seconds). */
  readonly atHand: { readonly at: bigint; readonly findings: readonly (readonly [finding: Hex, dedupKey: Hex])[] };
  /** The first place of those and the next, how many findings they have, and whether those of earlier versions are in. Under one key. */
  readonly shelf: { readonly first: number; readonly next: number; readonly count: number; readonly hasEarlier?: true };
  /** Cool-off: target and selectors → Unix seconds from which software may act again. */
  readonly coolOff: bigint;
  /** Actions that count for the policy's rate limit, with when they were begun; Unix seconds. Under one key. */
  readonly begun: readonly { readonly action: Hex; readonly at: bigint }[];
  /** Searches for a rule, by their id; `isOpen` until what came of one is known. `at`: Unix seconds of the head that asked. */
  readonly search: { readonly request: DeriveRequest; readonly at: bigint; readonly isOpen: boolean };
  /** The open search of a target, by its id. */
  readonly searching: Hex;
  /** When rules were derived, and searches begun, within the last day; Unix seconds. */
  readonly derivedAt: readonly bigint[];
  /** Hash of the reasons why people were left to act, per incident. */
  readonly limited: Hex;
  /** Last decision's content hash per incident, so that an unchanged decision is not written at every block. */
  readonly decided: Hex;
}

export function readCase<K extends keyof Kinds>(draft: Draft, kind: K, key: string): Kinds[K] | undefined {
  return readDraft(draft, `c/${kind}/${key}`) as Kinds[K] | undefined;
}

export function writeCase<K extends keyof Kinds>(
  draft: Draft,
  kind: K,
  key: string,
  value: Kinds[K] | undefined,
): void {
  draft.writes.set(`c/${kind}/${key}`, value as Plain | undefined);
}

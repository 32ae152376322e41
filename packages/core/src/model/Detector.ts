import type { ZodType } from "zod";
import type { DeployerOf } from "./ActorCluster.ts";
import type { BlockBundle, Scope } from "./BlockBundle.ts";
import type { CreationOf } from "./Creations.ts";
import type { Feedback, LearnedSettings } from "./Feedback.ts";
import type { FindingClass, FindingDraft } from "./Finding.ts";
import type { Address, Hex } from "./Hex.ts";
import type { Memory } from "./Memory.ts";
import type { Observed, SettingsProposal } from "./Observed.ts";
import type { Stage } from "./Stage.ts";
import type { StateAnswer, StateRead } from "./StateRead.ts";
import type { Trigger } from "./Trigger.ts";
import type { TxView } from "./TxView.ts";

/** What stands on every finding of a detector. Runbook and owner may not be empty. */
export interface DetectorMeta {
  readonly id: string;
  /** semver; the major part is in the dedup key. */
  readonly version: string;
  readonly class: FindingClass;
  /** Scopes without which the detector cannot judge, and those without which it judges less well. */
  readonly needs: { readonly all: readonly Scope[]; readonly degraded?: readonly Scope[] };
  /** Blocks after which a finding counts as confirmed, or the chain's own mark. */
  readonly finality: "finalized" | number;
  /** An exact identity whose breach alone allows automatic action (GATE-01). */
  readonly hard?: boolean;
  /** False for one that asks what nobody can ask again: its findings cannot be reproduced. */
  readonly deterministic?: false;
  /** What of an attack it sees; default by its id, else exploitation. */
  readonly stage?: Stage;
  readonly runbook: string;
  readonly owner: string;
}

/** Whether a detector looks across blocks (scope H), so that deployments are followed for it. */
export function looksBack({ needs }: DetectorMeta): boolean {
  return needs.all.includes("H") || needs.degraded?.includes("H") === true;
}

/** Scopes without which the detector cannot judge a block that has `has` (STREAM-08). */
export function missingFor({ needs }: DetectorMeta, has: readonly Scope[]): readonly Scope[] {
  return needs.all.filter((scope) => !has.includes(scope));
}

/** What a detector sees of one block. Nothing here does I/O; a read that is not there yet ends the run and is asked for. */
export interface DetectContext<P> {
  readonly chainId: number;
  readonly block: BlockBundle;
  readonly phase: "history" | "live";
  /** The protected set P, lower case. */
  readonly watched: ReadonlySet<Address>;
  readonly txs: readonly TxView[];
  readonly params: P;
  readonly memory: Memory;
  /** Who deployed a contract, if that was seen in the last 50,000 blocks. Kept once for all detectors whose `needs` name H. */
  readonly deployerOf: DeployerOf;
  /** The same with the block of its making. */
  readonly creationOf: CreationOf;
  /** The answer to `read`. Throws ReadPending until the driver has answered; the run starts again then. */
  read(read: StateRead): StateAnswer;
  /** Like `read` for many at once: one round trip. */
  readAll(reads: readonly StateRead[]): readonly StateAnswer[];
  finding(draft: FindingDraft): void;
  /** Notes a figure that a setting is compared with, told or not. Only `testudo calibrate` looks at it, and nothing comes back. */
  observe(series: string, value: number): void;
}

/** A pure judge of blocks. Same blocks and answers, same findings (DET-02). */
export interface Detector<P = unknown> {
  readonly meta: DetectorMeta;
  readonly params: ZodType<P>;
  readonly defaults: P;
  readonly text?: string;
  /** First topics of the logs that it looks for inside call frames, none for []. Left out: any. The logs of a transaction are always there. */
  readonly frameLogs?: readonly Hex[];
  detect(context: DetectContext<P>): void;
  /** The settings that a history of its own observations proposes in place of `settings`; undefined for none. Pure. */
  calibrate?(observed: Observed, settings: P): SettingsProposal<P> | undefined;
  /** What reviewed false alarms add to a set that it has learned, in place of raising its thresholds (FIND-08). Pure. */
  learn?(feedback: Feedback, settings: P): LearnedSettings<P>;
}

/** A detector with its parameters, ready to run. */
export interface DetectorUse {
  readonly meta: DetectorMeta;
  readonly detect: (context: DetectContext<unknown>) => void;
  readonly settings: unknown;
  /** As of `Detector`. */
  readonly frameLogs?: readonly Hex[];
  /** Where it names them, it runs on blocks that hold one of them and on no other. */
  readonly triggers?: readonly Trigger[];
  /** What it is written in, where its author's words are known: tells an edited detector from the one before. */
  readonly text?: string;
  /** What a history proposes for its settings. */
  readonly propose?: (observed: Observed) => SettingsProposal<object> | undefined;
  /** What reviewed false alarms propose for its settings; only where it keeps a learned set. */
  readonly learn?: (feedback: Feedback) => LearnedSettings<object>;
  /** The same detector with some settings exchanged. Throws ZodError like `useDetector`. */
  readonly tune?: (settings: object) => DetectorUse;
}

/** Checks `overrides` against the detector's parameters and binds them. Throws ZodError on a wrong or unknown field. */
export function useDetector<P extends object>(detector: Detector<P>, overrides: Partial<P> = {}): DetectorUse {
  const settings = detector.params.parse({ ...detector.defaults, ...overrides });
  const { meta, text, calibrate, learn, frameLogs } = detector;
  return {
    meta,
    detect: detector.detect as DetectorUse["detect"],
    settings,
    ...(text === undefined ? {} : { text }),
    ...(frameLogs === undefined ? {} : { frameLogs }),
    ...(calibrate === undefined ? {} : { propose: (observed: Observed) => calibrate(observed, settings) }),
    ...(learn === undefined ? {} : { learn: (feedback: Feedback) => learn(feedback, settings) }),
    tune: (changed) => useDetector(detector, { ...settings, ...changed }),
  };
}

/** Thrown by `read` for data that is not there yet. Detectors let it pass. */
export class ReadPending extends Error {
  override readonly name = "ReadPending";
  readonly reads: readonly StateRead[];
  constructor(reads: readonly StateRead[]) {
    super(`Waiting for ${reads.length} state reads.`);
    this.reads = reads;
  }
}

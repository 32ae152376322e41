import type { EmptyBlock, EvaluationCase } from "./Case.ts";
import type { IncidentResult } from "./incidents/IncidentResult.ts";

/** A file or block that gave no case, and why. The others go on. */
export interface SourceFault {
  readonly kind: "fault";
  readonly source: string;
  readonly message: string;
}

/** How far a source is. `total` is what there is to do, where that is known. */
export interface Progress {
  readonly done: number;
  readonly total: number | undefined;
  readonly what: string;
}

/** Where cases come from: recorded blocks, call trees, capsules, a node. Iterated once; ends early when told to stop. */
export interface CaseSource {
  readonly kind: "blocks" | "traces" | "capsules" | "range" | "scenario" | "list";
  /** SHA-256 of the data, by file or block range, once it was read (EVAL-08). */
  readonly hashes: Map<string, string>;
  /** Seconds of chain time that the data covers, once it was read; for alerts a day. */
  coveredSeconds(): number;
  /** What was said of blocks without transactions, once they were judged. */
  readonly emptyBlocks?: readonly EmptyBlock[];
  /** Of rows of the incident corpus: what was said of each, once it was played. */
  readonly incidents?: readonly IncidentResult[];
  /** After a stop: the flags that go on where it ended, where that is possible. */
  readonly goOn?: () => string | undefined;
  cases(signal: AbortSignal, onProgress: (progress: Progress) => void): AsyncIterable<EvaluationCase | SourceFault>;
}

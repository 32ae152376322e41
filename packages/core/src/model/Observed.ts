// What detectors measured over a history, whether they told of it or not: what their settings are calibrated on.

/** One figure of one block. */
export interface Observation {
  readonly timestamp: bigint;
  readonly value: number;
}

/** By series, oldest first. A series is one figure of one thing: a feed's deviation, a vault's change. */
export type Observed = ReadonlyMap<string, readonly Observation[]>;

/** One setting as it is and as history would have it. */
export interface ProposedSetting {
  readonly setting: string;
  readonly before: string | number | null;
  readonly after: string | number;
  /** How it follows from the history. */
  readonly rule: string;
  readonly samples: number;
  /** How often the newest 30 % lies above it, where the oldest 70 % made it. */
  readonly above?: { readonly hits: number; readonly trials: number };
}

/** Settings that a history proposes, and how each was found. */
export interface SettingsProposal<P> {
  readonly settings: Partial<P>;
  readonly evidence: readonly ProposedSetting[];
}

import type { Mistake } from "../../config/ConfigError.ts";

/** A part of a configuration: what of it is there, in words, and what is wrong with it. */
export interface CheckedPart {
  readonly part: string;
  readonly text: string;
  readonly faults: readonly Mistake[];
  /** What a watch takes and would go on without, in words; absent where there is nothing of that. */
  readonly notes?: readonly string[];
}

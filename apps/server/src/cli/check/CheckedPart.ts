import type { Mistake } from "../../config/ConfigError.ts";

/** A part of a configuration: what of it is there, in words, and what is wrong with it. */
export interface CheckedPart {
  readonly part: string;
  readonly text: string;
  readonly faults: readonly Mistake[];
}

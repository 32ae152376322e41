import type { Sources } from "./SolcOutput.ts";

/** The faults that templates mend. */
export const templates = [
  "initialiser guard",
  "access check",
  "reentrancy guard",
  "health check",
  "virtual shares",
  "oracle sanity",
  "oracle delay",
  "rounding",
] as const;
export type Template = (typeof templates)[number];

/** Sources with one fault mended. */
export interface Mended {
  readonly template: Template;
  readonly functions: readonly string[];
  readonly sources: Sources;
  /** What tells this one from others of the same template. */
  readonly variant?: string;
}

/** A template that made nothing, and why. */
export interface Declined {
  readonly template: Template;
  readonly why: string;
}

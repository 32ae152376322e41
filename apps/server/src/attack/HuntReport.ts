import type { ToldCall } from "@testudo/lab/adversary/Call";

/** What a search for broken assertions and properties found. */
export interface HuntReport {
  readonly calls: number;
  readonly callsPerSecond: number;
  /** Basic blocks of the contracts under test that ran. */
  readonly coverage: number;
  readonly violations: readonly ToldViolation[];
}

export interface ToldViolation {
  readonly name: string;
  readonly kind: "assertion" | "property";
  /** In their order; the last one breaks it. */
  readonly calls: readonly ToldCall[];
  /** How many calls the worker that found it had made. */
  readonly atCall: number;
  /** Since the search began. */
  readonly seconds: number;
}

// How long it takes from the first bad transaction to what remedies it (LAB-23).

import type { Hex } from "@testudo/core/model/Hex";

/** What is remedied: where it began, and who sent what. */
export interface Attacked {
  readonly firstBadBlock: bigint;
  readonly benign: ReadonlySet<Hex>;
  readonly attack: ReadonlySet<Hex>;
}

/** Times of one attack. Chain time goes by blocks; what the machine works is measured and not chain time. */
export interface Remediation {
  /** What stood first on chain against it; null where nothing did. */
  readonly guard: "rule" | "pause" | null;
  /** Seconds of the chain from the block of the first bad transaction to that of the guard, 0 where it stood before; null without one. */
  readonly guardSeconds: number | null;
  /** Milliseconds that finding the rule took on this machine, while blocks waited; null where none was derived. */
  readonly ruleMs: number | null;
  /** The upgrade that mends the source and holds in simulation; null without sources, or where none held. */
  readonly upgrade: string | null;
  /** Milliseconds of recording, proposing and simulating it on this machine, from the guard on. */
  readonly upgradeMs: number | null;
}

/** Seconds from the first bad transaction to the verified upgrade proposal; null where one of the two is missing. */
export function upgradeSecondsOf({ guardSeconds, upgradeMs }: Remediation): number | null {
  return guardSeconds === null || upgradeMs === null ? null : guardSeconds + upgradeMs / 1_000;
}

/** The mean of those of `values` that are there; null where none is. */
export function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

import type { Severity } from "../../model/Finding.ts";
import type { Address } from "../../model/Hex.ts";
import type { Dealing } from "../../signs/Dealing.ts";
import type { DrainSign } from "../../signs/DrainSign.ts";
import type { Leg } from "../../signs/Loss.ts";

/** A dealing in which something left that no price, claim or custom explains. */
export interface Judged {
  readonly dealing: Dealing;
  readonly cluster: ReadonlySet<Address>;
  readonly signs: readonly DrainSign[];
  /** What left unexplained, less the actors' own money where that speaks for them. */
  readonly owing: readonly Leg[];
  /** What came in and counts as a share of what was held. */
  readonly ins: readonly Leg[];
  /** Share of all claims on the holder that was burned for it. */
  readonly claim: number;
  readonly hasGain: boolean;
  readonly isVouched: boolean;
  /** What was told of it alone; undefined for nothing. */
  readonly severity: Severity | undefined;
}

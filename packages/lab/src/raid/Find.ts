import type { Plan } from "./Plan.ts";

/** A plan that gains, or breaks a figure, shrunk. */
export interface Find {
  readonly plan: Plan;
  /** Name of the figure that it breaks; without one it is the gain that counts. */
  readonly figure?: string;
  /** In the unit of account, WAD. */
  readonly gainWad: bigint;
  /** What it needs of each asset, in its smallest unit. */
  readonly capital: readonly bigint[];
  /** How many calls had run. */
  readonly atCall: number;
  /** It came of the known attack that the search began with. */
  readonly isSample: boolean;
}

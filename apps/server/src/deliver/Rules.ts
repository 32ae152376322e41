import type { Address } from "@testudo/core/model/Hex";

/** Hours of the week in a time zone. `from` and `to` as "HH:MM"; a `to` at or before `from` is on the next day. */
export interface Hours {
  readonly from: string;
  readonly to: string;
  /** Of the day on which they begin; all without. */
  readonly days?: readonly Day[] | undefined;
  /** IANA name, such as "Europe/Berlin". */
  readonly timeZone: string;
}

export const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Day = (typeof days)[number];

/** What a channel wants beside a severity (DELIV-03). What is absent restricts nothing. */
export interface Rules {
  /** Protected addresses, lower case. */
  readonly subjects?: readonly Address[] | undefined;
  /** Owners of detectors. */
  readonly owners?: readonly string[] | undefined;
  readonly hours?: Hours | undefined;
  /** Messages in 60 s beyond which the rest is folded into one digest; 0 never folds. */
  readonly foldAfter?: number | undefined;
}

import type { Hex } from "./Hex.ts";
import type { RecordBase } from "./Record.ts";

export const verdicts = ["accepted", "refused"] as const;
export type Verdict = (typeof verdicts)[number];

/** What a second person said of a false alarm (FIND-08). The last one about a finding counts. */
export interface Review extends RecordBase {
  readonly kind: "Review";
  readonly finding: Hex;
  readonly verdict: Verdict;
  readonly actor: string;
  /** Why. */
  readonly note: string;
}

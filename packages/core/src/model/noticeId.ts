import type { FindingStatus } from "./FindingStatus.ts";
import type { Hex } from "./Hex.ts";
import { hashOf } from "./Record.ts";

/** The id of the notice that tells of `status`, of a finding of the key `dedupKey` (FIND-02). */
export function noticeIdOf(
  dedupKey: Hex,
  { transition, sequence }: Pick<FindingStatus, "transition" | "sequence">,
): Hex {
  return hashOf({ key: dedupKey, transition, sequence });
}

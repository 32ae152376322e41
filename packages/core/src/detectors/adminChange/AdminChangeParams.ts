import type { AnnouncedChange } from "../../model/AnnouncedChange.ts";

export interface AdminChangeParams {
  /** Timelocks, Safes and proxy admins that govern the protected addresses; their events count as those of `subject`. */
  readonly governors: readonly string[];
  /** Severity of an ordinary change, such as an upgrade that was announced. */
  readonly ordinary: "low" | "medium" | "high";
  /** Safes among the governors, whose storage is looked at as well. */
  readonly safes: readonly string[];
  /** What the protocol's people have said that they would change, and when. */
  readonly announced: readonly AnnouncedChange[];
  /** A governor's operation that waited this long on chain counts as announced there. */
  readonly noticeSeconds: number;
}

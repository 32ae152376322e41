import type { DetectContext } from "../../model/Detector.ts";
import type { Severity } from "../../model/Finding.ts";
import type { Address } from "../../model/Hex.ts";
import type { TxView } from "../../model/TxView.ts";
import type { AdminChangeParams } from "./AdminChangeParams.ts";
import { type Notice, noticeOf } from "./noticeOf.ts";

export type Context = DetectContext<AdminChangeParams>;

/** What is known of the block before its changes are judged. */
export interface Seen {
  readonly named: ReadonlySet<Address>;
  /** Addresses that had no code at the parent block. */
  readonly born: ReadonlySet<string>;
  readonly beacons: ReadonlyMap<Address, Address>;
  /** Thresholds of Safes at the parent block. */
  readonly thresholds: ReadonlyMap<Address, bigint>;
  /** Slots whose event was seen, as `address|slot`. */
  readonly explained: Set<string>;
}

export function subjectOf({ watched }: Context, { beacons }: Seen, address: Address): Address {
  return watched.has(address) ? address : (beacons.get(address) ?? [...watched][0] ?? address);
}

export function noticeFor(
  { params, memory, block }: Context,
  { named }: Seen,
  view: TxView | undefined,
  address: Address,
  text: string,
): Notice | undefined {
  const { announced, noticeSeconds } = params;
  const now = Number(block.ref.timestamp);
  return noticeOf(memory, view, { address, text, now, governors: named, noticeSeconds, calendar: announced });
}

export function plainNotice(notice: Notice | undefined, severity: Severity) {
  if (notice === undefined) return {};
  const { by } = notice;
  const what =
    by === "calendar"
      ? { fromSeconds: notice.entry.fromSeconds, untilSeconds: notice.entry.untilSeconds }
      : { operation: notice.operation, waitedSeconds: notice.waitedSeconds };
  return { notice: { by, unannounced: severity, ...what } };
}

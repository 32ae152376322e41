import { principalsOf } from "../../model/ActorCluster.ts";
import type { DetectContext } from "../../model/Detector.ts";
import type { ProtocolAdapter } from "../../model/ProtocolAdapter.ts";
import type { ProtocolEvent } from "../../model/ProtocolEvent.ts";
import type { TxView } from "../../model/TxView.ts";
import type { LoopedBorrowParams } from "./LoopedBorrowParams.ts";

interface Decoded {
  readonly view: TxView;
  readonly events: readonly ProtocolEvent[];
}

/** Times at which a borrow followed a deposit, oldest first, and whether a deposit waits for its borrow. */
type Past = readonly [waits: boolean, ...times: bigint[]];

/**
 * Cycles of deposit and borrow within the window, by `market|account`. The accounts of one actor in one transaction share
 * what they all did there, so that a loop through sub-accounts counts as one.
 */
export function countCycles(
  context: DetectContext<LoopedBorrowParams>,
  adapter: Pick<ProtocolAdapter, "name">,
  decoded: readonly Decoded[],
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const raise = (key: string, to: number) => counts.set(key, Math.max(counts.get(key) ?? 0, to));
  for (const { view, events } of decoded) {
    const keys = new Set<string>();
    const shared = new Map<string, { waits: boolean; count: number }>();
    for (const event of events) {
      if (event.kind !== "collateral" && event.kind !== "debt") continue;
      const key = `${event.market}|${event.account}`;
      keys.add(key);
      raise(key, advance(context, `${adapter.name}:cycles:${key}`, event));
      const both = shared.get(event.market) ?? { waits: false, count: 0 };
      if (event.kind === "collateral" && event.amount > 0n) both.waits = true;
      if (event.kind === "debt" && event.amount > 0n && both.waits)
        Object.assign(both, { waits: false, count: both.count + 1 });
      shared.set(event.market, both);
    }
    // A bundle of several people's operations is nobody's loop.
    if (principalsOf(view).size === 1)
      for (const key of keys) raise(key, shared.get(key.slice(0, key.lastIndexOf("|")))?.count ?? 0);
  }
  return counts;
}

function advance(
  { memory, params, block }: DetectContext<LoopedBorrowParams>,
  key: string,
  event: ProtocolEvent & { readonly kind: "collateral" | "debt" },
): number {
  const [waits, ...times] = (memory.get(key) ?? [false]) as Past;
  const now = block.ref.timestamp;
  const kept = times.map(BigInt).filter((t) => now - t < BigInt(params.windowSeconds));
  const deposits = event.kind === "collateral" && event.amount > 0n;
  const borrows = event.kind === "debt" && event.amount > 0n;
  const next = borrows && waits ? [...kept, now].slice(-64) : kept;
  const isWaiting = deposits || (waits && !borrows);
  memory.set(key, next.length === 0 && !isWaiting ? undefined : [isWaiting, ...next]);
  return next.length;
}

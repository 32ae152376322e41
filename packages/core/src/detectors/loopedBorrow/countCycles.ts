import { principalsOf } from "../../model/ActorCluster.ts";
import type { DetectContext } from "../../model/Detector.ts";
import type { Memory } from "../../model/Memory.ts";
import type { ProtocolAdapter } from "../../model/ProtocolAdapter.ts";
import type { ProtocolEvent } from "../../model/ProtocolEvent.ts";
import type { TxView } from "../../model/TxView.ts";
import type { LoopedBorrowParams } from "./LoopedBorrowParams.ts";

interface Decoded {
  readonly view: TxView;
  readonly events: readonly ProtocolEvent[];
}

/**
 * Accounts of which is known when they borrowed on a deposit, and those that have put something up and borrowed nothing since. Every user of
 * a market is one of these some day, and a stranger may be ten thousand. Of both the one that did nothing for the longest goes; deposits alone
 * push out no loop.
 */
const mostCycling = 8_192;
const mostWaiting = 16_384;

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
      raise(key, advance(context, adapter.name, key, event));
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
  protocol: string,
  key: string,
  event: ProtocolEvent & { readonly kind: "collateral" | "debt" },
): number {
  const [waits, ...times] = recall(memory, protocol, key);
  const now = block.ref.timestamp;
  const kept = times.map(BigInt).filter((t) => now - t < BigInt(params.windowSeconds));
  const deposits = event.kind === "collateral" && event.amount > 0n;
  const borrows = event.kind === "debt" && event.amount > 0n;
  const next = borrows && waits ? [...kept, now].slice(-64) : kept;
  keep(memory, protocol, key, [deposits || (waits && !borrows), ...next]);
  return next.length;
}

function tablesOf(memory: Memory, protocol: string) {
  const cycling = memory.table<Past>(`${protocol}:cycling`, { limit: mostCycling });
  return { cycling, waiting: memory.table<true>(`${protocol}:waiting`, { limit: mostWaiting }) };
}

function recall(memory: Memory, protocol: string, key: string): Past {
  // As earlier versions kept it: in a cell for each account, for ever.
  const earlier = memory.get(`${protocol}:cycles:${key}`) as Past | undefined;
  const { cycling, waiting } = tablesOf(memory, protocol);
  return earlier ?? cycling.get(key) ?? [waiting.get(key) === true];
}

function keep(memory: Memory, protocol: string, key: string, past: Past): void {
  const { cycling, waiting } = tablesOf(memory, protocol);
  const [isWaiting, ...times] = past;
  if (memory.get(`${protocol}:cycles:${key}`) !== undefined) memory.set(`${protocol}:cycles:${key}`, undefined);
  if (times.length > 0) cycling.set(key, past);
  else if (cycling.get(key) !== undefined) cycling.delete(key);
  if (times.length === 0 && isWaiting) waiting.set(key, true);
  else if (waiting.get(key) !== undefined) waiting.delete(key);
}

import { ceilDiv } from "../math/ceilDiv.ts";
import type { FlowCalibration } from "../model/Calibration.ts";
import type { Address } from "../model/Hex.ts";

/** What one asset of a contract did: net change by block, oldest first, and what was held after the last one. */
export interface FlowHistory {
  readonly subject: Address;
  readonly asset: string;
  readonly changes: readonly { readonly timestamp: bigint; readonly net: bigint }[];
  readonly heldAtEnd: bigint;
}

/** Windows for which a limit is found, in seconds: an hour and a day. */
export const flowWindows: readonly number[] = [3_600, 86_400];

const all = 10_000n;

/**
 * The limit of an asset's net outflow per window: 1.2 times the most that was ever seen, rounded up, in bps of what was held when
 * the window opened; at most all of it (CAL-04). One number for all contracts would be wrong for each.
 */
export function calibrateFlows(history: FlowHistory): readonly FlowCalibration[] {
  const held = heldBefore(history);
  const peak = peakOf(history, held);
  return flowWindows.map((windowSeconds) => {
    const maxBps = worstBps(history, held, BigInt(windowSeconds));
    const limitBps = Number(maxBps === 0n ? 0n : ceilDiv(maxBps * 12n, 10n) > all ? all : ceilDiv(maxBps * 12n, 10n));
    const { subject, asset } = history;
    return { subject, asset, windowSeconds, maxBps: Number(maxBps), peakBpsPerSecond: peak, limitBps };
  });
}

/** What was held before each change, counted back from the end. */
function heldBefore({ changes, heldAtEnd }: FlowHistory): readonly bigint[] {
  const held: bigint[] = [];
  let now = heldAtEnd;
  for (let i = changes.length - 1; i >= 0; i -= 1) {
    now -= changes[i]!.net;
    held[i] = now;
  }
  return held;
}

/** The largest fall from the opening of any window to any moment within it. */
function worstBps({ changes }: FlowHistory, held: readonly bigint[], span: bigint): bigint {
  let worst = 0n;
  for (let open = 0; open < changes.length; open += 1) {
    const start = held[open]!;
    if (start <= 0n) continue;
    let net = 0n;
    for (let i = open; i < changes.length && changes[i]!.timestamp - changes[open]!.timestamp < span; i += 1) {
      net += changes[i]!.net;
      const bps = net < 0n ? ceilDiv(-net * all, start) : 0n;
      if (bps > worst) worst = bps;
    }
  }
  return worst > all ? all : worst;
}

function peakOf({ changes }: FlowHistory, held: readonly bigint[]): number {
  let peak = 0;
  for (let i = 1; i < changes.length; i += 1) {
    const { net, timestamp } = changes[i]!;
    const seconds = Number(timestamp - changes[i - 1]!.timestamp);
    if (net >= 0n || held[i]! <= 0n) continue;
    peak = Math.max(peak, Number((-net * all * 1_000n) / held[i]!) / 1_000 / Math.max(1, seconds));
  }
  return peak;
}

import type { Asset } from "../../model/Asset.ts";
import type { OutflowParams } from "./OutflowParams.ts";

/** The largest share that left in a window of `seconds`, of each asset, over the history. */
export interface OutflowPeak {
  readonly asset: Asset;
  readonly seconds: number;
  readonly share: number;
}

const bps = 10_000;

/** Limits from a history of at least 30 days: 1.2 times the peak of each asset and window, rounded up to a basis point, at most all. */
export function calibrateOutflow(peaks: readonly OutflowPeak[]): OutflowParams["limits"] {
  const highest = new Map<string, OutflowPeak>();
  for (const peak of peaks) {
    const key = `${peak.seconds}|${peak.asset}`;
    if (peak.share > 0 && peak.share > (highest.get(key)?.share ?? 0)) highest.set(key, peak);
  }
  return [...highest.values()].map(({ asset, seconds, share }) => ({
    asset,
    seconds,
    // A share is exact to nine digits; what the float adds beyond is no basis point.
    theta: Math.min(1, Math.ceil(Math.round(share * 1.2 * bps * 1e6) / 1e6) / bps),
  }));
}

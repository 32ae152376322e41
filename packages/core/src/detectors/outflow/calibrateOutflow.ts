import type { Asset } from "../../model/Asset.ts";
import type { Address } from "../../model/Hex.ts";
import type { Observed, SettingsProposal } from "../../model/Observed.ts";
import type { OutflowLimit, OutflowParams } from "./OutflowParams.ts";

/** The largest share that left in a window of `seconds`, of each asset of a holder, over the history. */
export interface OutflowPeak {
  readonly holder?: Address;
  readonly asset: Asset;
  readonly seconds: number;
  readonly share: number;
}

const bps = 10_000;

/** Limits from a history of at least 30 days: 1.2 times the peak of each asset and window, rounded up to a basis point, at most all. */
export function calibrateOutflow(peaks: readonly OutflowPeak[]): OutflowParams["limits"] {
  const highest = new Map<string, OutflowPeak>();
  for (const peak of peaks) {
    const key = `${peak.seconds}|${peak.holder ?? ""}|${peak.asset}`;
    if (peak.share > 0 && peak.share > (highest.get(key)?.share ?? 0)) highest.set(key, peak);
  }
  return [...highest.values()].map(({ holder, asset, seconds, share }) => ({
    ...(holder === undefined ? {} : { holder }),
    asset,
    seconds,
    // A share is exact to nine digits; what the float adds beyond is no basis point.
    theta: Math.min(1, Math.ceil(Math.round(share * 1.2 * bps * 1e6) / 1e6) / bps),
  }));
}

const leastSeen = 20;

/**
 * The limits that the shares of `observed`, each of a holder, asset and window, propose: one of their own from 20 outflows on (CAL-04).
 * One of everything is none: whoever deposits a multiple of what is held and withdraws it in the next block would have it
 * proposed, and nothing short of the last unit would be told. There the window's own limit goes on.
 */
export function proposeOutflow(observed: Observed, settings: OutflowParams): SettingsProposal<OutflowParams> {
  const peaks = [...observed].flatMap(([series, list]): (OutflowPeak & { readonly samples: number })[] => {
    const [holder, asset, seconds] = series.split("|") as [Address, Asset, string];
    if (list.length < leastSeen) return [];
    const share = Math.max(...list.map(({ value }) => value));
    return [{ holder, asset, seconds: Number(seconds), share, samples: list.length }];
  });
  const proposed = calibrateOutflow(peaks);
  const limits = proposed.filter(({ theta }) => theta < 1);
  const isNew = (one: OutflowLimit) =>
    !limits.some((l) => l.holder === one.holder && l.asset === one.asset && l.seconds === one.seconds);
  return {
    settings: { limits: [...settings.limits.filter(isNew), ...limits] },
    evidence: proposed.map(({ holder, asset, seconds, theta }) => {
      const before = settings.windows.find((window) => window.seconds === seconds)?.theta ?? null;
      return {
        setting: `share of ${asset} out of ${holder} in ${seconds} s`,
        before,
        after: theta < 1 ? theta : (before ?? "none"),
        rule: theta < 1 ? "1.2 times the most" : "1.2 times the most is all that is held, which is no limit",
        samples: peaks.find((p) => p.holder === holder && p.asset === asset && p.seconds === seconds)!.samples,
      };
    }),
  };
}

import { binomialInterval } from "../math/binomialInterval.ts";
import type { MeasuredRate } from "../model/Calibration.ts";

/** A rate with its exact 95 % bounds. */
export function measureRate(hits: number, trials: number): MeasuredRate {
  return { hits, trials, ...binomialInterval(hits, trials) };
}

/** A rate for a person. None of N is no rate of nothing: it is at most 3/N at 95 % (CAL-06). */
export function rateText({ hits, trials, low, high }: MeasuredRate): string {
  if (trials === 0) return "nothing was there to judge";
  if (hits === 0) return `none of ${trials}, at most ${percent(Math.min(1, 3 / trials))} at 95 %`;
  return `${hits} of ${trials}, ${percent(hits / trials)} (95 %: ${percent(low)} to ${percent(high)})`;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}

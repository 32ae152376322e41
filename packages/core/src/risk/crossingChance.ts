import { logNormalTail, normalTail } from "../math/normalTail.ts";

/** How a price moves without jumps: volatility and drift of its logarithm's Brownian motion, both for a year. */
export interface PriceMotion {
  /** Standard deviation of log returns over a year. */
  readonly sigma: number;
  /** Growth of the expected price over a year. */
  readonly mu: number;
}

const yearSeconds = 365 * 86_400;
// -zeta(1/2) / sqrt(2 pi): Broadie, Glasserman and Kou, "A continuity correction for discrete barrier options" (1997).
const discreteShift = 0.582_597_157_9;

/**
 * The chance that a price moves by `logMove` (natural logarithm, either sign, not 0) at least once within `seconds`:
 * first passage of geometric Brownian motion. Where it is looked at every `stepSeconds` only, the barrier stands further
 * away, which is right within about 1 % of itself. There are no jumps in it, so short horizons come out too calm.
 *
 * @example crossingChance(Math.log(0.8), { sigma: 0.8, mu: 0 }, 86_400)
 */
export function crossingChance(logMove: number, { sigma, mu }: PriceMotion, seconds: number, stepSeconds = 0): number {
  const years = seconds / yearSeconds;
  const spread = sigma * Math.sqrt(years);
  const distance = Math.abs(logMove) + discreteShift * sigma * Math.sqrt(stepSeconds / yearSeconds);
  if (spread === 0) return 0;
  const towards = Math.sign(logMove) * (mu - sigma ** 2 / 2);
  const direct = normalTail((distance - towards * years) / spread);
  // The power overflows where the tail vanishes: their product is made of logarithms.
  const mirrored = logNormalTail((distance + towards * years) / spread) + (2 * towards * distance) / sigma ** 2;
  return Math.min(1, direct + Math.exp(mirrored));
}

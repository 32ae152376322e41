/** A self-exciting point process λ(t) = mu + Σ alpha·exp(−beta·(t − t_i)), fitted. Rates per second. */
export interface HawkesFit {
  readonly mu: number;
  readonly alpha: number;
  readonly beta: number;
  /** n = alpha / beta: how many further events one event causes in the mean. From 1 on a cascade feeds itself. */
  readonly branching: number;
  readonly logLikelihood: number;
  /** Twice what the fit gains over a Poisson process of the same mean rate: chi-squared with 2 degrees of freedom without excitement. */
  readonly likelihoodRatio: number;
}

const steps = 20;
const rounds = 100;
const settled = 1e-6;

/**
 * The most likely Hawkes process behind `times` (seconds, ascending) seen over [0, `horizon`]; undefined for under three
 * events. Decays between 1/horizon and 1/`shortest` are tried on a logarithmic grid and refined once between the best
 * neighbours; for each, mu and alpha by expectation-maximisation, which climbs a concave function. O(grid · rounds · n).
 *
 * Source: Hawkes 1971; Ozaki 1979 for the recursion; Veen and Schoenberg 2008 for the EM steps.
 */
export function fitHawkes(times: readonly number[], horizon: number, shortest: number): HawkesFit | undefined {
  if (times.length < 3 || !(horizon > 0) || !(shortest > 0)) return undefined;
  const [low, high] = [Math.log(1 / horizon), Math.log(1 / shortest)];
  if (!(high > low)) return undefined;
  const width = (high - low) / (steps - 1);
  const coarse = Array.from({ length: steps }, (_, i) => fitAt(times, horizon, Math.exp(low + i * width)));
  const best = coarse.reduce((a, b) => (b.logLikelihood > a.logLikelihood ? b : a));
  const around = [-0.75, -0.5, -0.25, 0.25, 0.5, 0.75].map((part) => Math.log(best.beta) + part * width);
  const fine = around.filter((x) => x >= low && x <= high).map((x) => fitAt(times, horizon, Math.exp(x)));
  return [best, ...fine].reduce((a, b) => (b.logLikelihood > a.logLikelihood ? b : a));
}

/** Log-likelihood of a Hawkes process with these parameters, by Ozaki's recursion. */
export function hawkesLogLikelihood(
  times: readonly number[],
  horizon: number,
  { mu, alpha, beta }: Pick<HawkesFit, "mu" | "alpha" | "beta">,
): number {
  const echoes = echoesOf(times, beta);
  const logs = echoes.reduce((sum, echo) => sum + Math.log(mu + alpha * echo), 0);
  return logs - mu * horizon - alpha * weightOf(times, horizon, beta);
}

function fitAt(times: readonly number[], horizon: number, beta: number): HawkesFit {
  const echoes = echoesOf(times, beta);
  const weight = weightOf(times, horizon, beta);
  const count = times.length;
  let mu = count / horizon / 2;
  let alpha = weight > 0 ? count / weight / 2 : 0;
  for (let round = 0; round < rounds; round++) {
    let own = 0;
    for (const echo of echoes) own += mu / (mu + alpha * echo);
    // Every event is either of its own accord or caused.
    const caused = count - own;
    const [muBefore, alphaBefore] = [mu, alpha];
    mu = own / horizon;
    alpha = weight > 0 ? caused / weight : 0;
    if (mu <= 0) break;
    if (Math.abs(mu - muBefore) <= settled * mu && Math.abs(alpha - alphaBefore) <= settled * alpha) break;
  }
  const fitted = { mu: Math.max(mu, Number.MIN_VALUE), alpha, beta };
  const logLikelihood = hawkesLogLikelihood(times, horizon, fitted);
  const poisson = count * Math.log(count / horizon) - count;
  return {
    ...fitted,
    branching: alpha / beta,
    logLikelihood,
    likelihoodRatio: Math.max(0, 2 * (logLikelihood - poisson)),
  };
}

// Σ over earlier events of exp(−beta·(t_i − t_j)), for each event.
function echoesOf(times: readonly number[], beta: number): number[] {
  let echo = 0;
  return times.map((t, i) => {
    if (i > 0) echo = Math.exp(-beta * (t - times[i - 1]!)) * (1 + echo);
    return echo;
  });
}

// What all events' kernels with alpha = 1 add up to until the horizon.
function weightOf(times: readonly number[], horizon: number, beta: number): number {
  return times.reduce((sum, t) => sum + -Math.expm1(-beta * (horizon - t)) / beta, 0);
}

import type { Observation, Observed, ProposedSetting, SettingsProposal } from "./Observed.ts";

/** How a limit follows from what was seen. */
export interface LimitRule {
  /** Share of what was seen that may lie above; 0: the most that was seen. */
  readonly share: number;
  readonly factor: number;
  /** No limit is lower: a calm history would have every stir told. */
  readonly least: number;
}

/** A limit, and what it rests on. */
export interface ProposedLimit extends Pick<ProposedSetting, "rule" | "samples" | "above"> {
  readonly limit: number;
}

const fitShare = 0.7;
const leastForMost = 20;

/**
 * The limit that `series` proposes by `rule`, rounded up to four digits; undefined for too few figures: a share of 1/n needs n
 * of them, the most that was seen 20. A share is fitted on the oldest 70 % and judged on the rest.
 */
export function proposeLimit(series: readonly Observation[], rule: LimitRule): ProposedLimit | undefined {
  const { share, factor, least } = rule;
  const samples = series.length;
  const values = series.map(({ value }) => value).filter(Number.isFinite);
  if (values.length < (share === 0 ? leastForMost : Math.ceil(1 / share))) return undefined;
  const words = `${factor === 1 ? "" : `${factor} times `}${share === 0 ? "the most" : `what ${share * 100} % lay above`}`;
  const cut = share === 0 ? values.length : Math.floor(values.length * fitShare);
  const sorted = values.slice(0, cut).sort((a, b) => b - a);
  const limit = Math.max(least, roundedUp(sorted[Math.floor(sorted.length * share)]! * factor));
  const judged = values.slice(cut);
  if (share === 0) return { limit, rule: words, samples };
  return {
    limit,
    rule: words,
    samples,
    above: { hits: judged.filter((v) => v > limit).length, trials: judged.length },
  };
}

function roundedUp(value: number): number {
  if (value <= 0) return 0;
  const unit = 10 ** (Math.floor(Math.log10(value)) - 3);
  // A product of floats that lies a hair above its own digits is not rounded up to the next ones.
  return Number((Math.ceil(value / unit - 1e-6) * unit).toPrecision(4));
}

/** The largest limit that the series whose names begin with `prefix` propose: one setting serves them all. */
export function largestLimit(observed: Observed, prefix: string, rule: LimitRule): ProposedLimit | undefined {
  const limits = [...observed].flatMap(([name, series]) =>
    name.startsWith(prefix) ? (proposeLimit(series, rule) ?? []) : [],
  );
  return limits.reduce<ProposedLimit | undefined>((a, b) => (a === undefined || b.limit > a.limit ? b : a), undefined);
}

/** What is told of a proposed limit; nothing where there is none. */
export function toldOf(setting: string, before: number, found: ProposedLimit | undefined): ProposedSetting[] {
  if (found === undefined) return [];
  const { limit: after, rule, samples, above } = found;
  return [{ setting, before, after, rule, samples, ...(above === undefined ? {} : { above }) }];
}

/** One numeric setting out of the series that begin with `prefix`. */
export function proposeNumber<P extends Record<K, number>, K extends string>(
  observed: Observed,
  settings: P,
  [setting, prefix, rule]: readonly [setting: K, prefix: string, rule: LimitRule],
): SettingsProposal<P> | undefined {
  const found = largestLimit(observed, prefix, rule);
  if (found === undefined) return undefined;
  return {
    settings: { [setting]: found.limit } as unknown as Partial<P>,
    evidence: toldOf(setting, settings[setting], found),
  };
}

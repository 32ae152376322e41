import { AttackInputError, assertWithin } from "./AttackInputError.ts";
import type { TwapSource } from "./TwapSource.ts";

/** A source that no pool stands behind: what it costs to make it say anything, by the judgement of whoever states it. */
export interface StatedSource {
  readonly kind: "stated";
  readonly id: string;
  /** In quote, for any price; Infinity for a source that is taken to be out of reach. */
  readonly cost: number;
}

export type PriceSource = TwapSource | StatedSource;

/**
 * How sources become one price. `median`: the lower median. `bounded`: the first, refused where it stands further than
 * `maxDeviation`, relative, from any other.
 */
export type OracleRule = { readonly kind: "median" } | { readonly kind: "bounded"; readonly maxDeviation: number };

export interface Oracle {
  /** At most 9, each with an id of its own. */
  readonly sources: readonly PriceSource[];
  readonly rule: OracleRule;
}

/** A source that has to answer as if the price had moved by `move`, relative to the fair one. */
export interface Demand {
  readonly source: PriceSource;
  readonly move: number;
}

const maxSources = 9;

/** Throws AttackInputError for an oracle without sources, with too many, with one twice, or with a bound out of range. */
export function assertOracle({ sources, rule }: Oracle): void {
  const ids = new Set(sources.map(({ id }) => id));
  if (ids.size === 0 || ids.size > maxSources || ids.size < sources.length)
    throw new AttackInputError("sources", sources.map(({ id }) => id).join(", "), `1 to ${maxSources}, none twice.`);
  if (rule.kind === "bounded") assertWithin("maxDeviation", rule.maxDeviation, 0, 0.999_999);
  for (const source of sources)
    if (source.kind === "stated") assertWithin("cost", source.cost, 0, Number.POSITIVE_INFINITY);
}

/** Each set of sources that, so bent, moves the oracle's price by `move`; the attacker takes the cheapest. */
export function demandsFor({ sources, rule }: Oracle, move: number): readonly (readonly Demand[])[] {
  if (rule.kind === "bounded") return [boundedDemands(sources, rule.maxDeviation, move)];
  // The lower median is the one at this place, counted from the lowest.
  const middle = (sources.length - 1) >> 1;
  const needed = move > 0 ? sources.length - middle : middle + 1;
  return subsets(sources, needed).map((subset) => subset.map((source) => ({ source, move })));
}

// The others have to come only so near that the first is taken.
function boundedDemands(sources: readonly PriceSource[], deviation: number, move: number): readonly Demand[] {
  const follow = (1 + move) / (1 + Math.sign(move) * deviation) - 1;
  const mustFollow = Math.sign(follow) === Math.sign(move);
  return sources.flatMap((source, i) => (i === 0 ? [{ source, move }] : mustFollow ? [{ source, move: follow }] : []));
}

function subsets<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  if (size === 0) return [[]];
  return items.flatMap((item, i) => subsets(items.slice(i + 1), size - 1).map((rest) => [item, ...rest]));
}

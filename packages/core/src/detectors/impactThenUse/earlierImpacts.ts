import type { Address } from "../../model/Hex.ts";
import type { TxView } from "../../model/TxView.ts";
import { type Impact, ownActors } from "./Impact.ts";
import type { ImpactThenUseContext } from "./ImpactThenUseParams.ts";

/** What the actors of a transaction did to prices before it. */
export interface EarlierImpacts {
  /** Impacts that passed the limit, by themselves or together, oldest first; `moves` has the largest sum by pool. */
  readonly big: readonly Impact[];
  readonly moves: ReadonlyMap<string, number>;
  /** What is left of the actors' surely own moves by pool: where the transaction's own swaps begin. */
  readonly start: ReadonlyMap<string, number>;
}

/**
 * Sorts `impacts` by what they mean for `view`. A single large one counts if the two share any actor; small ones add up
 * only where they share an actor that is surely the same, because strangers meet in a router that we do not know.
 */
export function earlierImpacts(
  context: ImpactThenUseContext,
  view: TxView,
  cluster: ReadonlySet<Address>,
  impacts: Iterable<Impact>,
): EarlierImpacts {
  const limit = Math.log1p(context.params.minMove);
  const own = ownActors(context, view, cluster);
  const start = new Map<string, number>();
  const moves = new Map<string, number>();
  const summed: Impact[] = [];
  const note = (market: string, move: number) => {
    if (Math.abs(move) > Math.max(limit, Math.abs(moves.get(market) ?? 0))) moves.set(market, move);
  };
  for (const impact of impacts) {
    if (context.watched.has(impact.pool as Address)) continue;
    const isOwn = impact.own.some((a) => own.has(a as Address));
    if (!isOwn && !impact.actors.some((a) => cluster.has(a as Address))) continue;
    summed.push(impact);
    note(impact.market, impact.move);
    if (!isOwn) continue;
    const sum = start.get(impact.market) ?? 0;
    note(impact.market, sum + impact.move);
    start.set(impact.market, sum + impact.whole);
  }
  return { big: summed.filter((i) => moves.has(i.market)), moves, start };
}

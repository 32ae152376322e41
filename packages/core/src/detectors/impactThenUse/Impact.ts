import { groupBy } from "../../math/groupBy.ts";
import { principalsOf } from "../../model/ActorCluster.ts";
import type { Address } from "../../model/Hex.ts";
import { ringOf } from "../../model/Ring.ts";
import type { TxView } from "../../model/TxView.ts";
import type { ImpactThenUseContext } from "./ImpactThenUseParams.ts";
import type { Moved } from "./Moved.ts";

/** What one sender did to one pool's price in one block, as signed logarithms at their largest and over all swaps. */
export interface Impact {
  readonly [key: string]: string | number | readonly string[];
  readonly block: number;
  /** Whoever may have acted: among them a public contract, if we do not know it for one. */
  readonly actors: readonly string[];
  /** Who surely acted: the sender, and contracts that were seen to be deployed, which strangers hardly call. */
  readonly own: readonly string[];
  readonly tx: string;
  readonly txs: number;
  readonly pool: string;
  readonly market: string;
  readonly move: number;
  readonly whole: number;
}

// Moves below this part of the threshold are not carried to the next block, so that memory holds few.
const leastPart = 10;
const mostImpacts = 1_024;

/** The impacts of the last blocks, by key. */
export function recallImpacts({ memory, block, params }: ImpactThenUseContext): Map<string, Impact> {
  const since = Number(block.ref.number) - params.blocks;
  const recent = ringOf<Impact>(memory, "recent").filter((i) => i.block >= since);
  return new Map(recent.map((impact, i) => [`${i}`, impact]));
}

/** Keeps what a later block must know of. */
export function keepImpacts({ memory, params }: ImpactThenUseContext, impacts: Iterable<Impact>): void {
  const least = Math.log1p(params.minMove) / leastPart;
  const kept = mostTelling([...impacts].filter((i) => Math.abs(i.move) >= least));
  if (kept.length > 0 || memory.get("recent") !== undefined) memory.set("recent", kept);
}

/**
 * Of more than are carried on the largest of each sender, then each one's next: events of a swap are had for two thousand gas, and
 * whoever moves a price would drown it in a thousand of his own. Of as many senders those that came last.
 */
function mostTelling(impacts: readonly Impact[]): readonly Impact[] {
  if (impacts.length <= mostImpacts) return impacts;
  const ofSender = groupBy(impacts, (impact) => impact.own[0] ?? "");
  const ranks = new Map<Impact, number>();
  for (const own of ofSender.values())
    own
      .toSorted((a, b) => Math.abs(b.move) - Math.abs(a.move))
      .forEach((impact, rank) => {
        ranks.set(impact, rank);
      });
  const byRank = [...impacts].reverse().sort((a, b) => ranks.get(a)! - ranks.get(b)!);
  const kept = new Set(byRank.slice(0, mostImpacts));
  return impacts.filter((impact) => kept.has(impact));
}

/** Adds what `view` moved; one sender's moves of one pool in one block become one entry. */
export function noteImpacts(
  context: ImpactThenUseContext,
  view: TxView,
  moved: readonly Moved[],
  cluster: ReadonlySet<Address>,
  impacts: Map<string, Impact>,
): void {
  const own = ownActors(context, view, cluster);
  for (const { pool, market, move, whole } of moved) {
    const key = `${market}|${[...own][0]}`;
    const before = impacts.get(key);
    const top = (before?.whole ?? 0) + move;
    impacts.set(key, {
      block: Number(context.block.ref.number),
      actors: [...new Set([...(before?.actors ?? []), ...cluster])].slice(0, 8),
      own: [...new Set([...(before?.own ?? []), ...own])].slice(0, 8),
      tx: view.tx.hash,
      txs: (before?.txs ?? 0) + 1,
      pool,
      market,
      move: before !== undefined && Math.abs(before.move) > Math.abs(top) ? before.move : top,
      whole: (before?.whole ?? 0) + whole,
    });
  }
}

/** The sender of `view`, or the ERC-4337 senders, and those of its contracts whose deployment was seen. */
export function ownActors(
  { deployerOf }: ImpactThenUseContext,
  view: TxView,
  cluster: ReadonlySet<Address>,
): Set<Address> {
  return new Set([...principalsOf(view), ...[...cluster].filter((a) => deployerOf(a) !== undefined)]);
}

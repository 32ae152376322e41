import type { Address } from "../../model/Hex.ts";
import type { PriceMove } from "../../signs/SpotPrice.ts";

/** What several swaps together did to one pool's price, as signed logarithms. */
export interface Moved {
  readonly pool: Address;
  readonly market: string;
  /** The sum at its largest, and over all swaps. */
  readonly move: number;
  readonly whole: number;
  /** The log at which the sum first passed the limit; undefined if it never did. */
  readonly passedAt: number | undefined;
}

/** Swaps add up per pool, on top of `start`, so that a move cut into small ones is seen whole. */
export function movedOf(
  moves: readonly PriceMove[],
  limit: number,
  start: ReadonlyMap<string, number> = new Map(),
): Moved[] {
  const byMarket = new Map<string, PriceMove[]>();
  for (const m of moves) {
    const list = byMarket.get(m.market);
    if (list === undefined) byMarket.set(m.market, [m]);
    else list.push(m);
  }
  return [...byMarket].map(([market, list]) => {
    let whole = start.get(market) ?? 0;
    let move = whole;
    let passedAt: number | undefined;
    for (const m of list) {
      whole += m.after - m.before;
      if (Math.abs(whole) > Math.abs(move)) move = whole;
      if (passedAt === undefined && Math.abs(whole) > limit) passedAt = m.logIndex;
    }
    return { pool: list[0]!.pool, market, move, whole, passedAt };
  });
}

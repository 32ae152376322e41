import { type Attacker, assertAttacker } from "./Attacker.ts";
import type { AttackPlan } from "./AttackPlan.ts";
import { cheapestPlan } from "./cheapestPlan.ts";
import { assertOracle, type Demand, demandsFor, type Oracle, type PriceSource } from "./Oracle.ts";
import { schedulesFor } from "./schedulesFor.ts";

/** The cheapest way to move an oracle's price. */
export interface MoveCost {
  /** Relative to the fair price. */
  readonly move: number;
  readonly cost: number;
  /** The part of it that is in proportion to the pools' depth. */
  readonly poolCost: number;
  readonly parts: readonly PartCost[];
}

/** What one source of an attack costs, and how it is bent where a pool stands behind it. */
export interface PartCost {
  readonly source: string;
  readonly cost: number;
  readonly plan?: AttackPlan;
}

/** Knows what bending costs one attacker, and searches each source and move once. */
export interface Pricer {
  readonly priceOf: (demand: Demand) => PartCost | undefined;
}

/** A pricer of `attacker`. */
export function openPricer(attacker: Attacker): Pricer {
  assertAttacker(attacker);
  const schedules = remember((blocks: number) => schedulesFor(attacker, blocks));
  const perSource = remember((source: PriceSource) => remember((move: number) => price(source, move)));
  function price(source: PriceSource, move: number): PartCost | undefined {
    const { id } = source;
    if (source.kind === "stated") return Number.isFinite(source.cost) ? { source: id, cost: source.cost } : undefined;
    const plan = cheapestPlan(source, attacker, source.pool.price * (1 + move), schedules(source.blocks));
    return plan && { source: id, cost: plan.cost, plan };
  }
  return { priceOf: ({ source, move }) => perSource(source)(move) };
}

/**
 * What it costs at least to move the oracle's price by `move` (relative, above -1, not 0), with the sources named in
 * `captured` answering whatever the attacker wants. Pools that several sources read are bent once: of these the dearest
 * counts, which is a lower bound. Undefined where it cannot be done.
 */
export function costOfMove(
  oracle: Oracle,
  move: number,
  pricer: Pricer,
  captured: readonly string[] = [],
): MoveCost | undefined {
  assertOracle(oracle);
  const costs = demandsFor(oracle, move).flatMap((demands) => {
    const parts = demands.filter(({ source }) => !captured.includes(source.id)).map((demand) => pricer.priceOf(demand));
    return parts.every((part) => part !== undefined) ? [sumUp(move, parts)] : [];
  });
  return costs.reduce<MoveCost | undefined>(
    (best, cost) => (best === undefined || cost.cost < best.cost ? cost : best),
    undefined,
  );
}

function sumUp(move: number, parts: readonly PartCost[]): MoveCost {
  const pools = new Map<string, number>();
  let stated = 0;
  for (const { plan, cost } of parts) {
    if (plan === undefined) stated += cost;
    else pools.set(plan.source.pool.id, Math.max(pools.get(plan.source.pool.id) ?? 0, cost));
  }
  const poolCost = [...pools.values()].reduce((sum, cost) => sum + cost, 0);
  return Object.freeze({ move, cost: poolCost + stated, poolCost, parts: Object.freeze(parts) });
}

function remember<K, V>(answer: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    if (!known.has(key)) known.set(key, answer(key));
    return known.get(key)!;
  };
}

import fc from "fast-check";
import { expect, test } from "vitest";
import type { Attacker } from "./Attacker.ts";
import { cheapestPlan } from "./cheapestPlan.ts";
import { compareHeadroom } from "./compareHeadroom.ts";
import { costOfMove, openPricer } from "./costOfMove.ts";
import { type Exposure, lendingExposure, tabledExposure, usualMoves } from "./Exposure.ts";
import { headroomOf, mostProfitableAttack } from "./headroom.ts";
import { headroomReport } from "./headroomReport.ts";
import type { Oracle, OracleRule, PriceSource } from "./Oracle.ts";
import { deepen, fullRangePool } from "./Pool.ts";
import type { TwapSource } from "./TwapSource.ts";

const poolOf = (id: string, depth: number) => fullRangePool({ id, quote: 2_000 * depth, base: depth, fee: 0.003 });
const twap = (id: string, depth: number, rest: Partial<TwapSource> = {}): TwapSource => ({
  ...{ kind: "twap", id, pool: poolOf(`pool of ${id}`, depth), blocks: 24, mean: "geometric" },
  ...rest,
});
const median = (...sources: readonly PriceSource[]): Oracle => ({ sources, rule: { kind: "median" } });
const outsider: Attacker = { arbitrageEveryBlock: true };
const proposer: Attacker = { ...outsider, slots: { share: 0.3, maxSlots: 4, minChance: 1e-3 } };
const market = lendingExposure(2e6, 0.75);

test("RISK-61: headroom is the least cost over gain of all moves, up and down", () => {
  const source = twap("a", 100);
  const { value, attack, gain } = headroomOf(median(source), outsider, market)!;
  const all = usualMoves.flatMap((move) => {
    const worth = market.gain(move, 0.75);
    return worth > 0 ? [cheapestPlan(source, outsider, 2_000 * (1 + move))!.cost / worth] : [];
  });
  expect(all.length).toBeGreaterThan(20);
  expect(value).toBe(Math.min(...all));
  expect(attack.cost / gain).toBe(value);
  const best = mostProfitableAttack(median(source), outsider, market)!;
  expect(best.gain - best.attack.cost).toBeGreaterThanOrEqual(gain - attack.cost);
});

test("RISK-61: an attack downwards is found where that is the one that pays", () => {
  const down: Exposure = { moves: usualMoves, gain: (move) => (move < -0.3 ? 1e6 : 0) };
  const { attack } = headroomOf(median(twap("a", 100)), outsider, down)!;
  expect(attack.parts[0]!.plan!.direction).toBe("down");
  expect(attack.move).toBeLessThan(-0.3);
});

test("a loan market pays beyond 1 / ltv, in proportion to what can be borrowed, and a table between its rows", () => {
  expect(market.gain(1 / 0.75 - 1, 0.75)).toBeCloseTo(0, 6);
  expect(market.gain(1, 0.75)).toBeCloseTo(2e6 * (1 - 1 / 1.5), 6);
  expect(market.gain(-0.5, 0.75)).toBeCloseTo(2e6 * (1 - 0.5 / 0.75), 6);
  const table = tabledExposure([
    [0.5, 100],
    [1, 300],
    [-0.5, 40],
  ]);
  expect([0.2, 0.5, 0.75, 1, 9, -0.2, -0.5, -0.9].map((move) => table.gain(move, 0))).toEqual([
    0, 100, 200, 300, 300, 0, 40, 40,
  ]);
  expect(() => tabledExposure([[0, 1]])).toThrow('"move" is 0');
  expect(() => tabledExposure([[1, -1]])).toThrow('"gain" is -1');
  expect(() => lendingExposure(1, 0)).toThrow('"ltv" is 0');
});

test("RISK-62: a tight truncation, a median and a second source raise the headroom by figures, a wide one lowers it", () => {
  const single = median(twap("a", 100));
  const gainOf = (after: Oracle, attacker: Attacker = proposer) =>
    compareHeadroom(single, after, attacker, market).ratio!;
  const truncated = gainOf(median(twap("a", 100, { maxLogMove: 0.05 })));
  const three = gainOf(median(twap("a", 100), twap("b", 100), twap("c", 100)));
  const second = gainOf({ sources: [twap("a", 100), twap("b", 300)], rule: { kind: "bounded", maxDeviation: 0.05 } });
  expect(truncated).toBeCloseTo(56.3, 1);
  expect(second).toBeCloseTo(3.666, 3);
  expect(three).toBeCloseTo(2, 9);
  // A bound as wide as Uniswap Labs' 9,116 ticks lets the record linger, which helps who owns slots.
  expect(gainOf(median(twap("a", 100, { maxLogMove: 0.9116 })))).toBeCloseTo(0.858, 2);
});

test("RISK-62: the lower median of four is moved up by three of them and down by two, the cheapest", () => {
  const sources = [10, 20, 30, 40].map((cost) => ({ kind: "stated" as const, id: `${cost}`, cost }));
  const pricer = openPricer(outsider);
  expect(costOfMove(median(...sources), 0.5, pricer)!.cost).toBe(60);
  expect(costOfMove(median(...sources), -0.5, pricer)!.cost).toBe(30);
  expect(costOfMove(median(sources[3]!), 0.5, pricer)!.cost).toBe(40);
});

test("RISK-62: behind a bound the first source moves freely that far, and beyond it drags the others along", () => {
  const sources = [10, 20].map((cost) => ({ kind: "stated" as const, id: `${cost}`, cost }));
  const oracle: Oracle = { sources, rule: { kind: "bounded", maxDeviation: 0.1 } };
  const cost = (move: number) => costOfMove(oracle, move, openPricer(outsider))!.cost;
  expect([0.1, 0.100_1, -0.1, -0.100_1].map(cost)).toEqual([10, 30, 10, 30]);
  // The second has to come within the bound only.
  const follower = costOfMove({ ...oracle, sources: [sources[0]!, twap("b", 100)] }, 0.5, openPricer(outsider))!;
  expect(follower.parts[1]!.plan!.target).toBeCloseTo((2_000 * 1.5) / 1.1, 6);
});

test("RISK-62: two windows of one pool are bent by the same swaps, and count once", () => {
  const pool = poolOf("shared", 100);
  const sources = [twap("short", 1, { pool, blocks: 6 }), twap("long", 1, { pool, blocks: 24 })];
  const pricer = openPricer(outsider);
  const costs = sources.map((source) => pricer.priceOf({ source, move: 0.5 })!.cost);
  expect(costOfMove(median(...sources), 0.5, pricer)!.cost).toBe(Math.max(...costs));
});

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const sourcesOf = fc.array(
  fc.oneof(
    fc.record({ depth: between(1, 500), blocks: fc.integer({ min: 1, max: 6 }), clamp: fc.constantFrom(0, 0.3) }),
    fc.record({ stated: between(0, 1e6) }),
  ),
  { minLength: 1, maxLength: 4 },
);
const rules = fc.oneof(
  fc.constant<OracleRule>({ kind: "median" }),
  between(0, 0.5).map((maxDeviation): OracleRule => ({ kind: "bounded", maxDeviation })),
);
const oracles: fc.Arbitrary<Oracle> = fc.tuple(sourcesOf, rules).map(([drawn, rule]) => ({
  rule,
  sources: drawn.map((one, i): PriceSource => {
    if ("stated" in one) return { kind: "stated", id: `s${i}`, cost: one.stated };
    const truncation = one.clamp > 0 ? { maxLogMove: one.clamp } : {};
    return twap(`s${i}`, one.depth, { blocks: one.blocks, ...truncation });
  }),
}));

test("RISK-62: losing a source never raises H", () => {
  let dearer = 0;
  fc.assert(
    fc.property(oracles, (oracle) => {
      const { headroom, lost } = headroomReport(oracle, proposer, market);
      expect(lost.map(({ source }) => source)).toEqual(oracle.sources.map(({ id }) => id));
      for (const { headroom: rest = Number.POSITIVE_INFINITY, gone } of lost) {
        if (headroom !== undefined) expect(rest).toBeLessThanOrEqual(headroom.value);
        if (headroom !== undefined && gone !== undefined && gone > headroom.value) dearer += 1;
      }
    }),
    { numRuns: 40 },
  );
  // What the report gives no credit for does occur: a median without its weakest source.
  expect(dearer).toBeGreaterThan(0);
});

test("RISK-62: a lost source counts as captured or as gone, whichever leaves less", () => {
  const sources = [10, 20, 30].map((cost) => ({ kind: "stated" as const, id: `${cost}`, cost }));
  // Only a rise gains: it takes two of three, and both of two.
  const { headroom, lost } = headroomReport(median(...sources), outsider, { moves: [0.5], gain: () => 10 });
  expect(headroom!.value).toBe(3);
  expect(lost).toEqual([
    { source: "10", headroom: 2, captured: 2, gone: 5 },
    { source: "20", headroom: 1, captured: 1, gone: 4 },
    { source: "30", headroom: 1, captured: 1, gone: 3 },
  ]);
});

test("RISK-62: H with a source that stands beyond the others' reach is not lower than without it", () => {
  const far = { kind: "stated" as const, id: "far", cost: Number.POSITIVE_INFINITY };
  const alone = median(twap("a", 100));
  const both: Oracle = { sources: [twap("a", 100), far], rule: { kind: "bounded", maxDeviation: 0.02 } };
  // No move within 2 % gains anything, and beyond it the far source refuses.
  expect(headroomOf(both, proposer, market)).toBeUndefined();
  const { headroom, lost } = headroomReport(both, proposer, market);
  expect(headroom).toBeUndefined();
  expect(lost[1]!.gone).toBe(headroomOf(alone, proposer, market)!.value);
  expect(lost[0]!.headroom).toBeUndefined();
});

test("RISK-61: the depth Greek is H's slope in the logarithm of depth, where pools are all that costs and where not", () => {
  const deeper = (oracle: Oracle, factor: number): Oracle => ({
    ...oracle,
    sources: oracle.sources.map((s) => (s.kind === "twap" ? { ...s, pool: deepen(s.pool, factor) } : s)),
  });
  const stated = { kind: "stated" as const, id: "signers", cost: 3_000 };
  for (const oracle of [median(twap("a", 100)), median(twap("a", 100), stated, twap("c", 900))]) {
    const { headroom, greeks } = headroomReport(oracle, proposer, market);
    const at = (log: number) => headroomOf(deeper(oracle, Math.exp(log)), proposer, market)!.value;
    const slope = (at(1e-5) - at(-1e-5)) / 2e-5;
    expect(greeks!.perLogDepth / slope).toBeCloseTo(1, 6);
    if (oracle.sources.length === 1) expect(greeks!.perLogDepth).toBeCloseTo(headroom!.value, 12);
    else expect(greeks!.perLogDepth).toBeLessThan(headroom!.value);
  }
});

test("RISK-61: a longer window raises H, and a higher loan to value lowers it by what the gain's slope says", () => {
  const oracle = median(twap("a", 100));
  const { headroom, greeks } = headroomReport(oracle, outsider, market);
  const longer = headroomOf(median(twap("a", 100, { blocks: 25 })), outsider, market)!;
  expect(greeks!.perBlock).toBe(longer.value - headroom!.value);
  expect(greeks!.perBlock).toBeGreaterThan(0);
  // H = c / g, so dH/dltv = -H g' / g at the best move, with g = R (1 - 1 / (ltv (1 + x))) or R (1 - (1 + x) / ltv).
  const { move } = headroom!.attack;
  const part = move > 0 ? 1 / (1 + move) : 1 + move;
  const slope = (2e6 * part) / 0.75 ** 2;
  expect(greeks!.perLtv! / ((-headroom!.value * slope) / headroom!.gain)).toBeCloseTo(1, 4);
  expect(headroomReport(oracle, outsider, tabledExposure([[1, 1e6]])).greeks!.perLtv).toBeUndefined();
});

test("RISK-62: a deeper pool, and a source more that has to follow, never lower H", () => {
  fc.assert(
    fc.property(oracles, between(1, 10), between(1, 500), (oracle, factor, depth) => {
      const value = (one: Oracle) => headroomOf(one, proposer, market)?.value ?? Number.POSITIVE_INFINITY;
      const deeper = oracle.sources.map((s) => (s.kind === "twap" ? { ...s, pool: deepen(s.pool, factor) } : s));
      expect(value({ ...oracle, sources: deeper })).toBeGreaterThanOrEqual(value(oracle) * (1 - 1e-6));
      const bounded: Oracle = { ...oracle, rule: { kind: "bounded", maxDeviation: 0.1 } };
      const more = { ...bounded, sources: [...bounded.sources, twap("more", depth, { blocks: 3 })] };
      expect(value(more)).toBeGreaterThanOrEqual(value(bounded) * (1 - 1e-12));
    }),
    { numRuns: 15 },
  );
});

test("error: an oracle without sources, with one twice, or with a bound of all", () => {
  const pricer = openPricer(outsider);
  expect(() => costOfMove(median(), 0.5, pricer)).toThrow('"sources"');
  expect(() => costOfMove(median(twap("a", 1), twap("a", 2)), 0.5, pricer)).toThrow('"sources" is a, a');
  const rule = { kind: "bounded" as const, maxDeviation: 1 };
  expect(() => costOfMove({ sources: [twap("a", 1)], rule }, 0.5, pricer)).toThrow('"maxDeviation" is 1');
});

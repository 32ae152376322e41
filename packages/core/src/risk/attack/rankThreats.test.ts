import fc from "fast-check";
import { expect, test } from "vitest";
import { compareThreats } from "./compareThreats.ts";
import { lendingExposure } from "./Exposure.ts";
import { mostProfitableAttack } from "./headroom.ts";
import type { Oracle } from "./Oracle.ts";
import { objectiveOf, oracleDefence } from "./objectiveOf.ts";
import { fullRangePool } from "./Pool.ts";
import { probabilityOf } from "./probabilityOf.ts";
import { rankThreats } from "./rankThreats.ts";
import type { Chance, Objective } from "./Threat.ts";

const always: Chance = { model: "always" };
const objective = (id: string, cost: number, gain: number, rest: Partial<Objective> = {}): Objective => ({
  ...{ id, cost, gain, chance: always, defences: [] },
  ...rest,
});
const day = 86_400;

test("LAB-33: threats that pay come first, by expected profit; the others follow by headroom", () => {
  const halved: Chance = { model: "slots", share: 0.5, slots: 1, runs: 1, within: 1 };
  const threats = rankThreats([
    objective("far", 900, 100),
    objective("large but rare", 0, 1_000, { chance: halved }),
    objective("sure", 100, 700),
    objective("near", 101, 100),
    objective("nothing", 5, 0),
  ]);
  expect(threats.map(({ rank, id, expectedProfit }) => [rank, id, expectedProfit])).toEqual([
    [1, "sure", 600],
    [2, "large but rare", 500],
    [3, "near", -1],
    [4, "far", -800],
    [5, "nothing", -5],
  ]);
  expect(threats.map(({ headroom }) => headroom)).toEqual([100 / 700, 0, 1.01, 9, undefined]);
});

test("LAB-33: the defence named is the one that leaves the least, and whether the attack still pays behind it", () => {
  const defences = [
    { name: "outflow limit", cost: 10, gain: 60 },
    { name: "latency buffer", cost: 500, gain: 80 },
    { name: "pause", cost: 10, gain: 20 },
  ];
  const [threat] = rankThreats([objective("drain", 10, 1_000, { defences })]);
  expect(threat!.defence).toEqual({ ...defences[1], expectedProfit: -420, contains: true });
  const [open] = rankThreats([objective("drain", 10, 1_000, { defences: [defences[0]!, defences[2]!] })]);
  expect(open!.defence).toMatchObject({ name: "pause", expectedProfit: 10, contains: false });
});

test("LAB-33: each probability comes from the model that its objective declares, and the threat says which", () => {
  const chances: readonly Chance[] = [
    { model: "slots", share: 0.3, slots: 3, runs: 1, within: 3 },
    { model: "move", move: -0.5, motion: { sigma: 0.5, mu: 0 }, seconds: day },
    { model: "move", move: Math.expm1(-0.15), motion: { sigma: 0.08, mu: -0.0288 }, seconds: 365 * day },
    { model: "stated", probability: 0.02, by: "audit of 2026" },
    always,
  ];
  const [slots, tail, year, stated, sure] = chances.map(probabilityOf);
  expect(slots).toBeCloseTo(0.027, 14);
  // ln 0.5 within a day at 50 % is 26 deviations away: mpmath gives 2.03418965945408e-154.
  expect(tail! / 2.034_189_659_454_08e-154).toBeCloseTo(1, 10);
  expect(year).toBeCloseTo(0.121_43, 5);
  expect([stated, sure]).toEqual([0.02, 1]);
  for (const chance of chances) expect(rankThreats([objective("it", 1, 2, { chance })])[0]!.chance).toEqual(chance);
});

test("LAB-33: the order is that of the figures, not of the input", () => {
  const objectives = fc.uniqueArray(
    fc.record({
      id: fc.string(),
      cost: fc.nat(1_000),
      gain: fc.nat(1_000),
      probability: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    { selector: ({ id }) => id, maxLength: 8 },
  );
  fc.assert(
    fc.property(
      objectives.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      ([all, shuffled]) => {
        const rank = (drawn: typeof all) =>
          rankThreats(
            drawn.map(({ id, cost, gain, probability }) =>
              objective(id, cost, gain, { chance: { model: "stated", probability, by: "test" } }),
            ),
          );
        const threats = rank(all);
        expect(rank(shuffled)).toEqual(threats);
        expect(threats.map((threat) => threat.rank)).toEqual(threats.map((_, i) => i + 1));
        for (const [i, threat] of threats.entries())
          if (i > 0 && threat.expectedProfit > 0)
            expect(threats[i - 1]!.expectedProfit).toBeGreaterThanOrEqual(threat.expectedProfit);
      },
    ),
  );
});

test("LAB-33: what changed between two lists is told: added, gone, moved, and by what", () => {
  const before = rankThreats([objective("a", 10, 100), objective("b", 10, 90), objective("c", 10, 80)]);
  const after = rankThreats([objective("b", 10, 90), objective("c", 10, 180), objective("d", 10, 20)]);
  const { added, gone, moved } = compareThreats(before, after);
  expect([added.map(({ id }) => id), gone.map(({ id }) => id)]).toEqual([["d"], ["a"]]);
  expect(moved).toEqual([
    {
      id: "c",
      by: 2,
      rank: { before: 3, after: 1 },
      figures: {
        gain: { before: 80, after: 180 },
        headroom: { before: 10 / 80, after: 10 / 180 },
        expectedProfit: { before: 70, after: 170 },
      },
    },
  ]);
  expect(compareThreats(before, before)).toEqual({ added: [], gone: [], moved: [] });
});

test("LAB-33: a defence that takes over is told, and so is a rank that others changed", () => {
  const weak = { name: "limit", cost: 10, gain: 50 };
  const before = rankThreats([objective("a", 10, 100), objective("b", 10, 200, { defences: [weak] })]);
  const defences = [weak, { name: "buffer", cost: 10, gain: 5 }];
  const after = rankThreats([objective("a", 10, 100), objective("b", 10, 200, { defences })]);
  expect(compareThreats(before, after).moved).toEqual([
    { id: "b", by: 0, rank: { before: 1, after: 1 }, figures: {}, defence: { before: "limit", after: "buffer" } },
  ]);
  const shifted = compareThreats(before, rankThreats([objective("a", 10, 100), objective("z", 0, 900)]));
  expect(shifted.moved).toEqual([]);
  expect(shifted.gone.map(({ id }) => id)).toEqual(["b"]);
});

test("LAB-33: when a pool loses its liquidity, the attack on its oracle becomes a threat, and a median contains it", () => {
  const oracleOf = (depth: number, names: readonly string[]): Oracle => ({
    rule: { kind: "median" },
    sources: names.map((id) => {
      const pool = fullRangePool({ id, quote: 2_000 * depth, base: depth, fee: 0.003 });
      return { kind: "twap", id, pool, blocks: 24, mean: "geometric" };
    }),
  });
  const attacker = { arbitrageEveryBlock: true, slots: { share: 0.3, maxSlots: 3, minChance: 1e-3 } };
  const exposure = lendingExposure(1e6, 0.75);
  const threatsAt = (depth: number) => {
    const single = mostProfitableAttack(oracleOf(depth, ["a"]), attacker, exposure)!;
    const three = mostProfitableAttack(oracleOf(depth, ["a", "b", "c"]), attacker, exposure);
    const defences = [oracleDefence("median of three", three)];
    return rankThreats([objectiveOf(single, { id: "twap", share: 0.3, defences }), objective("key", 5e5, 5.001e5)]);
  };
  const [deep, shallow] = [threatsAt(20_000), threatsAt(200)];
  expect(deep.map(({ id }) => id)).toEqual(["key", "twap"]);
  expect(shallow.map(({ id }) => id)).toEqual(["twap", "key"]);
  expect(shallow[0]!.chance.model).toBe("slots");
  const { moved } = compareThreats(deep, shallow);
  expect(moved.map(({ id, by }) => [id, by])).toEqual([
    ["twap", 1],
    ["key", -1],
  ]);
  expect(Object.keys(moved[0]!.figures)).toContain("cost");
  expect(shallow[0]!.defence!.expectedProfit).toBeLessThan(shallow[0]!.expectedProfit);
});

test("lists of threats are frozen, down to their figures", () => {
  const threats = rankThreats([objective("a", 1, 2, { defences: [{ name: "pause", cost: 1, gain: 1 }] })]);
  const [threat] = threats;
  for (const part of [threats, threat, threat!.chance, threat!.defence, compareThreats(threats, threats)])
    expect(Object.isFrozen(part)).toBe(true);
});

test("error: an objective twice, figures that are none, a probability above 1 and a model that is none", () => {
  expect(() => rankThreats([objective("a", 1, 2), objective("a", 1, 2)])).toThrow('"id" is a');
  expect(() => rankThreats([objective("a", Number.NaN, 2)])).toThrow('"cost" is NaN');
  expect(() => rankThreats([objective("a", 1, 2, { defences: [{ name: "x", cost: 1, gain: -1 }] })])).toThrow(
    '"gain" is -1',
  );
  expect(() => probabilityOf({ model: "stated", probability: 2, by: "x" })).toThrow('"probability" is 2');
  expect(() => probabilityOf({ model: "dice" } as unknown as Chance)).toThrow('"chance.model"');
});

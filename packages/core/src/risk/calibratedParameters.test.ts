import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type MarketModel, type MarketValues, marketHealth, marketLimits } from "./calibratedParameters.ts";
import { passesHealthGate } from "./healthGate.ts";
import { WAD } from "./MarginInputs.ts";

type Table = { readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] };
const path = new URL("../../../../contracts/test/vectors/calibratedParameters.json", import.meta.url);
const { markets, gates } = JSON.parse(readFileSync(path, "utf8")) as { readonly markets: Table; readonly gates: Table };

const percent = WAD / 100n;
const model: MarketModel = {
  ...{ sigma: 80n * percent, zM: 3n * WAD, zI: 4n * WAD, oracleDelay: 60n, hM: 600n, hI: 3_600n },
  ...{ jump: 2n * percent, oracleDev: percent, fee: percent / 20n, penalty: 2n * percent, slippage: percent / 2n },
  ...{ k: 20n * percent, profitFraction: 50n * percent, liquidationShare: 50n * percent },
};
const values: MarketValues = {
  ...{ depth: 2_000_000n, oiCap: 300_000n, fundLeft: 350_000n },
  ...{ initialFloor: 50n * percent, maintenanceFloor: 25n * percent },
};

test("PERP-03: every market of the shared vectors is what the twin computes", () => {
  expect(markets.rows.length).toBe(120);
  for (const row of markets.rows) {
    const of = (key: string) => BigInt.asIntN(256, BigInt(row[markets.columns.indexOf(key)]!));
    const told = (key: string, flag: string) => (of(flag) === 1n ? of(key) : undefined);
    const names = Object.keys(model) as (keyof MarketModel)[];
    const terms = Object.fromEntries(names.map((name) => [name, of(name)])) as unknown as MarketModel;
    const said: MarketValues = {
      ...{ depth: told("depth", "stewardAnswers"), oiCap: told("oiCap", "stewardAnswers") },
      initialFloor: told("initialFloor", "stewardAnswers"),
      maintenanceFloor: told("maintenanceFloor", "stewardAnswers"),
      fundLeft: told("fundLeft", "fundAnswers"),
    };
    const account = { own: of("own"), gain: of("gain"), drawn: of("drawn"), notional: of("notional") };
    expect({ ...marketLimits(terms, said), ...marketHealth(terms, said, account) }).toEqual({
      ...{ oiCap: of("limitOiCap"), depth: of("limitDepth"), skewScale: of("skewScale") },
      ...{ liquidationCap: of("liquidationCap"), excess: of("excess") },
      ...{ collateral: of("collateral"), initial: of("initial") },
    });
  }
});

test("PERP-03: every gate of the shared vectors is what the twin computes", () => {
  expect(gates.rows.length).toBe(60);
  for (const row of gates.rows) {
    const [a, b, c, d, e, f, allowed] = row.map((word) => BigInt.asIntN(256, BigInt(word))) as [
      ...[bigint, bigint, bigint],
      ...[bigint, bigint, bigint, bigint],
    ];
    const before = { excess: a, collateral: b, initial: c };
    expect(passesHealthGate(before, { excess: d, collateral: e, initial: f })).toBe(allowed === 1n);
  }
});

test("PERP-05: a market by hand: a fifth of the depth is carried, and the least of cap, fund and that is open", () => {
  const want = { oiCap: 300_000n, depth: 2_000_000n, skewScale: 400_000n, liquidationCap: 200_000n };
  expect(marketLimits(model, values)).toEqual(want);
  expect(marketLimits(model, { ...values, oiCap: 500_000n })).toEqual({ ...want, oiCap: 350_000n });
  expect(marketLimits(model, { ...values, oiCap: 500_000n, fundLeft: 2n ** 200n })).toEqual({
    ...want,
    oiCap: 400_000n,
  });
  expect(marketLimits(model, { ...values, fundLeft: undefined })).toEqual({ ...want, oiCap: 0n });
});

test("PERP-03: an account by hand: floors are its margins, and half of its gain counts", () => {
  const account = { own: 1_000n, gain: 200n, drawn: 0n, notional: 1_001n };
  // 25 % and 50 % of 1,001, rounded up; selling 1,001 into 2,000,000 costs one unit, half of 200 is less than the rest.
  expect(marketHealth(model, values, account)).toEqual({ excess: 949n, collateral: 1_100n, initial: 501n });
  // 150 drawn of the 200: equity and collateral fall by what left the account, no more.
  expect(marketHealth(model, values, { ...account, gain: 50n, drawn: 150n })).toEqual({
    ...{ excess: 799n, collateral: 950n, initial: 501n },
  });
});

test("PERP-05: without depth or a floor nobody is healthy, and who is solvent stays", () => {
  const account = { own: 1_000n, gain: -999n, drawn: 0n, notional: 1_000_000n };
  for (const missing of [
    { depth: undefined },
    { depth: 0n },
    { initialFloor: undefined },
    { maintenanceFloor: undefined },
  ]) {
    const health = marketHealth(model, { ...values, ...missing }, account);
    expect(health).toEqual({ excess: 1n, collateral: -(2n ** 255n), initial: 2n ** 255n - 1n });
  }
});

test("PERP-03: taking a gain out lowers collateral and excess by it, whatever was counted", () => {
  fc.assert(
    fc.property(
      fc.bigInt(0n, 10n ** 9n),
      fc.bigInt(0n, 10n ** 9n),
      fc.bigInt(0n, 10n ** 6n),
      (gain, some, notional) => {
        const drawn = some % (gain + 1n);
        const before = marketHealth(model, values, { own: 0n, gain, drawn: 0n, notional });
        const after = marketHealth(model, values, { own: 0n, gain: gain - drawn, drawn, notional });
        expect([before.collateral - after.collateral, before.excess - after.excess]).toEqual([drawn, drawn]);
      },
    ),
  );
});

test("PERP-03: the gate lets pass who has initial margin, or takes risk off without losing excess", () => {
  const before = { excess: -5n, collateral: 0n, initial: 10n };
  expect(passesHealthGate(before, { excess: -9n, collateral: 20n, initial: 20n })).toBe(true);
  expect(passesHealthGate(before, { excess: -5n, collateral: 9n, initial: 10n })).toBe(true);
  expect(passesHealthGate(before, { excess: -6n, collateral: 9n, initial: 10n })).toBe(false);
  expect(passesHealthGate(before, { excess: 5n, collateral: 10n, initial: 11n })).toBe(false);
  expect(passesHealthGate(before, { excess: -6n, collateral: -1n, initial: 0n })).toBe(false);
});

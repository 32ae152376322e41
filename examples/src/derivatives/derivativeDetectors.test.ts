import { coveredCallAdapter } from "@testudo/core/adapters/coveredCallAdapter";
import { curieAdapter } from "@testudo/core/adapters/curieAdapter";
import { morphoBlueAdapter } from "@testudo/core/adapters/morphoBlueAdapter";
import { lendingDetectors, optionsDetectors, perpDetectors } from "@testudo/core/detectors/derivativeDetectors";
import type { DetectorUse } from "@testudo/core/model/Detector";
import { expect, test } from "vitest";

const at = `0x${"c0".padStart(40, "0")}` as const;
const perp = curieAdapter({
  clearingHouse: at,
  vault: at,
  accountBalance: at,
  exchange: at,
  insuranceFund: at,
  clearingHouseConfig: at,
  markets: [],
});
const ids = (uses: readonly DetectorUse[]) => uses.map(({ meta }) => meta.id);

test("CAT-02: one adapter serves each detector that its kind of protocol can be judged by", () => {
  expect(ids(perpDetectors(perp))).toEqual([
    "looped-borrow",
    "collateral-jump",
    "liq-cascade",
    "order-flow",
    "skew-oi",
    "funding",
    "exec-vs-mark",
  ]);
  const lending = morphoBlueAdapter({ morpho: at, markets: [] });
  expect(ids(lendingDetectors(lending))).toEqual(["looped-borrow", "collateral-jump", "liq-cascade"]);
  const vault = coveredCallAdapter({ vault: at, underlyingDecimals: 18 });
  expect(ids(optionsDetectors(vault))).toEqual(["collateral-jump", "skew-oi", "exec-vs-mark"]);
  for (const { meta } of perpDetectors(perp))
    expect([meta.runbook, meta.owner].every((text) => text.length > 0)).toBe(true);
});

test("CAT-02: settings are given by detector, and the others keep their defaults", () => {
  const [skew, funding] = ["skew-oi", "funding"].map((id) =>
    perpDetectors(perp, { "skew-oi": { maxSkew: 0.5 } }).find(({ meta }) => meta.id === id),
  );
  expect(skew!.settings).toMatchObject({ maxSkew: 0.5, maxHerfindahl: 0.25 });
  expect(funding!.settings).toMatchObject({ k: 8 });
});

test("error: settings for a detector that the suite does not have, or that it does not take, are refused", () => {
  expect(() =>
    optionsDetectors(coveredCallAdapter({ vault: at, underlyingDecimals: 18 }), { funding: { k: 2 } }),
  ).toThrow(/no detector "funding"[\s\S]*collateral-jump, skew-oi, exec-vs-mark/);
  expect(() => perpDetectors(perp, { funding: { sigma: 2 } })).toThrow();
  expect(() => perpDetectors(perp, { "order-flow": { maxVpin: 2 } })).toThrow();
});

test("CAT-02: suites stand beside each other under names of their own, also when their settings are changed later", () => {
  const lending = morphoBlueAdapter({ name: "loans", morpho: at, markets: [] });
  const [first, ...others] = lendingDetectors(lending, { "collateral-jump": { maxAccounts: 7 } }, "loans");
  expect(ids([first!, ...others])).toEqual(["looped-borrow-loans", "collateral-jump-loans", "liq-cascade-loans"]);
  expect(others[0]!.settings).toMatchObject({ maxAccounts: 7 });
  expect(first!.tune!({}).meta.id).toBe("looped-borrow-loans");
  for (const name of ["", "-a", "Loans", "a b", "a".repeat(33), 7 as never])
    expect(() => lendingDetectors(lending, {}, name)).toThrow(`"${name}" is no name for a suite`);
});

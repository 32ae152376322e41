import { aaveAdapter } from "@testudo/core/adapters/aaveAdapter";
import { lendingDetectors } from "@testudo/core/detectors/derivativeDetectors";
import type { Finding } from "@testudo/core/model/Finding";
import { toLower } from "@testudo/core/model/Hex";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type AaveStage,
  attackOf,
  borrow,
  deployTimeout,
  openAaveStage,
  priceAtSpot,
  repay,
  seedAave,
  supply,
} from "../aave/aaveStage.testkit.ts";
import { execute } from "../curie/ChainSession.ts";
import { onBranch } from "../curie/defendedStage.testkit.ts";
import { thin, usdc } from "../morpho/listPair.ts";
import { morphoCast } from "../morpho/MorphoCast.ts";
import { openSuiteWatch, type SuiteWatch, toldBy } from "./SuiteWatch.ts";
import { blockOf, loopOn, mintThin, type PairTrade, tradeOn } from "./tradePair.testkit.ts";

let stage: AaveStage;
let watch: SuiteWatch;
let trade: PairTrade;
let honest: Finding[];
beforeAll(async () => {
  stage = await openAaveStage();
  const { system, session } = stage;
  // As an Aave that trusts its pool's price; else there would be no attack to see.
  await execute(session, [priceAtSpot(stage)], "the naive source");
  const adapter = aaveAdapter({
    pool: toLower(system.lender),
    oracle: toLower(system.aaveOracle),
    markets: [
      {
        name: "THIN/USDC",
        collateral: toLower(system.thin),
        collateralDecimals: 18,
        aToken: toLower(system.thinAToken),
        debt: toLower(system.usdc),
        debtDecimals: 6,
      },
    ],
  });
  watch = await openSuiteWatch(session.client.transport.url as string, [system.lender], lendingDetectors(adapter));
  trade = {
    ...{ session: stage.session, system: stage.system, watch, lender: stage.system.lender },
    supply: (by, amount) => supply(stage, by, stage.system.thin, amount),
    borrow: (by, amount) => borrow(stage, by, amount),
    repay: (by, amount) => repay(stage, by, amount),
  };
  await seedAave(stage);
  honest = [...(await watch.judgeNew()), ...(await tradeOn(trade, 24))];
}, deployTimeout);
afterAll(async () => {
  watch?.close();
  await stage?.close();
});

const branch = <T>(play: () => Promise<T>) => onBranch(stage.session, () => watch.onBranch(play));
const { liquidator } = morphoCast;

test("DERIV-03, CAT-01: loans, repayments and a wandering price on Aave say nothing", () => {
  expect(honest.map((f) => `${f.detector}: ${f.reason}`)).toEqual([]);
});

test("DERIV-03, DERIV-06: borrowing three times on what was bought with the loan is told, twice is not", () =>
  branch(async () => {
    await blockOf(trade, [mintThin(trade, liquidator, thin(400))]);
    expect([...(await loopOn(trade, liquidator, 150)), ...(await loopOn(trade, liquidator, 70))]).toEqual([]);
    const third = await loopOn(trade, liquidator, 30);
    expect(toldBy(third)).toEqual(["looped-borrow medium anomaly"]);
    expect(third[0]!.evidence).toMatchObject({ cycles: 3, account: toLower(liquidator.address) });
  }));

test("DERIV-03, DERIV-06, DERIV-08: a loan against a price that was pumped for it is told as leverage and as bad debt", () =>
  branch(async () => {
    const found = await blockOf(trade, [attackOf(stage, usdc(800_000))]);
    expect(toldBy(found)).toEqual(["looped-borrow medium anomaly", "liq-cascade critical damage"]);
    const damage = found.find((f) => f.class === "damage")!;
    const [now] = damage.evidence.stresses as readonly { readonly shortfall: number }[];
    // 800,000 were lent on a thousand of what is worth a dollar.
    expect(now!.shortfall).toBeGreaterThan(798_000);
    expect(now!.shortfall).toBeLessThan(800_000);
  }));

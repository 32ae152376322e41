import { aaveAdapter } from "@testudo/core/adapters/aaveAdapter";
import { lendingDetectors } from "@testudo/core/detectors/derivativeDetectors";
import type { Finding } from "@testudo/core/model/Finding";
import { toLower } from "@testudo/core/model/Hex";
import type { LocalAccount } from "viem";
import { maxUint256 } from "viem";
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
import { type Call, execute, submit } from "../curie/ChainSession.ts";
import { onBranch } from "../curie/defendedStage.testkit.ts";
import { thin, usdc } from "../morpho/listPair.ts";
import { morphoCast } from "../morpho/MorphoCast.ts";
import { ownBuild as pairBuild } from "../morpho/morphoArtifacts.ts";
import { callOf } from "../morpho/morphoStage.testkit.ts";
import { openSuiteWatch, type SuiteWatch, toldBy } from "./SuiteWatch.ts";

let stage: AaveStage;
let watch: SuiteWatch;
let honest: Finding[];
beforeAll(async () => {
  stage = await openAaveStage();
  const { system, session } = stage;
  // As an Aave that trusts its pool's price; else there would be no attack to see.
  await execute(session, [priceAtSpot(stage)], "the naive source");
  const adapter = aaveAdapter({
    pool: toLower(system.lender),
    oracle: toLower(system.aaveOracle),
    baseDecimals: 8,
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
  await seedAave(stage);
  honest = [...(await watch.judgeNew()), ...(await trade(24))];
}, deployTimeout);
afterAll(async () => {
  watch?.close();
  await stage?.close();
});

const branch = <T>(play: () => Promise<T>) => onBranch(stage.session, () => watch.onBranch(play));
const { borrower, liquidator, relayer } = morphoCast;

async function block(calls: readonly Call[]): Promise<Finding[]> {
  await submit(stage.session, calls);
  await stage.session.mine();
  return watch.judgeNew();
}

const swap = (by: LocalAccount, token: `0x${string}`, amount: bigint) =>
  callOf(by, stage.system.pool, pairBuild("SpotPool").abi, "swap", token, amount);
const mintThin = (to: LocalAccount, amount: bigint) =>
  callOf(to, stage.system.thin, pairBuild("Coin").abi, "mint", to.address, amount);
const give = (by: LocalAccount, amount: bigint) => supply(stage, by, stage.system.thin, amount);
const approve = (by: LocalAccount) =>
  [stage.system.thin, stage.system.usdc].flatMap((token) =>
    [stage.system.pool, stage.system.lender].map((spender) =>
      callOf(by, token, pairBuild("Coin").abi, "approve", spender, maxUint256),
    ),
  );

/** People borrow a little more, pay back, and trade the pool a little either way. */
async function trade(count: number): Promise<Finding[]> {
  await execute(stage.session, [borrower, liquidator, relayer].flatMap(approve), "approvals");
  const found = await block([
    mintThin(relayer, thin(5_000)),
    give(relayer, thin(2_000)),
    borrow(stage, relayer, usdc(500)),
  ]);
  for (let i = 0; i < count; i++) {
    const trader =
      i % 2 === 0 ? swap(borrower, stage.system.thin, thin(10)) : swap(liquidator, stage.system.usdc, usdc(10));
    const loan =
      i % 6 === 0 ? [borrow(stage, relayer, usdc(40))] : i % 6 === 3 ? [repay(stage, relayer, usdc(30))] : [];
    found.push(...(await block([trader, ...loan])));
  }
  return found;
}

test("DERIV-03, CAT-01: loans, repayments and a wandering price on Aave say nothing", () => {
  expect(honest.map((f) => `${f.detector}: ${f.reason}`)).toEqual([]);
});

test("DERIV-03, DERIV-06: borrowing three times on what was bought with the loan is told, twice is not", () =>
  branch(async () => {
    await block([mintThin(liquidator, thin(400))]);
    const round = (amount: number) => [
      give(liquidator, thin(amount)),
      borrow(stage, liquidator, usdc(amount * 0.6)),
      swap(liquidator, stage.system.usdc, usdc(amount * 0.6)),
    ];
    expect([...(await block(round(150))), ...(await block(round(70)))]).toEqual([]);
    const third = await block(round(30));
    expect(toldBy(third)).toEqual(["looped-borrow medium anomaly"]);
    expect(third[0]!.evidence).toMatchObject({ cycles: 3, account: toLower(liquidator.address) });
  }));

test("DERIV-03, DERIV-06, DERIV-08: a loan against a price that was pumped for it is told as leverage and as bad debt", () =>
  branch(async () => {
    const found = await block([attackOf(stage, usdc(800_000))]);
    expect(toldBy(found)).toEqual(["looped-borrow medium anomaly", "liq-cascade critical damage"]);
    const damage = found.find((f) => f.class === "damage")!;
    const [now] = damage.evidence.stresses as readonly { readonly shortfall: number }[];
    // 800,000 were lent on a thousand of what is worth a dollar.
    expect(now!.shortfall).toBeGreaterThan(798_000);
    expect(now!.shortfall).toBeLessThan(800_000);
  }));

import { type Endpoint, openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { openStateReader } from "@testudo/chain/state/readState";
import { aaveAdapter } from "@testudo/core/adapters/aaveAdapter";
import { toLower } from "@testudo/core/model/Hex";
import type { LendingAdapter } from "@testudo/core/model/LendingAdapter";
import type { Query } from "@testudo/core/model/Query";
import type { Address } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { execute } from "../curie/ChainSession.ts";
import { onBranch } from "../curie/defendedStage.testkit.ts";
import { thin, usdc } from "../morpho/listPair.ts";
import { morphoCast } from "../morpho/MorphoCast.ts";
import { ownBuild as pairBuild } from "../morpho/morphoArtifacts.ts";
import { callOf, report } from "../morpho/pairStage.testkit.ts";
import { aaveAbi } from "./aaveArtifacts.ts";
import {
  type AaveStage,
  accountOf,
  callAave,
  deployTimeout,
  openAaveStage,
  seedAave,
  supply,
} from "./aaveStage.testkit.ts";

// What the adapter makes of accounts, beside what the pool of the real Aave v3 says itself.
let stage: AaveStage;
let endpoint: Endpoint;
let adapter: LendingAdapter;
beforeAll(async () => {
  stage = await openAaveStage();
  const { system, session } = stage;
  endpoint = openEndpoint(session.client.transport.url as string, { timeoutMs: 60_000 });
  const [collateral, aToken, debt] = [system.thin, system.thinAToken, system.usdc].map(toLower) as [
    Address,
    Address,
    Address,
  ];
  adapter = aaveAdapter({
    pool: toLower(system.lender),
    oracle: toLower(system.aaveOracle),
    markets: [{ name: "THIN/USDC", collateral, collateralDecimals: 18, aToken, debt, debtDecimals: 6 }],
  });
}, deployTimeout);
afterAll(async () => {
  endpoint?.close();
  await stage?.close();
});

const { borrower, liquidator, deployer } = morphoCast;

async function ask<T>(query: Query<T>): Promise<T> {
  const { number, hash, parentHash, timestamp } = await stage.session.client.getBlock();
  const ref = { number, hash, parentHash, timestamp };
  return query.decode(await openStateReader([endpoint]).read(ref, query.reads));
}

/** By the adapter: floats in USDC. By the pool: health. */
async function told(account: Address) {
  const state = (await ask(adapter.account("THIN/USDC", toLower(account), "block")))!;
  const { price } = (await ask(adapter.market("THIN/USDC", "block")))!;
  const [collateral, required, exposure, worth] = [state.collateral, state.required, state.exposure, price].map(
    (wad) => Number(wad) / 1e18,
  ) as [number, number, number, number];
  const { health } = await accountOf(stage, account);
  return { collateral, required, exposure, price: worth, health: Number(health) / 1e18 };
}

test("INTEG-06, DERIV-03: the adapter's accounts are as healthy as Aave's own, and move with the price as Aave's do", () =>
  onBranch(stage.session, async () => {
    const { session, system } = stage;
    await seedAave(stage);
    // A second collateral, and somebody whose THIN lies beside it and secures nothing.
    const configurator = { abi: aaveAbi("PoolConfigurator"), address: system.configurator };
    await execute(
      session,
      [
        callOf(
          deployer,
          configurator.address,
          configurator.abi,
          "configureReserveAsCollateral",
          system.usdc,
          8_000,
          8_500,
          10_500,
        ),
        callOf(liquidator, system.thin, pairBuild("Coin").abi, "mint", liquidator.address, thin(5_000)),
      ],
      "a second collateral",
    );
    for (const call of [
      supply(stage, liquidator, system.usdc, usdc(10_000)),
      supply(stage, liquidator, system.thin, thin(5_000)),
      callAave(stage, liquidator, "setUserUseReserveAsCollateral", system.thin, false),
      callAave(stage, liquidator, "borrow", system.usdc, usdc(8_000), 2n, 0, liquidator.address),
    ])
      await execute(session, [call], "somebody with two reserves");
    const people = [borrower.address, liquidator.address];
    const before = await Promise.all(people.map(told));
    // Of the one all moves with THIN's price, of the other nothing.
    expect(before[0]!.exposure / before[0]!.collateral).toBeCloseTo(1, 6);
    expect(before[1]!.exposure).toBe(0);
    for (const percent of [60n, 40n]) {
      await execute(session, report(stage, percent * 10n ** 6n), `THIN at ${percent} cents`);
      const after = await Promise.all(people.map(told));
      after.forEach((now, i) => {
        const was = before[i]!;
        const moved = now.price / was.price - 1;
        expect((was.collateral + was.exposure * moved) / now.collateral).toBeCloseTo(1, 5);
        expect(now.collateral / now.required / now.health).toBeCloseTo(1, 3);
        expect(now.collateral < now.required).toBe(now.health < 1);
      });
    }
    expect((await told(borrower.address)).health).toBeLessThan(1);
    expect((await told(liquidator.address)).health).toBeGreaterThan(1);
  }));

import { type Cast, honestParties } from "./Cast.ts";
import { type ChainSession, skipTime, submitAndMine } from "./ChainSession.ts";
import * as calls from "./curieCalls.ts";
import type { CurieSystem } from "./deployCurie.ts";
import { readCalls, readMarket } from "./readSolvency.ts";
import { decodeLiquidatable, healthCalls } from "./SlotView.ts";
import { sqrtPriceX96FromWad } from "./SqrtPrice.ts";

/**
 * Lets the market return to `honestWad`: index first, then arbitrage in the pool, then half an hour for Curie's mean
 * prices, then liquidation of everyone below margin, the attackers before all. Steps that a pause refuses are left out:
 * the loss is measured at the honest price and does not depend on them.
 */
export async function settleMarket(
  session: ChainSession,
  system: CurieSystem,
  cast: Cast,
  honestWad: bigint,
): Promise<void> {
  await submitAndMine(session, [calls.moveSpot(system, cast.spotTrader, honestWad)]);
  await returnPool(session, system, cast, (honestWad * 102n) / 100n);
  await skipTime(session, 2_000);
  await liquidateAll(session, system, cast);
}

// Curie lets the pool move by 10 % in 15 s, so a tall pump takes several steps back.
async function returnPool(session: ChainSession, system: CurieSystem, cast: Cast, targetWad: bigint): Promise<void> {
  for (let step = 0; step < 4; step++) {
    const { poolWad } = await readMarket(session, system);
    if (poolWad <= (targetWad * 1_001n) / 1_000n) return;
    const lowest = (poolWad * 92n) / 100n;
    const limit = sqrtPriceX96FromWad(lowest > targetWad ? lowest : targetWad);
    await skipTime(session, 20);
    await submitAndMine(session, [calls.openShort(system, cast.arbitrageur, calls.wad(500_000), limit)]);
  }
}

async function liquidateAll(session: ChainSession, system: CurieSystem, cast: Cast): Promise<void> {
  const attackers = [cast.attackerA.address, cast.attackerB.address];
  const accounts = [...attackers, ...honestParties(cast)];
  const below = decodeLiquidatable(
    accounts,
    await readCalls(
      session,
      accounts.flatMap((a) => healthCalls(system, a)),
    ),
  );
  for (const account of accounts.filter((a) => below.has(a))) {
    await submitAndMine(session, [calls.cancelOrders(system, cast.keeper, account)]);
    await submitAndMine(session, [calls.liquidate(system, cast.keeper, account)]);
  }
}

import { morphoBlueAdapter } from "@testudo/core/adapters/morphoBlueAdapter";
import { lendingDetectors } from "@testudo/core/detectors/derivativeDetectors";
import type { Finding } from "@testudo/core/model/Finding";
import { toLower } from "@testudo/core/model/Hex";
import { concat, keccak256, numberToHex, pad } from "viem/utils";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rpc } from "../curie/ChainSession.ts";
import { onBranch } from "../curie/defendedStage.testkit.ts";
import { type Edge, lltv } from "../morpho/deployMorpho.ts";
import { thin, usdc } from "../morpho/listPair.ts";
import { morphoCast } from "../morpho/MorphoCast.ts";
import {
  attackCore,
  callMorpho,
  compileTimeout,
  type MorphoStage,
  openMorphoStage,
  seedCore,
} from "../morpho/morphoStage.testkit.ts";
import { openSuiteWatch, type SuiteWatch, toldBy } from "./SuiteWatch.ts";
import { blockOf, loopOn, mintThin, type PairTrade, tradeOn } from "./tradePair.testkit.ts";

let stage: MorphoStage;
let watch: SuiteWatch;
let trade: PairTrade;
let market: Edge;
let honest: Finding[];
beforeAll(async () => {
  stage = await openMorphoStage();
  market = stage.system.bare;
  const { system } = stage;
  const adapter = morphoBlueAdapter({
    morpho: toLower(system.morpho),
    markets: [
      {
        name: "THIN/USDC",
        id: market.id,
        oracle: toLower(market.params.oracle),
        collateralToken: toLower(system.thin),
        loanDecimals: 6,
        collateralDecimals: 18,
        lltv,
      },
    ],
  });
  const url = stage.session.client.transport.url as string;
  watch = await openSuiteWatch(url, [system.morpho], lendingDetectors(adapter));
  trade = {
    ...{ session: stage.session, system: stage.system, watch, lender: stage.system.morpho },
    supply: (by, amount) => callMorpho(stage, by, "supplyCollateral", market.params, amount, by.address, "0x"),
    borrow: (by, amount) => callMorpho(stage, by, "borrow", market.params, amount, 0n, by.address, by.address),
    repay: (by, amount) => callMorpho(stage, by, "repay", market.params, amount, 0n, by.address, "0x"),
  };
  await seedCore(stage, market);
  honest = [...(await watch.judgeNew()), ...(await tradeOn(trade, 24))];
}, compileTimeout);
afterAll(async () => {
  watch?.close();
  await stage?.close();
});

const branch = <T>(play: () => Promise<T>) => onBranch(stage.session, () => watch.onBranch(play));
const { borrower, liquidator } = morphoCast;

test("DERIV-03, CAT-01: loans, repayments and a wandering price on Morpho Blue say nothing", () => {
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
    const found = await blockOf(trade, [attackCore(stage, market, usdc(800_000))]);
    expect(toldBy(found)).toEqual(["looped-borrow medium anomaly", "liq-cascade critical damage"]);
    const damage = found.find((f) => f.class === "damage")!;
    const [now] = damage.evidence.stresses as readonly { readonly shortfall: number }[];
    // 800,000 were lent on a thousand of what is worth a dollar.
    expect(now!.shortfall).toBeGreaterThan(798_000);
    expect(now!.shortfall).toBeLessThan(800_000);
  }));

test("DERIV-03, DERIV-07: collateral that an account loses without an act of its own is damage", () =>
  branch(async () => {
    const { session, system } = stage;
    // What a broken market would do: half of the position's collateral is gone. Positions are the mapping at slot 2, the
    // collateral the upper half of the second word.
    const owners = BigInt(mappingSlotOf(market.id, 2n));
    const slot = numberToHex(BigInt(mappingSlotOf(pad(borrower.address), owners)) + 1n, { size: 32 });
    const word = BigInt((await session.client.getStorageAt({ address: system.morpho, slot }))!);
    const [held, shares] = [word >> 128n, word & (2n ** 128n - 1n)];
    expect(held).toBe(thin(200_000));
    const value = numberToHex(((held / 2n) << 128n) | shares, { size: 32 });
    await rpc(session.client, "anvil_setStorageAt", [system.morpho, slot, value]);
    // Half of twice the loan: a further 5 % would leave the lenders short, which is told beside it.
    expect(toldBy(await blockOf(trade, []))).toEqual(["collateral-jump high damage", "liq-cascade high anomaly"]);
  }));

function mappingSlotOf(key: `0x${string}`, slot: bigint): `0x${string}` {
  return keccak256(concat([key, numberToHex(slot, { size: 32 })]));
}

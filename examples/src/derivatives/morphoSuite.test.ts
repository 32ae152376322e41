import { morphoBlueAdapter } from "@testudo/core/adapters/morphoBlueAdapter";
import { lendingDetectors } from "@testudo/core/detectors/derivativeDetectors";
import type { Finding } from "@testudo/core/model/Finding";
import { toLower } from "@testudo/core/model/Hex";
import type { LocalAccount } from "viem";
import { maxUint256 } from "viem";
import { concat, keccak256, numberToHex, pad } from "viem/utils";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Call, execute, rpc, submit } from "../curie/ChainSession.ts";
import { onBranch } from "../curie/defendedStage.testkit.ts";
import { type Edge, lltv } from "../morpho/deployMorpho.ts";
import { thin, usdc } from "../morpho/listPair.ts";
import { morphoCast } from "../morpho/MorphoCast.ts";
import { ownBuild } from "../morpho/morphoArtifacts.ts";
import {
  attackCore,
  callMorpho,
  callOf,
  compileTimeout,
  type MorphoStage,
  openMorphoStage,
  seedCore,
} from "../morpho/morphoStage.testkit.ts";
import { openSuiteWatch, type SuiteWatch, toldBy } from "./SuiteWatch.ts";

let stage: MorphoStage;
let watch: SuiteWatch;
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
  await seedCore(stage, market);
  honest = [...(await watch.judgeNew()), ...(await trade(24))];
}, compileTimeout);
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
  callOf(by, stage.system.pool, ownBuild("SpotPool").abi, "swap", token, amount);
const supply = (by: LocalAccount, amount: bigint) =>
  callMorpho(stage, by, "supplyCollateral", market.params, amount, by.address, "0x");
const borrow = (by: LocalAccount, amount: bigint) =>
  callMorpho(stage, by, "borrow", market.params, amount, 0n, by.address, by.address);
const repay = (by: LocalAccount, amount: bigint) =>
  callMorpho(stage, by, "repay", market.params, amount, 0n, by.address, "0x");
const approve = (by: LocalAccount) =>
  [stage.system.thin, stage.system.usdc].flatMap((token) =>
    [stage.system.pool, stage.system.morpho].map((spender) =>
      callOf(by, token, ownBuild("Coin").abi, "approve", spender, maxUint256),
    ),
  );

/** People borrow a little more, pay back, and trade the pool a little either way. */
async function trade(count: number): Promise<Finding[]> {
  const people = [borrower, liquidator, relayer];
  await execute(stage.session, people.flatMap(approve), "approvals");
  const mint = callOf(relayer, stage.system.thin, ownBuild("Coin").abi, "mint", relayer.address, thin(5_000));
  const found = await block([mint, supply(relayer, thin(2_000)), borrow(relayer, usdc(500))]);
  for (let i = 0; i < count; i++) {
    const trader =
      i % 2 === 0 ? swap(borrower, stage.system.thin, thin(10)) : swap(liquidator, stage.system.usdc, usdc(10));
    const loan = i % 6 === 0 ? [borrow(relayer, usdc(40))] : i % 6 === 3 ? [repay(relayer, usdc(30))] : [];
    found.push(...(await block([trader, ...loan])));
  }
  return found;
}

test("DERIV-03, CAT-01: loans, repayments and a wandering price on Morpho Blue say nothing", () => {
  expect(honest.map((f) => `${f.detector}: ${f.reason}`)).toEqual([]);
});

test("DERIV-03, DERIV-06: borrowing three times on what was bought with the loan is told, twice is not", () =>
  branch(async () => {
    const { thin: asset, usdc: money } = stage.system;
    await block([callOf(liquidator, asset, ownBuild("Coin").abi, "mint", liquidator.address, thin(400))]);
    const round = (amount: number) => [
      supply(liquidator, thin(amount)),
      borrow(liquidator, usdc(amount * 0.6)),
      swap(liquidator, money, usdc(amount * 0.6)),
    ];
    const twice = [...(await block(round(150))), ...(await block(round(70)))];
    expect(twice).toEqual([]);
    const third = await block(round(30));
    expect(toldBy(third)).toEqual(["looped-borrow medium anomaly"]);
    expect(third[0]!.evidence).toMatchObject({ cycles: 3, account: toLower(liquidator.address) });
  }));

test("DERIV-03, DERIV-06, DERIV-08: a loan against a price that was pumped for it is told as leverage and as bad debt", () =>
  branch(async () => {
    const found = await block([attackCore(stage, market, usdc(800_000))]);
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
    expect(toldBy(await block([]))).toEqual(["collateral-jump high damage", "liq-cascade high anomaly"]);
  }));

function mappingSlotOf(key: `0x${string}`, slot: bigint): `0x${string}` {
  return keccak256(concat([key, numberToHex(slot, { size: 32 })]));
}

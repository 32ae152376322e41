import type { AbiFunction } from "viem";
import { toFunctionSelector, toFunctionSignature } from "viem/utils";
import { afterAll, beforeAll, expect, test } from "vitest";
import { execute, skipTime } from "../curie/ChainSession.ts";
import { onBranch, pauseCall } from "../curie/defendedStage.testkit.ts";
import { bySignature } from "../curie/manifest.ts";
import { outcomeOf, outcomesOf } from "../curie/outcomes.testkit.ts";
import { thin, usdc } from "../morpho/listPair.ts";
import { morphoCast } from "../morpho/MorphoCast.ts";
import { ownBuild as pairBuild } from "../morpho/morphoArtifacts.ts";
import { balanceOf, borrowed, callOf, lent, report } from "../morpho/pairStage.testkit.ts";
import { aaveAbi } from "./aaveArtifacts.ts";
import { poolManifest } from "./aaveManifest.ts";
import {
  type AaveStage,
  accountOf,
  attackOf,
  borrow,
  callAave,
  deployTimeout,
  honestLimit,
  openAaveStage,
  priceAtSpot,
  repay,
  seedAave,
  supply,
} from "./aaveStage.testkit.ts";

// The real Aave v3 as it comes from npm, its pool behind our gate.
let stage: AaveStage;
beforeAll(async () => {
  stage = await openAaveStage();
}, deployTimeout);
afterAll(() => stage?.close());

const { lender, borrower, attacker, liquidator } = morphoCast;
// Aave's errors are numbers: the security does not cover the new loan.
const notCovered = "36";
const functions = () => aaveAbi("Pool").filter((item): item is AbiFunction => item.type === "function");

test("INTEG-03, INTEG-06: the manifest of Aave's pool lists every external function once", () => {
  expect(poolManifest.map(({ signature }) => signature).sort()).toEqual(functions().map(toFunctionSignature).sort());
  expect(poolManifest.map(({ selector }) => selector).sort()).toEqual(functions().map(toFunctionSelector).sort());
});

test("INTEG-03, INTEG-06: every view of Aave's pool is exempt", () => {
  const exempt = bySignature(poolManifest, ["exempt"]);
  const views = functions().filter(({ stateMutability }) => stateMutability === "view");
  expect(views.map(toFunctionSignature).filter((signature) => exempt[signature] === undefined)).toEqual([]);
});

test("INTEG-06: behind gate and aggregator a loan is taken, grows, is repaid, and everybody gets his own back", () =>
  onBranch(stage.session, async () => {
    const { usdc: money, thin: asset } = stage.system;
    await seedAave(stage);
    const before = await accountOf(stage, borrower.address);
    expect(before).toMatchObject({ collateral: 200_000n * 10n ** 8n, debt: 100_000n * 10n ** 8n });
    await skipTime(stage.session, 3_000);
    await execute(stage.session, report(stage, 10n ** 8n), "the feeds report");
    const owed = (await accountOf(stage, borrower.address)).debt;
    expect(owed).toBeGreaterThan(before.debt);
    const everything = 2n ** 256n - 1n;
    await execute(
      stage.session,
      [callOf(liquidator, money, pairBuild("Coin").abi, "mint", borrower.address, usdc(100))],
      "interest",
    );
    const outcomes = await outcomesOf(stage.session, [
      repay(stage, borrower, everything),
      callAave(stage, borrower, "withdraw", asset, everything, borrower.address),
      callAave(stage, lender, "withdraw", money, everything, lender.address),
    ]);
    expect(outcomes).toEqual(["success", "success", "success"]);
    expect(await balanceOf(stage, borrower.address, asset)).toBe(thin(1_000_000));
    expect(await balanceOf(stage, lender.address)).toBeGreaterThan(2n * lent);
  }));

test("INTEG-06: with the pool's price as its source Aave loses all that is there to lend", () =>
  onBranch(stage.session, async () => {
    await seedAave(stage);
    await execute(stage.session, [priceAtSpot(stage)], "the naive source");
    const had = await balanceOf(stage, stage.attack);
    expect(await outcomeOf(stage.session, attackOf(stage, lent - borrowed))).toBe("success");
    const gained = (await balanceOf(stage, attacker.address)) - had;
    expect(Number(gained / 10_000n) / 100).toMatchInlineSnapshot(`899970.54`);
    // The pool is back at its price: what secures the loan is worth a thousandth of it.
    const { collateral, debt } = await accountOf(stage, stage.attack);
    expect(Number(collateral) / Number(debt)).toBeLessThan(0.002);
  }));

test("INTEG-06: behind the aggregator the same attack borrows up to the honest limit and not one unit more", () =>
  onBranch(stage.session, async () => {
    await seedAave(stage);
    expect(await outcomeOf(stage.session, attackOf(stage, lent - borrowed))).toBe(notCovered);
    expect(await outcomeOf(stage.session, attackOf(stage, honestLimit + 1n))).toBe(notCovered);
    const had = await balanceOf(stage, stage.attack);
    expect(await outcomeOf(stage.session, attackOf(stage, honestLimit))).toBe("success");
    // Who does what an honest borrower may do, and pumps besides, pays the pool's fees for nothing.
    expect((await balanceOf(stage, attacker.address)) - had - honestLimit).toBeLessThan(0n);
  }));

test("INTEG-06: guardians pause borrow alone; security, repayment, liquidation and withdrawals stay live", () =>
  onBranch(stage.session, async () => {
    const { session, system } = stage;
    await seedAave(stage);
    const selector = poolManifest.find(({ signature }) => signature.startsWith("borrow("))!.selector;
    const [one, two] = morphoCast.guardians;
    const { call } = await pauseCall(stage, system.lender, [selector], 3_600, [one!]);
    expect(await outcomeOf(session, call)).toBe("Council_Threshold(1, 2)");
    const { call: agreed, until } = await pauseCall(stage, system.lender, [selector], 3_600, [one!, two!]);
    await execute(session, [agreed], "the pause");
    // The price falls, so that the borrower may be liquidated.
    await execute(session, report(stage, (10n ** 8n * 6n) / 10n), "the price falls");
    const outcomes = await outcomesOf(session, [
      borrow(stage, borrower, 1n),
      supply(stage, borrower, system.thin, thin(1)),
      repay(stage, borrower, usdc(1)),
      callAave(stage, liquidator, "liquidationCall", system.thin, system.usdc, borrower.address, usdc(1_000), false),
      callAave(stage, lender, "withdraw", system.usdc, usdc(10), lender.address),
    ]);
    expect(outcomes[0]).toBe(`Breaker_Paused(${selector}, ${until})`);
    expect(outcomes.slice(1)).toEqual(["success", "success", "success", "success"]);
    // It ends by itself.
    await execute(session, report(stage, 10n ** 8n), "the price is back");
    await skipTime(session, 3_600);
    await execute(session, report(stage, 10n ** 8n), "and stays");
    expect(await outcomeOf(session, borrow(stage, borrower, usdc(1)))).toBe("success");
  }));

test("error: INTEG-06: no number of guardians pauses what lowers risk", () =>
  onBranch(stage.session, async () => {
    for (const [signature, selector] of Object.entries(bySignature(poolManifest, ["exempt"])).slice(0, 7)) {
      const { call } = await pauseCall(stage, stage.system.lender, [selector], 60, morphoCast.guardians);
      expect(await outcomeOf(stage.session, call), signature).toBe(`Breaker_Exempt(${selector})`);
    }
  }));

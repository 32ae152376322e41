import type { Address } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { execute, skipTime } from "../curie/ChainSession.ts";
import { onBranch } from "../curie/defendedStage.testkit.ts";
import { outcomeOf, outcomesOf } from "../curie/outcomes.testkit.ts";
import type { Edge } from "./deployMorpho.ts";
import { fallbackSeconds, heartbeatSeconds, jumpWindowSeconds, thin, usdc } from "./listPair.ts";
import { morphoCast } from "./MorphoCast.ts";
import { ownBuild } from "./morphoArtifacts.ts";
import {
  attackCore,
  callMorpho,
  claimOf,
  commit,
  compileTimeout,
  honestLimit,
  idleAtCore,
  type MorphoStage,
  openMorphoStage,
  seedCore,
  statusOf,
} from "./morphoStage.testkit.ts";
import { balanceOf, borrowed, callOf, factor, lent, pump, read, report, security } from "./pairStage.testkit.ts";

// The real Morpho Blue, called directly by everyone: nothing but the market's oracle differs.
let stage: MorphoStage;
beforeAll(async () => {
  stage = await openMorphoStage();
}, compileTimeout);
afterAll(() => stage?.close());

const { lender, borrower, attacker, liquidator } = morphoCast;
const one = 100_000_000n; // a feed's answer of 1
const toWad = 10n ** 10n;

/** Buys THIN with the attacker's pump money and keeps it: the pool shows the false price in the blocks that follow. */
async function holdPump(): Promise<void> {
  const { system, session } = stage;
  const coin = ownBuild("Coin").abi;
  await execute(
    session,
    [
      callOf(attacker, system.usdc, coin, "mint", attacker.address, pump),
      callOf(attacker, system.usdc, coin, "approve", system.pool, pump),
      callOf(attacker, system.pool, ownBuild("SpotPool").abi, "swap", system.usdc, pump),
    ],
    "a pump that lasts",
  );
}

const spotWad = () => read<bigint>(stage.session, stage.system.pool, ownBuild("SpotPool").abi, "spotWad");

const liquidate = (edge: Edge, who: Address, seized: bigint) =>
  callMorpho(stage, liquidator, "liquidate", edge.params, who, seized, 0n, "0x");

test("INTEG-05: the pump multiplies the pool's price by 2,000", () =>
  onBranch(stage.session, async () => {
    const before = await spotWad();
    await holdPump();
    const times = (await spotWad()) / before;
    expect(times).toBeGreaterThanOrEqual(factor);
    expect(times).toBeLessThan(factor + 20n);
  }));

test("INTEG-05: with the pool's price as its oracle a market loses all that is there to lend", () =>
  onBranch(stage.session, async () => {
    const { bare } = stage.system;
    await seedCore(stage, bare);
    const had = await balanceOf(stage, stage.attack);
    expect(await idleAtCore(stage, bare)).toBe(lent - borrowed);
    expect(await outcomeOf(stage.session, attackCore(stage, bare, lent - borrowed))).toBe("success");
    expect(await idleAtCore(stage, bare)).toBe(0n);
    const gained = (await balanceOf(stage, attacker.address)) - had;
    expect(Number(gained / 10_000n) / 100).toMatchInlineSnapshot(`899970.54`);
    // At the price of before the security is worth next to nothing; what it does not cover the lenders lose.
    const claim = await claimOf(stage, bare, lender.address);
    expect(await outcomeOf(stage.session, liquidate(bare, stage.attack, security))).toBe("success");
    const lost = claim - (await claimOf(stage, bare, lender.address));
    expect(Number(lost / 10_000n) / 100).toMatchInlineSnapshot(`899054.45`);
  }));

test("INTEG-05: behind the aggregator the same attack borrows up to the honest limit and not one unit more", () =>
  onBranch(stage.session, async () => {
    const { guarded } = stage.system;
    await seedCore(stage, guarded);
    const refused = "insufficient collateral";
    expect(await outcomeOf(stage.session, attackCore(stage, guarded, lent - borrowed))).toBe(refused);
    expect(await outcomeOf(stage.session, attackCore(stage, guarded, honestLimit + 1n))).toBe(refused);
    const had = await balanceOf(stage, stage.attack);
    // Morpho rounds a debt up, which here is one unit.
    expect(await outcomeOf(stage.session, attackCore(stage, guarded, honestLimit - 1n))).toBe("success");
    // Who does what an honest borrower may do, and pumps besides, pays the pool's fees for nothing.
    const gained = (await balanceOf(stage, attacker.address)) - had - honestLimit;
    expect(Number(gained / 10_000n) / 100).toMatchInlineSnapshot(`-29.45`);
    expect(gained).toBeLessThan(0n);
  }));

test("INTEG-05: a pump that stays stops no liquidation: a confirmed fall liquidates at the honest price", () =>
  onBranch(stage.session, async () => {
    const { guarded } = stage.system;
    await seedCore(stage, guarded);
    await holdPump();
    expect(await statusOf(stage)).toBe(1);
    expect(await outcomeOf(stage.session, liquidate(guarded, borrower.address, thin(1_000)))).toBe(
      "position is healthy",
    );
    // 200,000 THIN carry 100,000 USDC down to a price of 0.625.
    await execute(stage.session, report(stage, (one * 62n) / 100n), "the price falls");
    const paid = await balanceOf(stage, liquidator.address);
    expect(await outcomeOf(stage.session, liquidate(guarded, borrower.address, thin(1_000)))).toBe("success");
    // 1,000 THIN at 0.62, less the liquidator's part: at the pumped price they would cost 2,000 times as much.
    const price = paid - (await balanceOf(stage, liquidator.address));
    expect(price).toBeGreaterThan(usdc(570));
    expect(price).toBeLessThan(usdc(620));
  }));

test("INTEG-05: a confirmed rise is not lent against until its window is over", () =>
  onBranch(stage.session, async () => {
    const { guarded } = stage.system;
    await seedCore(stage, guarded);
    const more = callMorpho(
      stage,
      borrower,
      "borrow",
      guarded.params,
      usdc(70_000),
      0n,
      borrower.address,
      borrower.address,
    );
    expect(await outcomeOf(stage.session, more)).toBe("insufficient collateral");
    await execute(stage.session, report(stage, one * 2n), "both feeds jump");
    expect(await outcomeOf(stage.session, more)).toBe(`MorphoOracle_Rise(${2n * one * toWad}, ${one * toWad})`);
    await skipTime(stage.session, 60);
    await execute(stage.session, [...report(stage, one * 2n), commit(stage)], "the rise is committed");
    expect(await outcomeOf(stage.session, more)).toMatch(/^MorphoOracle_Rise/);
    await skipTime(stage.session, jumpWindowSeconds);
    expect(await outcomeOf(stage.session, more)).toBe("success");
  }));

test.each([
  ["FALLBACK", 2, heartbeatSeconds + 60],
  ["HALTED", 3, fallbackSeconds + 60],
] as const)(
  "INTEG-05: while the price is %s nothing is lent, and money still comes in and goes out",
  (_, status, age) =>
    onBranch(stage.session, async () => {
      const { guarded } = stage.system;
      const { params } = guarded;
      await seedCore(stage, guarded);
      await execute(stage.session, [...report(stage, one), commit(stage)], "the last report before the silence");
      await skipTime(stage.session, age);
      expect(await statusOf(stage)).toBe(status);
      const who = borrower.address;
      const refusal = `MorphoOracle_NoPrice(${status})`;
      const outcomes = await outcomesOf(stage.session, [
        callMorpho(stage, borrower, "borrow", params, 1n, 0n, who, who),
        callMorpho(stage, borrower, "withdrawCollateral", params, 1n, who, who),
        callMorpho(stage, liquidator, "liquidate", params, who, 1n, 0n, "0x"),
        callMorpho(stage, borrower, "supplyCollateral", params, thin(1), who, "0x"),
        callMorpho(stage, borrower, "repay", params, usdc(1), 0n, who, "0x"),
        callMorpho(stage, lender, "supply", params, usdc(1), 0n, lender.address, "0x"),
        callMorpho(stage, lender, "withdraw", params, usdc(1), 0n, lender.address, lender.address),
      ]);
      expect(outcomes).toEqual([refusal, refusal, refusal, "success", "success", "success", "success"]);
    }),
);

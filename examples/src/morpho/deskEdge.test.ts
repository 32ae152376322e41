import { flowLimiter } from "@testudo/contracts";
import type { Abi } from "viem";
import { toFunctionSelector } from "viem/utils";
import { afterAll, beforeAll, expect, test } from "vitest";
import { execute, rpc, skipTime } from "../curie/ChainSession.ts";
import { onBranch, pauseCall } from "../curie/defendedStage.testkit.ts";
import { outcomeOf, outcomesOf } from "../curie/outcomes.testkit.ts";
import { deskExempt, deskGuarded, flowCap, flowWindowSeconds } from "./deployMorpho.ts";
import { thin, usdc } from "./listPair.ts";
import { morphoCast } from "./MorphoCast.ts";
import { ownBuild } from "./morphoArtifacts.ts";
import {
  attackCore,
  attackDesk,
  callDesk,
  callMorpho,
  compileTimeout,
  honestLimit,
  idleAtCore,
  type MorphoStage,
  openMorphoStage,
  seedDesk,
} from "./morphoStage.testkit.ts";
import { balanceOf, callOf, lent, pump, read, security } from "./pairStage.testkit.ts";

// All money of the lenders enters through a desk; Morpho itself stays open to everyone.
let stage: MorphoStage;
beforeAll(async () => {
  stage = await openMorphoStage();
}, compileTimeout);
afterAll(() => stage?.close());

const { lender, borrower, attacker, guardians } = morphoCast;
const selectorOf = (signature: string) => toFunctionSelector(signature);

/** The attacker hands the pump money to the attack contract once more. */
async function refill(): Promise<void> {
  const transfer = callOf(attacker, stage.system.usdc, ownBuild("Coin").abi, "transfer", stage.attack, pump);
  await execute(stage.session, [transfer], "the pump money again");
}

test("INTEG-05: even with the pool as its oracle, the attack takes one cap through the desk, and two caps in a window", () =>
  onBranch(stage.session, async () => {
    const { bare } = stage.system;
    await seedDesk(stage, bare);
    const over = attackDesk(stage, bare, security, flowCap + 1n);
    expect(await outcomeOf(stage.session, over)).toBe(`Flow_Exceeded(${bare.params.loanToken}, 1)`);
    const gone = async () => lent - (await balanceOf(stage, bare.desk));
    expect(await outcomeOf(stage.session, attackDesk(stage, bare, security, flowCap))).toBe("success");
    expect(await gone()).toBe(flowCap);
    await refill();
    expect(await outcomeOf(stage.session, attackDesk(stage, bare, 0n, usdc(1_000)))).toMatch(/^Flow_Exceeded/);
    await skipTime(stage.session, flowWindowSeconds / 2);
    expect(await outcomeOf(stage.session, attackDesk(stage, bare, 0n, flowCap / 2n))).toBe("success");
    await refill();
    await skipTime(stage.session, flowWindowSeconds / 2 - 60);
    expect(await outcomeOf(stage.session, attackDesk(stage, bare, 0n, usdc(24_000)))).toBe("success");
    await refill();
    expect(await outcomeOf(stage.session, attackDesk(stage, bare, 0n, usdc(2_000)))).toMatch(/^Flow_Exceeded/);
    expect(await gone()).toBe(usdc(99_000));
  }));

test("INTEG-05: who passes the desk by finds nothing of its depositors' in Morpho", () =>
  onBranch(stage.session, async () => {
    const { bare } = stage.system;
    await seedDesk(stage, bare);
    expect(await outcomeOf(stage.session, callDesk(bare, borrower, "borrow", usdc(40_000)))).toBe("success");
    expect(await idleAtCore(stage, bare)).toBe(0n);
    expect(await outcomeOf(stage.session, attackCore(stage, bare, 1n))).toBe("insufficient liquidity");
  }));

test("INTEG-05: what passes the desk by is what direct repayments left in Morpho since the last sweep, no more", () =>
  onBranch(stage.session, async () => {
    const { bare } = stage.system;
    await seedDesk(stage, bare);
    await execute(stage.session, [callDesk(bare, borrower, "borrow", usdc(40_000))], "a loan");
    const repay = callMorpho(stage, borrower, "repay", bare.params, usdc(10_000), 0n, borrower.address, "0x");
    await execute(stage.session, [repay], "a repayment that passes the desk by");
    const left = await idleAtCore(stage, bare);
    expect(left).toBe(usdc(10_000));
    expect(await outcomeOf(stage.session, attackCore(stage, bare, left + 1n))).toBe("insufficient liquidity");
    const [swept, late] = await outcomesOf(stage.session, [
      callDesk(bare, morphoCast.relayer, "sweep"),
      attackCore(stage, bare, usdc(1)),
    ]);
    expect([swept, late]).toEqual(["success", "insufficient liquidity"]);
    expect(await idleAtCore(stage, bare)).toBe(0n);
  }));

test("INTEG-05: at a desk before the guarded market the attack gets the honest limit and nothing above it", () =>
  onBranch(stage.session, async () => {
    const { guarded } = stage.system;
    await seedDesk(stage, guarded);
    expect(await outcomeOf(stage.session, attackDesk(stage, guarded, security, honestLimit + 1n))).toBe(
      "insufficient collateral",
    );
    expect(await outcomeOf(stage.session, attackDesk(stage, guarded, security, honestLimit - 1n))).toBe("success");
  }));

test("INTEG-05: guardians pause the desk's borrow alone; repay, collateral, sweep, deposits and withdrawals stay live", () =>
  onBranch(stage.session, async () => {
    const { guarded } = stage.system;
    await seedDesk(stage, guarded);
    await execute(stage.session, [callDesk(guarded, borrower, "borrow", usdc(20_000))], "a loan");
    const selector = selectorOf("borrow(uint256)");
    const { call, until } = await pauseCall(stage, guarded.desk, [selector], 3_600, guardians.slice(0, 2));
    expect(await outcomeOf(stage.session, call)).toBe("success");
    const outcomes = await outcomesOf(stage.session, [
      callDesk(guarded, borrower, "borrow", usdc(1)),
      callDesk(guarded, borrower, "repay", usdc(5_000), borrower.address),
      callDesk(guarded, borrower, "supplyCollateral", thin(1), borrower.address),
      callDesk(guarded, lender, "sweep"),
      callDesk(guarded, lender, "deposit", usdc(1), lender.address),
      callDesk(guarded, lender, "withdraw", usdc(1), lender.address, lender.address),
      callMorpho(stage, borrower, "repay", guarded.params, usdc(1), 0n, borrower.address, "0x"),
    ]);
    const refused = `Breaker_Paused(${selector}, ${until})`;
    expect(outcomes).toEqual([refused, "success", "success", "success", "success", "success", "success"]);
    // What was repaid at Morpho itself is there to borrow until somebody sweeps: the pause does not reach that far.
    expect(await idleAtCore(stage, guarded)).toBe(usdc(1));
  }));

test.each(deskExempt)("INTEG-05: guardians cannot pause the desk's %s, however many sign", (signature) =>
  onBranch(stage.session, async () => {
    const selector = selectorOf(signature);
    const { call } = await pauseCall(stage, stage.system.guarded.desk, [selector], 3_600, guardians);
    expect(await outcomeOf(stage.session, call)).toBe(`Breaker_Exempt(${selector})`);
  }),
);

test("INTEG-05: with its breaker gone the desk lets no money out, and still takes what lowers risk", () =>
  onBranch(stage.session, async () => {
    const { guarded, breaker } = stage.system;
    await seedDesk(stage, guarded);
    await execute(stage.session, [callDesk(guarded, borrower, "borrow", usdc(20_000))], "a loan");
    await rpc(stage.session.client, "anvil_setCode", [breaker, "0x"]);
    const outcomes = await outcomesOf(stage.session, [
      callDesk(guarded, borrower, "borrow", usdc(1)),
      callDesk(guarded, lender, "withdraw", usdc(1), lender.address, lender.address),
      callDesk(guarded, lender, "redeem", usdc(1), lender.address, lender.address),
      callDesk(guarded, borrower, "repay", usdc(1), borrower.address),
      callDesk(guarded, borrower, "supplyCollateral", thin(1), borrower.address),
      callDesk(guarded, lender, "sweep"),
      callDesk(guarded, lender, "deposit", usdc(1), lender.address),
      callDesk(guarded, lender, "mint", usdc(1), lender.address),
    ]);
    expect(outcomes.map((outcome) => outcome === "success")).toEqual([
      false,
      false,
      false,
      true,
      true,
      true,
      true,
      true,
    ]);
  }));

test("INTEG-05: a flow near the cap lets anyone trip what lets money out of that desk, and nothing else", () =>
  onBranch(stage.session, async () => {
    const { guarded, bare } = stage.system;
    await seedDesk(stage, guarded);
    await seedDesk(stage, bare);
    await execute(stage.session, [callDesk(guarded, borrower, "borrow", (flowCap * 95n) / 100n)], "nearly all");
    const poke = callOf(morphoCast.relayer, guarded.limiter, flowLimiter.abi as Abi, "poke", guarded.params.loanToken);
    expect(await outcomeOf(stage.session, poke)).toBe("success");
    const outcomes = await outcomesOf(stage.session, [
      callDesk(guarded, borrower, "borrow", usdc(1)),
      callDesk(guarded, lender, "withdraw", usdc(1), lender.address, lender.address),
      callDesk(bare, borrower, "borrow", usdc(1)),
      callDesk(guarded, borrower, "repay", usdc(1), borrower.address),
    ]);
    expect(outcomes.map((outcome) => outcome.split("(")[0])).toEqual([
      "Breaker_Paused",
      "Breaker_Paused",
      "success",
      "success",
    ]);
  }));

test("INTEG-03: every function of the desk that changes anything is guarded, exempt or of its share token", () => {
  const shareToken = ["approve", "transfer", "transferFrom"];
  const known = [...deskGuarded, ...deskExempt].map((signature) => signature.split("(")[0]);
  const writing = ownBuild("LendingDesk").abi.flatMap((entry) =>
    entry.type === "function" && entry.stateMutability !== "view" && entry.stateMutability !== "pure"
      ? [entry.name]
      : [],
  );
  expect(writing.toSorted()).toEqual([...known, ...shareToken].toSorted());
});

test("INTEG-05: lenders and borrowers of the desk get what is theirs, interest included, as fast as the cap lets it out", () =>
  onBranch(stage.session, async () => {
    const { guarded } = stage.system;
    await seedDesk(stage, guarded);
    const before = await balanceOf(stage, lender.address);
    await execute(stage.session, [callDesk(guarded, borrower, "borrow", usdc(40_000))], "a loan");
    await skipTime(stage.session, 86_000);
    const calls = [
      callDesk(guarded, borrower, "repay", usdc(40_000), borrower.address),
      callDesk(guarded, lender, "withdraw", flowCap - 1n, lender.address, lender.address),
      callDesk(guarded, lender, "withdraw", usdc(1), lender.address, lender.address),
    ];
    const [repaid, withdrawn, over] = await outcomesOf(stage.session, calls);
    expect([repaid, withdrawn]).toEqual(["success", "success"]);
    expect(over).toMatch(/^ERC4626ExceededMaxWithdraw/);
    expect((await balanceOf(stage, lender.address)) - before).toBe(flowCap - 1n);
    const assets = await read<bigint>(stage.session, guarded.desk, ownBuild("LendingDesk").abi, "totalAssets");
    expect(assets).toBeGreaterThan(lent - flowCap);
  }));

import type { Address, Hex } from "viem";
import { parseAbiItem } from "viem/utils";
import { afterAll, beforeAll, expect, test } from "vitest";
import { getCast, honestParties } from "./Cast.ts";
import { type ChainSession, openSession } from "./ChainSession.ts";
import type { LossReport } from "./measureLoss.ts";
import { playStage } from "./playStage.ts";
import { readAccounts, readMarket } from "./readSolvency.ts";
import type { ReviewedTx } from "./reviewTxs.ts";
import { curieScenario, type Stage } from "./scenario.ts";
import { type MarketState, measureSolvency, type Solvency, traderOfLog } from "./solvencyReads.ts";
import { type Anvil, startAnvil } from "./startAnvil.ts";

const cast = getCast();
const accounts = [...honestParties(cast), cast.attackerA.address, cast.attackerB.address];
const dollar = 1_000_000n;
const spotTraded = parseAbiItem(
  "event SpotTraded(address indexed trader, int256 assetDelta, int256 usdcDelta, uint256 priceWad)",
);

type Run = {
  anvil: Anvil;
  session: ChainSession;
  stage: Stage;
  loss: LossReport;
  lossUsd: number;
  sent: ReviewedTx[];
  slots: (MarketState & Solvency)[];
  lastHash: Hex;
};

/** One whole play without any defence. */
async function runNaive(seed: number): Promise<Run> {
  const anvil = await startAnvil();
  const session = await openSession(anvil.rpcUrl);
  const stage = await curieScenario.setup({ rpcUrl: anvil.rpcUrl, seed });
  const slots: (MarketState & Solvency)[] = [];
  await playStage(session, stage, async () => {
    const market = await readMarket(session, stage.system);
    slots.push({ ...market, ...measureSolvency(await readAccounts(session, stage.system, accounts), market) });
  });
  const sent = await stage.review();
  await stage.settle();
  const [loss, lossUsd] = [await stage.loss(), await stage.lossUsd()];
  const { hash } = await session.client.getBlock();
  return { anvil, session, stage, loss, lossUsd, sent, slots, lastHash: hash };
}

let run: Run;
beforeAll(async () => {
  run = await runNaive(1);
});
afterAll(() => run?.anvil.stop());

test("without defence the attack of seed 1 costs the others this much", () => {
  expect(run.lossUsd).toMatchInlineSnapshot(`125458.09`);
});

test("the attackers gain it, after both accounts' deposits and the spot market's fees, to the cent", async () => {
  const { loss, session, stage } = run;
  const trades = await session.client.getLogs({ address: stage.system.spot, event: spotTraded, fromBlock: 0n });
  const theirs = trades.filter((log) => log.args.trader === cast.attackerB.address);
  const size = (usdcDelta: bigint) => (usdcDelta < 0n ? -usdcDelta : usdcDelta);
  const fees = theirs.reduce((sum, log) => sum + (size(log.args.usdcDelta!) * 30n) / 10_000n, 0n);
  expect(theirs.length).toBe(3);
  expect(loss.attackerGainUsdc).toBeGreaterThan(100_000n * dollar);
  expect(size(loss.lossUsdc - loss.attackerGainUsdc - fees)).toBeLessThan(dollar / 100n);
});

test("the insurance fund has paid the bad debt, and the attackers keep no claim", () => {
  expect(run.loss.fundLossUsdc).toBeGreaterThan(run.loss.lossUsdc);
  expect(run.loss.unsettledBadDebtUsdc).toBe(0n);
  expect(run.loss.attackerClaimUsdc).toBe(0n);
});

test("every transaction of the honest traffic and of the attack succeeds", () => {
  expect(run.sent.filter((tx) => tx.outcome !== "success")).toEqual([]);
  expect(run.sent.filter((tx) => tx.role === "benign").length).toBeGreaterThan(80);
});

test("the honest traffic uses every kind of call", () => {
  const labels = new Set(run.sent.filter((tx) => tx.role === "benign").map((tx) => tx.label));
  expect([...labels].sort()).toMatchInlineSnapshot(`
    [
      "add liquidity",
      "arbitrage",
      "close",
      "deposit",
      "liquidate",
      "open long",
      "open short",
      "remove liquidity",
      "spot trade",
      "withdraw",
    ]
  `);
});

test("the withdrawal comes at least one block after the last pump", () => {
  const slotOf = (label: string) => run.sent.filter((tx) => tx.label === label).map((tx) => tx.slot);
  expect(slotOf("B withdraws all")).toEqual([run.stage.attackSlots.withdraw]);
  expect(slotOf("A pumps the pool")).toEqual(expect.arrayContaining([...run.stage.attackSlots.pump]));
  expect(Math.max(...slotOf("A pumps the pool"))).toBeLessThan(run.stage.attackSlots.withdraw);
});

test("before the pump no account is in danger, from its first block on some are", () => {
  const [first] = run.stage.attackSlots.pump as [number];
  expect(run.slots.slice(0, first).map((s) => s.marginAtRiskUsdc + s.badDebtUsdc)).toEqual(Array(first).fill(0n));
  expect(run.slots[first]!.marginAtRiskUsdc).toBeGreaterThan(10_000n * dollar);
});

test("pool and index move together: never 10 % apart while the attack runs", () => {
  const { pump, withdraw } = run.stage.attackSlots;
  for (const { poolWad, indexWad } of run.slots.slice(pump[0]!, withdraw + 1)) {
    expect(Number((poolWad * 1_000n) / indexWad)).toBeGreaterThan(900);
    expect(Number((poolWad * 1_000n) / indexWad)).toBeLessThan(1_100);
  }
});

test("the bad debt stands in the block before the withdrawal takes the money out", () => {
  const { withdraw } = run.stage.attackSlots;
  const [before, after] = [run.slots[withdraw - 1]!, run.slots[withdraw]!];
  expect(before.badDebtUsdc).toBeGreaterThan(100_000n * dollar);
  expect(before.vaultUsdc - after.vaultUsdc).toBeGreaterThan(500_000n * dollar);
});

test("the logs of Vault and ClearingHouse name every account, and these sum to the Vault's money", async () => {
  const { session, stage } = run;
  const { vault, clearingHouse, insuranceFund } = stage.system;
  const logs = await session.client.getLogs({ address: [vault, clearingHouse], fromBlock: 0n });
  const named = new Set(logs.map((log) => traderOfLog(log.topics)).filter((t): t is Address => t !== undefined));
  named.delete(insuranceFund);
  expect([...named].sort()).toEqual([...accounts].sort());
  const market = await readMarket(session, stage.system);
  const values = await readAccounts(session, stage.system, [...named]);
  const total = values.reduce((sum, account) => sum + account.valueUsdc, market.fundUsdc);
  expect(Number(total - market.vaultUsdc)).toBeLessThan(Number(dollar) / 100);
  expect(Number(total - market.vaultUsdc)).toBeGreaterThan(-Number(dollar) / 100);
});

test("the same seed gives the same chain and the same loss, another seed another chain", async () => {
  const [same, other] = [await runNaive(1), await runNaive(2)];
  await Promise.all([same.anvil.stop(), other.anvil.stop()]);
  expect([same.lastHash, same.lossUsd, same.loss]).toEqual([run.lastHash, run.lossUsd, run.loss]);
  expect(same.sent).toEqual(run.sent);
  expect(other.lastHash).not.toBe(run.lastHash);
  expect(other.lossUsd).toBeGreaterThan(100_000);
});

test("Curie's own pause closes the way out of a position and leaves the Vault open", async () => {
  const shown = await run.stage.contrast();
  const status = async (hash: Hex) => (await run.session.client.getTransactionReceipt({ hash })).status;
  const facts = await Promise.all(
    shown.map(async ({ name, ok, txHash }) => ({ name, ok, status: await status(txHash) })),
  );
  expect(facts).toMatchInlineSnapshot(`
    [
      {
        "name": "Curie's own pause blocks closePosition",
        "ok": true,
        "status": "reverted",
      },
      {
        "name": "Curie's own pause leaves Vault.withdraw open",
        "ok": true,
        "status": "success",
      },
    ]
  `);
});

// Ordinary days of a lender of the pair: people borrow a little more, pay back, and trade the pool a little either way.
import type { Finding } from "@testudo/core/model/Finding";
import type { Address, LocalAccount } from "viem";
import { type Call, type ChainSession, execute, submit } from "../curie/ChainSession.ts";
import { type Pair, thin, usdc } from "../morpho/listPair.ts";
import { morphoCast } from "../morpho/MorphoCast.ts";
import { ownBuild } from "../morpho/morphoArtifacts.ts";
import { approve, callOf } from "../morpho/pairStage.testkit.ts";
import type { SuiteWatch } from "./SuiteWatch.ts";

/** What is done at a lender, whoever it is. */
export type PairTrade = {
  readonly session: ChainSession;
  readonly system: Pick<Pair, "usdc" | "thin" | "pool">;
  readonly watch: SuiteWatch;
  /** Where tokens are paid in. */
  readonly lender: Address;
  supply(by: LocalAccount, amount: bigint): Call;
  borrow(by: LocalAccount, amount: bigint): Call;
  repay(by: LocalAccount, amount: bigint): Call;
};

const { borrower, liquidator, relayer } = morphoCast;

/** What is found in a block of `calls`. */
export async function blockOf({ session, watch }: PairTrade, calls: readonly Call[]): Promise<Finding[]> {
  await submit(session, calls);
  await session.mine();
  return watch.judgeNew();
}

export const swapAt = ({ system }: PairTrade, by: LocalAccount, token: Address, amount: bigint): Call =>
  callOf(by, system.pool, ownBuild("SpotPool").abi, "swap", token, amount);

export const mintThin = ({ system }: PairTrade, to: LocalAccount, amount: bigint): Call =>
  callOf(to, system.thin, ownBuild("Coin").abi, "mint", to.address, amount);

/** What is found in `count` ordinary blocks. */
export async function tradeOn(trade: PairTrade, count: number): Promise<Finding[]> {
  const { system, session, lender } = trade;
  const spenders = [system.pool, lender];
  const approvals = [borrower, liquidator, relayer].flatMap((by) => spenders.flatMap((to) => approve(system, by, to)));
  await execute(session, approvals, "approvals");
  const begin = [
    mintThin(trade, relayer, thin(5_000)),
    trade.supply(relayer, thin(2_000)),
    trade.borrow(relayer, usdc(500)),
  ];
  const found = await blockOf(trade, begin);
  for (let i = 0; i < count; i++) {
    const [by, token] = i % 2 === 0 ? ([borrower, system.thin] as const) : ([liquidator, system.usdc] as const);
    const swap = swapAt(trade, by, token, i % 2 === 0 ? thin(10) : usdc(10));
    const loan = i % 6 === 0 ? [trade.borrow(relayer, usdc(40))] : i % 6 === 3 ? [trade.repay(relayer, usdc(30))] : [];
    found.push(...(await blockOf(trade, [swap, ...loan])));
  }
  return found;
}

/** What is found in a round of supplying `amount`, borrowing three fifths of its worth and buying more with that. */
export function loopOn(trade: PairTrade, by: LocalAccount, amount: number): Promise<Finding[]> {
  const loan = usdc(amount * 0.6);
  const calls = [trade.supply(by, thin(amount)), trade.borrow(by, loan), swapAt(trade, by, trade.system.usdc, loan)];
  return blockOf(trade, calls);
}

// A lender of the pair on a node of its own, with money in everybody's hands: what the examples of lending protocols share.
import { startAnvil } from "@testudo/chain/fork/startAnvil";
import type { Abi, Address, LocalAccount } from "viem";
import { maxUint256 } from "viem";
import { encodeFunctionData } from "viem/utils";
import { type Call, type ChainSession, execute, openSession, rpc } from "../curie/ChainSession.ts";
import type { Build } from "../curie/curieArtifacts.ts";
import { openPlan } from "../curie/DeployPlan.ts";
import { type Pair, poolWhole, thin, usdc } from "./listPair.ts";
import { morphoCast } from "./MorphoCast.ts";
import { ownBuild } from "./morphoArtifacts.ts";

/** The deployed system; `attack` belongs to the attacker and is funded. */
export type PairStage<S> = {
  readonly session: ChainSession;
  readonly system: S;
  readonly attack: Address;
  readonly relayer: LocalAccount;
  readonly defence: { readonly council: Address };
  readonly close: () => Promise<void>;
};

/** What lenders bring and honest people borrow before the attack. */
export const lent = usdc(1_000_000);
export const borrowed = usdc(100_000);
/** The attacker's security, bought at 1. */
export const security = thin(1_000);
/** Multiplies the pool's price by 2,000 and a little: (1 + y)(1 + 0.997 y) with y = pump / reserve. */
export const pump = usdc(poolWhole * 43.8);
export const factor = 2_000n;

/** How a lender comes to stand on the chain, whom people let take their tokens there, and the attack on it. */
export type PairLender<S> = {
  readonly deploy: (session: ChainSession) => Promise<S>;
  readonly spenders: (system: S) => readonly Address[];
  readonly attack: (system: S) => readonly [build: Build, args: readonly Address[]];
};

/** Starts a node, deploys the lender and funds everybody; the session's node mines when told. */
export async function openPairStage<S extends Pick<Pair, "usdc" | "thin"> & { readonly council: Address }>(
  lender: PairLender<S>,
): Promise<PairStage<S>> {
  const anvil = await startAnvil({ noMining: true, timestamp: 1_750_000_000 });
  try {
    const session = await openSession(anvil.url);
    await rpc(session.client, "anvil_setBlockTimestampInterval", [2]);
    await rpc(session.client, "evm_setBlockGasLimit", ["0x1dcd6500"]);
    const system = await lender.deploy(session);
    const attack = await fundAll(session, system, lender);
    const defence = { council: system.council };
    return { session, system, attack, relayer: morphoCast.relayer, defence, close: () => anvil.stop() };
  } catch (error) {
    await anvil.stop();
    throw error;
  }
}

async function fundAll<S extends Pick<Pair, "usdc" | "thin">>(
  session: ChainSession,
  system: S,
  { spenders, attack: attackOn }: PairLender<S>,
): Promise<Address> {
  const { lender, borrower, attacker, liquidator } = morphoCast;
  const plan = await openPlan(session, attacker);
  const attack = plan.deploy(...attackOn(system));
  const mint = (token: Address, to: Address, amount: bigint) =>
    plan.call(ownBuild("Coin"), token, "mint", [to, amount]);
  mint(system.usdc, lender.address, 2n * lent);
  mint(system.thin, borrower.address, thin(1_000_000));
  mint(system.usdc, borrower.address, usdc(100_000));
  mint(system.usdc, liquidator.address, lent);
  mint(system.usdc, attack, pump);
  mint(system.thin, attack, security);
  await plan.flush("money");
  const people = [lender, borrower, liquidator];
  const approvals = people.flatMap((from) => spenders(system).flatMap((spender) => approve(system, from, spender)));
  await execute(session, approvals, "approvals");
  return attack;
}

/** `spender` may take both tokens of `from`. */
export function approve(
  { usdc: money, thin: asset }: Pick<Pair, "usdc" | "thin">,
  from: LocalAccount,
  spender: Address,
) {
  return [money, asset].map((token) => callOf(from, token, ownBuild("Coin").abi, "approve", spender, maxUint256));
}

/** A transaction of `from`. */
export function callOf(from: LocalAccount, to: Address, abi: Abi, functionName: string, ...args: unknown[]): Call {
  return { from, to, data: encodeFunctionData({ abi, functionName, args }) };
}

/** Both honest feeds say `price` (8 decimals). */
export const report = ({ system }: PairStage<Pick<Pair, "feeds">>, price: bigint): Call[] =>
  system.feeds.map((feed) => callOf(morphoCast.reporter, feed, ownBuild("PushFeed").abi, "report", price));

/** `account`'s balance, of the loan token where none is named. */
export function balanceOf<S extends Pick<Pair, "usdc">>(
  { session, system }: PairStage<S>,
  account: Address,
  token: Address = system.usdc,
): Promise<bigint> {
  return read<bigint>(session, token, ownBuild("Coin").abi, "balanceOf", account);
}

export function read<T>(session: ChainSession, address: Address, abi: Abi, functionName: string, ...args: unknown[]) {
  return session.client.readContract({ address, abi, functionName, args }) as Promise<T>;
}

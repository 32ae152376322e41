// Morpho Blue with its two markets on a node of its own, and what people do there.

import { startAnvil } from "@testudo/chain/startAnvil";
import { oracleAggregator } from "@testudo/contracts";
import type { Abi, Address, LocalAccount } from "viem";
import { maxUint256 } from "viem";
import { encodeFunctionData } from "viem/utils";
import { type Call, type ChainSession, execute, openSession, rpc } from "../curie/ChainSession.ts";
import { openPlan } from "../curie/DeployPlan.ts";
import { deployMorpho, type Edge, lltv, type MorphoSystem } from "./deployMorpho.ts";
import { marketName, poolWhole, thin, usdc } from "./listPair.ts";
import { morphoCast } from "./MorphoCast.ts";
import { morphoBuild, ownBuild } from "./morphoArtifacts.ts";

/** The deployed system; `attack` belongs to the attacker and is funded. */
export type MorphoStage = {
  readonly session: ChainSession;
  readonly system: MorphoSystem;
  readonly attack: Address;
  readonly relayer: LocalAccount;
  readonly defence: { readonly council: Address };
  readonly close: () => Promise<void>;
};

/** The first run compiles Morpho Blue: 41 s on a quiet machine, minutes on a busy one. */
export const compileTimeout = 900_000;

/** What lenders bring and honest people borrow before the attack. */
export const lent = usdc(1_000_000);
export const borrowed = usdc(100_000);
/** The attacker's security, bought at 1, and what may be borrowed against it at that price. */
export const security = thin(1_000);
export const honestLimit = (usdc(1_000) * lltv) / 10n ** 18n;
/** Multiplies the pool's price by 2,000 and a little: (1 + y)(1 + 0.997 y) with y = pump / reserve. */
export const pump = usdc(poolWhole * 43.8);
export const factor = 2_000n;

export async function openMorphoStage(): Promise<MorphoStage> {
  const anvil = await startAnvil({ noMining: true, timestamp: 1_750_000_000 });
  try {
    const session = await openSession(anvil.url);
    await rpc(session.client, "anvil_setBlockTimestampInterval", [2]);
    await rpc(session.client, "evm_setBlockGasLimit", ["0x1dcd6500"]);
    const system = await deployMorpho(session);
    const attack = await fundAll(session, system);
    const defence = { council: system.council };
    return { session, system, attack, relayer: morphoCast.relayer, defence, close: () => anvil.stop() };
  } catch (error) {
    await anvil.stop();
    throw error;
  }
}

async function fundAll(session: ChainSession, system: MorphoSystem): Promise<Address> {
  const { lender, borrower, attacker, liquidator } = morphoCast;
  const plan = await openPlan(session, attacker);
  const attack = plan.deploy(ownBuild("SpotAttack"), [system.morpho, system.pool]);
  const mint = (token: Address, to: Address, amount: bigint) =>
    plan.call(ownBuild("Coin"), token, "mint", [to, amount]);
  mint(system.usdc, lender.address, 2n * lent);
  mint(system.thin, borrower.address, thin(1_000_000));
  mint(system.usdc, borrower.address, usdc(100_000));
  mint(system.usdc, liquidator.address, lent);
  mint(system.usdc, attack, pump);
  mint(system.thin, attack, security);
  await plan.flush("money");
  const spenders = [system.morpho, system.bare.desk, system.guarded.desk];
  const owners = [lender, borrower, liquidator];
  const approvals = owners.flatMap((from) =>
    spenders.flatMap((spender) =>
      [system.usdc, system.thin].map((token) =>
        callOf(from, token, ownBuild("Coin").abi, "approve", spender, maxUint256),
      ),
    ),
  );
  await execute(session, approvals, "approvals");
  return attack;
}

/** A transaction of `from`. */
export function callOf(from: LocalAccount, to: Address, abi: Abi, functionName: string, ...args: unknown[]): Call {
  return { from, to, data: encodeFunctionData({ abi, functionName, args }) };
}

export const callMorpho = ({ system }: MorphoStage, from: LocalAccount, name: string, ...args: unknown[]): Call =>
  callOf(from, system.morpho, morphoBuild("Morpho").abi, name, ...args);

export const callDesk = (edge: Edge, from: LocalAccount, name: string, ...args: unknown[]): Call =>
  callOf(from, edge.desk, ownBuild("LendingDesk").abi, name, ...args);

/** The attack on Morpho itself: pump, borrow `assets`, sell back. */
export const attackCore = ({ attack }: MorphoStage, { params }: Edge, assets: bigint): Call =>
  callOf(morphoCast.attacker, attack, ownBuild("SpotAttack").abi, "borrowFromCore", params, security, pump, assets);

/** The same attack through the desk. */
export const attackDesk = ({ attack }: MorphoStage, { desk }: Edge, collateral: bigint, assets: bigint): Call =>
  callOf(morphoCast.attacker, attack, ownBuild("SpotAttack").abi, "borrowFromDesk", desk, collateral, pump, assets);

/** Both honest feeds say `price` (8 decimals). */
export const report = ({ system }: MorphoStage, price: bigint): Call[] =>
  system.feeds.map((feed) => callOf(morphoCast.reporter, feed, ownBuild("PushFeed").abi, "report", price));

/** Lenders supply and somebody borrows, all at Morpho itself. */
export async function seedCore(stage: MorphoStage, { params }: Edge): Promise<void> {
  const { lender, borrower } = morphoCast;
  const calls = [
    callMorpho(stage, lender, "supply", params, lent, 0n, lender.address, "0x"),
    callMorpho(stage, borrower, "supplyCollateral", params, thin(200_000), borrower.address, "0x"),
    callMorpho(stage, borrower, "borrow", params, borrowed, 0n, borrower.address, borrower.address),
  ];
  for (const call of calls) await execute(stage.session, [call], "the market's first users");
}

/** Lenders deposit at the desk, and somebody with security lets it lend. */
export async function seedDesk(stage: MorphoStage, edge: Edge): Promise<void> {
  const { lender, borrower } = morphoCast;
  const calls = [
    callDesk(edge, lender, "deposit", lent, lender.address),
    callDesk(edge, borrower, "supplyCollateral", thin(200_000), borrower.address),
    callMorpho(stage, borrower, "setAuthorization", edge.desk, true),
  ];
  await execute(stage.session, calls, "the desk's first users");
}

/** The loan token's balance of `account`. */
export function balanceOf({ session, system }: MorphoStage, account: Address, token = system.usdc): Promise<bigint> {
  return read<bigint>(session, token, ownBuild("Coin").abi, "balanceOf", account);
}

/** What somebody could take from Morpho by borrowing there. */
export async function idleAtCore(stage: MorphoStage, { id }: Edge): Promise<bigint> {
  const [supplied, , lentOut] = await read<readonly bigint[]>(
    stage.session,
    stage.system.morpho,
    morphoBuild("Morpho").abi,
    "market",
    id,
  );
  return supplied! - lentOut!;
}

/** The lender's claim on the market in assets, rounded down, as of the market's last call. */
export async function claimOf(stage: MorphoStage, { id }: Edge, account: Address): Promise<bigint> {
  const { abi } = morphoBuild("Morpho");
  const [shares] = await read<readonly bigint[]>(stage.session, stage.system.morpho, abi, "position", id, account);
  const [assets, all] = await read<readonly bigint[]>(stage.session, stage.system.morpho, abi, "market", id);
  return (shares! * (assets! + 1n)) / (all! + 1_000_000n);
}

/** The aggregator's status of the pair, as a number: 0 OK, 1 DEGRADED, 2 FALLBACK, 3 HALTED. */
export async function statusOf({ session, system }: MorphoStage): Promise<number> {
  type Answer = readonly [boolean, bigint, number, number];
  const answer = await read<Answer>(session, system.aggregator, aggregatorAbi, "tryPrice", marketName);
  return answer[3];
}

/** Commits the aggregator's price as a round. */
export const commit = ({ system, relayer }: MorphoStage): Call =>
  callOf(relayer, system.aggregator, aggregatorAbi, "commit", marketName);

const aggregatorAbi = oracleAggregator.abi as Abi;

export function read<T>(session: ChainSession, address: Address, abi: Abi, functionName: string, ...args: unknown[]) {
  return session.client.readContract({ address, abi, functionName, args }) as Promise<T>;
}

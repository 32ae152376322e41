// Morpho Blue with its two markets on a node of its own, and what people do there.

import { oracleAggregator } from "@testudo/contracts";
import type { Abi, Address, LocalAccount } from "viem";
import { type Call, execute } from "../curie/ChainSession.ts";
import { deployMorpho, type Edge, lltv, type MorphoSystem } from "./deployMorpho.ts";
import { marketName, thin, usdc } from "./listPair.ts";
import { morphoCast } from "./MorphoCast.ts";
import { morphoBuild, ownBuild } from "./morphoArtifacts.ts";
import { borrowed, callOf, lent, openPairStage, type PairStage, pump, read, security } from "./pairStage.testkit.ts";

export type MorphoStage = PairStage<MorphoSystem>;

/** The first run compiles Morpho Blue: 41 s on a quiet machine, minutes on a busy one. */
export const compileTimeout = 900_000;

/** What may be borrowed against the attacker's security at the price of before. */
export const honestLimit = (usdc(1_000) * lltv) / 10n ** 18n;

export const openMorphoStage = (): Promise<MorphoStage> =>
  openPairStage({
    deploy: deployMorpho,
    spenders: ({ morpho, bare, guarded }) => [morpho, bare.desk, guarded.desk],
    attack: ({ morpho, pool }) => [ownBuild("SpotAttack"), [morpho, pool]],
  });

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

import type { Address, LocalAccount } from "viem";
import { type Call, execute } from "../curie/ChainSession.ts";
import { thin, usdc } from "../morpho/listPair.ts";
import { morphoCast } from "../morpho/MorphoCast.ts";
import {
  borrowed,
  callOf,
  lent,
  openPairStage,
  type PairStage,
  pump,
  read,
  security,
} from "../morpho/pairStage.testkit.ts";
import { aaveAbi, ownBuild } from "./aaveArtifacts.ts";
import { type AaveSystem, deployAave, thinTerms } from "./deployAave.ts";

export type AaveStage = PairStage<AaveSystem>;

export const deployTimeout = 300_000;
/** What may be borrowed against the attacker's security at the price of before. */
export const honestLimit = (usdc(1_000) * BigInt(thinTerms.ltvBps)) / 10_000n;
const variable = 2n;

export const openAaveStage = (): Promise<AaveStage> =>
  openPairStage({
    deploy: deployAave,
    spenders: ({ lender }) => [lender],
    attack: ({ lender, pool }) => [ownBuild("AaveAttack"), [lender, pool]],
  });

const poolAbi = aaveAbi("Pool");

export const callAave = ({ system }: AaveStage, from: LocalAccount, name: string, ...args: unknown[]): Call =>
  callOf(from, system.lender, poolAbi, name, ...args);
export const supply = (stage: AaveStage, by: LocalAccount, token: Address, amount: bigint): Call =>
  callAave(stage, by, "supply", token, amount, by.address, 0);
export const borrow = (stage: AaveStage, by: LocalAccount, amount: bigint): Call =>
  callAave(stage, by, "borrow", stage.system.usdc, amount, variable, 0, by.address);
export const repay = (stage: AaveStage, by: LocalAccount, amount: bigint): Call =>
  callAave(stage, by, "repay", stage.system.usdc, amount, variable, by.address);

/** Pump, borrow `amount`, sell back. */
export const attackOf = ({ attack }: AaveStage, amount: bigint): Call =>
  callOf(morphoCast.attacker, attack, ownBuild("AaveAttack").abi, "attack", security, pump, amount);

/** THIN's price is the pool's of the moment from now on; Aave's owner says so. */
export const priceAtSpot = ({ system }: AaveStage): Call =>
  callOf(
    morphoCast.deployer,
    system.aaveOracle,
    aaveAbi("AaveOracle"),
    "setAssetSources",
    [system.thin],
    [system.spotAnswer],
  );

/** Lenders supply and somebody borrows. */
export async function seedAave(stage: AaveStage): Promise<void> {
  const { lender, borrower } = morphoCast;
  const { usdc: money, thin: asset } = stage.system;
  const calls = [
    supply(stage, lender, money, lent),
    supply(stage, borrower, asset, thin(200_000)),
    borrow(stage, borrower, borrowed),
  ];
  for (const call of calls) await execute(stage.session, [call], "Aave's first users");
}

/** An account as the pool tells it, in AaveOracle's 8 decimals. */
export async function accountOf({ session, system }: AaveStage, account: Address) {
  const [collateral, debt, , , , health] = await read<readonly bigint[]>(
    session,
    system.lender,
    poolAbi,
    "getUserAccountData",
    account,
  );
  return { collateral: collateral!, debt: debt!, health: health! };
}

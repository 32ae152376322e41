// Aave v3 on a node of its own, and what people do there.
import { startAnvil } from "@testudo/chain/startAnvil";
import type { Address, LocalAccount } from "viem";
import { maxUint256 } from "viem";
import { type Call, type ChainSession, execute, openSession, rpc } from "../curie/ChainSession.ts";
import { openPlan } from "../curie/DeployPlan.ts";
import { poolWhole, thin, usdc } from "../morpho/listPair.ts";
import { morphoCast } from "../morpho/MorphoCast.ts";
import { ownBuild as pairBuild } from "../morpho/morphoArtifacts.ts";
import { callOf, read } from "../morpho/morphoStage.testkit.ts";
import { aaveAbi, ownBuild } from "./aaveArtifacts.ts";
import { type AaveSystem, deployAave, thinTerms } from "./deployAave.ts";

/** The deployed system; `attack` belongs to the attacker and is funded. */
export type AaveStage = {
  readonly session: ChainSession;
  readonly system: AaveSystem;
  readonly attack: Address;
  readonly relayer: LocalAccount;
  readonly defence: { readonly council: Address };
  readonly close: () => Promise<void>;
};

export const deployTimeout = 300_000;
export const lent = usdc(1_000_000);
export const borrowed = usdc(100_000);
/** The attacker's security, bought at 1, and what may be borrowed against it at that price. */
export const security = thin(1_000);
export const honestLimit = (usdc(1_000) * BigInt(thinTerms.ltvBps)) / 10_000n;
/** Multiplies the pool's price by 2,000 and a little. */
export const pump = usdc(poolWhole * 43.8);
const variable = 2n;

export async function openAaveStage(): Promise<AaveStage> {
  const anvil = await startAnvil({ noMining: true, timestamp: 1_750_000_000 });
  try {
    const session = await openSession(anvil.url);
    await rpc(session.client, "anvil_setBlockTimestampInterval", [2]);
    await rpc(session.client, "evm_setBlockGasLimit", ["0x1dcd6500"]);
    const system = await deployAave(session);
    const attack = await fundAll(session, system);
    const defence = { council: system.council };
    return { session, system, attack, relayer: morphoCast.relayer, defence, close: () => anvil.stop() };
  } catch (error) {
    await anvil.stop();
    throw error;
  }
}

async function fundAll(session: ChainSession, system: AaveSystem): Promise<Address> {
  const { lender, borrower, attacker, liquidator } = morphoCast;
  const plan = await openPlan(session, attacker);
  const attack = plan.deploy(ownBuild("AaveAttack"), [system.lender, system.pool]);
  const mint = (token: Address, to: Address, amount: bigint) =>
    plan.call(pairBuild("Coin"), token, "mint", [to, amount]);
  mint(system.usdc, lender.address, 2n * lent);
  mint(system.thin, borrower.address, thin(1_000_000));
  mint(system.usdc, borrower.address, usdc(100_000));
  mint(system.usdc, liquidator.address, lent);
  mint(system.usdc, attack, pump);
  mint(system.thin, attack, security);
  await plan.flush("money");
  const approvals = [lender, borrower, liquidator].flatMap((from) =>
    [system.usdc, system.thin].map((token) =>
      callOf(from, token, pairBuild("Coin").abi, "approve", system.lender, maxUint256),
    ),
  );
  await execute(session, approvals, "approvals");
  return attack;
}

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

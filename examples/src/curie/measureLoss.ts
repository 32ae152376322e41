import type { Address, Hex } from "viem";
import { decodeFunctionResult, encodeFunctionData } from "viem/utils";
import { type Cast, honestParties } from "./Cast.ts";
import type { ChainSession } from "./ChainSession.ts";
import { mockAbi } from "./curieAbi.ts";
import type { CurieSystem } from "./deployCurie.ts";
import { readAccounts, readCalls, readMarket } from "./readSolvency.ts";
import { valueAt } from "./solvencyReads.ts";

/** What an attack cost whom; USDC units, all positions valued at the last honest price. */
export type LossReport = {
  /** What users, makers and fund lost together; negative when the attackers left money behind. */
  readonly lossUsdc: bigint;
  /** Of `lossUsdc`: what the fund's capacity fell by. */
  readonly fundLossUsdc: bigint;
  /** Of `lossUsdc`: the attackers' debt that nobody has settled yet and that the others' claims must bear. */
  readonly unsettledBadDebtUsdc: bigint;
  /** What the attackers are richer by: wallets, Vault claims and spot assets. */
  readonly attackerGainUsdc: bigint;
  /** Of the attackers' wealth: what still lies in the Vault, out of their hands while withdrawals are paused. */
  readonly attackerClaimUsdc: bigint;
  /** What the attackers' hands hold more than before, claims left out: negative while their deposits are locked up. */
  readonly attackerWalletGainUsdc: bigint;
};

type Wealth = { honestUsdc: bigint; fundUsdc: bigint; debtUsdc: bigint; walletUsdc: bigint; claimUsdc: bigint };

/**
 * Compares the block before the attack with a later one.
 *
 *     claim(party)  = wallet + accountValue(party, honest price), maker ranges included
 *     honest(block) = sum of claims of all users and makers + the fund's capacity
 *     debt(block)   = sum over the attackers of max(0, -accountValue): the Vault's hole that no one has filled yet
 *     loss          = (honest - debt)(before) - (honest - debt)(after)
 *
 * Both blocks are valued at the same `honestWad`, so that an honest price move is no loss. Accounts sum to zero against
 * the Vault's money, so the loss equals the attackers' gain plus the fees they paid to the spot market, to the cent:
 * the tests check that. It holds whether the debt was settled by the fund, is still open, or never arose; a profit that is
 * locked in the Vault by a pause counts as lost all the same, as the claim to it stands.
 */
export async function measureLoss(
  session: ChainSession,
  system: CurieSystem,
  cast: Cast,
  beforeBlock: bigint,
  honestWad: bigint,
): Promise<LossReport> {
  const before = await readWealth(session, system, cast, beforeBlock, honestWad);
  const after = await readWealth(session, system, cast, "latest", honestWad);
  const free = (w: Wealth) => w.honestUsdc + w.fundUsdc - w.debtUsdc;
  return {
    lossUsdc: free(before) - free(after),
    fundLossUsdc: before.fundUsdc - after.fundUsdc,
    unsettledBadDebtUsdc: after.debtUsdc,
    attackerGainUsdc: after.walletUsdc + after.claimUsdc - before.walletUsdc - before.claimUsdc,
    attackerClaimUsdc: after.claimUsdc,
    attackerWalletGainUsdc: after.walletUsdc - before.walletUsdc,
  };
}

async function readWealth(
  session: ChainSession,
  system: CurieSystem,
  cast: Cast,
  block: bigint | "latest",
  honestWad: bigint,
): Promise<Wealth> {
  const honest = honestParties(cast);
  const attackers = [cast.attackerA.address, cast.attackerB.address];
  const market = await readMarket(session, system, block);
  const valuesOf = async (parties: Address[]) =>
    (await readAccounts(session, system, parties, block)).map((account) => valueAt(account, market, honestWad));
  const [honestValues, attackerValues] = [await valuesOf(honest), await valuesOf(attackers)];
  const [honestWallets, attackerWallets] = [
    await readWallets(session, system, honest, block),
    await readWallets(session, system, attackers, block),
  ];
  return {
    honestUsdc: sum(honestValues) + sum(honestWallets),
    fundUsdc: market.fundUsdc,
    debtUsdc: sum(attackerValues.map((v) => (v < 0n ? -v : 0n))),
    claimUsdc: sum(attackerValues.map((v) => (v > 0n ? v : 0n))),
    walletUsdc: sum(attackerWallets) + (await readSpotAssets(session, system, attackers, block, honestWad)),
  };
}

async function readWallets(
  session: ChainSession,
  { usdc }: CurieSystem,
  owners: readonly Address[],
  block: bigint | "latest",
): Promise<bigint[]> {
  const data = (owner: Address) => encodeFunctionData({ abi: mockAbi, functionName: "balanceOf", args: [owner] });
  const results = await readCalls(
    session,
    owners.map((owner) => ({ to: usdc, data: data(owner) })),
    block,
  );
  return results.map((data) => decodeFunctionResult({ abi: mockAbi, functionName: "balanceOf", data }));
}

async function readSpotAssets(
  session: ChainSession,
  { spot }: CurieSystem,
  owners: readonly Address[],
  block: bigint | "latest",
  priceWad: bigint,
): Promise<bigint> {
  const data = (owner: Address): Hex => encodeFunctionData({ abi: mockAbi, functionName: "assetOf", args: [owner] });
  const results = await readCalls(
    session,
    owners.map((owner) => ({ to: spot, data: data(owner) })),
    block,
  );
  const assets = results.map((data) => decodeFunctionResult({ abi: mockAbi, functionName: "assetOf", data }));
  return (sum(assets) * priceWad) / 10n ** 30n;
}

const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);

// A covered-call vault whose oracle is a thin pool, its depositors and buyers, on a node of its own.
import { fileURLToPath } from "node:url";
import { anvilAccount } from "@testudo/chain/fork/anvilAccount";
import { startAnvil } from "@testudo/chain/fork/startAnvil";
import { compile } from "@testudo/contracts/compile";
import { coveredCallAdapter } from "@testudo/core/adapters/coveredCallAdapter";
import { optionsDetectors } from "@testudo/core/detectors/derivativeDetectors";
import type { Finding } from "@testudo/core/model/Finding";
import { toLower } from "@testudo/core/model/Hex";
import type { Address, LocalAccount } from "viem";
import { maxUint256 } from "viem";
import { encodeFunctionData } from "viem/utils";
import { type Call, type ChainSession, execute, openSession, rpc, skipTime, submit } from "../curie/ChainSession.ts";
import type { Build } from "../curie/curieArtifacts.ts";
import { openPlan } from "../curie/DeployPlan.ts";
import { createRandom } from "../curie/Random.ts";
import { openSuiteWatch, type SuiteWatch } from "../derivatives/SuiteWatch.ts";
import { ownBuild } from "../morpho/morphoArtifacts.ts";

export type OptionsStage = {
  readonly session: ChainSession;
  readonly asset: Address;
  readonly money: Address;
  readonly pool: Address;
  readonly feed: Address;
  readonly vault: Address;
  readonly people: OptionsPeople;
  readonly watch: SuiteWatch;
  /** A call of `name` on the vault, or on another of the stage's contracts. */
  readonly call: (from: LocalAccount, name: string, ...args: readonly unknown[]) => Call;
  readonly callOn: (
    contract: "Coin" | "SpotPool" | "PushFeed",
    from: LocalAccount,
    to: Address,
    name: string,
    ...args: readonly unknown[]
  ) => Call;
  /** Mines `calls` as one block and judges it. */
  readonly block: (calls: readonly Call[]) => Promise<Finding[]>;
  /** Honest buyers and depositors, `count` blocks, while price and feed wander together. */
  readonly trade: (from: number, count: number) => Promise<Finding[]>;
  readonly close: () => Promise<void>;
};

export type OptionsPeople = {
  readonly manager: LocalAccount;
  readonly depositor: LocalAccount;
  readonly reporter: LocalAccount;
  readonly attacker: LocalAccount;
  readonly buyers: readonly LocalAccount[];
};

/** 10^18 and 10^6: the underlying's and the money's decimals. */
export const whole = (units: number) => BigInt(Math.round(units * 1e6)) * 10n ** 12n;
export const dollars = (units: number) => BigInt(Math.round(units * 1e6));
export const startPrice = 2_000;
/** The calls are struck 2 % above the price and live for a week. */
export const strike = 2_040;
export const weekSeconds = 7 * 86_400;
const poolAssets = 500;

const at = (addressIndex: number) => anvilAccount(addressIndex, { accountIndex: 13 });

const people: OptionsPeople = {
  manager: at(0),
  depositor: at(1),
  reporter: at(2),
  attacker: at(3),
  buyers: Array.from({ length: 14 }, (_, i) => at(4 + i)),
};

let vaultBuild: Build | undefined;

/** The vault's build; its source stays in src/ when this file runs from dist/. */
function buildOfVault(): Build {
  vaultBuild ??= compile([fileURLToPath(new URL("../../src/options/contracts/CoveredCallVault.sol", import.meta.url))])
    .CoveredCallVault as Build;
  return vaultBuild;
}

export async function openOptionsStage(): Promise<OptionsStage> {
  const anvil = await startAnvil({ noMining: true, timestamp: 1_750_000_000 });
  try {
    const session = await openSession(anvil.url);
    await rpc(session.client, "anvil_setBlockTimestampInterval", [12]);
    const everyone = [people.manager, people.depositor, people.reporter, people.attacker, ...people.buyers];
    for (const { address } of everyone)
      await rpc(session.client, "anvil_setBalance", [address, "0x3635c9adc5dea00000"]);
    const places = await deploy(session);
    const callOn: OptionsStage["callOn"] = (contract, from, to, functionName, ...args) => ({
      from,
      to,
      data: encodeFunctionData({ abi: ownBuild(contract).abi, functionName, args }),
    });
    const call: OptionsStage["call"] = (from, functionName, ...args) => ({
      from,
      to: places.vault,
      data: encodeFunctionData({ abi: buildOfVault().abi, functionName, args }),
    });
    const watch = await openWatch(anvil.url, places);
    const block = async (calls: readonly Call[]) => {
      await submit(session, calls);
      await session.mine();
      return watch.judgeNew();
    };
    const close = async () => {
      watch.close();
      await anvil.stop();
    };
    const stage = { session, ...places, people, watch, call, callOn, block, close };
    await fund(stage, everyone);
    return { ...stage, trade: (from, count) => trade(stage, from, count) };
  } catch (error) {
    await anvil.stop();
    throw error;
  }
}

type Places = Pick<OptionsStage, "asset" | "money" | "pool" | "feed" | "vault">;

async function deploy(session: ChainSession): Promise<Places> {
  const plan = await openPlan(session, people.manager);
  const asset = plan.deploy(ownBuild("Coin"), ["ASSET", 18]);
  const money = plan.deploy(ownBuild("Coin"), ["USDC", 6]);
  const pool = plan.deploy(ownBuild("SpotPool"), [asset, money]);
  plan.call(ownBuild("Coin"), asset, "mint", [pool, whole(poolAssets)]);
  plan.call(ownBuild("Coin"), money, "mint", [pool, dollars(poolAssets * startPrice)]);
  const feed = plan.deploy(ownBuild("PushFeed"), [people.reporter.address, BigInt(startPrice) * 10n ** 8n]);
  const vault = plan.deploy(buildOfVault(), [asset, money, 6, pool, whole(0.6)]);
  await plan.flush("the vault");
  return { asset, money, pool, feed, vault };
}

function openWatch(rpcUrl: string, { vault, feed }: Places): Promise<SuiteWatch> {
  const adapter = coveredCallAdapter({
    vault: toLower(vault),
    underlyingDecimals: 18,
    reference: { to: toLower(feed), data: "0xfeaf968c", decimals: 8, word: 1 },
  });
  return openSuiteWatch(rpcUrl, [vault], optionsDetectors(adapter));
}

async function fund(stage: Omit<OptionsStage, "trade">, everyone: readonly LocalAccount[]): Promise<void> {
  const { session, asset, money, pool, vault, call, callOn } = stage;
  const { manager, depositor } = people;
  const mints = everyone.flatMap(({ address }) => [
    callOn("Coin", manager, asset, "mint", address, whole(3_000)),
    callOn("Coin", manager, money, "mint", address, dollars(3_000_000)),
  ]);
  await execute(session, mints, "money");
  const approvals = everyone.flatMap((from) =>
    [vault, pool].flatMap((spender) =>
      [asset, money].map((token) => callOn("Coin", from, token, "approve", spender, maxUint256)),
    ),
  );
  await execute(session, approvals, "approvals");
  const now = Number((await session.client.getBlock({ blockTag: "latest" })).timestamp);
  await execute(
    session,
    [call(depositor, "deposit", whole(1_000)), call(manager, "openSeries", whole(strike), BigInt(now + weekSeconds))],
    "the first series",
  );
}

async function trade(stage: Omit<OptionsStage, "trade">, from: number, count: number): Promise<Finding[]> {
  const { call, block } = stage;
  const { buyers, depositor } = people;
  const found: Finding[] = [];
  for (let i = from; i < from + count; i++) {
    const random = createRandom(7_919 * i + 1);
    const price = startPrice + Math.round(8 * Math.sin(i / 5)) + random.between(-2, 2);
    found.push(
      ...(await block([
        ...movePrice(stage, price),
        call(buyers[i % buyers.length]!, "buy", whole(random.between(2, 6))),
        call(random.pick(buyers), "buy", whole(random.between(2, 6))),
        call(depositor, "deposit", whole(random.between(1, 5))),
      ])),
      // Most blocks of a vault's life are quiet.
      ...(await block([])),
    );
  }
  return found;
}

/** The market's price moves, and pool and feed follow it. */
export function movePrice(
  stage: Pick<OptionsStage, "callOn" | "pool" | "asset" | "money" | "feed">,
  price: number,
): Call[] {
  const report = stage.callOn("PushFeed", people.reporter, stage.feed, "report", BigInt(Math.round(price * 1e8)));
  return [report, ...movePool(stage, price, people.manager)];
}

// What the pool was left at by the calls planned so far; the fee keeps it a little off, which is honest.
const reserves = { asset: poolAssets, money: poolAssets * startPrice };

/** Sells or buys as much as moves the pool's price to `price`. */
export function movePool(
  stage: Pick<OptionsStage, "callOn" | "pool" | "asset" | "money">,
  price: number,
  by: LocalAccount,
): Call[] {
  const k = reserves.asset * reserves.money;
  const wanted = Math.sqrt(k * price);
  const [buys, fee] = [wanted > reserves.money, 0.997];
  const amount = buys ? (wanted - reserves.money) / fee : (k / wanted - reserves.asset) / fee;
  if (amount < 1e-6) return [];
  if (buys) Object.assign(reserves, { asset: k / wanted, money: reserves.money + amount });
  else Object.assign(reserves, { asset: reserves.asset + amount, money: wanted });
  const token = buys ? stage.money : stage.asset;
  return [stage.callOn("SpotPool", by, stage.pool, "swap", token, buys ? dollars(amount) : whole(amount))];
}

/** Runs `play` and takes the pool's book back after it; the chain is the caller's. */
export async function keepPool<T>(play: () => Promise<T>): Promise<T> {
  const kept = { ...reserves };
  try {
    return await play();
  } finally {
    Object.assign(reserves, kept);
  }
}

/** The day of expiry comes; nothing happens meanwhile. */
export async function untilExpiry({ session, watch }: Pick<OptionsStage, "session" | "watch">): Promise<Finding[]> {
  await skipTime(session, weekSeconds);
  return watch.judgeNew();
}

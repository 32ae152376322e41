// The pair that the lending examples stand on: a token that trades in one shallow pool, its price from two honest feeds and that
// pool in the aggregator, and a timelock that listed it.
import { createRequire } from "node:module";
import { chainlinkAdapter, morphoOracle, oracleAggregator } from "@testudo/contracts";
import type { Address } from "viem";
import { zeroAddress, zeroHash } from "viem";
import { encodeFunctionData, keccak256, stringToHex, toBytes } from "viem/utils";
import { type ChainSession, skipTime } from "../curie/ChainSession.ts";
import type { Build } from "../curie/curieArtifacts.ts";
import { type DeployPlan, openPlan } from "../curie/DeployPlan.ts";
import { morphoCast } from "./MorphoCast.ts";
import { ownBuild } from "./morphoArtifacts.ts";

/** The two tokens, where they trade, and where their price comes from. */
export type Pair = {
  readonly usdc: Address;
  readonly thin: Address;
  readonly pool: Address;
  readonly feeds: readonly [Address, Address];
  readonly aggregator: Address;
  /** The aggregator's price in the form that Morpho asks for. */
  readonly oracle: Address;
  /** 48 h, of the deployer's. */
  readonly timelock: Address;
};

/** 10^6: the loan token's decimals. */
export const usdc = (whole: number) => BigInt(Math.round(whole * 1e6));
/** 10^18: the collateral's decimals. */
export const thin = (whole: number) => BigInt(Math.round(whole * 1e6)) * 10n ** 12n;
/** What the pool holds of each token: the price is 1. */
export const poolWhole = 5_000;
export const maxRiseBps = 1_000;
export const jumpWindowSeconds = 600;
export const heartbeatSeconds = 3_600;
export const fallbackSeconds = 10_800;

/** The pair's name at the aggregator. */
export const marketName = stringToHex("THIN/USDC", { size: 32 });
const loosenDelaySeconds = 48 * 3_600;
const why = { reason: stringToHex("listing", { size: 32 }), evidence: keccak256(toBytes("listing of THIN/USDC")) };

/** Deploys the pair on a chain that mines when told; about 48 h pass on it, the timelock's delay. */
export async function listPair(session: ChainSession, plan: DeployPlan): Promise<Pair> {
  const tokens = deployTokens(plan);
  const prices = deployPrices(plan, tokens.pool);
  await plan.flush("tokens and price sources");
  const oracle = await listMarket(session, plan, prices, tokens);
  const { timelock, feeds, aggregator } = prices;
  return { ...tokens, timelock, feeds, aggregator, oracle };
}

function deployTokens(plan: DeployPlan): Pick<Pair, "usdc" | "thin" | "pool"> {
  const coin = ownBuild("Coin");
  const money = plan.deploy(coin, ["USDC", 6]);
  const asset = plan.deploy(coin, ["THIN", 18]);
  const pool = plan.deploy(ownBuild("SpotPool"), [asset, money]);
  plan.call(coin, money, "mint", [pool, usdc(poolWhole)]);
  plan.call(coin, asset, "mint", [pool, thin(poolWhole)]);
  return { usdc: money, thin: asset, pool };
}

type Prices = {
  readonly timelock: Address;
  readonly feeds: readonly [Address, Address];
  readonly adapters: readonly Address[];
  readonly aggregator: Address;
};

function deployPrices(plan: DeployPlan, pool: Address): Prices {
  const wallet = morphoCast.deployer.address;
  const timelock = plan.deploy(timelockBuild(), [BigInt(loosenDelaySeconds), [wallet], [wallet], zeroAddress]);
  const feed = () => plan.deploy(ownBuild("PushFeed"), [morphoCast.reporter.address, 10n ** 8n]);
  const feeds = [feed(), feed()] as const;
  // The clamps of a feed of 8 decimals: from 0.0001 to 1,000,000.
  const fromFeeds = feeds.map((f) => plan.deploy(chainlinkAdapter, [f, 10n ** 4n, 10n ** 14n]));
  const adapters = [...fromFeeds, plan.deploy(ownBuild("SpotSource"), [pool])];
  return { timelock, feeds, adapters, aggregator: plan.deploy(oracleAggregator, [timelock, 12]) };
}

/** Two feeds and the pool, each with weight 1: the pool alone is a third. Two confirm a jump, so the pool stops none. */
async function listMarket(
  session: ChainSession,
  plan: DeployPlan,
  { timelock, feeds, adapters, aggregator }: Prices,
  tokens: Pick<Pair, "usdc" | "thin">,
): Promise<Address> {
  const rules = {
    quorum: 2,
    jumpQuorum: 2,
    maxSpreadBps: 200,
    maxJumpBps: maxRiseBps,
    jumpWindow: jumpWindowSeconds,
    maxSpotTwapBps: 0,
    twapWindow: 0,
    minTwapLiquidity: 0n,
  };
  const sources = adapters.map((adapter) => ({ adapter, weight: 1, heartbeat: heartbeatSeconds, maxConfBps: 0 }));
  const floorWad = 10n ** 15n;
  const args = [marketName, rules, sources, fallbackSeconds, floorWad, why] as const;
  const data = encodeFunctionData({ abi: oracleAggregator.abi, functionName: "setMarket", args });
  const operation = [aggregator, 0n, data, zeroHash, zeroHash] as const;
  plan.call(timelockBuild(), timelock, "schedule", [...operation, BigInt(loosenDelaySeconds)]);
  await plan.flush("the market is proposed");
  await skipTime(session, loosenDelaySeconds);
  const reports = await openPlan(session, morphoCast.reporter);
  for (const feed of feeds) reports.call(ownBuild("PushFeed"), feed, "report", [10n ** 8n]);
  await reports.flush("the feeds report");
  plan.call(timelockBuild(), timelock, "execute", operation);
  const oracle = plan.deploy(morphoOracle, [aggregator, marketName, tokens.usdc, tokens.thin, maxRiseBps]);
  await plan.flush("the market is listed");
  return oracle;
}

function timelockBuild(): Build {
  const path = "@openzeppelin/contracts/build/contracts/TimelockController.json";
  return createRequire(import.meta.url)(path) as Build;
}

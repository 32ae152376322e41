import { createRequire } from "node:module";
import {
  chainlinkAdapter,
  circuitBreaker,
  flowLimiter,
  guardianCouncil,
  morphoOracle,
  oracleAggregator,
} from "@testudo/contracts";
import type { Address, Hex } from "viem";
import { zeroAddress, zeroHash } from "viem";
import {
  encodeAbiParameters,
  encodeFunctionData,
  keccak256,
  stringToHex,
  toBytes,
  toFunctionSelector,
} from "viem/utils";
import { type ChainSession, skipTime } from "../curie/ChainSession.ts";
import type { Build } from "../curie/curieArtifacts.ts";
import { type DeployPlan, openPlan } from "../curie/DeployPlan.ts";
import { morphoCast } from "./MorphoCast.ts";
import { morphoBuild, ownBuild } from "./morphoArtifacts.ts";

/** What makes a market of Morpho Blue. */
export type MarketParams = {
  readonly loanToken: Address;
  readonly collateralToken: Address;
  readonly oracle: Address;
  readonly irm: Address;
  readonly lltv: bigint;
};

/** A market with its id, and the desk before it with the limiter of the desk's flow. */
export type Edge = {
  readonly params: MarketParams;
  readonly id: Hex;
  readonly desk: Address;
  readonly limiter: Address;
};

/** Morpho Blue with two markets that differ in their oracle alone, and what is put around them. */
export type MorphoSystem = {
  readonly usdc: Address;
  readonly thin: Address;
  readonly pool: Address;
  readonly feeds: readonly [Address, Address];
  readonly aggregator: Address;
  readonly morpho: Address;
  readonly breaker: Address;
  readonly council: Address;
  /** Its oracle is the pool's price of the moment. */
  readonly bare: Edge;
  /** Its oracle is the aggregator's price of two feeds and the pool. */
  readonly guarded: Edge;
};

/** 10^6: the loan token's decimals. */
export const usdc = (whole: number) => BigInt(Math.round(whole * 1e6));
/** 10^18: the collateral's decimals. */
export const thin = (whole: number) => BigInt(Math.round(whole * 1e6)) * 10n ** 12n;
/** The loan-to-value at which Morpho liquidates. */
export const lltv = 800_000_000_000_000_000n;
/** The largest net flow out of a desk at once, refilling over an hour. */
export const flowCap = usdc(50_000);
export const flowWindowSeconds = 3_600;
/** The most that depositors may have at a desk. */
export const depositCap = usdc(2_000_000);
/** What the pool holds of each token: the price is 1. */
export const poolWhole = 5_000;
export const maxRiseBps = 1_000;
export const jumpWindowSeconds = 600;
export const heartbeatSeconds = 3_600;
export const fallbackSeconds = 10_800;

/** The pair's name at the aggregator. */
export const marketName = stringToHex("THIN/USDC", { size: 32 });
/** The breaker's group of a desk's ways out; each desk has its own, so that one cannot be used to shut the other. */
const outflowOf = (market: number) => stringToHex(`outflow of desk ${market}`, { size: 32 });
const loosenDelaySeconds = 48 * 3_600;
const why = { reason: stringToHex("listing", { size: 32 }), evidence: keccak256(toBytes("listing of THIN/USDC")) };

/** A desk's functions that let money out: guardians pause them one by one. */
export const deskGuarded = [
  "borrow(uint256)",
  "withdraw(uint256,address,address)",
  "redeem(uint256,address,address)",
] as const;
/** A desk's functions that bring money in or security: no number of guardians pauses them. */
export const deskExempt = [
  "repay(uint256,address)",
  "supplyCollateral(uint256,address)",
  "sweep()",
  "deposit(uint256,address)",
  "mint(uint256,address)",
] as const;

/** Deploys everything on a fresh chain that mines when told; about 48 h pass on it, the timelock's delay. */
export async function deployMorpho(session: ChainSession): Promise<MorphoSystem> {
  const plan = await openPlan(session, morphoCast.deployer);
  const tokens = deployTokens(plan);
  const core = deployCore(plan);
  const prices = deployPrices(plan, tokens.pool);
  await plan.flush("tokens, Morpho and price sources");
  const oracle = await listMarket(session, plan, prices, tokens);
  const bareOracle = plan.deploy(ownBuild("SpotOracle"), [tokens.pool]);
  const pair = { loanToken: tokens.usdc, collateralToken: tokens.thin, irm: core.irm, lltv };
  const markets = [bareOracle, oracle].map((o) => openMarket(plan, core.morpho, { ...pair, oracle: o }));
  const edges = deployEdges(plan, core.morpho, prices.timelock, markets);
  await plan.flush("markets, breaker, council and desks");
  const { feeds, aggregator } = prices;
  return Object.freeze({ ...tokens, feeds, aggregator, morpho: core.morpho, ...edges });
}

function deployTokens(plan: DeployPlan): Pick<MorphoSystem, "usdc" | "thin" | "pool"> {
  const coin = ownBuild("Coin");
  const money = plan.deploy(coin, ["USDC", 6]);
  const asset = plan.deploy(coin, ["THIN", 18]);
  const pool = plan.deploy(ownBuild("SpotPool"), [asset, money]);
  plan.call(coin, money, "mint", [pool, usdc(poolWhole)]);
  plan.call(coin, asset, "mint", [pool, thin(poolWhole)]);
  return { usdc: money, thin: asset, pool };
}

function deployCore(plan: DeployPlan): { readonly morpho: Address; readonly irm: Address } {
  const morpho = plan.deploy(morphoBuild("Morpho"), [morphoCast.deployer.address]);
  const irm = plan.deploy(morphoBuild("IrmMock"));
  plan.call(morphoBuild("Morpho"), morpho, "enableIrm", [irm]);
  plan.call(morphoBuild("Morpho"), morpho, "enableLltv", [lltv]);
  return { morpho, irm };
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
  tokens: Pick<MorphoSystem, "usdc" | "thin">,
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

function openMarket(plan: DeployPlan, morpho: Address, params: MarketParams): Pick<Edge, "params" | "id"> {
  plan.call(morphoBuild("Morpho"), morpho, "createMarket", [params]);
  return { params, id: marketId(params) };
}

/** Breaker, council, and for each market a limiter and a desk: they name each other, so addresses are known before. */
function deployEdges(
  plan: DeployPlan,
  morpho: Address,
  timelock: Address,
  markets: readonly Pick<Edge, "params" | "id">[],
): Pick<MorphoSystem, "breaker" | "council" | "bare" | "guarded"> {
  const [breaker, council] = [plan.ahead(0), plan.ahead(1)];
  const edges = markets.map((m, i) => ({ ...m, limiter: plan.ahead(2 + 2 * i), desk: plan.ahead(3 + 2 * i) }));
  const [guarded, exempt] = [deskGuarded, deskExempt].map((list) => list.map((s) => toFunctionSelector(s)));
  const targets = edges.map(({ desk }) => ({ target: desk, inlined: false, guarded, exempt }));
  const groupOf = (desk: Address) => ({ targets: guarded!.map(() => desk), selectors: guarded });
  const groups = edges.map(({ desk }, i) => ({ id: outflowOf(i), ...groupOf(desk) }));
  const trippers = edges.map(({ limiter }, i) => ({ caller: limiter, group: outflowOf(i) }));
  plan.deploy(circuitBreaker, [council, timelock, { targets, groups, trippers, programs: [] }]);
  const members = morphoCast.guardians.map(({ address }) => address);
  plan.deploy(guardianCouncil, [breaker, timelock, morphoCast.deployer.address, members, 2, 3, 3]);
  const limit = { capAbs: flowCap, capBpsOfTvl: 0, window: flowWindowSeconds, mode: 0, tripBps: 9_000 };
  for (const [i, { params, limiter, desk }] of edges.entries()) {
    const roles = [desk, breaker, outflowOf(i), 6 * 3_600, council, timelock];
    plan.deploy(flowLimiter, [...roles, [params.loanToken], [limit]]);
    plan.deploy(ownBuild("LendingDesk"), [morpho, params, breaker, limiter, depositCap]);
  }
  return { breaker, council, bare: edges[0]!, guarded: edges[1]! };
}

function marketId(params: MarketParams): Hex {
  const { loanToken, collateralToken, oracle, irm } = params;
  const types = ["address", "address", "address", "address", "uint256"].map((type) => ({ type }));
  return keccak256(encodeAbiParameters(types, [loanToken, collateralToken, oracle, irm, params.lltv]));
}

function timelockBuild(): Build {
  const path = "@openzeppelin/contracts/build/contracts/TimelockController.json";
  return createRequire(import.meta.url)(path) as Build;
}

import { circuitBreaker, flowLimiter, guardianCouncil } from "@testudo/contracts";
import type { Address, Hex } from "viem";
import { encodeAbiParameters, keccak256, stringToHex, toFunctionSelector } from "viem/utils";
import type { ChainSession } from "../curie/ChainSession.ts";
import { type DeployPlan, openPlan } from "../curie/DeployPlan.ts";
import { listPair, type Pair, usdc } from "./listPair.ts";
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
export type MorphoSystem = Omit<Pair, "timelock" | "oracle"> & {
  readonly morpho: Address;
  readonly breaker: Address;
  readonly council: Address;
  /** Its oracle is the pool's price of the moment. */
  readonly bare: Edge;
  /** Its oracle is the aggregator's price of two feeds and the pool. */
  readonly guarded: Edge;
};

/** The loan-to-value at which Morpho liquidates. */
export const lltv = 800_000_000_000_000_000n;
/** The largest net flow out of a desk at once, refilling over an hour. */
export const flowCap = usdc(50_000);
export const flowWindowSeconds = 3_600;
/** The most that depositors may have at a desk. */
export const depositCap = usdc(2_000_000);
/** The breaker's group of a desk's ways out; each desk has its own, so that one cannot be used to shut the other. */
const outflowOf = (market: number) => stringToHex(`outflow of desk ${market}`, { size: 32 });
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
  const { timelock, oracle, ...listed } = await listPair(session, plan);
  const core = deployCore(plan);
  const bareOracle = plan.deploy(ownBuild("SpotOracle"), [listed.pool]);
  const pair = { loanToken: listed.usdc, collateralToken: listed.thin, irm: core.irm, lltv };
  const markets = [bareOracle, oracle].map((o) => openMarket(plan, core.morpho, { ...pair, oracle: o }));
  const edges = deployEdges(plan, core.morpho, timelock, markets);
  await plan.flush("markets, breaker, council and desks");
  return Object.freeze({ ...listed, morpho: core.morpho, ...edges });
}

function deployCore(plan: DeployPlan): { readonly morpho: Address; readonly irm: Address } {
  const morpho = plan.deploy(morphoBuild("Morpho"), [morphoCast.deployer.address]);
  const irm = plan.deploy(morphoBuild("IrmMock"));
  plan.call(morphoBuild("Morpho"), morpho, "enableIrm", [irm]);
  plan.call(morphoBuild("Morpho"), morpho, "enableLltv", [lltv]);
  return { morpho, irm };
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

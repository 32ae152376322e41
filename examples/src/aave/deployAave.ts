import { circuitBreaker, gateProxy, guardianCouncil } from "@testudo/contracts";
import type { Address, Hex } from "viem";
import { zeroAddress } from "viem";
import { encodeFunctionData, stringToHex, toFunctionSignature } from "viem/utils";
import type { ChainSession } from "../curie/ChainSession.ts";
import { type DeployPlan, openPlan } from "../curie/DeployPlan.ts";
import { bySignature } from "../curie/manifest.ts";
import { listPair, type Pair } from "../morpho/listPair.ts";
import { morphoCast } from "../morpho/MorphoCast.ts";
import { type AaveContract, aaveAbi, aaveBuild, ownBuild } from "./aaveArtifacts.ts";
import { poolManifest } from "./aaveManifest.ts";

/** Aave v3 with two reserves: USDC is lent, THIN secures. */
export type AaveSystem = Omit<Pair, "timelock"> & {
  readonly addresses: Address;
  /** The pool behind our gate; everybody calls this. */
  readonly lender: Address;
  readonly configurator: Address;
  readonly aaveOracle: Address;
  readonly spotAnswer: Address;
  readonly aggregatorAnswer: Address;
  readonly thinAToken: Address;
  readonly breaker: Address;
  readonly council: Address;
};

/** Loan to value of THIN, where it liquidates, and what a liquidator gets: basis points of Aave. */
export const thinTerms = { ltvBps: 7_500, liquidationBps: 8_000, bonusBps: 10_500 };
/** AaveOracle's prices have 8 decimals. */
const oneUsd = 100_000_000n;
const ray = (percent: number) => BigInt(percent) * 10n ** 25n;

/**
 * Deploys Aave v3 from the artifacts in its npm package, its pool behind a GateProxy instead of Aave's own proxy; about 48 h pass on the
 * chain. THIN's price comes from the aggregator. Aave's other contracts stand as they always do.
 */
export async function deployAave(session: ChainSession): Promise<AaveSystem> {
  const plan = await openPlan(session, morphoCast.deployer);
  const { timelock, ...pair } = await listPair(session, plan);
  const market = deployMarket(plan);
  await plan.flush("Aave's roles");
  const gate = await deployGate(plan, market.addresses, timelock);
  const oracle = deployOracle(plan, market.addresses, pair);
  const reserves = deployReserves(plan, market.addresses, gate.lender);
  await plan.flush("Aave's oracle and tokens");
  const configurator = await configuratorOf(session, plan, market.addresses);
  const { lender } = gate;
  openReserves(plan, configurator, reserves, pair);
  await plan.flush("Aave's reserves");
  const abi = aaveAbi("Pool");
  const { aTokenAddress } = (await session.client.readContract({
    ...{ address: lender, abi, functionName: "getReserveData", args: [pair.thin] },
  })) as { aTokenAddress: Address };
  return Object.freeze({ ...pair, ...market, ...gate, ...oracle, configurator, thinAToken: aTokenAddress });
}

function deployMarket(plan: DeployPlan): Pick<AaveSystem, "addresses"> {
  const owner = morphoCast.deployer.address;
  const build = aaveBuild("PoolAddressesProvider");
  const addresses = plan.deploy(build, ["Testudo's example", owner]);
  plan.call(build, addresses, "setACLAdmin", [owner]);
  const roles = plan.deploy(aaveBuild("ACLManager"), [addresses]);
  plan.call(build, addresses, "setACLManager", [roles]);
  plan.call(aaveBuild("ACLManager"), roles, "addPoolAdmin", [owner]);
  return { addresses };
}

const poolLibraries: readonly AaveContract[] = [
  "BorrowLogic",
  "BridgeLogic",
  "EModeLogic",
  "LiquidationLogic",
  "PoolLogic",
  "SupplyLogic",
];
/** Gate, breaker and council name each other, so that addresses are known before. */
async function deployGate(
  plan: DeployPlan,
  addresses: Address,
  timelock: Address,
): Promise<Pick<AaveSystem, "lender" | "breaker" | "council">> {
  const plain = Object.fromEntries(poolLibraries.map((name) => [name, plan.deploy(aaveBuild(name))]));
  const libraries = { ...plain, FlashLoanLogic: plan.deploy(aaveBuild("FlashLoanLogic", plain)) };
  const build = aaveBuild("Pool", libraries);
  const implementation = plan.deploy(build, [addresses]);
  await plan.flush("Aave's pool");
  const [breaker, council, lender] = [plan.ahead(0), plan.ahead(1), plan.ahead(2)];
  const guarded = Object.values(bySignature(poolManifest, ["outflow", "riskIncreasing"]));
  const exempt = writesAmong(bySignature(poolManifest, ["exempt"]));
  const targets = [{ target: lender, inlined: true, guarded, exempt }];
  plan.deploy(circuitBreaker, [council, timelock, { targets, groups: [], trippers: [], programs: [] }]);
  const members = morphoCast.guardians.map(({ address }) => address);
  plan.deploy(guardianCouncil, [breaker, timelock, morphoCast.deployer.address, members, 2, 3, 3]);
  const begin = encodeFunctionData({ abi: build.abi, functionName: "initialize", args: [addresses] });
  plan.deploy(gateProxy, [implementation, begin, breaker, timelock]);
  const pool = stringToHex("POOL", { size: 32 });
  plan.call(aaveBuild("PoolAddressesProvider"), addresses, "setAddress", [pool, lender]);
  await plan.flush("Aave's pool behind the gate");
  return { lender, breaker, council };
}

/** What nobody pauses and is no view: the breaker keeps 32 functions of a target at most. */
function writesAmong(exempt: { readonly [signature: string]: Hex }): Hex[] {
  const functions = aaveAbi("Pool").filter((item) => item.type === "function");
  return functions.flatMap((item) => {
    const selector = exempt[toFunctionSignature(item)];
    return item.stateMutability === "view" || selector === undefined ? [] : [selector];
  });
}

function deployOracle(
  plan: DeployPlan,
  addresses: Address,
  { usdc, thin, pool, oracle }: Omit<Pair, "timelock">,
): Pick<AaveSystem, "aaveOracle" | "spotAnswer" | "aggregatorAnswer"> {
  const spotAnswer = plan.deploy(ownBuild("SpotAnswer"), [pool]);
  const aggregatorAnswer = plan.deploy(ownBuild("AggregatorAnswer"), [oracle]);
  const dollar = plan.deploy(ownBuild("FixedAnswer"), [oneUsd]);
  const sources = [dollar, aggregatorAnswer];
  const args = [addresses, [usdc, thin], sources, zeroAddress, zeroAddress, oneUsd];
  const aaveOracle = plan.deploy(aaveBuild("AaveOracle"), args);
  plan.call(aaveBuild("PoolAddressesProvider"), addresses, "setPriceOracle", [aaveOracle]);
  return { aaveOracle, spotAnswer, aggregatorAnswer };
}

type Tokens = {
  readonly aToken: Address;
  readonly stableDebt: Address;
  readonly debt: Address;
  readonly rates: Address;
};

/** What every reserve is made of: the code of its tokens, and rates of 2 % at the optimum of 80 %, 75 % at full use. */
function deployReserves(plan: DeployPlan, addresses: Address, lender: Address): Tokens {
  const of = (name: AaveContract) => plan.deploy(aaveBuild(name), [lender]);
  const [aToken, stableDebt, debt] = [of("AToken"), of("StableDebtToken"), of("VariableDebtToken")];
  const slopes = [ray(0), ray(2), ray(73), ray(2), ray(73), ray(1), ray(1), ray(20)];
  const rates = plan.deploy(aaveBuild("DefaultReserveInterestRateStrategy"), [addresses, ray(80), ...slopes]);
  return { aToken, stableDebt, debt, rates };
}

/** The configurator behind Aave's own proxy, which the addresses' provider makes. */
async function configuratorOf(session: ChainSession, plan: DeployPlan, addresses: Address): Promise<Address> {
  const { abi } = aaveBuild("PoolAddressesProvider");
  const logic = plan.deploy(aaveBuild("ConfiguratorLogic"));
  const implementation = plan.deploy(aaveBuild("PoolConfigurator", { ConfiguratorLogic: logic }));
  plan.call({ abi }, addresses, "setPoolConfiguratorImpl", [implementation]);
  await plan.flush("Aave's configurator");
  return (await session.client.readContract({
    address: addresses,
    abi,
    functionName: "getPoolConfigurator",
  })) as Address;
}

function openReserves(
  plan: DeployPlan,
  configurator: Address,
  { aToken, stableDebt, debt, rates }: Tokens,
  { usdc, thin }: Pick<Pair, "usdc" | "thin">,
): void {
  const build = { abi: aaveAbi("PoolConfigurator") };
  const reserve = (underlyingAsset: Address, underlyingAssetDecimals: number, name: string) => ({
    ...{ aTokenImpl: aToken, stableDebtTokenImpl: stableDebt, variableDebtTokenImpl: debt },
    ...{ underlyingAsset, underlyingAssetDecimals, interestRateStrategyAddress: rates },
    ...{ treasury: morphoCast.deployer.address, incentivesController: zeroAddress, params: "0x" },
    ...{ aTokenName: `Aave ${name}`, aTokenSymbol: `a${name}` },
    ...{ variableDebtTokenName: `Variable debt ${name}`, variableDebtTokenSymbol: `vd${name}` },
    ...{ stableDebtTokenName: `Stable debt ${name}`, stableDebtTokenSymbol: `sd${name}` },
  });
  plan.call(build, configurator, "initReserves", [[reserve(usdc, 6, "USDC"), reserve(thin, 18, "THIN")]]);
  const { ltvBps, liquidationBps, bonusBps } = thinTerms;
  plan.call(build, configurator, "configureReserveAsCollateral", [thin, ltvBps, liquidationBps, bonusBps]);
  plan.call(build, configurator, "setReserveBorrowing", [usdc, true]);
}

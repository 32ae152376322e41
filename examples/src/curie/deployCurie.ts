import type { Address, Hex } from "viem";
import { maxUint256 } from "viem";
import { encodeAbiParameters, encodeFunctionData, getContractAddress, keccak256 } from "viem/utils";
import { getCast } from "./Cast.ts";
import { type ChainSession, rpc } from "./ChainSession.ts";
import { curieBuild, mockBuild, uniswapBuild } from "./curieArtifacts.ts";
import { type DeployPlan, loadNonce, openPlan } from "./DeployPlan.ts";
import { selectorsOf } from "./manifest.ts";
import { sqrtPriceX96FromWad } from "./SqrtPrice.ts";

/** Addresses of one whole Curie deployment with one market. */
export type CurieSystem = {
  readonly usdc: Address;
  readonly spot: Address;
  readonly feed: Address;
  readonly factory: Address;
  readonly pool: Address;
  readonly config: Address;
  readonly quoteToken: Address;
  readonly baseToken: Address;
  readonly marketRegistry: Address;
  readonly orderBook: Address;
  readonly accountBalance: Address;
  readonly exchange: Address;
  readonly insuranceFund: Address;
  readonly collateralManager: Address;
  readonly delegateApproval: Address;
  /** What users call: the proxies where the caller wrapped them, else the contracts themselves. */
  readonly vault: Address;
  readonly clearingHouse: Address;
};

/**
 * Puts `implementation` behind a proxy that the caller deploys, initialised by `initData`, and returns its address.
 * `exempt` are the selectors that must stay live under every pause. The proxy must be deployed and mined from `getCast().deployer`: Curie makes the caller of `initialize` its owner.
 */
export type Wrap = (
  name: "Vault" | "ClearingHouse",
  implementation: Address,
  initData: Hex,
  exempt: readonly Hex[],
) => Promise<Address>;

const poolFee = 3_000; // parts per million; the tick spacing of this tier is 60
const exchangeFee = 1_000;
const insuranceFundFee = 100_000; // of the exchange fee
const maxTicksPerWindow = 1_000; // Curie's own upper bound: 10 % in 15 s
const observationSlots = 300; // 30 minutes of TWAP over all blocks of a drill

/**
 * Deploys Perpetual Protocol v2 from the compiled artifacts in its npm package, with a market that opens at
 * `startPriceWad` (USD per base). Vault and ClearingHouse go through `wrap`, or stand bare without one. All parameters
 * stay at Curie's defaults, but the tick limit per 15 s, set to the largest value that Curie allows.
 *
 * The session's node must not mine by itself meanwhile; `wrap` runs with automine on.
 */
export async function deployCurie(session: ChainSession, startPriceWad: bigint, wrap?: Wrap): Promise<CurieSystem> {
  const plan = await openPlan(session, getCast().deployer);
  const parts = deployParts(plan, startPriceWad);
  await plan.flush("Curie's parts");
  const { config, insuranceFund, accountBalance, exchange, quoteToken, factory } = parts;
  const vaultArgs = [insuranceFund, config, accountBalance, exchange];
  const vault = await place(session, plan, "Vault", vaultArgs, wrap);
  const collateralManager = joinVault(plan, parts, vault);
  await plan.flush("Curie's vault");
  const houseArgs = [config, vault, quoteToken, factory, exchange, accountBalance, insuranceFund];
  const clearingHouse = await place(session, plan, "ClearingHouse", houseArgs, wrap);
  const system = Object.freeze({ ...parts, vault, clearingHouse, collateralManager });
  openMarket(plan, system);
  await plan.flush("Curie's market");
  return system;
}

type Parts = Omit<CurieSystem, "vault" | "clearingHouse" | "collateralManager">;

function deployParts(plan: DeployPlan, startPriceWad: bigint): Parts {
  const mocks = deployMocks(plan, startPriceWad);
  const factory = plan.deploy(uniswapBuild("UniswapV3Factory"));
  const tokens = deployTokens(plan, mocks.feed);
  const pool = createPool(plan, factory, tokens, startPriceWad);
  const config = initialised(plan, "ClearingHouseConfig", []);
  const marketRegistry = initialised(plan, "MarketRegistry", [factory, tokens.quoteToken]);
  const orderBook = initialised(plan, "OrderBook", [marketRegistry]);
  const accountBalance = initialised(plan, "AccountBalance", [config, orderBook]);
  const exchange = initialised(plan, "Exchange", [marketRegistry, orderBook, config]);
  const insuranceFund = initialised(plan, "InsuranceFund", [mocks.usdc]);
  const delegateApproval = initialised(plan, "DelegateApproval", []);
  plan.call(curieBuild("Exchange"), exchange, "setAccountBalance", [accountBalance]);
  plan.call(curieBuild("OrderBook"), orderBook, "setExchange", [exchange]);
  const core = { config, marketRegistry, orderBook, accountBalance, exchange, insuranceFund, delegateApproval };
  return { ...mocks, factory, ...tokens, pool, ...core };
}

function deployMocks(plan: DeployPlan, startPriceWad: bigint): Pick<CurieSystem, "usdc" | "spot" | "feed"> {
  const usdc = plan.deploy(mockBuild("MockUsdc"));
  const assets = 2_500n * 10n ** 18n;
  const spotUsdc = (assets * startPriceWad) / 10n ** 30n;
  const holder = getCast().spotTrader.address;
  const spot = plan.deploy(mockBuild("ThinSpotMarket"), [usdc, assets, spotUsdc, holder, 4n * assets]);
  // The pool's own side: ThinSpotMarket keeps a book of assets, but its USDC is real.
  plan.call(mockBuild("MockUsdc"), usdc, "mint", [spot, spotUsdc]);
  return { usdc, spot, feed: plan.deploy(mockBuild("SpotPriceFeed"), [spot]) };
}

type Tokens = Pick<CurieSystem, "baseToken" | "quoteToken">;

// Curie wants the base token's address below the quote token's: deploy quote tokens until one is above.
function deployTokens(plan: DeployPlan, feed: Address): Tokens {
  const baseToken = plan.deploy(curieBuild("BaseToken"));
  let quoteToken = plan.deploy(curieBuild("QuoteToken"));
  while (BigInt(quoteToken) < BigInt(baseToken)) quoteToken = plan.deploy(curieBuild("QuoteToken"));
  plan.call(curieBuild("BaseToken"), baseToken, "initialize", ["Thin asset", "vTHIN", feed]);
  plan.call(curieBuild("QuoteToken"), quoteToken, "initialize", ["Virtual USD", "vUSD"]);
  return { baseToken, quoteToken };
}

function createPool(
  plan: DeployPlan,
  factory: Address,
  { baseToken, quoteToken }: Tokens,
  startPriceWad: bigint,
): Address {
  plan.call(uniswapBuild("UniswapV3Factory"), factory, "createPool", [baseToken, quoteToken, poolFee]);
  const key = [baseToken, quoteToken, poolFee] as const;
  const salt = keccak256(encodeAbiParameters([{ type: "address" }, { type: "address" }, { type: "uint24" }], key));
  const pool = uniswapBuild("UniswapV3Pool");
  const address = getContractAddress({ opcode: "CREATE2", from: factory, salt, bytecode: pool.bytecode });
  plan.call(pool, address, "initialize", [sqrtPriceX96FromWad(startPriceWad)]);
  plan.call(pool, address, "increaseObservationCardinalityNext", [observationSlots]);
  return address;
}

function joinVault(plan: DeployPlan, parts: Parts, vault: Address): Address {
  plan.call(curieBuild("InsuranceFund"), parts.insuranceFund, "setVault", [vault]);
  plan.call(curieBuild("AccountBalance"), parts.accountBalance, "setVault", [vault]);
  // Maximum tokens, debt ratio, liquidation ratio, margin buffer, fund fee, debt threshold, dust: Curie's mainnet values.
  const limits = [5, 750_000, 500_000, 2_000, 30_000, 10_000n * 10n ** 6n, 500n * 10n ** 6n];
  const collateralManager = initialised(plan, "CollateralManager", [parts.config, vault, ...limits]);
  plan.call(curieBuild("Vault"), vault, "setCollateralManager", [collateralManager]);
  return collateralManager;
}

function openMarket(plan: DeployPlan, system: CurieSystem): void {
  const { clearingHouse, baseToken, quoteToken, pool, marketRegistry, exchange } = system;
  for (const token of [baseToken, quoteToken]) {
    plan.call(curieBuild("QuoteToken"), token, "mintMaximumTo", [clearingHouse]);
    plan.call(curieBuild("QuoteToken"), token, "addWhitelist", [clearingHouse]);
    plan.call(curieBuild("QuoteToken"), token, "addWhitelist", [pool]);
  }
  for (const callee of [marketRegistry, system.orderBook, exchange, system.accountBalance, system.vault])
    plan.call(curieBuild("Vault"), callee, "setClearingHouse", [clearingHouse]);
  plan.call(curieBuild("ClearingHouse"), clearingHouse, "setDelegateApproval", [system.delegateApproval]);
  plan.call(curieBuild("MarketRegistry"), marketRegistry, "addPool", [baseToken, poolFee]);
  plan.call(curieBuild("MarketRegistry"), marketRegistry, "setFeeRatio", [baseToken, exchangeFee]);
  plan.call(curieBuild("MarketRegistry"), marketRegistry, "setInsuranceFundFeeRatio", [baseToken, insuranceFundFee]);
  plan.call(curieBuild("Exchange"), exchange, "setMaxTickCrossedWithinBlock", [baseToken, maxTicksPerWindow]);
  plan.call(curieBuild("ClearingHouseConfig"), system.config, "setSettlementTokenBalanceCap", [maxUint256]);
}

function initialised(plan: DeployPlan, name: string, args: readonly unknown[]): Address {
  const address = plan.deploy(curieBuild(name));
  plan.call(curieBuild(name), address, "initialize", args);
  return address;
}

async function place(
  session: ChainSession,
  plan: DeployPlan,
  name: "Vault" | "ClearingHouse",
  args: readonly unknown[],
  wrap?: Wrap,
): Promise<Address> {
  if (!wrap) return initialised(plan, name, args);
  const implementation = plan.deploy(curieBuild(name));
  await plan.flush(`${name}'s implementation`);
  const initData = encodeFunctionData({ abi: curieBuild(name).abi, functionName: "initialize", args });
  await rpc(session.client, "evm_setAutomine", [true]);
  const proxy = await wrap(name, implementation, initData, selectorsOf(name, "exempt"));
  await rpc(session.client, "evm_setAutomine", [false]);
  await loadNonce(session, getCast().deployer);
  return proxy;
}

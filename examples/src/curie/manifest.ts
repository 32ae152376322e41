import type { Hex } from "viem";
import { toFunctionSelector } from "viem/utils";

/**
 * What a selector means for a pause: `outflow` lets money out, `riskIncreasing` adds exposure, `admin` belongs to the
 * protocol's owner, `exempt` reduces risk, brings money in or only reads, and stays live under every guardian pause.
 */
export type SelectorClass = "exempt" | "outflow" | "riskIncreasing" | "admin";

/** One external function of a protected contract. */
export type ManifestEntry = { readonly signature: string; readonly selector: Hex; readonly class: SelectorClass };

/** Every external function of a contract, none left out (INTEG-03). */
export type Manifest = readonly ManifestEntry[];

const openParams = "(address,bool,bool,uint256,uint256,uint256,uint160,bytes32)";

const ownable = ["setOwner(address)", "updateOwner()", "renounceOwnership()", "pause()", "unpause()"];

/** Curie 2.8.4's `Vault`. */
export const vaultManifest: Manifest = classify({
  outflow: ["withdraw(address,uint256)", "withdrawAll(address)", "withdrawEther(uint256)", "withdrawAllEther()"],
  riskIncreasing: [],
  admin: [
    ...ownable,
    "initialize(address,address,address,address)",
    "setClearingHouse(address)",
    "setCollateralManager(address)",
    "setTrustedForwarder(address)",
    "setWETH9(address)",
  ],
  exempt: [
    "deposit(address,uint256)",
    "depositFor(address,address,uint256)",
    "depositEther()",
    "depositEtherFor(address)",
    "liquidateCollateral(address,address,uint256,bool)",
    "settleBadDebt(address)",
    "candidate()",
    "decimals()",
    "getAccountBalance()",
    "getAccountValue(address)",
    "getBalance(address)",
    "getBalanceByToken(address,address)",
    "getClearingHouse()",
    "getClearingHouseConfig()",
    "getCollateralManager()",
    "getCollateralMmRatio()",
    "getCollateralTokens(address)",
    "getExchange()",
    "getFreeCollateral(address)",
    "getFreeCollateralByRatio(address,uint24)",
    "getFreeCollateralByToken(address,address)",
    "getInsuranceFund()",
    "getLiquidatableCollateralBySettlement(address,uint256)",
    "getMarginRequirementForCollateralLiquidation(address)",
    "getMaxRepaidSettlementAndLiquidatableCollateral(address,address)",
    "getRepaidSettlementByCollateral(address,uint256)",
    "getSettlementToken()",
    "getSettlementTokenValue(address)",
    "getTotalDebt()",
    "getTrustedForwarder()",
    "getWETH9()",
    "isLiquidatable(address)",
    "isTrustedForwarder(address)",
    "owner()",
    "paused()",
    "versionRecipient()",
  ],
});

/** Curie 2.8.4's `ClearingHouse`. */
export const clearingHouseManifest: Manifest = classify({
  outflow: [],
  // A maker's range takes on exposure as the price moves, so adding liquidity is new risk as well.
  riskIncreasing: [
    `openPosition(${openParams})`,
    `openPositionFor(address,${openParams})`,
    "addLiquidity((address,uint256,uint256,int24,int24,uint256,uint256,bool,uint256))",
  ],
  admin: [
    ...ownable,
    "initialize(address,address,address,address,address,address,address)",
    "setDelegateApproval(address)",
  ],
  exempt: [
    "closePosition((address,uint160,uint256,uint256,bytes32))",
    "removeLiquidity((address,int24,int24,uint128,uint256,uint256,uint256))",
    "liquidate(address,address,int256)",
    "liquidate(address,address)",
    "cancelExcessOrders(address,address,bytes32[])",
    "cancelAllExcessOrders(address,address)",
    "quitMarket(address,address)",
    "settleAllFunding(address)",
    // Called back by Exchange and OrderBook within the calls above; both check the caller.
    "uniswapV3MintCallback(uint256,uint256,bytes)",
    "uniswapV3SwapCallback(int256,int256,bytes)",
    "candidate()",
    "getAccountBalance()",
    "getAccountValue(address)",
    "getClearingHouseConfig()",
    "getDelegateApproval()",
    "getExchange()",
    "getInsuranceFund()",
    "getOrderBook()",
    "getQuoteToken()",
    "getTrustedForwarder()",
    "getUniswapV3Factory()",
    "getVault()",
    "isTrustedForwarder(address)",
    "owner()",
    "paused()",
    "versionRecipient()",
  ],
});

/** The selectors of one class of a contract. */
export function selectorsOf(contract: "Vault" | "ClearingHouse", kind: SelectorClass): Hex[] {
  const manifest = contract === "Vault" ? vaultManifest : clearingHouseManifest;
  return manifest.filter((entry) => entry.class === kind).map((entry) => entry.selector);
}

/** Signature to selector, for the entries of the given classes. */
export function bySignature(
  manifest: Manifest,
  kinds: readonly SelectorClass[],
): { readonly [signature: string]: Hex } {
  const chosen = manifest.filter((entry) => kinds.includes(entry.class));
  return Object.fromEntries(chosen.map((entry) => [entry.signature, entry.selector]));
}

/** A manifest of the signatures of each class. */
export function classify(classes: Record<SelectorClass, readonly string[]>): Manifest {
  const entries = Object.entries(classes) as [SelectorClass, readonly string[]][];
  return entries.flatMap(([kind, signatures]) =>
    signatures.map((signature) => ({ signature, selector: toFunctionSelector(signature), class: kind })),
  );
}

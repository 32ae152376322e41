import type { Address, Hex } from "viem";
import { decodeFunctionResult, encodeFunctionData } from "viem/utils";
import type { Cast } from "./Cast.ts";
import type { ChainSession } from "./ChainSession.ts";
import { mockAbi, uniswapAbi, vaultAbi, viewAbi } from "./curieAbi.ts";
import type { CurieSystem } from "./deployCurie.ts";
import { readCalls } from "./readSolvency.ts";
import { priceWadFromSqrtX96 } from "./SqrtPrice.ts";
import { type SeededMarket, wideRange } from "./seedMarket.ts";
import type { ViewCall } from "./solvencyReads.ts";

/** What traders, bots and attackers look at before they act in a slot. Prices in WAD, money in USDC units. */
export type SlotView = {
  readonly poolWad: bigint;
  readonly indexWad: bigint;
  /** The index's mean over 15 minutes: Curie refuses new liquidity while the pool is 10 % off it. */
  readonly laggedIndexWad: bigint;
  /** Taker position in base, by account. */
  readonly sizes: ReadonlyMap<Address, bigint>;
  /** Accounts that Curie lets a keeper liquidate at its mark price. */
  readonly liquidatable: ReadonlySet<Address>;
  /** Uniswap liquidity of the small makers' ranges. */
  readonly smallMakerLiquidity: readonly bigint[];
  /** What account B could withdraw, were it allowed to. */
  readonly attackerFreeUsdc: bigint;
  readonly attackerSpotAssetsWad: bigint;
};

const wadPerUsdc = 10n ** 12n;

/** Reads the newest block's view in one JSON-RPC batch. */
export async function readSlotView(
  session: ChainSession,
  system: CurieSystem,
  cast: Cast,
  groups: SeededMarket,
): Promise<SlotView> {
  const positions = [...cast.traders, cast.attackerA, cast.attackerB].map((a) => a.address);
  const watched = [...groups.underwaterLongs, ...groups.riskyShorts].map((a) => a.address);
  const fixed = fixedCalls(system, cast);
  const makers = cast.smallMakers.map((maker) => orderCall(system, maker.address));
  const calls = [
    ...fixed,
    ...makers,
    ...positions.map((a) => sizeCall(system, a)),
    ...watched.flatMap((a) => healthCalls(system, a)),
  ];
  const results = await readCalls(session, calls);
  const afterFixed = results.slice(fixed.length);
  const afterMakers = afterFixed.slice(makers.length);
  return {
    ...decodeFixed(results),
    smallMakerLiquidity: afterFixed.slice(0, makers.length).map(decodeLiquidity),
    sizes: new Map(positions.map((a, i) => [a, decodeSize(afterMakers[i]!)])),
    liquidatable: decodeLiquidatable(watched, afterMakers.slice(positions.length)),
  };
}

function fixedCalls({ pool, baseToken, vault, usdc, spot }: CurieSystem, cast: Cast): ViewCall[] {
  const b = cast.attackerB.address;
  const free = { abi: vaultAbi, functionName: "getFreeCollateralByToken", args: [b, usdc] } as const;
  return [
    { to: pool, data: encodeFunctionData({ abi: uniswapAbi, functionName: "slot0" }) },
    { to: baseToken, data: encodeFunctionData({ abi: viewAbi, functionName: "getIndexPrice", args: [0n] }) },
    { to: baseToken, data: encodeFunctionData({ abi: viewAbi, functionName: "getIndexPrice", args: [900n] }) },
    { to: vault, data: encodeFunctionData(free) },
    { to: spot, data: encodeFunctionData({ abi: mockAbi, functionName: "assetOf", args: [b] }) },
  ];
}

type Fixed = "poolWad" | "indexWad" | "laggedIndexWad" | "attackerFreeUsdc" | "attackerSpotAssetsWad";

function decodeFixed(results: readonly Hex[]): Pick<SlotView, Fixed> {
  const [slot0, index, lagged, free, assets] = results as [Hex, Hex, Hex, Hex, Hex];
  return {
    poolWad: priceWadFromSqrtX96(decodeFunctionResult({ abi: uniswapAbi, functionName: "slot0", data: slot0 })[0]),
    indexWad: decodeFunctionResult({ abi: viewAbi, functionName: "getIndexPrice", data: index }),
    laggedIndexWad: decodeFunctionResult({ abi: viewAbi, functionName: "getIndexPrice", data: lagged }),
    attackerFreeUsdc: decodeFunctionResult({ abi: vaultAbi, functionName: "getFreeCollateralByToken", data: free }),
    attackerSpotAssetsWad: decodeFunctionResult({ abi: mockAbi, functionName: "assetOf", data: assets }),
  };
}

function orderCall({ orderBook, baseToken }: CurieSystem, maker: Address): ViewCall {
  const args = [maker, baseToken, wideRange.lowerTick, wideRange.upperTick] as const;
  return { to: orderBook, data: encodeFunctionData({ abi: viewAbi, functionName: "getOpenOrder", args }) };
}

function decodeLiquidity(data: Hex): bigint {
  return decodeFunctionResult({ abi: viewAbi, functionName: "getOpenOrder", data }).liquidity;
}

function sizeCall({ accountBalance, baseToken }: CurieSystem, trader: Address): ViewCall {
  const call = { abi: viewAbi, functionName: "getTakerPositionSize", args: [trader, baseToken] } as const;
  return { to: accountBalance, data: encodeFunctionData(call) };
}

function decodeSize(data: Hex): bigint {
  return decodeFunctionResult({ abi: viewAbi, functionName: "getTakerPositionSize", data });
}

/** The two calls that tell whether Curie lets `trader` be liquidated. */
export function healthCalls({ vault, accountBalance }: CurieSystem, trader: Address): ViewCall[] {
  const margin = { abi: viewAbi, functionName: "getMarginRequirementForLiquidation", args: [trader] } as const;
  return [
    { to: vault, data: encodeFunctionData({ abi: vaultAbi, functionName: "getAccountValue", args: [trader] }) },
    { to: accountBalance, data: encodeFunctionData(margin) },
  ];
}

/** Those of `traders` whose account value is below the maintenance margin, from the results of their health calls. */
export function decodeLiquidatable(traders: readonly Address[], results: readonly Hex[]): Set<Address> {
  const isBelow = (i: number) => {
    const data = results[2 * i + 1]!;
    const margin = decodeFunctionResult({ abi: viewAbi, functionName: "getMarginRequirementForLiquidation", data });
    const value = decodeFunctionResult({ abi: vaultAbi, functionName: "getAccountValue", data: results[2 * i]! });
    return value * wadPerUsdc < margin;
  };
  return new Set(traders.filter((_, i) => isBelow(i)));
}

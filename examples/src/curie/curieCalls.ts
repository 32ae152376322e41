import type { Address, LocalAccount } from "viem";
import { maxUint256, zeroHash } from "viem";
import { encodeFunctionData } from "viem/utils";
import type { Call } from "./ChainSession.ts";
import { clearingHouseAbi, mockAbi, vaultAbi } from "./curieAbi.ts";
import type { CurieSystem } from "./deployCurie.ts";

/** A maker's range: ticks are multiples of 60. */
export type Range = { readonly lowerTick: number; readonly upperTick: number };

/** Whole US dollars as USDC units. */
export const usdc = (dollars: number): bigint => BigInt(dollars) * 10n ** 6n;
/** Whole units as WAD. */
export const wad = (units: number): bigint => BigInt(units) * 10n ** 18n;

/** Adds margin: `amount` in USDC units. */
export function deposit(system: CurieSystem, from: LocalAccount, amount: bigint): Call {
  const data = encodeFunctionData({ abi: vaultAbi, functionName: "deposit", args: [system.usdc, amount] });
  return { from, to: system.vault, data };
}

/** Takes free collateral out: `amount` in USDC units. */
export function withdraw(system: CurieSystem, from: LocalAccount, amount: bigint): Call {
  const data = encodeFunctionData({ abi: vaultAbi, functionName: "withdraw", args: [system.usdc, amount] });
  return { from, to: system.vault, data };
}

/** Takes all free collateral out. */
export function withdrawAll(system: CurieSystem, from: LocalAccount): Call {
  const data = encodeFunctionData({ abi: vaultAbi, functionName: "withdrawAll", args: [system.usdc] });
  return { from, to: system.vault, data };
}

/** Buys base for `quoteWad` dollars, or less where the pool reaches `sqrtLimitX96` first (0: no limit). */
export function openLong(system: CurieSystem, from: LocalAccount, quoteWad: bigint, sqrtLimitX96 = 0n): Call {
  return open(system, from, false, true, quoteWad, sqrtLimitX96);
}

/** Buys exactly `baseWad`, or less where the pool reaches `sqrtLimitX96` first (0: no limit). */
export function openLongBase(system: CurieSystem, from: LocalAccount, baseWad: bigint, sqrtLimitX96 = 0n): Call {
  return open(system, from, false, false, baseWad, sqrtLimitX96);
}

/** Sells base for `quoteWad` dollars, or less where the pool reaches `sqrtLimitX96` first (0: no limit). */
export function openShort(system: CurieSystem, from: LocalAccount, quoteWad: bigint, sqrtLimitX96 = 0n): Call {
  return open(system, from, true, false, quoteWad, sqrtLimitX96);
}

function open(
  { clearingHouse, baseToken }: CurieSystem,
  from: LocalAccount,
  isBaseToQuote: boolean,
  isExactInput: boolean,
  amount: bigint,
  sqrtPriceLimitX96: bigint,
): Call {
  const params = {
    baseToken,
    isBaseToQuote,
    isExactInput,
    amount,
    oppositeAmountBound: 0n,
    deadline: maxUint256,
    sqrtPriceLimitX96,
    referralCode: zeroHash,
  };
  const data = encodeFunctionData({ abi: clearingHouseAbi, functionName: "openPosition", args: [params] });
  return { from, to: clearingHouse, data };
}

/** Closes the whole position, or as much of it as Curie's tick limit lets through. */
export function closePosition({ clearingHouse, baseToken }: CurieSystem, from: LocalAccount): Call {
  const params = {
    baseToken,
    sqrtPriceLimitX96: 0n,
    oppositeAmountBound: 0n,
    deadline: maxUint256,
    referralCode: zeroHash,
  };
  const data = encodeFunctionData({ abi: clearingHouseAbi, functionName: "closePosition", args: [params] });
  return { from, to: clearingHouse, data };
}

/** Adds as much of `baseWad` and `quoteWad` as fits `range` at the pool's price. */
export function addLiquidity(
  { clearingHouse, baseToken }: CurieSystem,
  from: LocalAccount,
  range: Range,
  baseWad: bigint,
  quoteWad: bigint,
): Call {
  const params = {
    baseToken,
    base: baseWad,
    quote: quoteWad,
    ...range,
    minBase: 0n,
    minQuote: 0n,
    useTakerBalance: false,
    deadline: maxUint256,
  };
  const data = encodeFunctionData({ abi: clearingHouseAbi, functionName: "addLiquidity", args: [params] });
  return { from, to: clearingHouse, data };
}

/** Removes `liquidity` (Uniswap units) from `range`. */
export function removeLiquidity(
  { clearingHouse, baseToken }: CurieSystem,
  from: LocalAccount,
  range: Range,
  liquidity: bigint,
): Call {
  const params = { baseToken, ...range, liquidity, minBase: 0n, minQuote: 0n, deadline: maxUint256 };
  const data = encodeFunctionData({ abi: clearingHouseAbi, functionName: "removeLiquidity", args: [params] });
  return { from, to: clearingHouse, data };
}

/** Liquidates as much of `trader`'s position as Curie allows; the keeper takes it over at a discount. */
export function liquidate({ clearingHouse, baseToken }: CurieSystem, from: LocalAccount, trader: Address): Call {
  const data = encodeFunctionData({ abi: clearingHouseAbi, functionName: "liquidate", args: [trader, baseToken] });
  return { from, to: clearingHouse, data };
}

/** Removes the orders of a maker below its margin, without which Curie refuses to liquidate it. */
export function cancelOrders({ clearingHouse, baseToken }: CurieSystem, from: LocalAccount, maker: Address): Call {
  const args = [maker, baseToken] as const;
  const data = encodeFunctionData({ abi: clearingHouseAbi, functionName: "cancelAllExcessOrders", args });
  return { from, to: clearingHouse, data };
}

/** Trades the spot market behind the index to `priceWad`, at the caller's own expense. */
export function moveSpot(system: CurieSystem, from: LocalAccount, priceWad: bigint): Call {
  return {
    from,
    to: system.spot,
    data: encodeFunctionData({ abi: mockAbi, functionName: "tradeTo", args: [priceWad] }),
  };
}

/** Sells all spot assets that the caller holds. */
export function dumpSpot(system: CurieSystem, from: LocalAccount): Call {
  return { from, to: system.spot, data: encodeFunctionData({ abi: mockAbi, functionName: "sellAll" }) };
}

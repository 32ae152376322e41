import type { Address, Hex } from "viem";
import { decodeFunctionResult, encodeFunctionData, getAddress, toEventSelector } from "viem/utils";
import { mockAbi, uniswapAbi, vaultAbi, viewAbi } from "./curieAbi.ts";
import type { CurieSystem } from "./deployCurie.ts";
import { priceWadFromSqrtX96 } from "./SqrtPrice.ts";

/** An `eth_call` to make at a block hash. */
export type ViewCall = { readonly to: Address; readonly data: Hex };

/** The addresses that the reads need. */
export type ReadTargets = Pick<
  CurieSystem,
  "usdc" | "vault" | "pool" | "baseToken" | "accountBalance" | "insuranceFund"
>;

/** The market at one block: prices in WAD USD per base, money in USDC units. */
export type MarketState = {
  /** Curie's mark price, a median of means: it lags a pump by up to 15 s. */
  readonly markWad: bigint;
  /** The aggregator's newest answer, which an attacker on a thin spot market moves at once. */
  readonly indexWad: bigint;
  /** The index's mean over 15 minutes: what an honest price looks like for the first minutes of a pump. */
  readonly laggedIndexWad: bigint;
  /** The pool's price, from `slot0`. */
  readonly poolWad: bigint;
  readonly vaultUsdc: bigint;
  readonly fundUsdc: bigint;
};

/** One trader's account at the mark price, from which its value at any price follows. */
export type AccountState = {
  readonly trader: Address;
  /** Collateral, realised and unrealised profit, fees and funding, at the mark price; USDC units. */
  readonly valueUsdc: bigint;
  /** Base held as taker and as maker together; WAD, negative for a short. */
  readonly sizeWad: bigint;
};

/** What a price move does to the system's accounts; USDC units. */
export type Solvency = {
  /** Damage already done: what accounts owe beyond their collateral at the lagged price. */
  readonly badDebtUsdc: bigint;
  /** What accounts would owe beyond their collateral if the pool's price were the true one. */
  readonly badDebtAtPoolUsdc: bigint;
  /** Lagged value of accounts that are healthy at the lagged price and open to liquidation at the pool's price. */
  readonly marginAtRiskUsdc: bigint;
  /** Profit that accounts hold at the pool's price and not at the lagged one: what can be carried out if realised. */
  readonly unearnedProfitUsdc: bigint;
};

const laggedSeconds = 900n;
const mmRatioPpm = 62_500n; // Curie's maintenance margin, 6.25 %
const wadPerUsdc = 10n ** 12n;
const wadUnit = 10n ** 18n;

/** Topic 0 of the events whose first or second indexed field is a trader: together they name every account. */
export const traderTopics = {
  PositionChanged: toEventSelector("PositionChanged(address,address,int256,int256,uint256,int256,int256,uint256)"),
  LiquidityChanged: toEventSelector(
    "LiquidityChanged(address,address,address,int24,int24,int256,int256,int128,uint256)",
  ),
  Deposited: toEventSelector("Deposited(address,address,uint256)"),
} as const;

/** The account that a log of Vault or ClearingHouse names, or undefined when it names none. */
export function traderOfLog(topics: readonly Hex[]): Address | undefined {
  // Deposited puts the token first; the two market events put the trader first.
  const field = topics[0] === traderTopics.Deposited ? topics[2] : isMarketEvent(topics[0]) ? topics[1] : undefined;
  return field === undefined ? undefined : getAddress(`0x${field.slice(26)}`);
}

function isMarketEvent(topic: Hex | undefined): boolean {
  return topic === traderTopics.PositionChanged || topic === traderTopics.LiquidityChanged;
}

/** The calls that `decodeMarket` needs the results of, in its order. */
export function encodeMarket(targets: ReadTargets): ViewCall[] {
  const { usdc, vault, pool, baseToken, accountBalance, insuranceFund } = targets;
  const index = (interval: bigint) =>
    encodeFunctionData({ abi: viewAbi, functionName: "getIndexPrice", args: [interval] });
  return [
    { to: accountBalance, data: encodeFunctionData({ abi: viewAbi, functionName: "getMarkPrice", args: [baseToken] }) },
    { to: baseToken, data: index(0n) },
    { to: baseToken, data: index(laggedSeconds) },
    { to: pool, data: encodeFunctionData({ abi: uniswapAbi, functionName: "slot0" }) },
    { to: usdc, data: encodeFunctionData({ abi: mockAbi, functionName: "balanceOf", args: [vault] }) },
    { to: insuranceFund, data: encodeFunctionData({ abi: viewAbi, functionName: "getInsuranceFundCapacity" }) },
  ];
}

/** The market's state from the results of `encodeMarket`. */
export function decodeMarket(results: readonly Hex[]): MarketState {
  const [mark, index, lagged, slot0, vault, fund] = results as [Hex, Hex, Hex, Hex, Hex, Hex];
  return {
    markWad: decodeFunctionResult({ abi: viewAbi, functionName: "getMarkPrice", data: mark }),
    indexWad: decodeFunctionResult({ abi: viewAbi, functionName: "getIndexPrice", data: index }),
    laggedIndexWad: decodeFunctionResult({ abi: viewAbi, functionName: "getIndexPrice", data: lagged }),
    poolWad: priceWadFromSqrtX96(decodeFunctionResult({ abi: uniswapAbi, functionName: "slot0", data: slot0 })[0]),
    vaultUsdc: decodeFunctionResult({ abi: mockAbi, functionName: "balanceOf", data: vault }),
    fundUsdc: decodeFunctionResult({ abi: viewAbi, functionName: "getInsuranceFundCapacity", data: fund }),
  };
}

/** The calls that `decodeAccount` needs the results of, in its order. */
export function encodeAccount({ vault, accountBalance, baseToken }: ReadTargets, trader: Address): ViewCall[] {
  const size = { abi: viewAbi, functionName: "getTotalPositionSize", args: [trader, baseToken] } as const;
  return [
    { to: vault, data: encodeFunctionData({ abi: vaultAbi, functionName: "getAccountValue", args: [trader] }) },
    { to: accountBalance, data: encodeFunctionData(size) },
  ];
}

/** One account's state from the results of `encodeAccount`. */
export function decodeAccount(trader: Address, results: readonly Hex[]): AccountState {
  const [value, size] = results as [Hex, Hex];
  return {
    trader,
    valueUsdc: decodeFunctionResult({ abi: vaultAbi, functionName: "getAccountValue", data: value }),
    sizeWad: decodeFunctionResult({ abi: viewAbi, functionName: "getTotalPositionSize", data: size }),
  };
}

/**
 * An account's value in USDC units with its base worth `priceWad` instead of the mark price. Curie values an account as
 * collateral + quote + size * mark, so only the last term changes; base in maker ranges counts as it stands in the pool.
 */
export function valueAt(account: AccountState, market: Pick<MarketState, "markWad">, priceWad: bigint): bigint {
  return account.valueUsdc + (account.sizeWad * (priceWad - market.markWad)) / wadUnit / wadPerUsdc;
}

/** Measures all `accounts` of one block against `honestWad`, by default the index's mean over 15 minutes. */
export function measureSolvency(
  accounts: readonly AccountState[],
  market: MarketState,
  honestWad: bigint = market.laggedIndexWad,
): Solvency {
  let [badDebtUsdc, badDebtAtPoolUsdc, marginAtRiskUsdc, unearnedProfitUsdc] = [0n, 0n, 0n, 0n];
  for (const account of accounts) {
    const honest = valueAt(account, market, honestWad);
    const atPool = valueAt(account, market, market.poolWad);
    if (honest < 0n) badDebtUsdc -= honest;
    if (atPool < 0n) badDebtAtPoolUsdc -= atPool;
    const healthy = honest >= marginAt(account, honestWad);
    if (healthy && atPool < marginAt(account, market.poolWad)) marginAtRiskUsdc += honest;
    if (atPool > honest && atPool > 0n) unearnedProfitUsdc += atPool - (honest > 0n ? honest : 0n);
  }
  return { badDebtUsdc, badDebtAtPoolUsdc, marginAtRiskUsdc, unearnedProfitUsdc };
}

function marginAt(account: AccountState, priceWad: bigint): bigint {
  const size = account.sizeWad < 0n ? -account.sizeWad : account.sizeWad;
  return (((size * priceWad) / wadUnit) * mmRatioPpm) / 1_000_000n / wadPerUsdc;
}

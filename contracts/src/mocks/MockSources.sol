// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IChainlinkFeed} from "../interfaces/IChainlinkFeed.sol";
import {IUniswapV3Pool} from "../interfaces/IUniswapV3Pool.sol";

/// A token that has decimals and nothing else.
contract MockDecimals {
    uint8 public immutable decimals;

    constructor(uint8 decimals_) {
        decimals = decimals_;
    }
}

/// A feed of Chainlink's shape that says what it is told.
contract MockFeed is IChainlinkFeed {
    uint8 public decimals;
    bool private broken;
    int256 private answer;
    uint256 private updatedAt;

    constructor(uint8 decimals_) {
        decimals = decimals_;
    }

    function set(int256 answer_, uint256 updatedAt_) external {
        (answer, updatedAt) = (answer_, updatedAt_);
    }

    function setBroken(bool broken_) external {
        broken = broken_;
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        require(!broken, "broken");
        return (1, answer, updatedAt, updatedAt, 1);
    }
}

/// A Uniswap v3 pool with one mean tick and liquidity over any window that it remembers.
contract MockPool is IUniswapV3Pool {
    address public immutable token0;
    address public immutable token1;
    int24 private spotTick;
    int56 private tickSum;
    uint160 private secondsPerLiquidity;
    uint32 private memory_ = type(uint32).max;
    // Anything: the sums of a real pool began long ago and may have wrapped.
    int56 private constant TICK_START = type(int56).max - 7;
    uint160 private constant SECONDS_START = type(uint160).max - 7;

    constructor(address token0_, address token1_) {
        (token0, token1) = (token0_, token1_);
    }

    /// `tickSum_` is what the mean is taken of: mean tick times window.
    function set(int24 spotTick_, int56 tickSum_, uint160 secondsPerLiquidity_) external {
        (spotTick, tickSum, secondsPerLiquidity) = (spotTick_, tickSum_, secondsPerLiquidity_);
    }

    function setMemory(uint32 seconds_) external {
        memory_ = seconds_;
    }

    function slot0() external view returns (uint160, int24) {
        return (0, spotTick);
    }

    function observe(uint32[] calldata ago) external view returns (int56[] memory sums, uint160[] memory inverses) {
        require(ago[0] <= memory_, "OLD");
        (sums, inverses) = (new int56[](2), new uint160[](2));
        (sums[0], inverses[0]) = (TICK_START, SECONDS_START);
        unchecked {
            (sums[1], inverses[1]) = (TICK_START + tickSum, SECONDS_START + secondsPerLiquidity);
        }
    }
}

/// A vault whose share price and supply are told.
contract MockShares {
    address public immutable asset;
    uint8 public immutable decimals;
    uint256 public totalSupply;
    uint256 private assetsPerShare;

    constructor(address asset_, uint8 decimals_) {
        (asset, decimals) = (asset_, decimals_);
    }

    function set(uint256 totalSupply_, uint256 assetsPerShare_) external {
        (totalSupply, assetsPerShare) = (totalSupply_, assetsPerShare_);
    }

    /// `assetsPerShare` is for a whole share.
    function convertToAssets(uint256 shares) external view returns (uint256) {
        return shares * assetsPerShare / 10 ** decimals;
    }
}

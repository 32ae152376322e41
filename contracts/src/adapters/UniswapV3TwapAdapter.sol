// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/interfaces/IERC20Metadata.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Fault} from "../interfaces/IOracleAggregator.sol";
import {IPriceAdapter} from "../interfaces/IPriceAdapter.sol";
import {IUniswapV3Pool} from "../interfaces/IUniswapV3Pool.sol";
import {PriceStamp} from "../libraries/PriceStamp.sol";
import {TickPrice} from "../libraries/TickPrice.sol";

/// @title UniswapV3TwapAdapter: the geometric mean price of a Uniswap v3 pool over a window.
/// @notice Says SPOT_TWAP of itself when the pool's price now stands too far from the mean (somebody moves it, or the
/// mean lags), and THIN when the pool's harmonic mean liquidity over the window is too small. Reverts as the pool does
/// ("OLD") when its history is shorter than the window: raise its observation cardinality and wait.
contract UniswapV3TwapAdapter is IPriceAdapter {
    /* IMMUTABLES */

    /// @notice The pool.
    IUniswapV3Pool public immutable pool;
    /// @notice Whether the price is that of token0 in units of token1, and not the other way.
    bool public immutable baseIsToken0;
    /// @notice The raw ratio times this is the price in WAD.
    uint256 public immutable scale;

    uint256 private constant BPS = 10_000;

    /// @notice `base` is not a token of the pool.
    error TwapAdapter_Base(address base);

    /// @notice The quote has over 18 decimals more than the base, or the base over 36: the price has no digits left.
    error TwapAdapter_Decimals(uint8 base, uint8 quote);

    /* CONSTRUCTOR */

    /// @param pool_ The pool. @param base The token whose price is read, in units of the pool's other token.
    constructor(IUniswapV3Pool pool_, address base) {
        (address token0, address token1) = (pool_.token0(), pool_.token1());
        if (base != token0 && base != token1) revert TwapAdapter_Base(base);
        uint8 baseDecimals = IERC20Metadata(base).decimals();
        uint8 quoteDecimals = IERC20Metadata(base == token0 ? token1 : token0).decimals();
        if (baseDecimals > 36 || quoteDecimals > uint256(baseDecimals) + 18) {
            revert TwapAdapter_Decimals(baseDecimals, quoteDecimals);
        }
        (pool, baseIsToken0) = (pool_, base == token0);
        scale = 10 ** (uint256(baseDecimals) + 18 - quoteDecimals);
    }

    /* VIEWS */

    /// @inheritdoc IPriceAdapter
    function read(uint16 maxSpotTwapBps, uint32 twapWindow, uint128 minTwapLiquidity)
        external
        view
        returns (uint256 wad, uint256 stamp)
    {
        // A window of zero would be the spot price.
        if (twapWindow == 0) return (0, 0);
        (int24 meanTick, uint256 liquidity) = _mean(twapWindow);
        (, int24 spotTick) = pool.slot0();
        wad = _priceAt(meanTick);
        uint256 spot = _priceAt(spotTick);
        uint256 distance = spot > wad ? spot - wad : wad - spot;
        Fault fault = Fault.NONE;
        if (liquidity < minTwapLiquidity) fault = Fault.THIN;
        else if (distance * BPS > wad * maxSpotTwapBps) fault = Fault.SPOT_TWAP;
        stamp = PriceStamp.pack(uint40(block.timestamp), 0, fault);
    }

    /* INTERNAL */

    /// @dev The mean tick, rounded towards the lower tick, and the harmonic mean of the liquidity in range, rounded down.
    function _mean(uint32 window) private view returns (int24 tick, uint256 liquidity) {
        uint32[] memory secondsAgos = new uint32[](2);
        secondsAgos[0] = window;
        (int56[] memory ticks, uint160[] memory seconds_) = pool.observe(secondsAgos);
        unchecked {
            // The sums wrap by design of the pool; their differences do not.
            int56 sum = ticks[1] - ticks[0];
            tick = int24(sum / int56(uint56(window)));
            if (sum < 0 && sum % int56(uint56(window)) != 0) --tick;
            uint160 inverse = seconds_[1] - seconds_[0];
            liquidity = inverse == 0 ? 0 : (uint256(window) << 128) / inverse;
        }
    }

    /// @dev The aggregator takes the cap for no price, as it takes anything above.
    function _priceAt(int24 tick) private view returns (uint256) {
        return Math.min(TickPrice.atTickDown(baseIsToken0 ? tick : -tick, scale), type(uint128).max);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Fault} from "../../../src/interfaces/IOracleAggregator.sol";
import {IPriceAdapter} from "../../../src/interfaces/IPriceAdapter.sol";
import {PriceStamp} from "../../../src/libraries/PriceStamp.sol";
import {Token} from "./Token.sol";

/// A pool of constant product without a fee, thin on purpose, that sums its price over time.
contract SpotPool {
    Token public immutable base;
    Token public immutable quote;
    uint256 public baseReserve;
    uint256 public quoteReserve;
    uint256 public priceSum; // WAD times seconds
    uint256 public summedAt;

    constructor(Token base_, Token quote_) {
        (base, quote, summedAt) = (base_, quote_, block.timestamp);
    }

    /// Takes what was sent here as the first reserves.
    function begin() external {
        (baseReserve, quoteReserve) = (base.balanceOf(address(this)), quote.balanceOf(address(this)));
    }

    function buyBase(uint256 quoteIn) external returns (uint256 out) {
        _sum();
        quote.transferFrom(msg.sender, address(this), quoteIn);
        out = baseReserve - baseReserve * quoteReserve / (quoteReserve + quoteIn) - 1;
        (baseReserve, quoteReserve) = (baseReserve - out, quoteReserve + quoteIn);
        base.transfer(msg.sender, out);
    }

    function sellBase(uint256 baseIn) external returns (uint256 out) {
        _sum();
        base.transferFrom(msg.sender, address(this), baseIn);
        out = quoteReserve - baseReserve * quoteReserve / (baseReserve + baseIn) - 1;
        (baseReserve, quoteReserve) = (baseReserve + baseIn, quoteReserve - out);
        quote.transfer(msg.sender, out);
    }

    /// The price of one whole unit of base, WAD.
    function spot() public view returns (uint256) {
        return quoteReserve * 10 ** base.decimals() * 1e18 / (baseReserve * 10 ** quote.decimals());
    }

    /// The sum of price times time up to now.
    function sumNow() public view returns (uint256) {
        return priceSum + spot() * (block.timestamp - summedAt);
    }

    function _sum() private {
        (priceSum, summedAt) = (sumNow(), block.timestamp);
    }
}

/// The pool's price of this moment.
contract SpotSource is IPriceAdapter {
    SpotPool public immutable pool;

    constructor(SpotPool pool_) {
        pool = pool_;
    }

    function read(uint16, uint32, uint128) external view returns (uint256, uint256) {
        return (pool.spot(), PriceStamp.pack(uint40(block.timestamp), 0, Fault.NONE));
    }
}

/// The pool's mean price since a mark that is between one and two windows old. Anyone moves the mark.
contract TwapSource is IPriceAdapter {
    SpotPool public immutable pool;
    uint256 public immutable window;
    uint256 private _sum;
    uint256 private _at;
    uint256 private _nextSum;
    uint256 private _nextAt;

    constructor(SpotPool pool_, uint256 window_) {
        // The pool begins in this second, so that its sum is zero.
        (pool, window, _at, _nextAt) = (pool_, window_, block.timestamp, block.timestamp);
    }

    function mark() external {
        if (block.timestamp < _nextAt + window) return;
        (_sum, _at) = (_nextSum, _nextAt);
        (_nextSum, _nextAt) = (pool.sumNow(), block.timestamp);
    }

    function read(uint16 maxSpotTwapBps, uint32, uint128 minTwapLiquidity) external view returns (uint256, uint256) {
        uint256 time = block.timestamp - _at;
        uint256 wad = time == 0 ? pool.spot() : (pool.sumNow() - _sum) / time;
        return (wad, PriceStamp.pack(uint40(block.timestamp), 0, _fault(wad, maxSpotTwapBps, minTwapLiquidity)));
    }

    function _fault(uint256 wad, uint16 maxSpotTwapBps, uint128 minTwapLiquidity) private view returns (Fault) {
        if (maxSpotTwapBps == 0) return Fault.NONE;
        if (pool.quoteReserve() < minTwapLiquidity) return Fault.THIN;
        uint256 spot = pool.spot();
        uint256 apart = spot > wad ? spot - wad : wad - spot;
        return apart * 10_000 > wad * maxSpotTwapBps ? Fault.SPOT_TWAP : Fault.NONE;
    }
}

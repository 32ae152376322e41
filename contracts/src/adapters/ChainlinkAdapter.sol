// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Fault} from "../interfaces/IOracleAggregator.sol";
import {IChainlinkFeed} from "../interfaces/IChainlinkFeed.sol";
import {IPriceAdapter} from "../interfaces/IPriceAdapter.sol";
import {PriceStamp} from "../libraries/PriceStamp.sol";
import {Wad} from "../libraries/Wad.sol";

/// @title ChainlinkAdapter: a feed of Chainlink's shape.
/// @notice An answer at or beyond the feed's own clamps is no price: the feed would answer the same however far the
/// market went on.
contract ChainlinkAdapter is IPriceAdapter {
    /* IMMUTABLES */

    /// @notice The feed.
    IChainlinkFeed public immutable feed;
    /// @notice The decimals of its answers at deployment, at most 36.
    uint8 public immutable decimals;
    /// @notice Answers must be above this, in the feed's decimals; at least 0.
    int256 public immutable minAnswer;
    /// @notice Answers must be below this, in the feed's decimals.
    int256 public immutable maxAnswer;

    /// @notice `minAnswer` is negative or not below `maxAnswer`, or there are more than 36 decimals.
    error ChainlinkAdapter_Bounds(int256 minAnswer, int256 maxAnswer, uint8 decimals);

    /* CONSTRUCTOR */

    /// @param feed_ The feed. @param minAnswer_ The lower clamp of its aggregator. @param maxAnswer_ The upper clamp.
    constructor(IChainlinkFeed feed_, int256 minAnswer_, int256 maxAnswer_) {
        uint8 decimals_ = feed_.decimals();
        if (minAnswer_ < 0 || minAnswer_ >= maxAnswer_ || decimals_ > Wad.MAX_DECIMALS) {
            revert ChainlinkAdapter_Bounds(minAnswer_, maxAnswer_, decimals_);
        }
        (feed, decimals, minAnswer, maxAnswer) = (feed_, decimals_, minAnswer_, maxAnswer_);
    }

    /* VIEWS */

    /// @inheritdoc IPriceAdapter
    function read(uint16, uint32, uint128) external view returns (uint256 wad, uint256 stamp) {
        (, int256 answer,, uint256 updatedAt,) = feed.latestRoundData();
        // A round that is not finished has no time; a time beyond 40 bits must not be cut to one that looks fresh.
        if (updatedAt == 0 || updatedAt > type(uint40).max) return (0, 0);
        if (answer > minAnswer && answer < maxAnswer) wad = Wad.fromDecimalsDown(uint256(answer), decimals);
        stamp = PriceStamp.pack(uint40(updatedAt), 0, Fault.NONE);
    }
}

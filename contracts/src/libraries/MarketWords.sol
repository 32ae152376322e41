// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Feed, Market} from "../interfaces/IOracleAggregator.sol";

/// @notice The rules of a market in one word. From the low end: quorum 8, jumpQuorum 8, maxSpreadBps 16, maxJumpBps 16,
/// jumpWindow 32, maxSpotTwapBps 16, twapWindow 32, minTwapLiquidity 128.
type MarketWord is uint256;

/// @notice A feed in one word. From the low end: adapter 160, weight 16, heartbeat 32, maxConfBps 16.
type FeedWord is uint256;

using MarketWordLib for MarketWord global;
using FeedWordLib for FeedWord global;

library MarketWordLib {
    function pack(Market memory m) internal pure returns (MarketWord) {
        uint256 low = uint256(m.quorum) | (uint256(m.jumpQuorum) << 8) | (uint256(m.maxSpreadBps) << 16)
            | (uint256(m.maxJumpBps) << 32) | (uint256(m.jumpWindow) << 48);
        uint256 high = uint256(m.maxSpotTwapBps) << 80 | (uint256(m.twapWindow) << 96)
            | (uint256(m.minTwapLiquidity) << 128);
        return MarketWord.wrap(low | high);
    }

    function unpack(MarketWord word) internal pure returns (Market memory m) {
        (m.quorum, m.jumpQuorum) = (uint8(quorum(word)), uint8(jumpQuorum(word)));
        (m.maxSpreadBps, m.maxJumpBps) = (uint16(maxSpreadBps(word)), uint16(maxJumpBps(word)));
        m.jumpWindow = uint32(jumpWindow(word));
        (m.maxSpotTwapBps, m.twapWindow) = (maxSpotTwapBps(word), twapWindow(word));
        m.minTwapLiquidity = minTwapLiquidity(word);
    }

    function raw(MarketWord word) internal pure returns (uint256) {
        return MarketWord.unwrap(word);
    }

    function quorum(MarketWord word) internal pure returns (uint256) {
        return uint8(MarketWord.unwrap(word));
    }

    function jumpQuorum(MarketWord word) internal pure returns (uint256) {
        return uint8(MarketWord.unwrap(word) >> 8);
    }

    function maxSpreadBps(MarketWord word) internal pure returns (uint256) {
        return uint16(MarketWord.unwrap(word) >> 16);
    }

    function maxJumpBps(MarketWord word) internal pure returns (uint256) {
        return uint16(MarketWord.unwrap(word) >> 32);
    }

    function jumpWindow(MarketWord word) internal pure returns (uint256) {
        return uint32(MarketWord.unwrap(word) >> 48);
    }

    function maxSpotTwapBps(MarketWord word) internal pure returns (uint16) {
        return uint16(MarketWord.unwrap(word) >> 80);
    }

    function twapWindow(MarketWord word) internal pure returns (uint32) {
        return uint32(MarketWord.unwrap(word) >> 96);
    }

    function minTwapLiquidity(MarketWord word) internal pure returns (uint128) {
        return uint128(MarketWord.unwrap(word) >> 128);
    }
}

library FeedWordLib {
    function pack(Feed memory f) internal pure returns (FeedWord) {
        return FeedWord.wrap(
            uint160(f.adapter) | (uint256(f.weight) << 160) | (uint256(f.heartbeat) << 176)
                | (uint256(f.maxConfBps) << 208)
        );
    }

    function unpack(FeedWord word) internal pure returns (Feed memory) {
        return Feed(adapter(word), uint16(weight(word)), uint32(heartbeat(word)), uint16(maxConfBps(word)));
    }

    function adapter(FeedWord word) internal pure returns (address) {
        return address(uint160(FeedWord.unwrap(word)));
    }

    function weight(FeedWord word) internal pure returns (uint256) {
        return uint16(FeedWord.unwrap(word) >> 160);
    }

    function heartbeat(FeedWord word) internal pure returns (uint256) {
        return uint32(FeedWord.unwrap(word) >> 176);
    }

    function maxConfBps(FeedWord word) internal pure returns (uint256) {
        return uint16(FeedWord.unwrap(word) >> 208);
    }
}

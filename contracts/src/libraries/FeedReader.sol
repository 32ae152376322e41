// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {Fault, IOracleAggregator} from "../interfaces/IOracleAggregator.sol";
import {IPriceProbe} from "../interfaces/IPriceAdapter.sol";
import {FeedWord, MarketWord} from "./MarketWords.sol";
import {PriceStamp} from "./PriceStamp.sol";

/// @notice Asks one feed, whatever it does, and judges its answer. A fault is given as its number, zero for none.
library FeedReader {
    using PriceStamp for uint256;

    /// What one feed may burn. A Uniswap v3 pool with the longest history takes about 90,000: some 32 cold slots.
    uint256 internal constant FEED_GAS = 120_000;
    /// With this much left FEED_GAS reaches the feed: (FEED_GAS * 64 / 63) for EIP-150, 2,600 for a cold account, and the
    /// call's own setup. With less, the caller and not the feed would decide that it fails.
    uint256 internal constant FEED_NEED = 126_000;
    uint256 internal constant MAX_AHEAD = 60 seconds;

    /// @dev The two words of the feed's answer; a fault when there is no such answer. Never copies more than 64 bytes.
    function ask(address adapter, MarketWord m)
        internal
        view
        returns (uint256 fault, uint256 wad, uint256 stamp)
    {
        if (gasleft() < FEED_NEED) revert IOracleAggregator.Oracle_GasTooLow(FEED_NEED);
        // A high-level call to an address without code would revert here and not there.
        if (adapter.code.length == 0) return (uint8(Fault.NO_CODE), 0, 0);
        try IPriceProbe(adapter).read{gas: FEED_GAS}(m.maxSpotTwapBps(), m.twapWindow(), m.minTwapLiquidity()) {
            if (LowLevelCall.returnDataSize() != 64) return (uint8(Fault.BAD_RETURN), 0, 0);
            (wad, stamp) = abi.decode(LowLevelCall.returnData(), (uint256, uint256));
        } catch {
            fault = uint8(Fault.FAILED);
        }
    }

    /// @dev What is wrong with an answer of the right size, if anything.
    function judge(FeedWord feed, uint256 floorWad, uint256 wad, uint256 stamp)
        internal
        view
        returns (uint256)
    {
        uint256 rest = stamp.rest();
        if (rest != 0) {
            bool known = rest == uint8(Fault.SPOT_TWAP) || rest == uint8(Fault.THIN);
            return known ? rest : uint8(Fault.BAD_RETURN);
        }
        // Times have 40 bits and a heartbeat 32. Zero less one is no uint128 either.
        unchecked {
            if (wad - 1 >= type(uint128).max - 1 || wad < floorWad) return uint8(Fault.BAD_PRICE);
            uint256 time = stamp.time();
            if (time > block.timestamp + MAX_AHEAD) return uint8(Fault.FUTURE);
            if (time + feed.heartbeat() < block.timestamp) return uint8(Fault.STALE);
        }
        if (stamp.confBps() > feed.maxConfBps()) return uint8(Fault.UNCERTAIN);
        return 0;
    }
}

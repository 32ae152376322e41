// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {Fault, Feed, IOracleAggregator, Market} from "../interfaces/IOracleAggregator.sol";
import {IPriceProbe} from "../interfaces/IPriceAdapter.sol";
import {PriceStamp} from "./PriceStamp.sol";

/// @notice Asks one feed, whatever it does, and judges its answer.
library FeedReader {
    using PriceStamp for uint256;

    /// What one feed may burn. A Uniswap v3 pool with the longest history takes about 90,000: some 32 cold slots.
    uint256 internal constant FEED_GAS = 120_000;
    /// With this much left FEED_GAS reaches the feed: (FEED_GAS * 64 / 63) for EIP-150, 2,600 for a cold account, and the
    /// call's own setup. With less, the caller and not the feed would decide that it fails.
    uint256 internal constant FEED_NEED = 126_000;
    uint256 internal constant MAX_AHEAD = 60 seconds;

    /// @dev The two words of the feed's answer; a fault when there is no such answer. Never copies more than 64 bytes.
    function ask(address adapter, Market memory m)
        internal
        view
        returns (Fault fault, uint256 wad, uint256 stamp)
    {
        if (gasleft() < FEED_NEED) revert IOracleAggregator.Oracle_GasTooLow(FEED_NEED);
        // A high-level call to an address without code would revert here and not there.
        if (adapter.code.length == 0) return (Fault.NO_CODE, 0, 0);
        try IPriceProbe(adapter).read{gas: FEED_GAS}(m.maxSpotTwapBps, m.twapWindow, m.minTwapLiquidity) {
            if (LowLevelCall.returnDataSize() != 64) return (Fault.BAD_RETURN, 0, 0);
            (wad, stamp) = abi.decode(LowLevelCall.returnData(), (uint256, uint256));
        } catch {
            fault = Fault.FAILED;
        }
    }

    /// @dev What is wrong with an answer of the right size, if anything.
    function judge(Feed memory feed, uint256 floorWad, uint256 nowAt, uint256 wad, uint256 stamp)
        internal
        pure
        returns (Fault)
    {
        uint256 rest = stamp.rest();
        if (rest != 0) {
            bool known = rest == uint8(Fault.SPOT_TWAP) || rest == uint8(Fault.THIN);
            return known ? Fault(rest) : Fault.BAD_RETURN;
        }
        if (wad == 0 || wad >= type(uint128).max || wad < floorWad) return Fault.BAD_PRICE;
        // Times have 40 bits and a heartbeat 32.
        unchecked {
            uint256 time = stamp.time();
            if (time > nowAt + MAX_AHEAD) return Fault.FUTURE;
            if (time + feed.heartbeat < nowAt) return Fault.STALE;
        }
        if (stamp.confBps() > feed.maxConfBps) return Fault.UNCERTAIN;
        return Fault.NONE;
    }
}

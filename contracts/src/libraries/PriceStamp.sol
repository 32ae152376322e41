// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Fault} from "../interfaces/IOracleAggregator.sol";

/// @notice The second word of an adapter's answer. From the low end: time 40, confidence in 1/10,000 16, fault 8. An
/// adapter may say SPOT_TWAP or THIN of itself, nothing else.
library PriceStamp {
    function pack(uint40 at_, uint16 confBps_, Fault fault) internal pure returns (uint256) {
        return uint256(at_) | (uint256(confBps_) << 40) | (uint256(uint8(fault)) << 56);
    }

    function time(uint256 stamp) internal pure returns (uint256) {
        return uint40(stamp);
    }

    function confBps(uint256 stamp) internal pure returns (uint256) {
        return uint16(stamp >> 40);
    }

    /// @dev Everything above time and confidence: zero, a fault, or nonsense.
    function rest(uint256 stamp) internal pure returns (uint256) {
        return stamp >> 56;
    }
}

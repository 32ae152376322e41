// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IFlowLimiter} from "../../src/interfaces/IFlowLimiter.sol";
import {IReferencePerp} from "../../src/interfaces/IReferencePerp.sol";
import {Base} from "../Base.t.sol";

/// What the exchange and its modules may say no by. A panic, or a token that lacks what was promised, is none.
abstract contract Refusals is Base {
    function isRefusal(bytes4 reason) internal pure returns (bool) {
        return reason == IReferencePerp.Perp_Balance.selector || reason == IReferencePerp.Perp_Unhealthy.selector
            || reason == IReferencePerp.Perp_Price.selector || reason == IReferencePerp.Perp_Limit.selector
            || reason == IReferencePerp.Perp_OpenInterest.selector || reason == IReferencePerp.Perp_Healthy.selector
            || reason == IReferencePerp.Perp_LiquidationCap.selector || reason == IReferencePerp.Perp_Nothing.selector
            || reason == IReferencePerp.Perp_NoDeleverage.selector || reason == IReferencePerp.Perp_NotAllowed.selector
            || reason == IReferencePerp.Perp_Insolvent.selector || reason == IReferencePerp.Perp_TooSoon.selector
            || reason == IFlowLimiter.Flow_Exceeded.selector
            || reason == bytes4(keccak256("Breaker_Paused(bytes4,uint40)")) || isLate(reason);
    }

    function isLate(bytes4 reason) internal pure returns (bool) {
        return reason == bytes4(keccak256("Latency_TooEarly(bytes32,uint40)"))
            || reason == bytes4(keccak256("Latency_Expired(bytes32)"))
            || reason == bytes4(keccak256("Latency_SameBlock(bytes32)"))
            || reason == bytes4(keccak256("Latency_Unknown(bytes32)"))
            || reason == bytes4(keccak256("Latency_NotFirstRound(uint64,uint64)"))
            || reason == bytes4(keccak256("Oracle_UnknownRound(bytes32,uint64)"));
    }

    function hexOf(bytes4 x) internal pure returns (string memory) {
        bytes memory digits = "0123456789abcdef";
        bytes memory text = new bytes(8);
        for (uint256 i; i < 8; ++i) text[i] = digits[uint8(x[i / 2] >> (i % 2 == 0 ? 4 : 0)) & 15];
        return string(text);
    }
}

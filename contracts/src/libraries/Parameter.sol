// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bounds} from "../interfaces/IRiskSteward.sol";
import {StewardMath} from "./StewardMath.sol";

/// @notice A parameter of RiskSteward, in four slots: range; rules; values; times.
struct Param {
    uint128 floor;
    uint128 ceil;
    uint16 maxStepBps;
    uint8 flags;
    uint32 cooldown;
    uint32 ramp;
    uint8 place; // place in the list of ids, from 1; zero is no parameter
    bytes20 group;
    uint128 value;
    uint128 previous;
    uint40 changedAt; // zero: no value yet
    uint40 loosenedAt;
    uint40 rampEnd;
}

library Parameter {
    uint8 private constant RELATIVE = 1;
    uint8 private constant TIGHT_UP = 2;

    function write(Param storage p, Bounds calldata b) internal {
        (p.floor, p.ceil, p.maxStepBps) = (b.floor, b.ceil, b.maxStepBps);
        (p.cooldown, p.ramp) = (b.cooldown, b.ramp);
        p.flags = (b.relative ? RELATIVE : 0) | (b.tightDirection == 1 ? TIGHT_UP : 0);
    }

    function bounds(Param storage p) internal view returns (Bounds memory) {
        uint8 direction = isTightUp(p) ? 1 : 0;
        return Bounds(p.maxStepBps, isRelative(p), p.cooldown, p.floor, p.ceil, direction, p.group, p.ramp);
    }

    function valueNow(Param storage p) internal view returns (uint256) {
        uint256 end = p.rampEnd;
        if (block.timestamp >= end) return p.value;
        return StewardMath.rampDown(p.previous, p.value, p.changedAt, end, block.timestamp);
    }

    function isLooser(Param storage p, uint256 value, uint256 than) internal view returns (bool) {
        return isTightUp(p) ? value < than : value > than;
    }

    function isRelative(Param storage p) internal view returns (bool) {
        return p.flags & RELATIVE != 0;
    }

    function isTightUp(Param storage p) internal view returns (bool) {
        return p.flags & TIGHT_UP != 0;
    }

    /// @dev A cooldown as long as the ramp: a step never begins while the one before is still under way.
    function isSane(Bounds calldata b) internal pure returns (bool) {
        return b.maxStepBps != 0 && b.cooldown != 0 && b.cooldown >= b.ramp && b.floor <= b.ceil && b.ceil != 0
            && b.tightDirection < 2 && bytes32(bytes20(b.coupledGroup)) == b.coupledGroup;
    }

    /// @dev Whether `b` allows nothing that `a` does not. An absolute step is a part of ceil, which a lower ceil only
    /// makes smaller.
    function isTighter(Bounds memory a, Bounds calldata b) internal pure returns (bool) {
        return a.relative == b.relative && a.tightDirection == b.tightDirection && b.maxStepBps <= a.maxStepBps
            && b.cooldown >= a.cooldown && b.floor >= a.floor && b.ceil <= a.ceil && b.ramp >= a.ramp;
    }
}

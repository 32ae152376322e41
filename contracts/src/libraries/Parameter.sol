// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bounds} from "../interfaces/IRiskSteward.sol";
import {StewardMath} from "./StewardMath.sol";

/// @notice A parameter of RiskSteward, in two slots: values; times and rules. A group is a number for that reason.
struct Param {
    uint128 value;
    uint128 previous;
    uint40 changedAt; // zero: no value yet
    uint40 loosenedAt;
    uint40 rampEnd;
    uint32 cooldown;
    uint32 ramp;
    uint16 maxStepBps;
    uint8 flags;
    uint8 place; // place in the list of ids, from 1; zero is no parameter
    uint8 group; // place of the group's first member; zero is no group
}

/// @notice Where a parameter's values lie. A slot of its own, which reading a value does not need.
struct Range {
    uint128 floor;
    uint128 ceil;
}

library Parameter {
    uint8 private constant RELATIVE = 1;
    uint8 private constant TIGHT_UP = 2;

    function write(Param storage p, Bounds calldata b) internal {
        (p.cooldown, p.ramp, p.maxStepBps) = (b.cooldown, b.ramp, b.maxStepBps);
        p.flags = (b.relative ? RELATIVE : 0) | (b.tightDirection == 1 ? TIGHT_UP : 0);
    }

    function bounds(Param memory p, Range memory range, bytes20 group) internal pure returns (Bounds memory) {
        uint8 direction = isTightUp(p) ? 1 : 0;
        bool relative = isRelative(p);
        return Bounds(p.maxStepBps, relative, p.cooldown, range.floor, range.ceil, direction, group, p.ramp);
    }

    function valueNow(Param memory p) internal view returns (uint256) {
        uint256 end = p.rampEnd;
        if (block.timestamp >= end) return p.value;
        return StewardMath.rampDown(p.previous, p.value, p.changedAt, end, block.timestamp);
    }

    function isLooser(Param memory p, uint256 value, uint256 than) internal pure returns (bool) {
        return isTightUp(p) ? value < than : value > than;
    }

    function isRelative(Param memory p) internal pure returns (bool) {
        return p.flags & RELATIVE != 0;
    }

    function isTightUp(Param memory p) internal pure returns (bool) {
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

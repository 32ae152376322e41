// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice Steps, ramps and drifts of RiskSteward. Values are below 2^128, so no product leaves 256 bits.
library StewardMath {
    uint256 internal constant BPS = 10_000;
    uint256 private constant WAD = 1e18;
    /// So many steps are answered with the end of the range: the loop has to end within a call.
    uint256 private constant MAX_STEPS = 256;

    /// @dev The distance of `a` and `b` in 1/10,000 of the smaller (`relative`) or of `ceil`, rounded up. From zero
    /// every relative step is endless. Values below 2^128 times BPS, below 2^14, stay below 2^142.
    function stepBpsUp(uint256 a, uint256 b, bool relative, uint256 ceil) internal pure returns (uint256) {
        (uint256 low, uint256 high) = a < b ? (a, b) : (b, a);
        if (low == high) return 0;
        uint256 base = relative ? low : ceil;
        if (base == 0) return type(uint256).max;
        unchecked {
            return Math.ceilDiv((high - low) * BPS, base);
        }
    }

    /// @dev The point at `nowAt` of a line from `from` at `start` to `to` at `end`, rounded towards `from`: a ramp
    /// never runs ahead of its time.
    function rampDown(uint256 from, uint256 to, uint256 start, uint256 end, uint256 nowAt)
        internal
        pure
        returns (uint256)
    {
        if (nowAt >= end) return to;
        uint256 part = (from < to ? to - from : from - to) * (nowAt - start) / (end - start);
        return from < to ? from + part : from - part;
    }

    /// @dev The furthest value one allowed step up from `value`.
    function highestStep(uint256 value, uint256 maxStepBps, bool relative, uint256 ceil)
        internal
        pure
        returns (uint256)
    {
        uint256 step = (relative ? value : ceil) * maxStepBps / BPS;
        return Math.min(ceil, value + step);
    }

    /// @dev The furthest value one allowed step down from `value`: the least v with value <= v (1 + step).
    function lowestStep(uint256 value, uint256 maxStepBps, bool relative, uint256 floor, uint256 ceil)
        internal
        pure
        returns (uint256)
    {
        uint256 next = relative
            ? Math.ceilDiv(value * BPS, BPS + maxStepBps)
            : Math.saturatingSub(value, ceil * maxStepBps / BPS);
        return Math.max(floor, next);
    }

    /// @dev The furthest value after `count` steps, upwards (`up`) or downwards.
    function loosest(
        uint256 value,
        bool up,
        uint256 count,
        uint256 maxStepBps,
        bool relative,
        uint256 floor,
        uint256 ceil
    ) internal pure returns (uint256) {
        if (count > MAX_STEPS) return up ? ceil : floor;
        for (uint256 i; i < count; ++i) {
            value = up
                ? highestStep(value, maxStepBps, relative, ceil)
                : lowestStep(value, maxStepBps, relative, floor, ceil);
        }
        return value;
    }

    /// @dev What is lost on `openInterest` when its margin falls from `margin` to `lower`, WAD of notional, rounded up.
    function lossUp(uint256 openInterest, uint256 margin, uint256 lower) internal pure returns (uint256) {
        return Math.ceilDiv(openInterest * Math.saturatingSub(margin, lower), WAD);
    }
}

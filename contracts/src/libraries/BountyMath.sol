// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice What a report is worth. All results are rounded down: the vault never owes what it does not hold.
library BountyMath {
    using Math for uint256;

    uint256 internal constant BPS = 10_000;
    /// From here on a duplicate's share is zero; the shift stays within a word.
    uint256 private constant MAX_REPORTS = 32;

    /// @dev What all reports of one root cause get together: `bps` of the funds at risk, within [floor, cap], and never
    /// more than `shareBps` of what the vault has to give.
    function baseDown(uint256 fundsAtRisk, uint256 bps, uint256 floor, uint256 cap, uint256 shareBps, uint256 free)
        internal
        pure
        returns (uint256)
    {
        uint256 wanted = cap.min(floor.max(fundsAtRisk.mulDiv(bps, BPS)));
        return wanted.min(free.mulDiv(shareBps, BPS));
    }

    /// @dev What one report of the root gets, or one part of an award; `base` has 128 bits. Shares that sum up to
    /// 10,000 at most never sum up to more than `base`.
    function awardDown(uint256 base, uint256 awardBps) internal pure returns (uint256) {
        return base * awardBps / BPS;
    }

    /// @dev The share of one of `count` reports of a root: 10,000 / 2^(count - 1) for the first commit, that over 1.1
    /// for each later one. The largest share blind to identities for which splitting oneself up never pays.
    function shareBpsDown(uint256 count, bool first) internal pure returns (uint256) {
        if (count == 0 || count > MAX_REPORTS) return 0;
        uint256 halves = 1 << (count - 1);
        return first ? BPS / halves : BPS * 10 / (11 * halves);
    }

    /// @dev What of `rest` has vested at `nowAt`, on a line from `from` to `end`; `rest` has 128 bits.
    function vestedDown(uint256 rest, uint256 from, uint256 end, uint256 nowAt) internal pure returns (uint256) {
        if (nowAt >= end) return rest;
        if (nowAt <= from) return 0;
        return rest * (nowAt - from) / (end - from);
    }
}

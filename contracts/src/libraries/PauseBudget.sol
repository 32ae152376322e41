// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Pause} from "./PauseWord.sol";

/// @notice How long a selector may be paused: two refilling buckets, counted in 1/60 s so that both refill by a whole
/// number each second and no rounding is ever lost.
///
/// Why any 30 days hold at most 168 h of fast pause. Let R be the paid time still ahead. A charge adds the same d to
/// fastUsed and to R; between charges R falls at rate 1 and fastUsed only at 7/60, so fastUsed >= R always. In a window
/// of 30 d that begins with R ahead, new charges are at most capacity - fastUsed + refill <= 168 h - R. Together with
/// R that is 168 h. For the halt budget paid time may begin later than now, behind fast time; `chargeHalt` then also
/// pays the refill of the wait, which keeps the same inequality.
///
/// Why a program cannot starve the council. Programs charge only while fastUsed stays within capacity - COUNCIL_SHARE.
/// Let C be a bucket with the same refill that holds what all others charged. Then fastUsed <= capacity - COUNCIL_SHARE
/// + C always: others' charges raise both sides, a refill lowers both alike until C is empty, and a program's charge ends
/// within the bound whatever C is. So the council finds its share, but for what it and the trippers spent themselves.
library PauseBudget {
    uint40 internal constant MAX_PAUSE = 72 hours;
    uint256 internal constant UNIT = 60;
    uint256 internal constant FAST_CAPACITY = 84 hours * UNIT;
    uint256 internal constant HALT_CAPACITY = 24 hours * UNIT;
    /// What guard rules of programs leave of the fast budget: with the halt budget's 24 h it makes one pause of 72 h.
    uint256 internal constant COUNCIL_SHARE = 48 hours * UNIT;
    /// 84 h over 30 d, in 1/60 s a second.
    uint256 internal constant FAST_REFILL = 7;
    /// 24 h over 30 d, in 1/60 s a second.
    uint256 internal constant HALT_REFILL = 2;

    /// @dev Refills both buckets up to `nowAt`.
    function settle(Pause memory p, uint40 nowAt) internal pure {
        uint256 dt = nowAt - p.settledAt;
        // A time has 40 bits and a refill 3.
        unchecked {
            p.fastUsed = Math.saturatingSub(p.fastUsed, dt * FAST_REFILL);
            p.haltUsed = Math.saturatingSub(p.haltUsed, dt * HALT_REFILL);
        }
        p.settledAt = nowAt;
    }

    /// @dev The seconds that the fast budget of a settled `p` still has, rounded down.
    function fastLeft(Pause memory p) internal pure returns (uint256) {
        return (FAST_CAPACITY - p.fastUsed) / UNIT;
    }

    /// @dev The seconds of the fast budget of a settled `p` that a program may still spend, rounded down.
    function programLeft(Pause memory p) internal pure returns (uint256) {
        return Math.saturatingSub(FAST_CAPACITY - COUNCIL_SHARE, p.fastUsed) / UNIT;
    }

    /// @dev The seconds that the halt budget of a settled `p` still has, rounded down.
    function haltLeft(Pause memory p) internal pure returns (uint256) {
        return (HALT_CAPACITY - p.haltUsed) / UNIT;
    }

    /// @dev The furthest end that the fast budget of a settled `p` can pay for.
    function fastReach(Pause memory p) internal pure returns (uint256) {
        uint256 left = fastLeft(p);
        // Times have 40 bits, and there is at most the capacity left.
        unchecked {
            return Math.max(p.settledAt, p.paidUntil) + left;
        }
    }

    /// @dev The furthest end that a program's rule on a settled `p` can be paid for.
    function programReach(Pause memory p) internal pure returns (uint256) {
        return Math.max(p.settledAt, p.paidUntil) + programLeft(p);
    }

    /// @dev The furthest end that the halt budget of a settled `p` can pay for.
    function haltReach(Pause memory p) internal pure returns (uint256) {
        uint256 from = haltFrom(p);
        return from + Math.saturatingSub(HALT_CAPACITY - p.haltUsed, (from - p.settledAt) * HALT_REFILL) / UNIT;
    }

    /// @dev Pays for the time up to `until`, which must be within `fastReach`; also for what the halt budget has paid:
    /// `paidUntil` could not tell the two apart.
    function chargeFast(Pause memory p, uint40 until) internal pure {
        uint256 from = Math.max(p.settledAt, p.paidUntil);
        if (until <= from) return;
        // Times have 40 bits, and what is within reach fits into the capacity.
        unchecked {
            p.fastUsed += (until - from) * UNIT;
        }
        p.paidUntil = until;
    }

    /// @dev Pays for the time up to `until`, which must be within `haltReach`, where nothing has paid for it yet.
    function chargeHalt(Pause memory p, uint40 until) internal pure {
        uint256 from = haltFrom(p);
        if (until <= from) return;
        p.haltUsed += (until - from) * UNIT + (from - p.settledAt) * HALT_REFILL;
    }

    function haltFrom(Pause memory p) private pure returns (uint256) {
        return Math.max(p.settledAt, Math.max(p.paidUntil, p.until));
    }
}

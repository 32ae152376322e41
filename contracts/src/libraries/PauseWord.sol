// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The state of one selector, packed in one word so that a pause costs one storage write.
/// From the low end: until 40, ruleUntil 40, startedAt 40, paidUntil 40, settledAt 40, fastUsed 25, haltUsed 23,
/// flags 8.
type PauseWord is uint256;

using PauseWordLib for PauseWord global;

/// @notice An unpacked PauseWord. Times are Unix seconds.
struct Pause {
    /// End of the pause.
    uint40 until;
    /// End of the guard rule.
    uint40 ruleUntil;
    /// Start of the running pause: the fast quorum cannot reach further than 72 h from here.
    uint40 startedAt;
    /// The fast budget has paid for all time before this.
    uint40 paidUntil;
    /// When the two budgets were last refilled.
    uint40 settledAt;
    /// Spent from the fast budget, in 1/60 s.
    uint256 fastUsed;
    /// Spent from the halt budget, in 1/60 s.
    uint256 haltUsed;
    /// 1 for a registered external selector, so that `check` needs no second read, and for an armed inline one.
    uint256 flags;
}

library PauseWordLib {
    function until(PauseWord word) internal pure returns (uint40) {
        return uint40(PauseWord.unwrap(word));
    }

    function ruleUntil(PauseWord word) internal pure returns (uint40) {
        return uint40(PauseWord.unwrap(word) >> 40);
    }

    /// @dev Neither pause nor rule, nothing spent, and not zero.
    function idle() internal pure returns (PauseWord) {
        Pause memory p;
        p.flags = 1;
        return pack(p);
    }

    function unpack(PauseWord word) internal pure returns (Pause memory p) {
        uint256 raw = PauseWord.unwrap(word);
        p.until = uint40(raw);
        p.ruleUntil = uint40(raw >> 40);
        p.startedAt = uint40(raw >> 80);
        p.paidUntil = uint40(raw >> 120);
        p.settledAt = uint40(raw >> 160);
        p.fastUsed = (raw >> 200) & (2 ** 25 - 1);
        p.haltUsed = (raw >> 225) & (2 ** 23 - 1);
        p.flags = raw >> 248;
    }

    /// @dev The capacities are below 2^25 and 2^23 (see PauseBudget), so no field reaches its neighbour.
    function pack(Pause memory p) internal pure returns (PauseWord) {
        return PauseWord.wrap(
            uint256(p.until) | (uint256(p.ruleUntil) << 40) | (uint256(p.startedAt) << 80)
                | (uint256(p.paidUntil) << 120) | (uint256(p.settledAt) << 160) | (p.fastUsed << 200)
                | (p.haltUsed << 225) | (p.flags << 248)
        );
    }
}

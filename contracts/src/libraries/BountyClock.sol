// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Commit, IBountyVault} from "../interfaces/IBountyVault.sol";

/// @notice The clocks of BountyVault. From a commit to the end of its report: 7 + 15 + 3 + 30 = 55 days at most.
library BountyClock {
    /// Whoever sits on a bug has to commit anew, and loses the place.
    uint40 internal constant REVEAL = 7 days;
    uint40 internal constant BLIND = 72 hours;
    uint40 internal constant ATTEST = 15 days;
    uint40 internal constant CHALLENGE = 3 days;
    uint40 internal constant ARBITRATION = 30 days;
    /// Longer than those 55 days: no notice given after a commit ends before its report.
    uint40 internal constant NOTICE = 60 days;
    /// A notice that stayed open would be no notice.
    uint40 internal constant NOTICE_WINDOW = 7 days;
    uint40 internal constant ROOT_LIFE = 60 days;
    /// A signature may not be kept for long: what is at risk changes.
    uint256 internal constant MAX_ATTEST_AHEAD = 7 days;

    function isFresh(Commit memory c) internal view returns (bool) {
        return c.at != 0 && block.timestamp < c.at + REVEAL;
    }

    function requireAfter(uint40 at) internal view {
        if (block.timestamp < at) revert IBountyVault.Bounty_TooEarly(at);
    }

    function requireBefore(uint40 at) internal view {
        if (block.timestamp >= at) revert IBountyVault.Bounty_Expired(at);
    }

    function requireInTime(uint256 deadline) internal view {
        if (block.timestamp > deadline) revert IBountyVault.Bounty_Expired(deadline);
        uint256 max = block.timestamp + MAX_ATTEST_AHEAD;
        if (deadline > max) revert IBountyVault.Bounty_TooFar(deadline, max);
    }
}

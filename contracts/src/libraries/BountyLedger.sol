// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Price} from "../interfaces/IBountyRules.sol";
import {Commit, IBountyVault, Report, ReportState, Root} from "../interfaces/IBountyVault.sol";
import {BountyMath} from "./BountyMath.sol";

/// @notice All reports and roots. `liabilities` is what is reserved for them or owed; `openCount` counts the reports
/// that wait for a decision. The first three share a word, so that a decision writes it once.
struct Ledger {
    uint160 liabilities;
    uint40 lastIndex;
    uint32 openCount;
    mapping(bytes32 id => Report) reports;
    mapping(bytes32 rootId => Root) roots;
    mapping(bytes32 reportHash => bytes32 id) firstOf;
}

/// @notice What attestors or arbitrator give a report: `bps` of what its root gets.
struct Award {
    bytes32 rootId;
    uint8 severity;
    uint256 fundsAtRisk;
    uint16 bps;
}

/// @notice The book of BountyVault: places, reserves and awards. What is reserved never exceeds what is free, so the
/// liabilities never exceed the balance.
library BountyLedger {
    using SafeCast for uint256;

    uint8 internal constant CRITICAL = 3;

    /* PLACES */

    /// @dev The next place in the order of commits, at this block.
    function place(Ledger storage l, uint16 version) internal returns (Commit memory) {
        return Commit(uint40(block.timestamp), ++l.lastIndex, uint48(block.number), version);
    }

    function open(Ledger storage l, bytes32 id, address beneficiary) internal returns (Report storage r) {
        r = l.reports[id];
        (r.beneficiary, r.state, r.since) = (beneficiary, ReportState.REVEALED, uint40(block.timestamp));
        ++l.openCount;
    }

    function setPlace(Report storage r, Commit memory c, uint32 seq) internal {
        (r.version, r.committedAt, r.blockNumber) = (c.version, c.at, c.blockNumber);
        (r.index, r.seq) = (c.index, seq);
    }

    /// @dev Whether the place (`index`, `seq`) comes before that of `r`.
    function isBefore(uint40 index, uint32 seq, Report storage r) internal view returns (bool) {
        return index < r.index || (index == r.index && seq < r.seq);
    }

    // Whoever copies a report out of a reveal commits later than its author: the author's reveal takes the place, and
    // the copy ends unless it was decided on.
    function claimHash(Ledger storage l, bytes32 id, bytes32 reportHash) internal {
        bytes32 first = l.firstOf[reportHash];
        if (first == id) return;
        Report storage r = l.reports[id];
        if (first != 0) {
            if (!isBefore(r.index, r.seq, l.reports[first])) revert IBountyVault.Bounty_Copy(first);
            if (l.reports[first].state == ReportState.REVEALED) {
                --l.openCount;
                reject(l, first);
            }
        }
        l.firstOf[reportHash] = id;
    }

    /* RESERVES */

    function freeOf(Ledger storage l, uint256 balance) internal view returns (uint256) {
        return Math.saturatingSub(balance, l.liabilities);
    }

    /// @dev Puts the tier's floor aside for a report that was proven, as far as one root may take.
    function reserveFloor(Ledger storage l, Report storage r, Price memory p, uint8 severity, uint256 balance)
        internal
        returns (uint256 floor)
    {
        floor = _base(l, 0, p, balance);
        (r.severity, r.award) = (severity, floor.toUint128());
        l.liabilities += floor.toUint160();
    }

    /// @dev Gives `id` its part of the root; the first report of a root fixes what all get together.
    function assign(Ledger storage l, bytes32 id, Award memory a, Price memory p, uint256 balance) internal {
        if (a.severity > CRITICAL || a.bps > BountyMath.BPS) revert IBountyVault.Bounty_BadAward(a.severity, a.bps);
        Report storage r = l.reports[id];
        (r.severity, r.awardBps) = (a.severity, a.bps);
        if (a.bps == 0) return;
        Root storage root = l.roots[a.rootId];
        bool isOwn = a.rootId == id;
        if (!isOwn) _join(l, r, a.rootId);
        uint256 floor = _releaseFloor(l, r);
        // A proof's floor holds whatever share is left: its money was put aside before.
        if (isOwn && root.awardedBps == 0) _fix(l, root, Math.max(floor, _base(l, a.fundsAtRisk, p, balance)));
        uint256 left = BountyMath.BPS - root.awardedBps;
        if (a.bps > left) revert IBountyVault.Bounty_ShareSpent(a.rootId, left);
        root.awardedBps += a.bps;
    }

    /// @dev Takes back what `assign` gave. A root that nobody has a share of gives its base back.
    function unassign(Ledger storage l, bytes32 id) internal {
        Report storage r = l.reports[id];
        if (r.awardBps == 0) return;
        bytes32 rootId = rootOf(r, id);
        Root storage root = l.roots[rootId];
        root.awardedBps -= r.awardBps;
        (r.awardBps, r.rootId) = (0, 0);
        if (root.awardedBps != 0) return;
        l.liabilities -= root.base;
        delete l.roots[rootId];
    }

    /// @dev What the decision that stands gives: without one, what a proof has reserved.
    function awardOf(Ledger storage l, bytes32 id) internal view returns (uint256) {
        Report storage r = l.reports[id];
        bool undecided = r.state == ReportState.REVEALED || r.state == ReportState.ESCALATED;
        if (undecided || r.state == ReportState.PAID) return r.award;
        if (r.awardBps == 0) return 0;
        return BountyMath.awardDown(l.roots[rootOf(r, id)].base, r.awardBps);
    }

    function rootOf(Report storage r, bytes32 id) internal view returns (bytes32) {
        return r.rootId == 0 ? id : r.rootId;
    }

    /// @dev Frees what nobody has a share of; no share is given afterwards.
    function closeRoot(Ledger storage l, bytes32 rootId) internal returns (uint256 freed) {
        Root storage root = l.roots[rootId];
        freed = BountyMath.awardDown(root.base, BountyMath.BPS - root.awardedBps);
        root.awardedBps = uint16(BountyMath.BPS);
        l.liabilities -= freed.toUint160();
    }

    /* ENDS */

    function reject(Ledger storage l, bytes32 id) internal {
        Report storage r = l.reports[id];
        _releaseFloor(l, r);
        r.state = ReportState.REJECTED;
        emit IBountyVault.Rejected(id);
    }

    /// @dev Splits the award into what is due at once and what vests from now on. The liabilities hold both already.
    function pay(Report storage r, uint256 award, uint16 vestBps, uint32 vestSeconds)
        internal
        returns (uint256 due, uint256 rest)
    {
        rest = BountyMath.awardDown(award, vestBps);
        due = award - rest;
        (r.state, r.since) = (ReportState.PAID, uint40(block.timestamp));
        r.vestEnd = uint40(block.timestamp) + vestSeconds;
        (r.award, r.rest) = (award.toUint128(), rest.toUint128());
    }

    /// @dev What has vested since the last time.
    function vest(Report storage r) internal returns (uint256 vested) {
        vested = BountyMath.vestedDown(r.rest, r.since, r.vestEnd, block.timestamp);
        r.rest -= vested.toUint128();
        r.since = uint40(block.timestamp);
    }

    /// @dev Takes `bps` of what has not vested back.
    function clawBack(Ledger storage l, Report storage r, uint256 bps) internal returns (uint256 taken) {
        taken = BountyMath.awardDown(r.rest, bps);
        r.rest -= taken.toUint128();
        r.award -= taken.toUint128();
        l.liabilities -= taken.toUint160();
    }

    /* PRIVATE */

    // A root is named by its first report, so that no later one comes before it.
    function _join(Ledger storage l, Report storage r, bytes32 rootId) private {
        Report storage first = l.reports[rootId];
        bool later = isBefore(first.index, first.seq, r);
        if (l.roots[rootId].base == 0 || !later) revert IBountyVault.Bounty_BadRoot(rootId);
        r.rootId = rootId;
    }

    function _base(Ledger storage l, uint256 fundsAtRisk, Price memory p, uint256 balance)
        private
        view
        returns (uint256)
    {
        return BountyMath.baseDown(fundsAtRisk, p.bps, p.floor, p.cap, p.shareBps, freeOf(l, balance));
    }

    function _fix(Ledger storage l, Root storage root, uint256 base) private {
        if (base == 0) revert IBountyVault.Bounty_Reserved(0);
        (root.base, root.at) = (base.toUint128(), uint40(block.timestamp));
        l.liabilities += base.toUint160();
    }

    function _releaseFloor(Ledger storage l, Report storage r) private returns (uint256 floor) {
        floor = r.award;
        if (floor == 0) return 0;
        r.award = 0;
        l.liabilities -= uint160(floor);
    }
}

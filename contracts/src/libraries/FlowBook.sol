// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IFlowLimiter, Limit} from "../interfaces/IFlowLimiter.sol";
import {FlowMath} from "./FlowMath.sol";
import {BucketWord, FlowWords, ShareWord, SnapshotWord} from "./FlowWords.sol";
import {PauseBudget} from "./PauseBudget.sol";
import {Pause, PauseWord, PauseWordLib} from "./PauseWord.sol";

/// @notice What FlowLimiter keeps of one asset. Time for which its caps are lowered is bounded as that of a pause is, and
/// counted in a word of the same kind.
struct Book {
    BucketWord bucket;
    ShareWord share;
    SnapshotWord snapshot;
    PauseWord lowering;
}

using FlowBook for Book global;

/// @notice The words of an asset that are in force, and the end of a lowering, which no transaction brings about: whoever
/// reads the words after it finds the caps back and the level as the lowered cap left it then.
library FlowBook {
    using PauseBudget for Pause;
    using PauseWordLib for Pause;

    /* WORDS */

    function current(Book storage book) internal view returns (BucketWord bucket, ShareWord share) {
        (bucket, share) = (book.bucket, book.share);
        if (hasEnded(share)) return ended(book, bucket, share);
    }

    /// @dev As `current`, and writes what has come back. `bucket` is the book's.
    function settle(Book storage book, BucketWord bucket) internal returns (BucketWord, ShareWord share) {
        share = book.share;
        if (!hasEnded(share)) return (bucket, share);
        (bucket, share) = ended(book, bucket, share);
        (book.bucket, book.share) = (bucket, share);
        return (bucket, share);
    }

    function hasEnded(ShareWord share) private view returns (bool) {
        uint256 end = share.loweredUntil();
        return end != 0 && block.timestamp >= end;
    }

    function ended(Book storage book, BucketWord low, ShareWord lowShare)
        private
        view
        returns (BucketWord bucket, ShareWord share)
    {
        uint256 end = lowShare.loweredUntil();
        (uint256 level, uint256 part) = levelAt(book, low, lowShare, end);
        (bucket, share) = low.raise(lowShare);
        (bucket, share) = (bucket.withLevel(level, end), share.withPart(part));
    }

    /// @dev The limit that is in force when nothing is lowered.
    function unlowered(Book storage book) internal view returns (Limit memory) {
        (BucketWord bucket, ShareWord share) = current(book);
        if (share.loweredUntil() != 0) (bucket, share) = bucket.raise(share);
        return bucket.unpack(share);
    }

    /* LEVEL */

    function levelAt(Book storage book, BucketWord bucket, ShareWord share, uint256 when)
        internal
        view
        returns (uint256 level, uint256 part)
    {
        return levelBy(bucket, share, lagged(book, bucket, share, when), when);
    }

    /// @dev The level, and the part of a unit that has leaked beyond it, with a leak by `cap`.
    function levelBy(BucketWord bucket, ShareWord share, uint256 cap, uint256 when)
        internal
        pure
        returns (uint256 level, uint256 part)
    {
        return FlowMath.slowLevelAt(bucket.used(), share.part(), bucket.last(), cap, bucket.window(), when);
    }

    /// @dev Writes a level above zero with its `part`, or zero.
    function put(Book storage book, BucketWord bucket, ShareWord share, uint256 level, uint256 part) internal {
        book.bucket = bucket.withLevel(level, block.timestamp);
        if (level == 0) part = 0;
        if (part != share.part()) book.share = share.withPart(part);
    }

    /// @dev The cap that the level leaks by: that of the lagged balance, which no transaction moves.
    function lagged(Book storage book, BucketWord bucket, ShareWord share, uint256 when) internal view returns (uint256) {
        if (share.capBps() == 0) return bucket.capAbs();
        SnapshotWord s = book.snapshot;
        return capOf(bucket, share, FlowMath.snapshotAt(s.old(), s.young(), s.takenAt(), bucket.window(), when));
    }

    function capOf(BucketWord bucket, ShareWord share, uint256 tvl) internal pure returns (uint256) {
        return FlowMath.capOf(bucket.capAbs(), share.capBps(), Math.min(tvl, FlowWords.MAX_SNAPSHOT));
    }

    /* LOWERING */

    /// @dev Pays for a lowering until `until`, as far as its bounds reach: 72 h from its first second, and the budget of a
    /// pause. A running one never becomes shorter. Returns its end before, zero when none ran, and now.
    function charge(Book storage book, address asset, uint40 until) internal returns (uint40 before, uint40 end) {
        Pause memory p = book.lowering.unpack();
        uint40 nowAt = uint40(block.timestamp);
        p.settle(nowAt);
        if (nowAt < p.until) before = p.until;
        else p.startedAt = nowAt;
        uint256 reach = Math.max(before, Math.min(p.startedAt + PauseBudget.MAX_PAUSE, p.fastReach()));
        end = uint40(Math.max(before, Math.min(until, reach)));
        if (end <= nowAt) revert IFlowLimiter.Flow_BadLowering(asset, until, uint40(reach));
        p.chargeFast(end);
        p.until = end;
        book.lowering = p.pack();
    }

    /// @dev Gives up what was paid for: lowering again must pay again.
    function forgive(Book storage book) internal {
        Pause memory p = book.lowering.unpack();
        if (block.timestamp >= p.until) return;
        (p.until, p.startedAt, p.paidUntil) = (0, 0, 0);
        book.lowering = p.pack();
    }

    /// @dev The words just written go back to `back` at `end`.
    function keep(Book storage book, Limit memory back, uint256 end) internal {
        BucketWord base = FlowWords.packBucket(back, 0, 0);
        (book.bucket, book.share) = book.bucket.lower(book.share, end, base, back.capBpsOfTvl);
    }
}

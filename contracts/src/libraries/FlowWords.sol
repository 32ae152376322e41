// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {FlowMode, Limit} from "../interfaces/IFlowLimiter.sol";
import {FlowMath} from "./FlowMath.sol";

/// @notice The bucket of one asset in one word, so that an outflow reads and writes one slot. From the low end: used
/// 120, last 36, window 32, queues 1, hasMore 1, cap's exponent 6, cap's mantissa 60. A listed asset's word is never
/// zero, so that no later write pays for a new slot. `hasMore` sends whoever reads it on to the ShareWord: the cap is one of
/// a share too, it is lowered, or its leak is slow.
type BucketWord is uint256;

/// @notice What an outflow under a plain cap does not need: capBpsOfTvl 16, tripBps 16; and where the cap is lowered, until
/// when 40, and what it goes back to then: capBpsOfTvl 16, cap 66 as in a BucketWord. At 160, where the leak is slow, the
/// part of a unit that has leaked beyond the level, in 1 / window, 32. The highest bit is set, so that no flow pays for a
/// new slot.
type ShareWord is uint256;

/// @notice Two balances for the cap from TVL: `old` 108, `young` 108, and when `young` was recorded, 40.
type SnapshotWord is uint256;

using FlowWords for BucketWord global;
using FlowWords for ShareWord global;
using FlowWords for SnapshotWord global;

library FlowWords {
    /// A balance above this is recorded as this, which only lowers the cap.
    uint256 internal constant MAX_SNAPSHOT = 2 ** 108 - 1;
    /// A cap above this counts as this.
    uint256 internal constant MAX_CAP = 2 ** 120 - 1;

    uint256 private constant CAP_BITS = 60;
    uint256 private constant CAP_AT = 190;
    uint256 private constant HAS_MORE = 1 << 189;
    uint256 private constant LEVEL_MASK = 2 ** 156 - 1;
    uint256 private constant PART_AT = 160;
    uint256 private constant WRITTEN = 1 << 255;

    /* BUCKET */

    /// @dev The cap is rounded down to its 60 leading bits: by less than one part in 2^59, and not at all when it is
    /// a round decimal figure. `used_` is at most MAX_CAP: no level exceeds the largest cap that was in force.
    function packBucket(Limit memory l, uint256 used_, uint256 when) internal pure returns (BucketWord) {
        uint256 whole = Math.min(l.capAbs, MAX_CAP);
        uint256 exponent = Math.saturatingSub(whole == 0 ? 0 : Math.log2(whole) + 1, CAP_BITS);
        return marked(
            used_ | (when << 120) | (uint256(l.window) << 156) | (l.mode == FlowMode.QUEUE ? 1 << 188 : 0)
                | (exponent << 190) | ((whole >> exponent) << 196),
            l.capBpsOfTvl
        );
    }

    /// @dev `raw` has no mark yet.
    function marked(uint256 raw, uint256 bps) private pure returns (BucketWord) {
        BucketWord word = BucketWord.wrap(raw);
        bool more = bps > 0 || FlowMath.isSlow(capAbs(word), window(word));
        return BucketWord.wrap(raw | (more ? HAS_MORE : 0));
    }

    function withLevel(BucketWord word, uint256 used_, uint256 when) internal pure returns (BucketWord) {
        return BucketWord.wrap((BucketWord.unwrap(word) & ~LEVEL_MASK) | used_ | (when << 120));
    }

    function used(BucketWord word) internal pure returns (uint256) {
        return BucketWord.unwrap(word) & MAX_CAP;
    }

    function last(BucketWord word) internal pure returns (uint256) {
        return (BucketWord.unwrap(word) >> 120) & (2 ** 36 - 1);
    }

    function window(BucketWord word) internal pure returns (uint256) {
        return uint32(BucketWord.unwrap(word) >> 156);
    }

    function queues(BucketWord word) internal pure returns (bool) {
        return (BucketWord.unwrap(word) >> 188) & 1 != 0;
    }

    function hasMore(BucketWord word) internal pure returns (bool) {
        return BucketWord.unwrap(word) & HAS_MORE != 0;
    }

    function capAbs(BucketWord word) internal pure returns (uint256) {
        return (BucketWord.unwrap(word) >> 196) << ((BucketWord.unwrap(word) >> 190) & 63);
    }

    /* SHARE */

    function packShare(uint256 capBps_, uint256 tripBps_) internal pure returns (ShareWord) {
        return ShareWord.wrap(capBps_ | (tripBps_ << 16) | WRITTEN);
    }

    function capBps(ShareWord word) internal pure returns (uint256) {
        return uint16(ShareWord.unwrap(word));
    }

    function tripBps(ShareWord word) internal pure returns (uint256) {
        return uint16(ShareWord.unwrap(word) >> 16);
    }

    function part(ShareWord word) internal pure returns (uint256) {
        return uint32(ShareWord.unwrap(word) >> PART_AT);
    }

    function withPart(ShareWord word, uint256 part_) internal pure returns (ShareWord) {
        return ShareWord.wrap((ShareWord.unwrap(word) & ~(uint256(type(uint32).max) << PART_AT)) | (part_ << PART_AT));
    }

    /* LOWERING */

    /// @dev Zero where no cap is lowered.
    function loweredUntil(ShareWord word) internal pure returns (uint256) {
        return uint40(ShareWord.unwrap(word) >> 32);
    }

    /// @dev The words of `low`, lowered until `until`, which go back to `cap` of `base` and `bps` then.
    function lower(BucketWord low, ShareWord lowShare, uint256 until, BucketWord base, uint256 bps)
        internal
        pure
        returns (BucketWord, ShareWord)
    {
        uint256 back = (bps | ((BucketWord.unwrap(base) >> CAP_AT) << 16)) << 72;
        return (
            BucketWord.wrap(BucketWord.unwrap(low) | HAS_MORE),
            ShareWord.wrap(uint32(ShareWord.unwrap(lowShare)) | (until << 32) | back | WRITTEN)
        );
    }

    /// @dev What lowered words go back to.
    function raise(BucketWord low, ShareWord lowShare) internal pure returns (BucketWord, ShareWord) {
        uint256 back = ShareWord.unwrap(lowShare) >> 72;
        uint256 bps = uint16(back);
        uint256 rest = BucketWord.unwrap(low) & (HAS_MORE - 1);
        // What lies above the cap in `back` falls out at the top.
        return (marked(rest | ((back >> 16) << CAP_AT), bps), packShare(bps, lowShare.tripBps()));
    }

    function unpack(BucketWord word, ShareWord share) internal pure returns (Limit memory) {
        FlowMode mode = word.queues() ? FlowMode.QUEUE : FlowMode.REVERT;
        return Limit(
            uint128(word.capAbs()), uint16(share.capBps()), uint32(word.window()), mode, uint16(share.tripBps())
        );
    }

    /* SNAPSHOT */

    /// @dev Both balances saturate at MAX_SNAPSHOT.
    function packSnapshot(uint256 old_, uint256 young_, uint256 when) internal pure returns (SnapshotWord) {
        (old_, young_) = (Math.min(old_, MAX_SNAPSHOT), Math.min(young_, MAX_SNAPSHOT));
        return SnapshotWord.wrap(old_ | (young_ << 108) | (when << 216));
    }

    function old(SnapshotWord word) internal pure returns (uint256) {
        return SnapshotWord.unwrap(word) & MAX_SNAPSHOT;
    }

    function young(SnapshotWord word) internal pure returns (uint256) {
        return (SnapshotWord.unwrap(word) >> 108) & MAX_SNAPSHOT;
    }

    function takenAt(SnapshotWord word) internal pure returns (uint256) {
        return SnapshotWord.unwrap(word) >> 216;
    }
}

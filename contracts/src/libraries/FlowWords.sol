// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {FlowMode, Limit} from "../interfaces/IFlowLimiter.sol";

/// @notice The bucket of one asset in one word, so that an outflow reads and writes one slot. From the low end: used
/// 120, last 36, window 32, queues 1, hasShare 1, cap's exponent 6, cap's mantissa 60. A listed asset's word is never
/// zero, so that no later write pays for a new slot.
type BucketWord is uint256;

/// @notice What an outflow under a plain cap does not need: capBpsOfTvl 16, tripBps 16.
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
    uint256 private constant LEVEL_MASK = 2 ** 156 - 1;

    /* BUCKET */

    /// @dev The cap is rounded down to its 60 leading bits: by less than one part in 2^59, and not at all when it is
    /// a round decimal figure. `used_` is at most MAX_CAP: no level exceeds the largest cap that was in force.
    function packBucket(Limit memory l, uint256 used_, uint256 when) internal pure returns (BucketWord) {
        uint256 whole = Math.min(l.capAbs, MAX_CAP);
        uint256 exponent = Math.saturatingSub(whole == 0 ? 0 : Math.log2(whole) + 1, CAP_BITS);
        return BucketWord.wrap(
            used_ | (when << 120) | (uint256(l.window) << 156) | (l.mode == FlowMode.QUEUE ? 1 << 188 : 0)
                | (l.capBpsOfTvl > 0 ? 1 << 189 : 0) | (exponent << 190) | ((whole >> exponent) << 196)
        );
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

    function hasShare(BucketWord word) internal pure returns (bool) {
        return (BucketWord.unwrap(word) >> 189) & 1 != 0;
    }

    function capAbs(BucketWord word) internal pure returns (uint256) {
        return (BucketWord.unwrap(word) >> 196) << ((BucketWord.unwrap(word) >> 190) & 63);
    }

    /* SHARE */

    function packShare(uint256 capBps_, uint256 tripBps_) internal pure returns (ShareWord) {
        return ShareWord.wrap(capBps_ | (tripBps_ << 16));
    }

    function capBps(ShareWord word) internal pure returns (uint256) {
        return uint16(ShareWord.unwrap(word));
    }

    function tripBps(ShareWord word) internal pure returns (uint256) {
        return ShareWord.unwrap(word) >> 16;
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

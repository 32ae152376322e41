// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Cause, Status} from "../interfaces/IOracleAggregator.sol";
import {MarketWord} from "./MarketWords.sol";
import {Quote, WeightedMedian} from "./WeightedMedian.sol";

/// @notice What the fit feeds say together. With a cause there is no price; `bps` then tells by how much it failed.
struct Verdict {
    uint256 wad;
    uint40 at;
    Status status;
    Cause cause;
    uint8 live;
    uint256 bps;
}

/// @notice Turns the quotes of the fit feeds into a price or a refusal. Pure; the same in TypeScript
/// (`packages/core/src/risk/aggregatePrice.ts`), bit for bit.
library PriceVerdict {
    uint256 private constant BPS = 10_000;

    /// @dev Fills a fresh `v`. `sorted` holds `live` quotes; `suspect` tells that an average was left out; `anchor` is zero
    /// for none. No product overflows: prices are below 2^128, bounds below 2^17, BPS below 2^14.
    function decide(
        Verdict memory v,
        Quote[7] memory sorted,
        uint256 live,
        bool suspect,
        MarketWord m,
        uint256 anchor
    ) internal pure {
        v.live = uint8(live);
        if (live == 0 || live < m.quorum()) return refuse(v, Cause.QUORUM, 0);
        Quote middle = WeightedMedian.lowerMedian(sorted, live);
        (v.wad, v.at) = (middle.wad(), middle.time());
        if (suspect) v.status = Status.DEGRADED;
        unchecked {
            uint256 spread = sorted[live - 1].wad() - sorted[0].wad();
            if (spread * BPS > v.wad * m.maxSpreadBps()) {
                // One liar must not halt the market, nor may anyone open risk beside it.
                if (!majorityNear(sorted, live, v.wad, m)) return refuse(v, Cause.SPREAD, bpsUp(spread, v.wad));
                v.status = Status.DEGRADED;
            }
            if (anchor == 0 || !jumps(v.wad, anchor, m.maxJumpBps())) return;
        }
        if (confirmations(sorted, live, v.wad > anchor, anchor, m.maxJumpBps()) < m.jumpQuorum()) {
            return refuse(v, Cause.JUMP, distanceBpsUp(v.wad, anchor));
        }
        v.status = Status.DEGRADED;
    }

    /// @dev How far `wad` stands from `from`, in 1/10,000 of `from`, rounded up. Both are below 2^128.
    function distanceBpsUp(uint256 wad, uint256 from) internal pure returns (uint256) {
        return bpsUp(distance(wad, from), from);
    }

    /// @dev Whether at least the quorum, with more than half of the weight, stand within the spread of the median.
    function majorityNear(Quote[7] memory sorted, uint256 live, uint256 wad, MarketWord m) private pure returns (bool) {
        uint256 total;
        uint256 near;
        uint256 count;
        for (uint256 i; i < live; ++i) {
            uint256 weight = sorted[i].weight();
            total += weight;
            if (distance(sorted[i].wad(), wad) * BPS > wad * m.maxSpreadBps()) continue;
            near += weight;
            ++count;
        }
        return count >= m.quorum() && near * 2 > total;
    }

    /// @dev How many quotes lie beyond the anchor's band, on the same side as the result.
    function confirmations(Quote[7] memory sorted, uint256 live, bool up, uint256 anchor, uint256 maxJumpBps)
        private
        pure
        returns (uint256 count)
    {
        for (uint256 i; i < live; ++i) {
            uint256 wad = sorted[i].wad();
            if (wad > anchor == up && jumps(wad, anchor, maxJumpBps)) ++count;
        }
    }

    function jumps(uint256 wad, uint256 anchor, uint256 maxJumpBps) private pure returns (bool) {
        unchecked {
            return distance(wad, anchor) * BPS > anchor * maxJumpBps;
        }
    }

    function refuse(Verdict memory v, Cause cause, uint256 bps) private pure {
        (v.wad, v.at, v.status, v.cause, v.bps) = (0, 0, Status.HALTED, cause, bps);
    }

    function bpsUp(uint256 part, uint256 whole) private pure returns (uint256) {
        return Math.ceilDiv(part * BPS, whole);
    }

    function distance(uint256 a, uint256 b) private pure returns (uint256) {
        unchecked {
            return a > b ? a - b : b - a;
        }
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice A price with its time and weight, in one word that sorts by price. From the low end: weight 16, time 40,
/// 72 free, wad 128.
type Quote is uint256;

using WeightedMedian for Quote global;

/// @notice The weighted lower median of at most 7 quotes.
///
/// Why bad quotes of less than half the weight cannot move it out of the honest ones' range [a, b]. Were the median m
/// below a, all quotes up to m would be bad, and their weight times two would reach the total: they would hold half.
/// Were it above b, all quotes before m would, times two, not reach the total; they include every honest one, which
/// hold more than half. Ties are broken by the rest of the word, so the order of the feeds does not matter.
library WeightedMedian {
    function pack(uint256 wad_, uint256 time_, uint256 weight_) internal pure returns (Quote) {
        return Quote.wrap((wad_ << 128) | (time_ << 16) | weight_);
    }

    function wad(Quote quote) internal pure returns (uint256) {
        return Quote.unwrap(quote) >> 128;
    }

    function time(Quote quote) internal pure returns (uint40) {
        return uint40(Quote.unwrap(quote) >> 16);
    }

    function weight(Quote quote) internal pure returns (uint256) {
        return uint16(Quote.unwrap(quote));
    }

    /// @dev Puts `quote` in its place among the first `live` of `sorted`, which has room for one more.
    function insert(Quote[7] memory sorted, uint256 live, Quote quote) internal pure {
        unchecked {
            while (live > 0 && Quote.unwrap(sorted[live - 1]) > Quote.unwrap(quote)) {
                sorted[live] = sorted[live - 1];
                --live;
            }
        }
        sorted[live] = quote;
    }

    /// @dev The first of the first `live` of `sorted` whose cumulative weight times two reaches the total weight.
    /// `live` is not zero. Weights are below 2^16 and there are at most 7, so that no sum overflows.
    /// That quote is the first whose weight with all before it is at least the weight of all behind. It lies within
    /// [low, high] always: were the weight up to `low` at least that from `high` on, so were the weight up to the
    /// one before `high`; else `low` is too early.
    function lowerMedian(Quote[7] memory sorted, uint256 live) internal pure returns (Quote) {
        unchecked {
            uint256 low;
            uint256 high = live - 1;
            uint256 upToLow = sorted[0].weight();
            uint256 fromHigh = sorted[high].weight();
            while (low < high) {
                if (upToLow >= fromHigh) fromHigh += sorted[--high].weight();
                else upToLow += sorted[++low].weight();
            }
            return sorted[low];
        }
    }
}

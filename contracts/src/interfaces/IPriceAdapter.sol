// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title IPriceAdapter: one source's price of one pair, in one shape.
/// @notice An adapter is immutable, keeps no state and belongs to one (source, pair). It answers exactly 64 bytes. What
/// it cannot vouch for it says so by a price of zero, a fault, or a revert: the aggregator then leaves it out.
interface IPriceAdapter {
    /// @notice The source's price now.
    /// @param maxSpotTwapBps For sources with an average: how far the spot price may stand from it, in 1/10,000.
    /// @param twapWindow For sources with an average: the seconds that it covers.
    /// @param minTwapLiquidity For sources with an average: the least liquidity of the pool over the window.
    /// @return wad Units of quote for one unit of base, times 1e18, rounded down; zero when the source has no price.
    /// @return stamp From the low end: Unix time of the observation 40, confidence in 1/10,000 of the price 16, fault 8
    /// (see `PriceStamp`); the rest is zero.
    function read(uint16 maxSpotTwapBps, uint32 twapWindow, uint128 minTwapLiquidity)
        external
        view
        returns (uint256 wad, uint256 stamp);
}

/// @notice `IPriceAdapter.read` as seen by a caller that does not trust the answer: with no declared result the compiler
/// neither copies nor decodes what comes back, and leaves it in the return buffer.
interface IPriceProbe {
    function read(uint16 maxSpotTwapBps, uint32 twapWindow, uint128 minTwapLiquidity) external view;
}

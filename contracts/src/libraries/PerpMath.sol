// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";

/// @notice The formulas of ReferencePerp. Sizes in WAD of the base, positive long; prices in WAD; `unit` is what divides
/// size times price into units of the collateral: 10^(36 - decimals). A size is below 2^127 and a price below 2^128, so
/// that their product stays below 2^255.
library PerpMath {
    int256 internal constant WAD = 1e18;
    uint256 private constant DAY = 1 days;

    /// @dev What `size` is worth, rounded down: a short is worth at most its negative value.
    function valueDown(int256 size, uint256 wad, uint256 unit) internal pure returns (int256) {
        return divDown(size * int256(wad), unit);
    }

    /// @dev What `size` costs, rounded up.
    function valueUp(int256 size, uint256 wad, uint256 unit) internal pure returns (int256) {
        return -valueDown(-size, wad, unit);
    }

    /// @dev The notional of `size`, rounded up.
    function notionalUp(int256 size, uint256 wad, uint256 unit) internal pure returns (uint256) {
        return Math.ceilDiv(SignedMath.abs(size) * wad, unit);
    }

    /// @dev What a position of `size` owes since the index was `from`, rounded up.
    function owedUp(int256 size, int256 index, int256 from, uint256 unit) internal pure returns (int256) {
        return -divDown(-(size * (index - from)), unit);
    }

    /// @dev How far the funding index moves in `time` seconds: the side that is larger by `skew` pays `cap` of the price a
    /// day when the skew is as large as `scale`, in proportion below, and no more above. Rounded towards zero.
    function fundingStep(int256 skew, uint256 scale, uint256 cap, uint256 wad, uint256 time)
        internal
        pure
        returns (int256)
    {
        uint256 rate = Math.mulDiv(Math.min(SignedMath.abs(skew), scale), cap, scale);
        int256 step = int256(Math.mulDiv(rate * time, wad, uint256(WAD) * DAY));
        return skew < 0 ? -step : step;
    }

    /// @dev The price of a fill of `size`: half the impact of its own notional against whoever trades, at most half the
    /// price.
    function fillPrice(int256 size, uint256 wad, uint256 notional, uint256 depth) internal pure returns (uint256) {
        uint256 impact = Math.min(Math.mulDiv(wad, notional, 2 * depth, Math.Rounding.Ceil), wad / 2);
        return size > 0 ? wad + impact : wad - impact;
    }

    /// @dev The part of `cost` that belongs to `closed` of `size`, rounded towards zero.
    function costPart(int256 cost, uint256 closed, uint256 size) internal pure returns (int256) {
        return cost * int256(closed) / int256(size);
    }

    /// @dev The part of `size` that takes off `held`.
    function reducedBy(int256 held, int256 size) internal pure returns (int256) {
        if (held == 0 || (held > 0) == (size > 0)) return 0;
        return SignedMath.abs(size) <= SignedMath.abs(held) ? size : -held;
    }

    /// @dev `ratio`, WAD, of `notional`, rounded up.
    function shareUp(uint256 ratio, uint256 notional) internal pure returns (uint256) {
        return Math.mulDiv(ratio, notional, uint256(WAD), Math.Rounding.Ceil);
    }

    /// @dev Shares for `assets` of a pool, rounded down. The first `offset` shares and the first unit are virtual: they
    /// belong to nobody and keep whoever comes first from setting the price of a share.
    function toSharesDown(uint256 assets, uint256 pool, uint256 shares, uint256 offset)
        internal
        pure
        returns (uint256)
    {
        if (shares + offset == 0) return assets;
        return Math.mulDiv(assets, shares + offset, pool + Math.min(offset, 1));
    }

    /// @dev Assets for `part` of a pool's shares, rounded down.
    function toAssetsDown(uint256 part, uint256 pool, uint256 shares, uint256 offset) internal pure returns (uint256) {
        return Math.mulDiv(part, pool + Math.min(offset, 1), shares + offset);
    }

    /// @dev `x / unit`, rounded down, also below zero.
    function divDown(int256 x, uint256 unit) internal pure returns (int256) {
        int256 y = int256(unit);
        int256 q = x / y;
        return x % y < 0 ? q - 1 : q;
    }
}

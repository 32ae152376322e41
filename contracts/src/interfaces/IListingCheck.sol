// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {IListingOracle} from "./IListedMarket.sol";
import {IPostCheck} from "./IPostCheck.sol";

/// @notice What a new market must look like.
struct ListingPolicy {
    /// Its price must be OK under the id bytes32(bytes20(market)).
    IListingOracle oracle;
    /// Holds the first shares for good: an address that nobody can move them from.
    address seed;
    /// Shares that `seed` must hold, not zero.
    uint256 minSeed;
    /// The view that tells the exchange rate; it is called with `rateUnit` behind it, which one without arguments
    /// ignores: `convertToAssets(uint256)` of ERC-4626 or `exchangeRateStored()` of Compound.
    bytes4 rateSelector;
    uint256 rateUnit;
    /// Bounds of the exchange rate.
    uint256 rateMin;
    uint256 rateMax;
    /// Place of the market's address in the arguments of the listing call, from zero.
    uint8 argIndex;
}

/// @title ListingCheck: a market may be listed only with a seed, a sane rate and a price.
/// @notice Answers the empty-market thefts (Hundred Finance 2023, Sonne 2024): list and seed in one operation, or not.
/// @dev Codes: "call too short", "market has no code", "seed below minimum", "rate out of bounds", "price not OK".
interface IListingCheck is IPostCheck {
    /// @notice The policy would let an empty or unpriced market pass.
    error Listing_BadPolicy();

    /// @notice What a new market must look like.
    function policy() external view returns (ListingPolicy memory);
}

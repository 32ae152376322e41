// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

interface ISpot {
    function spotWad() external view returns (uint256);
    function twapWad(uint256 interval) external view returns (uint256);
}

/// @notice The index price of Curie's base token, read from one thin spot market: the shape of Curie's own
/// `IPriceFeedDispatcher`, so that `BaseToken` calls it unchanged.
contract SpotPriceFeed {
    ISpot public immutable spot;

    constructor(address spot_) {
        spot = ISpot(spot_);
    }

    function decimals() external pure returns (uint8) {
        return 18;
    }

    /// @notice The price now for interval 0, else the mean over `interval` seconds; WAD.
    function getDispatchedPrice(uint256 interval) external view returns (uint256) {
        return interval == 0 ? spot.spotWad() : spot.twapWad(interval);
    }

    /// @dev Curie calls this to let a feed cache its mean; this one computes it on demand.
    function dispatchPrice(uint256 interval) external {}
}

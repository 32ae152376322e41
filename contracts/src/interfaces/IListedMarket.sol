// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title What ListingCheck reads of a market's share token. Every ERC-20 has it.
interface IListedMarket {
    /// @return All shares.
    function totalSupply() external view returns (uint256);

    /// @return The shares of `account`.
    function balanceOf(address account) external view returns (uint256);
}

/// @title What ListingCheck reads of the oracle; OracleAggregator has it.
interface IListingOracle {
    /// @notice The price of `market`, without reverting. `status` zero is OK.
    function tryPrice(bytes32 market) external view returns (bool ok, uint256 wad, uint40 at, uint8 status);
}

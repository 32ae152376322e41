// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title What is read of a Chainlink price feed (AggregatorV3Interface, https://docs.chain.link/data-feeds/api-reference).
interface IChainlinkFeed {
    /// @notice The decimals of `answer`.
    function decimals() external view returns (uint8);

    /// @notice The last answer, and when it was written.
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
}

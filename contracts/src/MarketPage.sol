// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title MarketPage: the rules and feeds of one market of an OracleAggregator, as code.
/// @notice They change only when the timelock sets the market anew, which writes a new page. Reading one costs a cold
/// account, about as much as one cold slot, where the words in storage would cost a slot each.
/// @dev Made and read by the aggregator alone; it holds nothing and calls nobody.
contract MarketPage {
    /// How long the last committed price serves, in seconds: needed only where the feeds give no price.
    uint32 public immutable maxFallbackAge;

    uint256 private immutable RULES;
    uint256 private immutable FEED_0;
    uint256 private immutable FEED_1;
    uint256 private immutable FEED_2;
    uint256 private immutable FEED_3;
    uint256 private immutable FEED_4;
    uint256 private immutable FEED_5;
    uint256 private immutable FEED_6;

    /// @param rules A MarketWord. @param feeds FeedWords, zero behind the last.
    constructor(uint32 maxFallbackAge_, uint256 rules, uint256[7] memory feeds) {
        (maxFallbackAge, RULES) = (maxFallbackAge_, rules);
        (FEED_0, FEED_1, FEED_2, FEED_3) = (feeds[0], feeds[1], feeds[2], feeds[3]);
        (FEED_4, FEED_5, FEED_6) = (feeds[4], feeds[5], feeds[6]);
    }

    /// @notice The rules, then each feed. Eight results and not an array, which would be copied in a loop on both sides.
    function words()
        external
        view
        returns (uint256, uint256, uint256, uint256, uint256, uint256, uint256, uint256)
    {
        return (RULES, FEED_0, FEED_1, FEED_2, FEED_3, FEED_4, FEED_5, FEED_6);
    }
}

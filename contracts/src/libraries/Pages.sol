// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Feed, IOracleAggregator, Market} from "../interfaces/IOracleAggregator.sol";
import {MarketPage} from "../MarketPage.sol";
import {CreatedAddress} from "./CreatedAddress.sol";
import {FeedWord, FeedWordLib, MarketWordLib} from "./MarketWords.sol";

/// @notice Writes and finds market pages. The number of a page is that of its creation: the pages are all that their
/// writer creates.
library Pages {
    uint256 private constant MAX = type(uint16).max;

    function write(uint256 number, uint32 maxFallbackAge, Market calldata rules, Feed[] calldata feeds) internal {
        if (number > MAX) revert IOracleAggregator.Oracle_PagesFull(MAX);
        uint256[7] memory packed;
        for (uint256 i; i < feeds.length; ++i) packed[i] = FeedWord.unwrap(FeedWordLib.pack(feeds[i]));
        uint256 word = MarketWordLib.pack(rules).raw();
        address page = address(new MarketPage(maxFallbackAge, word, packed));
        address expected = address(at(number));
        if (page != expected) revert IOracleAggregator.Oracle_PageElsewhere(page, expected);
    }

    /// @dev The rules of page `number`, then each feed.
    function read(uint256 number) internal view returns (uint256[8] memory words) {
        (words[0], words[1], words[2], words[3], words[4], words[5], words[6], words[7]) =
            MarketPage(CreatedAddress.locate(address(this), number)).words();
    }

    function at(uint256 number) internal view returns (MarketPage) {
        return MarketPage(CreatedAddress.locate(address(this), number));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Feed, IOracleAggregator, Market} from "../interfaces/IOracleAggregator.sol";
import {MarketPage} from "../MarketPage.sol";
import {FeedWord, FeedWordLib, MarketWordLib} from "./MarketWords.sol";

/// @notice Writes and finds market pages. The number of a page is the nonce of its creation: a contract's first creation
/// has nonce 1 (EIP-161), and the pages are all that their writer creates.
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
        (words[0], words[1], words[2], words[3], words[4], words[5], words[6], words[7]) = at(number).words();
    }

    /// @dev The last 20 bytes of keccak256(rlp([this, number])); the list and the number are below 56 bytes.
    function at(uint256 number) internal view returns (MarketPage) {
        bytes memory rlp;
        uint256 short = (0xd694 << 168) | (uint256(uint160(address(this))) << 8) | number;
        if (number < 0x80) rlp = abi.encodePacked(uint184(short));
        else if (number < 0x100) rlp = abi.encodePacked(bytes2(0xd794), address(this), bytes1(0x81), uint8(number));
        else rlp = abi.encodePacked(bytes2(0xd894), address(this), bytes1(0x82), uint16(number));
        return MarketPage(address(uint160(uint256(keccak256(rlp)))));
    }
}

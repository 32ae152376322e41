// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Kind} from "../interfaces/ILatencyBuffer.sol";

/// @notice A kind but for its market, in one word. From the low end: handler 160, minBlocks 16, minSeconds 32, window 32,
/// number 8.
type KindWord is uint256;

using KindWordLib for KindWord global;

library KindWordLib {
    function pack(Kind calldata kind, uint8 number_) internal pure returns (KindWord) {
        return KindWord.wrap(
            uint160(kind.handler) | (uint256(kind.minBlocks) << 160) | (uint256(kind.minSeconds) << 176)
                | (uint256(kind.window) << 208) | (uint256(number_) << 240)
        );
    }

    function unpack(KindWord word, bool closed, bytes32 market) internal pure returns (Kind memory) {
        (uint256 blocks, uint256 time) = (minBlocks(word), minSeconds(word));
        return Kind(handler(word), uint16(blocks), uint32(time), uint32(window(word)), closed, market);
    }

    function handler(KindWord word) internal pure returns (address) {
        return address(uint160(KindWord.unwrap(word)));
    }

    function minBlocks(KindWord word) internal pure returns (uint256) {
        return uint16(KindWord.unwrap(word) >> 160);
    }

    function minSeconds(KindWord word) internal pure returns (uint256) {
        return uint32(KindWord.unwrap(word) >> 176);
    }

    function window(KindWord word) internal pure returns (uint256) {
        return uint32(KindWord.unwrap(word) >> 208);
    }

    function number(KindWord word) internal pure returns (uint256) {
        return KindWord.unwrap(word) >> 240;
    }
}

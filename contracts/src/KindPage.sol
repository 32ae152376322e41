// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {KindWord} from "./libraries/KindWord.sol";

/// @title KindPage: one kind of a LatencyBuffer, as code.
/// @notice A kind never changes once set. Reading a page costs a cold account, less than the two slots it would take.
/// @dev Made and read by the buffer alone; it holds nothing and calls nobody.
contract KindPage {
    KindWord private immutable KIND;
    bytes32 private immutable MARKET;

    constructor(KindWord kind, bytes32 market) {
        (KIND, MARKET) = (kind, market);
    }

    /// @notice The kind, and the market that gives its price.
    function words() external view returns (KindWord, bytes32) {
        return (KIND, MARKET);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPriceAdapter} from "../../interfaces/IPriceAdapter.sol";
import {Status} from "../../interfaces/IOracleAggregator.sol";

/// @title NaiveOracle: one source, whatever it says, however old.
contract NaiveOracle {
    IPriceAdapter public immutable source;

    constructor(IPriceAdapter source_) {
        source = source_;
    }

    function tryPrice(bytes32) external view returns (bool, uint256, uint40, Status) {
        return (true, _price(), uint40(block.timestamp), Status.OK);
    }

    /// @notice The price now: there are no rounds.
    function roundAt(bytes32, uint64) external view returns (uint128, uint40) {
        return (uint128(_price()), uint40(block.timestamp));
    }

    function lastRound(bytes32) external pure returns (uint64) {
        return 1;
    }

    function commit(bytes32) external pure returns (uint64) {
        return 1;
    }

    function _price() private view returns (uint256 wad) {
        (wad,) = source.read(0, 0, 0);
    }
}

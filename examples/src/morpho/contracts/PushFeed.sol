// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IChainlinkFeed} from "../../../../contracts/src/interfaces/IChainlinkFeed.sol";

/// @notice A feed of Chainlink's shape whose answers one reporter writes.
contract PushFeed is IChainlinkFeed {
    address public immutable reporter;
    uint8 public constant decimals = 8;
    uint80 private _round;
    int256 private _answer;
    uint256 private _updatedAt;

    error Feed_NotReporter(address caller);

    constructor(address reporter_, int256 answer) {
        reporter = reporter_;
        (_round, _answer, _updatedAt) = (1, answer, block.timestamp);
    }

    function report(int256 answer) external {
        if (msg.sender != reporter) revert Feed_NotReporter(msg.sender);
        (_round, _answer, _updatedAt) = (_round + 1, answer, block.timestamp);
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return (_round, _answer, _updatedAt, _updatedAt, _round);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Fault} from "../../../src/interfaces/IOracleAggregator.sol";
import {IChainlinkFeed} from "../../../src/interfaces/IChainlinkFeed.sol";
import {IPriceAdapter} from "../../../src/interfaces/IPriceAdapter.sol";
import {PriceStamp} from "../../../src/libraries/PriceStamp.sol";

/// How the keepers of a feed are.
enum Keepers {
    HONEST,
    IDLE,
    WRONG
}

/// A feed of Chainlink's shape with 8 decimals, kept by its owner.
contract PriceFeed is IChainlinkFeed {
    address public owner;
    uint8 public constant decimals = 8;
    int256 private _answer;
    uint256 private _updatedAt;

    error PriceFeed_NotOwner(address caller);

    constructor() {
        owner = msg.sender;
    }

    function set(int256 answer) external {
        if (msg.sender != owner) revert PriceFeed_NotOwner(msg.sender);
        (_answer, _updatedAt) = (answer, block.timestamp);
    }

    /// Whoever bought the feed's keepers owns it.
    function give(address owner_) external {
        if (msg.sender != owner) revert PriceFeed_NotOwner(msg.sender);
        owner = owner_;
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return (1, _answer, _updatedAt, _updatedAt, 1);
    }
}

/// The feed's answer, whatever it is and however old.
contract FeedSource is IPriceAdapter {
    IChainlinkFeed public immutable feed;

    constructor(IChainlinkFeed feed_) {
        feed = feed_;
    }

    function read(uint16, uint32, uint128) external view returns (uint256, uint256) {
        (, int256 answer,,,) = feed.latestRoundData();
        return (uint256(answer) * 1e10, PriceStamp.pack(uint40(block.timestamp), 0, Fault.NONE));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IListingOracle} from "../interfaces/IListedMarket.sol";

/// A market whose figures tests set.
contract MockListedMarket {
    uint256 public totalSupply;
    uint256 public rate = 1e18;
    mapping(address account => uint256) public balanceOf;

    function mint(address to, uint256 shares) external {
        totalSupply += shares;
        balanceOf[to] += shares;
    }

    function setRate(uint256 rate_) external {
        rate = rate_;
    }

    function convertToAssets(uint256 shares) external view returns (uint256) {
        return shares * rate / 1e18;
    }

    function exchangeRateStored() external view returns (uint256) {
        return rate;
    }
}

/// Lists markets for its owner, and counts calls.
contract MockLister {
    address public immutable owner;
    mapping(address market => uint256 factor) public factors;
    uint256 public calls;
    uint256 public value;

    constructor(address owner_) {
        owner = owner_;
    }

    function list(uint256, address market) external {
        require(msg.sender == owner, "not owner");
        factors[market] = 1;
        ++calls;
    }

    function setFactor(address market, uint256 factor) external {
        require(msg.sender == owner, "not owner");
        require(factors[market] > 0 && factor < 100, "not listed or too high");
        factors[market] = factor;
        ++calls;
    }

    function pay() external payable {
        value += msg.value;
        ++calls;
    }
}

/// An oracle that answers what it is told.
contract MockListingOracle is IListingOracle {
    mapping(bytes32 market => bool) public known;
    uint8 public status;

    function set(bytes32 market, bool known_, uint8 status_) external {
        known[market] = known_;
        status = status_;
    }

    function tryPrice(bytes32 market) external view returns (bool, uint256, uint40, uint8) {
        return known[market] ? (true, 1e18, uint40(block.timestamp), status) : (false, 0, 0, uint8(3));
    }
}

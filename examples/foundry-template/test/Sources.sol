// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IChainlinkFeed} from "@testudo/contracts/src/interfaces/IChainlinkFeed.sol";

/// A token that anyone may mint.
contract Coin is ERC20 {
    constructor(string memory name_) ERC20(name_, name_) {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// A feed of Chainlink's shape that says what it is told.
contract ReportedFeed is IChainlinkFeed {
    uint8 public constant decimals = 8;
    int256 private _answer;
    uint256 private _updatedAt;

    constructor(int256 answer) {
        report(answer);
    }

    function report(int256 answer) public {
        (_answer, _updatedAt) = (answer, block.timestamp);
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return (1, _answer, _updatedAt, _updatedAt, 1);
    }
}

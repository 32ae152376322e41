// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// A plain token: what a transfer costs and logs is what it costs everywhere.
contract Token {
    event Transfer(address indexed from, address indexed to, uint256 value);

    mapping(address => uint256) public balanceOf;
    uint256 public totalSupply;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
        totalSupply += amount;
        emit Transfer(address(0), to, amount);
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
        emit Transfer(msg.sender, to, amount);
        return true;
    }
}

/// What the detectors protect. `pay` is the traffic of the back-scan, `take` the theft of the latency run.
contract Treasury {
    Token public immutable token;
    uint256 public price = 2_000e8;
    uint256 public debt = 1e24;

    constructor(Token token_) {
        token = token_;
    }

    /// What the detectors of derivatives read of a market: when its price was set, and the position of an account.
    function pricedAt() external view returns (uint256) {
        return block.timestamp;
    }

    function positionOf(address account) external pure returns (int256 size, uint256 collateral) {
        return (uint160(account) % 2 == 0 ? int256(1e18) : -1e18, 1_000e18);
    }

    /// Five transfers of one unit to holders out of a thousand.
    function pay(uint256 seed) external {
        for (uint256 i = 0; i < 5; ++i) {
            token.transfer(address(uint160(0xb0000000000000000000 + (seed * 5 + i) % 1000)), 1);
        }
    }

    /// Sends `bps` of what is held to the caller, who pays nothing for it.
    function take(uint256 bps) external {
        token.transfer(msg.sender, token.balanceOf(address(this)) * bps / 10_000);
    }
}

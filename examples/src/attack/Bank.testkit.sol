// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;

// A bank that can be robbed in two ways: it pays before it takes note, a day after a deposit, and anybody may sweep its coins.

contract Coin {
    mapping(address => uint256) public balanceOf;

    constructor() {
        balanceOf[msg.sender] = 500e6;
    }

    function transfer(address to, uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
    }
}

contract Bank {
    mapping(address => uint256) public deposited;
    mapping(address => uint256) public since;
    Coin public immutable coin = new Coin();

    constructor() payable {}

    function deposit() external payable {
        deposited[msg.sender] += msg.value;
        since[msg.sender] = block.timestamp;
    }

    function withdraw() external {
        require(block.timestamp >= since[msg.sender] + 1 days, "early");
        (bool ok,) = msg.sender.call{value: deposited[msg.sender]}("");
        require(ok, "refused");
        deposited[msg.sender] = 0;
    }

    function sweep(address to) external {
        coin.transfer(to, coin.balanceOf(address(this)));
    }
}

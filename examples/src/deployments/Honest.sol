// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Erc20} from "../incidents/Erc20.sol";

interface Spending {
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

/// Says whether a protocol still holds what it held when this was made.
contract Lookout {
    address private immutable protocol;
    Erc20 private immutable token;
    uint256 private immutable held;
    uint256 public alarms;

    constructor(address protocol_, Erc20 token_) {
        protocol = protocol_;
        token = token_;
        held = token_.balanceOf(protocol_);
    }

    function isCalm() public view returns (bool) {
        return token.balanceOf(protocol) >= held;
    }

    function check() external {
        if (!isCalm()) alarms += 1;
    }
}

/// Keeps what people put in, and sends a part of it to a protocol when they say so.
contract Savings {
    address private immutable protocol;
    Erc20 private immutable token;
    mapping(address who => uint256 amount) public saved;

    error Savings_NotMoved();

    constructor(address protocol_, Erc20 token_) {
        protocol = protocol_;
        token = token_;
    }

    function save(uint256 amount) external {
        saved[msg.sender] += amount;
        if (!Spending(address(token)).transferFrom(msg.sender, address(this), amount)) revert Savings_NotMoved();
    }

    function take(uint256 amount) external {
        saved[msg.sender] -= amount;
        token.transfer(msg.sender, amount);
    }

    function give(uint256 amount) external {
        saved[msg.sender] -= amount;
        token.transfer(protocol, amount);
    }
}

/// Pays wages out of what it has, for its maker.
contract Payroll {
    address private immutable maker = msg.sender;
    address private immutable protocol;
    Erc20 private immutable token;
    mapping(address who => uint256 wage) private wages;

    error Payroll_NotMaker();
    error Payroll_NotSent();

    constructor(address protocol_, Erc20 token_) {
        protocol = protocol_;
        token = token_;
    }

    receive() external payable {}

    function set(address who, uint256 wage) external {
        if (msg.sender != maker) revert Payroll_NotMaker();
        wages[who] = wage;
    }

    function pay(address who) external {
        token.transfer(who, wages[who]);
    }

    function payEther(address payable who, uint256 amount) external {
        if (msg.sender != maker) revert Payroll_NotMaker();
        (bool sent,) = who.call{value: amount}("");
        if (!sent) revert Payroll_NotSent();
    }

    function invest(uint256 amount) external {
        if (msg.sender != maker) revert Payroll_NotMaker();
        token.transfer(protocol, amount);
    }
}

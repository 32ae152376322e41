// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SelectorBreaker} from "../SelectorBreaker.sol";

/// A protected contract with the mixin; `plain` is `withdraw` without it.
contract MockVault is SelectorBreaker {
    uint256 public total = 1;

    constructor(address controller) SelectorBreaker(controller) {}

    function withdraw(uint256 amount) external whenLive {
        total += amount;
    }

    function borrow(uint256 amount) external whenLive {
        total += amount;
    }

    function repay(uint256 amount) external whenLive {
        total += amount;
    }

    function plain(uint256 amount) external {
        total += amount;
    }
}

/// The same functions without the modifier, to measure what it costs.
contract MockBareVault is SelectorBreaker {
    uint256 public total = 1;

    constructor(address controller) SelectorBreaker(controller) {}

    function withdraw(uint256 amount) external {
        total += amount;
    }

    function borrow(uint256 amount) external {
        total += amount;
    }

    function repay(uint256 amount) external {
        total += amount;
    }

    function plain(uint256 amount) external {
        total += amount;
    }
}

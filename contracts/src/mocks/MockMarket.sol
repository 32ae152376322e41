// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Guarded} from "../Guarded.sol";
import {ICircuitBreaker} from "../interfaces/ICircuitBreaker.sol";

/// A protected contract that asks an external breaker.
contract MockMarket is Guarded {
    uint256 public total = 1;

    constructor(ICircuitBreaker breaker) Guarded(breaker) {}

    function withdraw(uint256 amount) external whenAllowed {
        total += amount;
    }

    function repay(uint256 amount) external whenNotHalted {
        total += amount;
    }

    function plain(uint256 amount) external {
        total += amount;
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Guarded} from "../Guarded.sol";
import {ICircuitBreaker} from "../interfaces/ICircuitBreaker.sol";

/// A market that names the breaker, forgot to ask it before a withdrawal, and asks for `borrow` in `repay`.
contract MockForgetfulMarket is Guarded {
    uint256 public total = 1;

    constructor(ICircuitBreaker breaker) Guarded(breaker) {}

    function withdraw(uint256 amount) external {
        total += amount;
    }

    function borrow(uint256 amount) external whenAllowed {
        total += amount;
    }

    function repay(uint256 amount) external {
        circuitBreaker.check(address(this), this.borrow.selector, "");
        total += amount;
    }

    /// As `repay`, and says something else of it.
    function close(uint256 amount) external {
        try circuitBreaker.check(address(this), this.borrow.selector, "") {} catch { revert("closed"); }
        total += amount;
    }

    function settle(uint256 amount) external {
        require(amount > 0, "nothing to settle");
        total += amount;
    }

    /// Looks at its caller and its arguments before it asks.
    function seize(address keeper, uint256[] calldata amounts) external {
        require(msg.sender == keeper && amounts.length > 0, "not the keeper");
        _seize(amounts[0]);
    }

    function _seize(uint256 amount) private whenAllowed {
        total += amount;
    }
}

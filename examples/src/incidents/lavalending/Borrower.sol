// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Erc20} from "../Erc20.sol";
import {LendingPool} from "../LendingPool.sol";

/// An account of its own at the lending pool; what it borrows goes to whoever asked for it.
contract Borrower {
    function deposit(LendingPool pool, Erc20 token, uint256 amount) external {
        token.approve(address(pool), amount);
        pool.deposit(address(token), amount, address(this), 0);
    }

    function borrow(LendingPool pool, Erc20 token, uint256 amount) external {
        pool.borrow(address(token), amount, 2, 0, address(this));
        token.transfer(msg.sender, amount);
    }
}

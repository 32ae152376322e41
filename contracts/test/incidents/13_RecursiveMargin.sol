// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Deed} from "./Attack.sol";
import {Crew} from "./Crew.sol";
import {World} from "./worlds/World.sol";

/// A long and a short. The market moves a little, honestly; the winner's unrealised profit is margin, and so is margin
/// that opened a position before: he takes both out, opens another pair with them, takes it out again, eight times in
/// one transaction. Whichever way the market goes from there one of each pair wins; it comes back, and what every
/// loser owes is bad debt. Mechanism of Mango 2022 without its pump. Stopped by the gate, as a position keeps its
/// initial margin whatever was done with it, and by the calibrator's part of a profit.
contract RecursiveMargin is Crew {
    int128 private constant SIZE = 280e18;
    int128 private constant SMALL = 20e18;

    constructor(World world_) Crew(world_) {}

    function naiveLoss() external pure override returns (uint256) {
        return 250_000 * USD;
    }

    function bound() external pure override returns (uint256) {
        return 0;
    }

    function capital() external pure override returns (uint256, uint256) {
        return (120_000 * USD, 0);
    }

    function steps() external pure override returns (uint256) {
        return 8;
    }

    /// For the oracle's mean to have followed.
    function waitBefore(uint256 step) external pure override returns (uint256) {
        return step == 3 || step == 6 ? 1 hours : 12;
    }

    function others(uint256 step) external view override returns (Deed[] memory deeds) {
        if (step != 2 && step != 5) return deeds;
        deeds = new Deed[](1);
        uint256 wad = step == 2 ? moved() : 2_000e18;
        deeds[0] = Deed(address(world), abi.encodeCall(world.setHonest, (wad)), false);
    }

    /// Where the market goes before it comes back.
    function moved() public view virtual returns (uint256) {
        return 2_100e18;
    }

    function _step(uint256 step) internal override {
        bool isHardened = world.isHardened();
        if (step == 0) _pair(51_000 * USD, 250e18);
        if (step == 1 || step == 4) _fill();
        if (step == 3) {
            _harvest();
            for (uint256 i; i < (isHardened ? 2 : 8); ++i) _again();
        }
        if (step == 4 || step == 6) _harvest();
        if (step < 7 || !isHardened) return;
        for (uint256 i; i < accounts.length; ++i) _closeOf(accounts[i]);
    }

    /// The same money as the margin of another pair.
    function _again() private {
        _pair(60_000 * USD, SIZE);
        _harvest();
    }

    function _pair(uint256 margin, int128 size) private {
        if (world.isHardened()) (margin, size) = (12_000 * USD, SMALL);
        _order(_hire(margin), size);
        _order(_hire(margin), -size);
        _fill();
    }

    /// Takes out of every position what it lets go.
    function _harvest() private {
        for (uint256 i; i < accounts.length; ++i) {
            if (perp.positionOf(address(accounts[i]), MARKET).size != 0) _drain(accounts[i]);
        }
    }
}

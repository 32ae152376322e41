// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Attack, Deed} from "./Attack.sol";
import {Actor} from "./worlds/Actor.sol";
import {World} from "./worlds/World.sol";

/// Users who are kept from leaving while the market falls 4 % every ten minutes, and are liquidated at its end. What
/// they lose is what they had when they wanted to leave, less what they end up with.
abstract contract FrozenUsers is Attack {
    uint256 internal constant WANTS_OUT = 4;
    uint256 internal constant LAST = 13;
    Actor internal immutable victim;
    uint256 private _could;

    constructor(World world_) Attack(world_) {
        victim = world_.longTrader();
    }

    function steps() external pure override returns (uint256) {
        return LAST + 1;
    }

    function waitBefore(uint256 step) external pure virtual override returns (uint256) {
        return step == 0 ? 12 : 601;
    }

    /// The market falls; after three moves the victim closes, if he can.
    function others(uint256 step) public view virtual override returns (Deed[] memory deeds) {
        if (step == 0) return deeds;
        deeds = new Deed[](1);
        bytes memory close = abi.encodeCall(perp.closePosition, (MARKET, 0));
        deeds[0] = step == WANTS_OUT
            ? Deed(address(world), abi.encodeCall(world.direct, (victim, address(perp), close)), true)
            : Deed(address(world), abi.encodeCall(world.setHonest, (_fallen())), false);
    }

    function lost() public view override returns (uint256) {
        uint256 have = world.wealthOf(address(victim));
        return _could > have ? _could - have : 0;
    }

    function _step(uint256 step) internal override {
        if (step < WANTS_OUT) _freeze(step);
        if (step == WANTS_OUT) _could = world.wealthOf(address(victim));
        if (step > WANTS_OUT) perp.liquidate(address(victim), MARKET, type(uint256).max);
    }

    function _freeze(uint256 step) internal virtual;

    function _fallen() internal view virtual returns (uint256) {
        return world.honestWad() * 96 / 100;
    }

    /// What keeps them in: the ways that only reduce risk.
    function _ways() internal view returns (bytes4[] memory list) {
        list = new bytes4[](2);
        (list[0], list[1]) = (perp.addMargin.selector, perp.closePosition.selector);
    }
}

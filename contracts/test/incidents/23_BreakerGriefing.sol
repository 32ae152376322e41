// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Deed} from "./Attack.sol";
import {FrozenUsers} from "./FrozenUsers.sol";
import {GlobalBreaker} from "./worlds/GlobalBreaker.sol";
import {NaiveAdmin} from "./worlds/NaiveAdmin.sol";
import {NaiveWorld} from "./worlds/NaiveWorld.sol";
import {World} from "./worlds/World.sol";

/// Somebody's own money goes in and out, and the breaker takes that for an attack: nobody can give margin or close, the
/// market falls, and users are liquidated. ERC-7265's reference freezes all assets by one flag that any large outflow
/// sets. CircuitBreaker pauses the two selectors through which value leaves, for twelve hours, within a budget; what
/// reduces risk is exempt.
contract BreakerGriefing is FrozenUsers {
    uint256 internal constant OWN = 250_000 * USD;
    GlobalBreaker private immutable global;

    constructor(World world_) FrozenUsers(world_) {
        if (world_.isHardened()) return;
        global = new GlobalBreaker(perp, NaiveWorld(address(world_)).admin(), usd);
    }

    function naiveLoss() external pure override returns (uint256) {
        return 5_600 * USD;
    }

    /// Nobody loses. What is bounded is time: who leaves with 80 % of the cap shuts withdrawals for 12 h, at most 14 times
    /// and 168 h in any 30 days. That takes 40,000 the first time and again after a day, 25,000 when the pause before has
    /// just ended: 500,000 that are parked inside before and come out, and nothing of it is spent.
    function bound() external pure override returns (uint256) {
        return 0;
    }

    function capital() external pure override returns (uint256, uint256) {
        return (OWN, 0);
    }

    function others(uint256 step) public view override returns (Deed[] memory deeds) {
        if (step > 0 || world.isHardened()) return super.others(step);
        deeds = new Deed[](1);
        address admin = address(NaiveWorld(address(world)).admin());
        bytes memory give = abi.encodeCall(NaiveAdmin.give, (address(global)));
        deeds[0] = Deed(address(world), abi.encodeCall(world.speak, (admin, give)), false);
    }

    function _freeze(uint256 step) internal override {
        if (!world.isHardened()) {
            if (step == 0) _freezeAll();
            return;
        }
        // The limiter gives no level to what comes and goes in one transaction, so that it takes two.
        if (step == 0) perp.deposit(OWN);
        if (step == 1) _shut();
    }

    /// Leaves with what fills the bucket, and pokes.
    function _shut() internal {
        (uint256 level, uint256 cap) = limiter.levelOf(address(usd));
        uint256 trip = cap * limiter.limitOf(address(usd)).tripBps / 10_000;
        if (trip > level) perp.withdraw(trip - level);
        limiter.poke(address(usd));
    }

    function _freezeAll() private {
        perp.deposit(OWN);
        global.mark();
        perp.withdraw(OWN);
        global.trip();
    }
}

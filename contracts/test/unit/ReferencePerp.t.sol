// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order, Position} from "../../src/interfaces/IReferencePerp.sol";
import {Base} from "../Base.t.sol";
import {HardenedWorld} from "../incidents/worlds/HardenedWorld.sol";
import {NaiveWorld, Source} from "../incidents/worlds/NaiveWorld.sol";
import {World} from "../incidents/worlds/World.sol";

contract ReferencePerpTest is Base {
    HardenedWorld internal hardened;
    NaiveWorld internal naive;

    function setUp() public {
        address[] memory guardians = new address[](5);
        for (uint256 i; i < 5; ++i) guardians[i] = vm.addr(i + 1);
        hardened = new HardenedWorld(guardians);
        build(hardened);
        naive = new NaiveWorld(Source.SPOT);
        build(naive);
    }

    function build(World world) internal {
        for (uint256 i; i < world.STAGES(); ++i) {
            vm.warp(vm.getBlockTimestamp() + world.waitBefore(i));
            vm.roll(vm.getBlockNumber() + 1);
            world.build(i);
        }
    }

    function test_PERP_01_bothTwinsStand() public view {
        eq(hardened.perp().positionOf(address(hardened.longTrader()), "BASE/USD").size > 0 ? 1 : 0, 1, "open");
        eq(naive.perp().positionOf(address(naive.longTrader()), "BASE/USD").size > 0 ? 1 : 0, 1, "open");
    }
}

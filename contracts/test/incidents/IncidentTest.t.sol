// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Feed, IOracleAggregator, Market} from "../../src/interfaces/IOracleAggregator.sol";
import {Why} from "../../src/libraries/Why.sol";
import {Base} from "../Base.t.sol";
import {Attack, Deed} from "./Attack.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {NaiveWorld, Source} from "./worlds/NaiveWorld.sol";
import {Signers} from "./worlds/Signers.sol";
import {World} from "./worlds/World.sol";

/// Plays an attack in both worlds, block by block, with honest prices coming in before each step.
abstract contract IncidentTest is Base {
    uint256[] internal keys;

    function makeNaive(Source source) internal returns (NaiveWorld world) {
        world = new NaiveWorld(source);
        build(world);
    }

    function makeHardened() internal returns (HardenedWorld world) {
        world = new HardenedWorld(_guardians());
        build(world);
    }

    /// The same with guardians that are contracts, whose keys honest signers hold.
    function makeWithSigners() internal returns (HardenedWorld world) {
        world = new HardenedWorld(_signers());
        build(world);
    }

    function build(World world) internal {
        build(world, world.STAGES());
    }

    function build(World world, uint256 stages) internal {
        for (uint256 i; i < stages; ++i) {
            pass(world.waitBefore(i));
            world.build(i);
        }
    }

    /// Gives the attacker his capital and lets him go through his steps; a step that reverts is left out.
    function play(World world, Attack attack) internal returns (uint256 lost) {
        (uint256 usd, uint256 base) = attack.capital();
        world.grant(address(attack), usd, base);
        attack.begin();
        for (uint256 i; i < attack.steps(); ++i) {
            pass(attack.waitBefore(i));
            world.refresh();
            act(attack.others(i));
            try attack.run(i) {} catch {}
        }
        return attack.lost();
    }

    function act(Deed[] memory deeds) internal {
        for (uint256 i; i < deeds.length; ++i) {
            (bool ok,) = deeds[i].to.call(deeds[i].data);
            yes(ok || deeds[i].mayFail, "what others do goes through");
        }
    }

    function pass(uint256 time) internal {
        vm.warp(vm.getBlockTimestamp() + time);
        vm.roll(vm.getBlockNumber() + 1);
    }

    /// The slow wallet changes something after the timelock's delay.
    function change(HardenedWorld world, address target, bytes memory data) internal {
        world.propose(target, data, keccak256(data));
        pass(world.DELAY() + 1);
        world.refresh();
        world.execute(target, data, keccak256(data));
    }

    /// The oracle believes one feed, whatever it says and however it moves: what it is without its defences.
    function believe(HardenedWorld world, address feed, uint128 floorWad) internal {
        Market memory rules = Market(1, 1, 10_000, type(uint16).max, 10 minutes, 0, 30 minutes, 0);
        Feed[] memory feeds = new Feed[](1);
        feeds[0] = Feed(feed, 1, 1 hours, 100);
        bytes memory data = abi.encodeCall(
            IOracleAggregator.setMarket, (world.MARKET(), rules, feeds, 1 hours, floorWad, Why("test", "test"))
        );
        change(world, address(world.oracle()), data);
    }

    /// The claim of every incident: the naive world loses what is stated, the hardened one at most its bound.
    function assertBound(NaiveWorld naive, Attack onNaive, HardenedWorld hardened, Attack onHardened) internal {
        uint256 loss = play(naive, onNaive);
        yes(loss > 0, "the naive world loses something");
        atMost(onNaive.naiveLoss(), loss, "naive loss, what is stated is no more");
        atMost(loss, onNaive.naiveLoss() * 11 / 10, "naive loss, no more than a tenth above what is stated");
        atMost(play(hardened, onHardened), onHardened.bound(), "hardened loss");
    }

    function _guardians() internal pure returns (address[] memory guardians) {
        guardians = new address[](5);
        for (uint256 i; i < 5; ++i) guardians[i] = vm.addr(i + 1);
    }

    function _signers() internal returns (address[] memory) {
        return new Signers().appoint(5);
    }
}

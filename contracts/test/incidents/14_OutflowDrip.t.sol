// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FlowMode, IFlowLimiter, Limit} from "../../src/interfaces/IFlowLimiter.sol";
import {Why} from "../../src/libraries/Why.sol";
import {OutflowDrip} from "./14_OutflowDrip.sol";
import {IncidentTest} from "./IncidentTest.t.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {NaiveWorld, Source} from "./worlds/NaiveWorld.sol";

/// Each call is a transaction of its own: the limiter's credit ends with one.
/// forge-config: default.isolate = true
contract OutflowDripTest is IncidentTest {
    function test_PERP_07_aDripTakesTheCapAndTheLeak() public {
        (NaiveWorld naive, HardenedWorld hardened) = (makeNaive(Source.FEED), makeHardened());
        OutflowDrip drip = new OutflowDrip(hardened);
        assertBound(naive, new OutflowDrip(naive), hardened, drip);
        atMost(drip.bound() * 999 / 1_000, drip.lost(), "the bound is tight");
    }

    /// forge-config: default.fuzz.runs = 48
    function test_fuzz_PERP_07_noPaceTakesMoreThanTheCapAndTheLeak(uint256 wait, uint256 part) public {
        (wait, part) = (bound(wait, 1, 12 hours), bound(part, 1e6, 50_000e6));
        HardenedWorld world = makeHardened();
        FreeDrip drip = new FreeDrip(world);
        act(drip.others(0));
        uint256 start = vm.getBlockTimestamp();
        for (uint256 i; i < 12; ++i) {
            try drip.take(part) {} catch {}
            atMost(drip.lost(), drip.CAP() + drip.CAP() * (vm.getBlockTimestamp() - start) / 1 days, "what left");
            pass(wait);
            world.refresh();
            act(drip.others(1));
        }
        atMost(1, drip.lost(), "the key works");
    }

    /// From tripBps on anyone's poke pauses the exit for twelve hours.
    /// forge-config: default.fuzz.runs = 48
    function test_fuzz_PERP_07_aPokeEndsAFasterDrip(uint256 taken) public {
        taken = bound(taken, 40_001e6, 50_000e6);
        HardenedWorld world = makeHardened();
        FreeDrip drip = new FreeDrip(world);
        act(drip.others(0));
        drip.take(taken);
        act(drip.others(1));
        for (uint256 i; i < 11; ++i) {
            pass(1 hours);
            world.refresh();
            try drip.take(1e6) {} catch {}
        }
        atMost(drip.lost(), taken, "what left in the hours after the poke");
        pass(1 hours + 1);
        world.refresh();
        drip.take(1e6);
    }

    function test_PERP_07_aLimitTwentyTimesAsHighLosesMore() public {
        HardenedWorld world = makeHardened();
        Limit memory high = Limit(1_000_000e6, 0, 1 days, FlowMode.REVERT, 8_000);
        IFlowLimiter limiter = world.limiter();
        Why memory why = Why("loose", "loose");
        change(world, address(limiter), abi.encodeCall(limiter.setLimit, (address(world.usd()), high, why)));
        OutflowDrip drip = new OutflowDrip(world);
        yes(play(world, drip) > 4 * drip.bound(), "the drip takes more");
    }
}

contract FreeDrip is OutflowDrip {
    constructor(HardenedWorld world_) OutflowDrip(world_) {}

    function take(uint256 amount) external {
        _take(amount);
    }
}

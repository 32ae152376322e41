// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CircuitBreaker} from "../../src/CircuitBreaker.sol";
import {BreakerGriefing} from "./23_BreakerGriefing.sol";
import {IncidentTest} from "./IncidentTest.t.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {NaiveWorld, Source} from "./worlds/NaiveWorld.sol";
import {PausableExits} from "./worlds/PausableExits.sol";

/// forge-config: default.isolate = true
contract BreakerGriefingTest is IncidentTest {
    function test_PERP_07_aTripShutsNoWayOut() public {
        (NaiveWorld naive, HardenedWorld hardened) = (makeNaive(Source.FEED), makeHardened());
        assertBound(naive, new BreakerGriefing(naive), hardened, new BreakerGriefing(hardened));
    }

    function test_PERP_07_withoutExemptionATripShutsTheWayOut() public {
        HardenedWorld world = new PausableExits(_guardians());
        build(world);
        atMost(5_000e6, play(world, new BreakerGriefing(world)), "the victim's loss");
    }

    /// Thirty days of it, each time for the whole twelve hours, as soon as the budget pays for them.
    /// forge-config: default.fuzz.runs = 4
    function test_fuzz_PERP_07_griefingStaysWithinTheBudget(uint256 every) public {
        every = bound(every, 5 minutes, 30 minutes);
        HardenedWorld world = makeHardened();
        PatientGriefer griefer = new PatientGriefer(world);
        world.grant(address(griefer), 500_000e6, 0);
        griefer.park(500_000e6);
        (uint256 start, uint256 trips, uint256 until) = (vm.getBlockTimestamp(), 0, 0);
        while (vm.getBlockTimestamp() < start + 30 days) {
            pass(every);
            try griefer.shut() {} catch {}
            uint256 end = world.breaker().pausedUntil(address(world.perp()), world.perp().withdraw.selector);
            if (end <= until) continue;
            (trips, until) = (trips + 1, end);
            eq(end, vm.getBlockTimestamp() + 12 hours, "twelve hours each");
        }
        atMost(trips, 14, "times in 30 days, 168 h");
        atMost(13, trips, "all that the budget pays for");
        eq(world.wealthOf(address(griefer)), 500_000e6, "nothing is spent");
    }
}

contract PatientGriefer is BreakerGriefing {
    constructor(HardenedWorld world_) BreakerGriefing(world_) {}

    function park(uint256 amount) external {
        perp.deposit(amount);
    }

    function shut() external {
        CircuitBreaker breaker = HardenedWorld(address(world)).breaker();
        (uint40 reach,) = breaker.reach(address(perp), perp.withdraw.selector);
        if (reach >= block.timestamp + 12 hours) _shut();
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TimelockShortening} from "./18_TimelockShortening.sol";
import {Deed} from "./Attack.sol";
import {IncidentTest} from "./IncidentTest.t.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {NaiveWorld, Source} from "./worlds/NaiveWorld.sol";

/// forge-config: default.isolate = true
contract TimelockShorteningTest is IncidentTest {
    function test_PERP_07_theDelayOfAStolenKeyIsTheOldOne() public {
        (NaiveWorld naive, HardenedWorld hardened) = (makeNaive(Source.FEED), makeWithSigners());
        assertBound(naive, new TimelockShortening(naive), hardened, new TimelockShortening(hardened));
    }

    /// While the council sleeps the prize is lost, but not before the old delay, and the next one needs it again.
    /// forge-config: default.fuzz.runs = 16
    function test_fuzz_PERP_07_withoutAVetoTheOldDelayIsLeft(uint256 early) public {
        early = bound(early, 1, 2 days);
        HardenedWorld world = makeWithSigners();
        AsleepCouncil thief = new AsleepCouncil(world);
        act(thief.others(0));
        thief.begin();
        thief.run(0);
        pass(2 days - early);
        thief.run(2);
        eq(thief.lost(), 0, "before the delay");
        pass(early);
        thief.executeBoth(0);
        eq(thief.lost(), thief.naiveLoss(), "after it");
        eq(world.timelock().getMinDelay(), 2 days, "the shorter delay holds later");
    }
}

contract AsleepCouncil is TimelockShortening {
    constructor(HardenedWorld world_) TimelockShortening(world_) {}

    function others(uint256 step) external view override returns (Deed[] memory deeds) {
        if (step > 0) return deeds;
        deeds = new Deed[](1);
        bytes memory data = abi.encodeCall(world.giveKey, (address(_timelock()), address(this)));
        deeds[0] = Deed(address(world), data, false);
    }
}

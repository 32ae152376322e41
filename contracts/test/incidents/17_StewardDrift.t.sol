// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bounds} from "../../src/interfaces/IRiskSteward.sol";
import {RiskSteward} from "../../src/RiskSteward.sol";
import {Why} from "../../src/libraries/Why.sol";
import {StewardDrift} from "./17_StewardDrift.sol";
import {IncidentTest} from "./IncidentTest.t.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {NaiveWorld, Source} from "./worlds/NaiveWorld.sol";

/// forge-config: default.isolate = true
contract StewardDriftTest is IncidentTest {
    function test_PERP_07_aStolenKeyLiquidatesWithinTheDriftAlone() public {
        (NaiveWorld naive, HardenedWorld hardened) = (makeNaive(Source.FEED), makeHardened());
        StewardDrift thief = new StewardDrift(hardened);
        assertBound(naive, new StewardDrift(naive), hardened, thief);
        atMost(thief.bound() * 99 / 100, thief.lost(), "the bound is tight");
        eq(hardened.steward().valueOf(hardened.parameters().idOf("BASE/USD", "maintenanceFloor")), 0.06655e18, "drift");
        no(hardened.steward().isSteward(address(hardened)), "the key is dismissed");
    }

    /// A step of any size at any time, up to 90 %.
    function test_PERP_07_withoutStepAndRampEverybodyIsLiquidated() public {
        HardenedWorld world = makeHardened();
        _loosen(world, "maintenanceFloor", Bounds(65_535, true, 1, 0.02e18, 0.9e18, 1, bytes32(bytes20("floors")), 0));
        StewardDrift thief = new StewardDrift(world);
        atMost(thief.bound() * 3 / 2, play(world, thief), "both traders' penalties");
    }

    /// Depth is in every maintenance margin: a depth that may fall at once liquidates at once.
    function test_PERP_07_depthWithoutRampLiquidatesBeforeAnyoneActs() public {
        HardenedWorld world = makeHardened();
        _loosen(world, "depth", Bounds(1_000, true, 1 days, 500_000e6, 5_000_000e6, 0, 0, 0));
        StewardDrift thief = new StewardDrift(world);
        world.grant(address(thief), 0, 0);
        act(thief.others(0));
        thief.begin();
        thief.run(1);
        atMost(thief.bound() * 99 / 100, thief.lost(), "in the first block");
    }

    function _loosen(HardenedWorld world, bytes32 name, Bounds memory bounds) private {
        bytes32 id = world.parameters().idOf("BASE/USD", name);
        change(world, address(world.steward()), abi.encodeCall(RiskSteward.setBounds, (id, bounds, Why("b", "b"))));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Route} from "../../src/interfaces/IBridgeGuard.sol";
import {ForgedBridgeMint} from "./21_ForgedBridgeMint.sol";
import {IncidentTest} from "./IncidentTest.t.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {NaiveWorld, Source} from "./worlds/NaiveWorld.sol";

/// forge-config: default.isolate = true
contract ForgedBridgeMintTest is IncidentTest {
    function test_PERP_07_everyAttestorsKeyTakesTheRoutesCap() public {
        (NaiveWorld naive, HardenedWorld hardened) = (makeNaive(Source.FEED), makeHardened());
        ForgedBridgeMint thief = new ForgedBridgeMint(hardened);
        assertBound(naive, new ForgedBridgeMint(naive), hardened, thief);
        atMost(thief.bound() * 999 / 1_000, thief.lost(), "the bound is tight");
    }

    function test_PERP_07_oneAttestorsKeyTakesNothing() public {
        HardenedWorld world = makeHardened();
        eq(play(world, new OneKey(world)), 0, "lost");
    }

    function test_PERP_07_aRouteWithoutACapLosesAll() public {
        HardenedWorld world = makeHardened();
        OpenRoute thief = new OpenRoute(world);
        eq(play(world, thief), thief.naiveLoss(), "lost");
    }
}

contract OneKey is ForgedBridgeMint {
    constructor(HardenedWorld world_) ForgedBridgeMint(world_) {}

    function _keys() internal pure override returns (uint256) {
        return 1;
    }
}

contract OpenRoute is ForgedBridgeMint {
    constructor(HardenedWorld world_) ForgedBridgeMint(world_) {}

    function _route() internal view override returns (Route memory r) {
        r = super._route();
        r.cap = 1e15;
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BridgeGuard} from "../../src/BridgeGuard.sol";
import {Route} from "../../src/interfaces/IBridgeGuard.sol";
import {Why} from "../../src/libraries/Why.sol";
import {ForgedBridgeMint} from "./21_ForgedBridgeMint.sol";
import {IncidentTest} from "./IncidentTest.t.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {NaiveWorld, Source} from "./worlds/NaiveWorld.sol";

/// forge-config: default.isolate = true
contract ForgedBridgeMintTest is IncidentTest {
    function test_PERP_07_everyAttestorsKeyTakesTheCapAndItsRefillUntilTheyAreRotated() public {
        (NaiveWorld naive, HardenedWorld hardened) = (makeNaive(Source.FEED), makeHardened());
        ForgedBridgeMint thief = new ForgedBridgeMint(hardened);
        assertBound(naive, new ForgedBridgeMint(naive), hardened, thief);
        atMost(thief.bound() * 999 / 1_000, thief.lost(), "the bound is tight");
    }

    /// The council holds each message as it is announced: what is left is the half that waits for nobody, and its
    /// refill.
    function test_PERP_07_whoseAnnouncementsAreHeldTakesHalfTheCapAndTheRefill() public {
        HardenedWorld world = makeHardened();
        HeldThief thief = new HeldThief(world);
        BridgeGuard guard = thief.guard();
        thief.begin();
        for (uint256 i; i < thief.steps(); ++i) {
            pass(thief.waitBefore(i));
            world.refresh();
            act(thief.others(i));
            thief.run(i);
            // The last step is behind the rotation.
            if (i == 0 || i == thief.steps() - 1) continue;
            bytes32 last = thief.lastAnnounced();
            uint40 settledAt = guard.announcementOf(last).settledAt;
            vm.prank(address(world.council()));
            guard.hold(uint256(last), settledAt + 72 hours, Why("stolen", "stolen"));
        }
        uint256 most = thief.bound() - 25_000e6;
        atMost(thief.lost(), most, "lost");
        atMost(most * 999 / 1_000, thief.lost(), "the half is tight");
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

contract HeldThief is ForgedBridgeMint {
    constructor(HardenedWorld world_) ForgedBridgeMint(world_) {}

    function lastAnnounced() external view returns (bytes32) {
        return guard.messageId(_waiting[_waiting.length - 1]);
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

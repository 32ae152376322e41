// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BountyCopy} from "./22_BountyCopy.sol";
import {IncidentTest} from "./IncidentTest.t.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {NaiveWorld, Source} from "./worlds/NaiveWorld.sol";

/// forge-config: default.isolate = true
contract BountyCopyTest is IncidentTest {
    function test_PERP_07_aCopiedRevealPaysItsAuthor() public {
        (NaiveWorld naive, HardenedWorld hardened) = (makeNaive(Source.FEED), makeHardened());
        BountyCopy thief = new BountyCopy(hardened);
        assertBound(naive, new BountyCopy(naive), hardened, thief);
        eq(thief.vault().owed(address(thief.author())), thief.naiveLoss(), "the author's award");
        eq(thief.vault().owed(address(thief)), 0, "the copy's");
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TwapOnThinPair} from "./02_TwapOnThinPair.sol";
import {IncidentTest} from "./IncidentTest.t.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {NaiveWorld, Source} from "./worlds/NaiveWorld.sol";

/// forge-config: default.isolate = true
contract TwapOnThinPairTest is IncidentTest {
    function test_PERP_07_meanOfAThinPoolIsOutvoted() public {
        (NaiveWorld naive, HardenedWorld hardened) = (makeNaive(Source.TWAP), makeHardened());
        assertBound(naive, new TwapOnThinPair(naive), hardened, new TwapOnThinPair(hardened));
    }

    function test_PERP_07_meanOfAThinPoolCostsWhereItIsBelieved() public {
        HardenedWorld hardened = makeHardened();
        believe(hardened, address(hardened.twapSource()), 1e15);
        yes(play(hardened, new TwapOnThinPair(hardened)) > 5_000e6, "the other feeds are what stops it");
    }
}

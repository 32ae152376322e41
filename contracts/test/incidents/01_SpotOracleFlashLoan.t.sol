// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SpotOracleFlashLoan} from "./01_SpotOracleFlashLoan.sol";
import {IncidentTest} from "./IncidentTest.t.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {NaiveWorld, Source} from "./worlds/NaiveWorld.sol";

/// forge-config: default.isolate = true
contract SpotOracleFlashLoanTest is IncidentTest {
    function test_PERP_07_spotPriceOfTheBlockIsWorthNothing() public {
        (NaiveWorld naive, HardenedWorld hardened) = (makeNaive(Source.SPOT), makeHardened());
        assertBound(naive, new SpotOracleFlashLoan(naive), hardened, new SpotOracleFlashLoan(hardened));
    }
}

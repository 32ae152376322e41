// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Reentrancy} from "./06_Reentrancy.sol";
import {IncidentTest} from "./IncidentTest.t.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {NaiveWorld, Source} from "./worlds/NaiveWorld.sol";

contract WithoutLock is HardenedWorld {
    constructor(address[] memory guardians) HardenedWorld(guardians) {}

    function _lock() internal pure override returns (uint256) {
        return 0;
    }
}

/// forge-config: default.isolate = true
contract ReentrancyTest is IncidentTest {
    function test_PERP_07_nothingPassesInTheMiddleOfADeposit() public {
        (NaiveWorld naive, HardenedWorld hardened) = (makeNaive(Source.FEED), makeHardened());
        Reentrancy onHardened = new Reentrancy(hardened);
        assertBound(naive, new Reentrancy(naive), hardened, onHardened);
        eq(onHardened.passed(), 0, "calls that passed");
    }

    function test_PERP_07_depositCountsTwiceWithoutTheLock() public {
        WithoutLock world = new WithoutLock(_guardians());
        build(world);
        yes(play(world, new Reentrancy(world)) > 590_000e6, "the lock is what stops it");
    }
}

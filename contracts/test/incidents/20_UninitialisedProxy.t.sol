// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {UninitialisedProxy} from "./20_UninitialisedProxy.sol";
import {IncidentTest} from "./IncidentTest.t.sol";
import {FeeTreasury} from "./worlds/FeeTreasury.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {NaiveWorld, Source} from "./worlds/NaiveWorld.sol";

/// forge-config: default.isolate = true
contract UninitialisedProxyTest is IncidentTest {
    function test_PERP_07_aGateProxyIsInitialisedWhenItExists() public {
        (NaiveWorld naive, HardenedWorld hardened) = (makeNaive(Source.FEED), makeHardened());
        UninitialisedProxy thief = new UninitialisedProxy(hardened);
        assertBound(naive, new UninitialisedProxy(naive), hardened, thief);
        eq(thief.treasury().owner(), address(hardened.timelock()), "owner");
    }

    /// Whoever comes, with whatever owner.
    /// forge-config: default.fuzz.runs = 16
    function test_fuzz_PERP_07_nobodyInitialisesItAgain(address caller, address owner) public {
        FeeTreasury treasury = new UninitialisedProxy(makeHardened()).treasury();
        vm.prank(caller);
        vm.expectRevert();
        treasury.initialize(owner);
    }

    function test_PERP_07_aGateWithoutItsInitialiserLosesAll() public {
        HardenedWorld world = makeHardened();
        LateInitialiser thief = new LateInitialiser(world);
        eq(play(world, thief), thief.naiveLoss(), "lost");
    }
}

/// The same gate, to be initialised by a later transaction.
contract LateInitialiser is UninitialisedProxy {
    constructor(HardenedWorld world_) UninitialisedProxy(world_) {}

    function _initialiser(address) internal pure override returns (bytes memory) {
        return "";
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {WithoutGate} from "./09_DonatedSelfLiquidation.t.sol";
import {RecursiveMargin} from "./13_RecursiveMargin.sol";
import {IncidentTest} from "./IncidentTest.t.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {NaiveWorld, Source} from "./worlds/NaiveWorld.sol";
import {World} from "./worlds/World.sol";

contract AnyReturn is RecursiveMargin {
    uint256 private immutable _moved;

    constructor(World world_, uint256 moved_) RecursiveMargin(world_) {
        _moved = moved_;
    }

    function moved() public view override returns (uint256) {
        return _moved;
    }
}

/// forge-config: default.isolate = true
contract RecursiveMarginTest is IncidentTest {
    HardenedWorld private _hardened;

    function setUp() public {
        _hardened = makeHardened();
    }

    function test_PERP_07_PERP_03_marginIsUsedOnce() public {
        NaiveWorld naive = makeNaive(Source.FEED);
        assertBound(naive, new RecursiveMargin(naive), _hardened, new RecursiveMargin(_hardened));
    }

    /// forge-config: default.fuzz.runs = 30
    function test_PERP_07_PERP_03_marginIsUsedOnceWhereverThePriceGoes(uint256 wad) public {
        AnyReturn attack = new AnyReturn(_hardened, bound(wad, 1_900e18, 2_100e18));
        atMost(play(_hardened, attack), 0, "hardened loss");
    }

    function test_PERP_07_PERP_03_marginIsUsedTwiceWithoutTheGate() public {
        WithoutGate world = new WithoutGate(_guardians());
        build(world);
        yes(play(world, new RecursiveMargin(world)) > 500e6, "the gate is what stops it");
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IHealthGate} from "../../src/interfaces/IHealthGate.sol";
import {NaiveGate} from "../../src/reference/naive/NaiveGate.sol";
import {DonatedSelfLiquidation} from "./09_DonatedSelfLiquidation.sol";
import {IncidentTest} from "./IncidentTest.t.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {NaiveWorld, Source} from "./worlds/NaiveWorld.sol";
import {World} from "./worlds/World.sol";

contract WithoutGate is HardenedWorld {
    constructor(address[] memory guardians) HardenedWorld(guardians) {}

    function _gate() internal override returns (IHealthGate) {
        return new NaiveGate();
    }
}

contract AnyFall is DonatedSelfLiquidation {
    uint256 private immutable _moved;

    constructor(World world_, uint256 moved_) DonatedSelfLiquidation(world_) {
        _moved = moved_;
    }

    function moved() public view override returns (uint256) {
        return _moved;
    }
}

/// forge-config: default.isolate = true
contract DonatedSelfLiquidationTest is IncidentTest {
    HardenedWorld private _hardened;

    function setUp() public {
        _hardened = makeHardened();
    }

    function test_PERP_07_PERP_03_nobodyGivesAwayWhatHeNeeds() public {
        NaiveWorld naive = makeNaive(Source.FEED);
        DonatedSelfLiquidation onHardened = new DonatedSelfLiquidation(_hardened);
        assertBound(naive, new DonatedSelfLiquidation(naive), _hardened, onHardened);
    }

    /// forge-config: default.fuzz.runs = 100
    function test_PERP_07_PERP_03_giftPaysAfterNoMove(uint256 wad) public {
        AnyFall attack = new AnyFall(_hardened, bound(wad, 1_600e18, 2_400e18));
        atMost(play(_hardened, attack), 0, "hardened loss");
    }

    function test_PERP_07_PERP_03_giftPaysWithoutTheGate() public {
        WithoutGate world = new WithoutGate(_guardians());
        build(world);
        yes(play(world, new DonatedSelfLiquidation(world)) > 300e6, "the gate is what stops it");
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {InsolventInheritance} from "./11_InsolventInheritance.sol";
import {IncidentTest} from "./IncidentTest.t.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {NaiveWorld, Source} from "./worlds/NaiveWorld.sol";
import {World} from "./worlds/World.sol";

contract AnySqueeze is InsolventInheritance {
    uint256 private immutable _pump;

    constructor(World world_, uint256 pump_) InsolventInheritance(world_) {
        _pump = pump_;
    }

    function pump() public view override returns (uint256) {
        return _pump;
    }
}

/// forge-config: default.isolate = true
contract InsolventInheritanceTest is IncidentTest {
    HardenedWorld private _hardened;

    function setUp() public {
        _hardened = makeHardened();
    }

    function test_PERP_07_nobodyInheritsAPumpedLoss() public {
        NaiveWorld naive = makeNaive(Source.SPOT);
        assertBound(naive, new InsolventInheritance(naive), _hardened, new InsolventInheritance(_hardened));
    }

    /// forge-config: default.fuzz.runs = 100
    function test_PERP_07_noSqueezePays(uint256 pump) public {
        AnySqueeze attack = new AnySqueeze(_hardened, bound(pump, 0, 2_000_000e6));
        atMost(play(_hardened, attack), 0, "hardened loss");
    }

    function test_PERP_07_fundGivesHalfWhereThePumpIsBelieved() public {
        believe(_hardened, address(_hardened.spotSource()), 1e15);
        yes(play(_hardened, new AnySqueeze(_hardened, 300_000e6)) > 50_000e6, "the oracle is what stops it");
        uint256 left = _hardened.fund().firstLoss() + _hardened.fund().junior().totalAssets();
        atMost(250_000e6, left, "half of the fund is left");
    }
}

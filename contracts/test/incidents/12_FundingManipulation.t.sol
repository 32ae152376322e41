// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IHealthGate} from "../../src/interfaces/IHealthGate.sol";
import {NaiveGate} from "../../src/reference/naive/NaiveGate.sol";
import {FundingManipulation} from "./12_FundingManipulation.sol";
import {IncidentTest} from "./IncidentTest.t.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {NaiveWorld, Source} from "./worlds/NaiveWorld.sol";
import {World} from "./worlds/World.sol";

contract WithoutFundingCap is HardenedWorld {
    constructor(address[] memory guardians) HardenedWorld(guardians) {}

    function _gate() internal override returns (IHealthGate) {
        return new NaiveGate();
    }

    function _fundingCap() internal pure override returns (uint64) {
        return 18e18;
    }
}

contract AnySkew is FundingManipulation {
    int128 private immutable _size;
    uint256 private immutable _held;

    constructor(World world_, int128 size_, uint256 held_) FundingManipulation(world_) {
        (_size, _held) = (size_, held_);
    }

    function size() public view override returns (int128) {
        return _size;
    }

    function held() public view override returns (uint256) {
        return _held;
    }
}

/// forge-config: default.isolate = true
contract FundingManipulationTest is IncidentTest {
    HardenedWorld private _hardened;

    function setUp() public {
        _hardened = makeHardened();
    }

    function test_PERP_07_whoSkewsTheMarketPaysForIt() public {
        NaiveWorld naive = makeNaive(Source.FEED);
        assertBound(naive, new FundingManipulation(naive), _hardened, new FundingManipulation(_hardened));
    }

    /// forge-config: default.fuzz.runs = 100
    function test_PERP_07_noSkewPaysMore(uint256 size, uint256 time) public {
        time = bound(time, 12, 1 days);
        AnySkew attack = new AnySkew(_hardened, int128(int256(bound(size, 1, 115e18))), time);
        atMost(play(_hardened, attack), attack.bound(), "hardened loss");
    }

    function test_PERP_07_skewPaysWithoutTheCapAndTheGate() public {
        WithoutFundingCap world = new WithoutFundingCap(_guardians());
        build(world);
        yes(play(world, new FundingManipulation(world)) > 5_000e6, "cap and gate are what stops it");
    }
}

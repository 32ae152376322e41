// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FirstDepositorDonation} from "./03_FirstDepositorDonation.sol";
import {IncidentTest} from "./IncidentTest.t.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {NaiveWorld, Source} from "./worlds/NaiveWorld.sol";
import {World} from "./worlds/World.sol";

contract WithoutShares is HardenedWorld {
    constructor(address[] memory guardians) HardenedWorld(guardians) {}

    function _offset() internal pure override returns (uint256) {
        return 0;
    }
}

contract AnyDonation is FirstDepositorDonation {
    uint256 private immutable _first;
    uint256 private immutable _gift;

    constructor(World world_, uint256 first_, uint256 gift_) FirstDepositorDonation(world_) {
        (_first, _gift) = (first_, gift_);
    }

    function first() public view override returns (uint256) {
        return _first;
    }

    function gift() public view override returns (uint256) {
        return _gift;
    }
}

/// forge-config: default.isolate = true
contract FirstDepositorDonationTest is IncidentTest {
    NaiveWorld private _naive;
    HardenedWorld private _hardened;

    function setUp() public {
        (_naive, _hardened) = (new NaiveWorld(Source.FEED), new HardenedWorld(_guardians()));
        pass(_hardened.waitBefore(0));
        _naive.build(0);
        _hardened.build(0);
    }

    function test_PERP_07_firstMakerTakesNothingFromTheNext() public {
        assertBound(_naive, new FirstDepositorDonation(_naive), _hardened, new FirstDepositorDonation(_hardened));
    }

    /// forge-config: default.fuzz.runs = 200
    function test_PERP_07_noFirstDepositAndNoGiftPays(uint256 first, uint256 gift) public {
        (first, gift) = (bound(first, 1, 2_000_000e6), bound(gift, 0, 4_000_000e6));
        // What is his by right: a maker's part of the less than 320 that the traders paid.
        uint256 earned = 320e6 * (first + gift) / (first + gift + 1_000_000e6);
        atMost(play(_hardened, new AnyDonation(_hardened, first, gift)), earned, "hardened loss");
    }

    function test_PERP_07_firstMakerTakesAllWithoutVirtualShares() public {
        WithoutShares world = new WithoutShares(_guardians());
        build(world, 1);
        yes(play(world, new FirstDepositorDonation(world)) > 900_000e6, "the virtual shares are what stops it");
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {StalePrice} from "./04_StalePrice.sol";
import {IncidentTest} from "./IncidentTest.t.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {NaiveWorld, Source} from "./worlds/NaiveWorld.sol";
import {World} from "./worlds/World.sol";

contract AnyMove is StalePrice {
    uint256 private immutable _wad;

    constructor(World world_, uint256 wad) StalePrice(world_) {
        _wad = wad;
    }

    function calm() public view override returns (uint256) {
        return _wad;
    }
}

/// forge-config: default.isolate = true
contract StalePriceTest is IncidentTest {
    HardenedWorld private _hardened;

    function setUp() public {
        _hardened = makeHardened();
    }

    function test_PERP_07_staleFeedIsWorthNoMoreThanTheSpread() public {
        NaiveWorld naive = makeNaive(Source.FEED);
        StalePrice onHardened = new StalePrice(_hardened);
        assertBound(naive, new StalePrice(naive), _hardened, onHardened);
        yes(onHardened.lost() > 1_000e6, "what passes is played");
    }

    /// forge-config: default.fuzz.runs = 30
    function test_PERP_07_noMoveBesideAStaleFeedPaysMore(uint256 wad) public {
        AnyMove attack = new AnyMove(_hardened, bound(wad, 2_000e18, 2_400e18));
        atMost(play(_hardened, attack), attack.bound(), "hardened loss");
    }

    function test_PERP_07_staleFeedCostsWhereItIsAlone() public {
        believe(_hardened, address(_hardened.feedSource()), 1e15);
        yes(play(_hardened, new StalePrice(_hardened)) > 20_000e6, "heartbeat and feeds beside it are what stops it");
    }
}

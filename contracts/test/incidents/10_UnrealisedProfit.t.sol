// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {UnrealisedProfit} from "./10_UnrealisedProfit.sol";
import {IncidentTest} from "./IncidentTest.t.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {NaiveWorld, Source} from "./worlds/NaiveWorld.sol";
import {World} from "./worlds/World.sol";

contract WithoutHaircut is HardenedWorld {
    constructor(address[] memory guardians) HardenedWorld(guardians) {}

    function _profitFraction() internal pure override returns (uint64) {
        return 1e18;
    }
}

contract AnyPump is UnrealisedProfit {
    uint256 private immutable _pump;

    constructor(World world_, uint256 pump_) UnrealisedProfit(world_) {
        _pump = pump_;
    }

    function pump() public view override returns (uint256) {
        return _pump;
    }
}

/// forge-config: default.isolate = true
contract UnrealisedProfitTest is IncidentTest {
    HardenedWorld private _hardened;

    function setUp() public {
        _hardened = makeHardened();
    }

    function test_PERP_07_pumpedProfitIsNotMoney() public {
        NaiveWorld naive = makeNaive(Source.SPOT);
        assertBound(naive, new UnrealisedProfit(naive), _hardened, new UnrealisedProfit(_hardened));
    }

    /// forge-config: default.fuzz.runs = 100
    function test_PERP_07_noPumpMakesMoney(uint256 pump) public {
        AnyPump attack = new AnyPump(_hardened, bound(pump, 0, 2_000_000e6));
        atMost(play(_hardened, attack), 0, "hardened loss");
    }

    /// The size is 60: a price p times the first is a profit of 60 * 2,000 * (p - 1), of which half counts.
    function test_PERP_07_lessThanHalfOfAProfitIsMoneyWhereThePumpIsBelieved() public {
        believe(_hardened, address(_hardened.spotSource()), 1e15);
        uint256 lost = play(_hardened, new UnrealisedProfit(_hardened));
        yes(lost > 10_000e6, "the oracle is what stops it whole");
        atMost(lost, 60 * 6_000e6 / 2, "half of the profit");
    }

    function test_PERP_07_calibratorHalvesTheProfit() public {
        WithoutHaircut world = new WithoutHaircut(_guardians());
        build(world);
        believe(world, address(world.spotSource()), 1e15);
        uint256 without = play(world, new UnrealisedProfit(world));
        believe(_hardened, address(_hardened.spotSource()), 1e15);
        uint256 with = play(_hardened, new UnrealisedProfit(_hardened));
        yes(with > 0, "some of it is drawn");
        atMost(with * 3 / 2, without, "the fraction is what bounds it");
    }
}

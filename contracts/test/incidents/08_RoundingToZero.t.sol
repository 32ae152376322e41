// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RoundingToZero} from "./08_RoundingToZero.sol";
import {IncidentTest} from "./IncidentTest.t.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {NaiveWorld, Source} from "./worlds/NaiveWorld.sol";
import {RateWorld} from "./worlds/RateWorld.sol";
import {World} from "./worlds/World.sol";

contract AnyGift is RoundingToZero {
    uint256 private immutable _gift;

    constructor(World world_, uint256 gift_) RoundingToZero(world_) {
        _gift = gift_;
    }

    function gift() public view override returns (uint256) {
        return _gift;
    }
}

/// forge-config: default.isolate = true
contract RoundingToZeroTest is IncidentTest {
    /// Six tenths of a dollar: the rate is the smallest that is not zero, the price 0.002.
    uint256 private constant ALMOST = 0.6e6;
    RateWorld private _hardened;

    function setUp() public {
        _hardened = new RateWorld(_guardians());
        build(_hardened);
    }

    function test_PERP_07_ORACLE_10_rateThatRoundsToZeroIsNoPrice() public {
        NaiveWorld naive = makeNaive(Source.RATE);
        assertBound(naive, new RoundingToZero(naive), _hardened, new RoundingToZero(_hardened));
    }

    /// forge-config: default.fuzz.runs = 200
    function test_PERP_07_noGiftToTheVaultPays(uint256 gift) public {
        atMost(play(_hardened, new AnyGift(_hardened, bound(gift, 0, 1_500e6))), 0, "hardened loss");
    }

    function test_PERP_07_ORACLE_10_floorHoldsWhereTheRateIsAlone() public {
        believe(_hardened, address(_hardened.rateSource()), 0.01e18);
        eq(play(_hardened, new AnyGift(_hardened, ALMOST)), 0, "below the floor");
    }

    function test_PERP_07_ORACLE_10_rateThatIsAloneCostsWithoutAFloor() public {
        believe(_hardened, address(_hardened.rateSource()), 0);
        yes(play(_hardened, new AnyGift(_hardened, ALMOST)) > 50_000e6, "the floor is what stops it");
    }
}

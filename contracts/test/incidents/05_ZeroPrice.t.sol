// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ZeroPrice} from "./05_ZeroPrice.sol";
import {IncidentTest} from "./IncidentTest.t.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {NaiveWorld, Source} from "./worlds/NaiveWorld.sol";
import {World} from "./worlds/World.sol";

contract AnyAnswer is ZeroPrice {
    int256 private immutable _answer;

    constructor(World world_, int256 answer_) ZeroPrice(world_) {
        _answer = answer_;
    }

    function answer() public view override returns (int256) {
        return _answer;
    }
}

/// forge-config: default.isolate = true
contract ZeroPriceTest is IncidentTest {
    HardenedWorld private _hardened;

    function setUp() public {
        _hardened = makeHardened();
    }

    function test_PERP_07_ORACLE_10_zeroIsNoPrice() public {
        NaiveWorld naive = makeNaive(Source.FEED);
        assertBound(naive, new ZeroPrice(naive), _hardened, new ZeroPrice(_hardened));
    }

    /// forge-config: default.fuzz.runs = 200
    function test_PERP_07_noAnswerOfOneFeedPays(int192 answer) public {
        atMost(play(_hardened, new AnyAnswer(_hardened, answer)), 0, "hardened loss");
    }

    function test_PERP_07_ORACLE_10_floorHoldsWhereTheFeedIsAlone() public {
        believe(_hardened, address(_hardened.feedSource()), 1e15);
        eq(play(_hardened, new AnyAnswer(_hardened, 1)), 0, "below the floor");
    }

    function test_PERP_07_ORACLE_10_feedThatIsAloneCostsWithoutAFloor() public {
        believe(_hardened, address(_hardened.feedSource()), 0);
        yes(play(_hardened, new AnyAnswer(_hardened, 1)) > 50_000e6, "the floor is what stops it");
    }
}

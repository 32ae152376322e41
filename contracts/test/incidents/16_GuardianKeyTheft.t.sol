// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GuardianKeyTheft} from "./16_GuardianKeyTheft.sol";
import {IncidentTest} from "./IncidentTest.t.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {NaiveWorld, Source} from "./worlds/NaiveWorld.sol";
import {PausableExits} from "./worlds/PausableExits.sol";
import {World} from "./worlds/World.sol";

/// forge-config: default.isolate = true
contract GuardianKeyTheftTest is IncidentTest {
    function test_PERP_07_stolenKeysShutNoWayOut() public {
        (NaiveWorld naive, HardenedWorld hardened) = (makeNaive(Source.FEED), makeWithSigners());
        assertBound(naive, new GuardianKeyTheft(naive), hardened, new GuardianKeyTheft(hardened));
        yes(_pausedUntil(hardened, hardened.perp().withdraw.selector) > 0, "what is not exempt is paused");
    }

    function test_PERP_07_oneKeyLessThanM1DoesNothing() public {
        HardenedWorld world = makeWithSigners();
        atMost(play(world, new SomeKeys(world, 1)), 0, "loss");
        bytes4[] memory list = world.guarded();
        for (uint256 i; i < list.length; ++i) eq(_pausedUntil(world, list[i]), 0, "pause");
    }

    /// Every key from m2 on: the halt holds users and liquidators alike, and the market of 24 hours is all they lose.
    /// forge-config: default.fuzz.runs = 8
    function test_fuzz_PERP_07_allKeysCostNoMoreThanADaysMarket(uint256 keys, bool falls) public {
        HardenedWorld world = makeWithSigners();
        SomeKeys thief = new SomeKeys(world, bound(keys, 3, 5));
        if (!falls) thief.hold();
        uint256 before = 1_769_472_000;
        uint256 lost = play(world, thief);
        uint256 moved = before - (falls ? world.honestWad() / 1e12 : before);
        // Penalty of 1.5 %, impact of 10 units on 2,000,000 of depth and the fee, at the first price at most.
        uint256 costs = falls ? 10 * before * (150 + 45 + 5) / 10_000 : 1e6;
        atMost(lost, 10 * moved + costs, "the market of the halt");
        atMost(_pausedUntil(world, world.perp().closePosition.selector), vm.getBlockTimestamp(), "the halt is over");
    }

    function test_PERP_07_withoutExemptionTwoKeysShutTheWayOut() public {
        HardenedWorld world = new PausableExits(_signers());
        build(world);
        atMost(5_000e6, play(world, new GuardianKeyTheft(world)), "the victim's loss");
    }

    function _pausedUntil(HardenedWorld world, bytes4 selector) private view returns (uint256) {
        return world.breaker().pausedUntil(address(world.perp()), selector);
    }
}

contract SomeKeys is GuardianKeyTheft {
    uint256 private immutable _count;
    bool private _holds;

    constructor(World world_, uint256 count) GuardianKeyTheft(world_) {
        _count = count;
    }

    /// The market stands still from where the victim wants to leave.
    function hold() external {
        _holds = true;
    }

    /// At the end the halt is over, and the thief is the first to call.
    function waitBefore(uint256 step) external pure override returns (uint256) {
        return step == LAST ? 24 hours : step == 0 ? 12 : 601;
    }

    function _keys() internal view override returns (uint256) {
        return _count;
    }

    function _fallen() internal view override returns (uint256) {
        uint256 wad = super._fallen();
        return _holds && wad < 1_769e18 ? world.honestWad() : wad;
    }
}

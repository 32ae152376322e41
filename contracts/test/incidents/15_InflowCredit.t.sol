// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IFlowLimiter} from "../../src/interfaces/IFlowLimiter.sol";
import {InflowCredit} from "./15_InflowCredit.sol";
import {IncidentTest} from "./IncidentTest.t.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {NaiveWorld, Source} from "./worlds/NaiveWorld.sol";

/// Each call is a transaction of its own: the limiter's credit ends with one.
/// forge-config: default.isolate = true
contract InflowCreditTest is IncidentTest {
    function test_PERP_07_depositsOfAMomentLiftNoLimit() public {
        (NaiveWorld naive, HardenedWorld hardened) = (makeNaive(Source.FEED), makeHardened());
        InflowCredit thief = new InflowCredit(hardened);
        assertBound(naive, new InflowCredit(naive), hardened, thief);
        atMost(thief.bound() * 999 / 1_000, thief.lost(), "the bound is tight");
    }

    function test_PERP_07_aLimiterThatCountsAnInflowTwiceLosesMore() public {
        HardenedWorld world = new TwiceWorld(_guardians());
        build(world);
        InflowCredit thief = new InflowCredit(world);
        yes(play(world, thief) > 15 * thief.bound(), "every round takes the cap again");
    }
}

/// The same world with a limiter that lets an inflow lower the level and be credit as well.
contract TwiceWorld is HardenedWorld {
    constructor(address[] memory guardians) HardenedWorld(guardians) {}

    function _limiter(address) internal override returns (IFlowLimiter) {
        return IFlowLimiter(address(new TwiceLimiter(CAP)));
    }
}

contract TwiceLimiter {
    uint256 private immutable _cap;
    uint256 private _used;
    uint256 private transient _credit;

    constructor(uint256 cap) {
        _cap = cap;
    }

    function onInflow(address, uint256 amount, address) external {
        _used = _used > amount ? _used - amount : 0;
        _credit += amount;
    }

    function onOutflow(address, uint256 amount, address) external returns (uint256, uint256) {
        uint256 paid = amount < _credit ? amount : _credit;
        _credit -= paid;
        _used += amount - paid;
        require(_used <= _cap, "limit");
        return (amount, 0);
    }

    function poke(address) external pure {}

    function available(address) external view returns (uint256) {
        return _cap - _used + _credit;
    }
}

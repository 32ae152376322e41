// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Health} from "../../src/interfaces/IHealthGate.sol";
import {HealthGate} from "../../src/reference/HealthGate.sol";
import {Base} from "../Base.t.sol";

contract HealthGateTest is Base {
    HealthGate internal gate = new HealthGate();

    function test_fuzz_PERP_03_initialMarginPasses(Health calldata before, int256 excess, uint256 a, uint256 b)
        external
        view
    {
        uint256 initial = bound(a, 0, uint256(type(int256).max));
        uint256 have = bound(b, initial, uint256(type(int256).max));
        yes(gate.allows(before, Health(excess, int256(have), initial)), "has its initial margin");
    }

    function test_fuzz_PERP_03_lessIsRefusedUnlessRiskFell(Health calldata before, Health calldata afterwards)
        external
        view
    {
        bool has = afterwards.collateral >= 0 && uint256(afterwards.collateral) >= afterwards.initial;
        bool fell = afterwards.initial <= before.initial && afterwards.excess >= before.excess;
        yes(gate.allows(before, afterwards) == (has || fell), "one or the other");
    }

    function test_fuzz_PERP_03_noMarginIsTooLargeForTheGate(int256 collateral, uint256 initial) external view {
        initial = bound(initial, uint256(type(int256).max) + 1, type(uint256).max);
        no(gate.allows(Health(0, 0, 0), Health(0, collateral, initial)), "2^255 and more");
    }

    function test_fuzz_PERP_03_eachPartOfARiskThatFellCounts(Health memory h, uint256 by) external view {
        h.collateral = -1;
        h.initial = bound(h.initial, 0, type(uint256).max - 1);
        by = bound(by, 1, type(uint256).max - h.initial);
        yes(gate.allows(h, h), "nothing changed");
        no(gate.allows(h, Health(h.excess, -1, h.initial + by)), "more initial margin is more risk");
        if (h.excess == type(int256).min) return;
        no(gate.allows(h, Health(h.excess - 1, -1, h.initial)), "less excess is more risk");
    }
}

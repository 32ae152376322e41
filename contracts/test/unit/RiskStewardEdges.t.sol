// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bounds, IRiskSteward} from "../../src/interfaces/IRiskSteward.sol";
import {StewardSetup} from "../StewardSetup.t.sol";

/// Bounds that change while a value is on its way.
contract RiskStewardEdgesTest is StewardSetup {
    function outOfRange(uint256 value) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IRiskSteward.Steward_Range.selector, MARGIN, value);
    }

    /// Half way up a ramp both the value that holds and the one that it is going to have to lie within.
    function test_fuzz_STEWARD_01_boundsHoldTheWholeRamp(uint256 wait, uint256 floor, uint256 ceil) external {
        setOne(MARGIN, 0.1e18);
        vm.warp(start + bound(wait, 1, 6 hours - 1));
        uint256 current = steward.valueOf(MARGIN);
        Bounds memory b = marginBounds();
        floor = around(bound(floor, 0.01e18, 0.1e18), current);
        ceil = around(bound(ceil, floor, 0.5e18), 0.1e18);
        if (ceil < floor) return;
        (b.floor, b.ceil) = (uint128(floor), uint128(ceil));
        if (ceil < 0.1e18) vm.expectRevert(outOfRange(0.1e18));
        else if (floor > current) vm.expectRevert(outOfRange(current));
        set(MARGIN, b);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bounds} from "../../src/interfaces/IRiskSteward.sol";
import {StewardMath} from "../../src/libraries/StewardMath.sol";
import {StewardSetup} from "../StewardSetup.t.sol";
import {Vectors} from "../Vectors.t.sol";

contract RiskStewardDifferential is StewardSetup, Vectors {
    function test_STEWARD_02_everyStepOfTheSharedVectors() external view {
        uint256[][] memory rows = rowsOf("riskSteward", "steps");
        atMost(150, rows.length, "rows");
        for (uint256 i; i < rows.length; ++i) {
            uint256[] memory r = rows[i];
            (bool relative, uint256 floor, uint256 ceil) = (r[3] == 1, r[4], r[5]);
            eq(StewardMath.stepBpsUp(r[0], r[1], relative, ceil), r[7], "stepBps");
            eq(StewardMath.highestStep(r[0], r[2], relative, ceil), r[8], "highest");
            eq(StewardMath.lowestStep(r[0], r[2], relative, floor, ceil), r[9], "lowest");
            eq(StewardMath.loosest(r[0], true, r[6], r[2], relative, floor, ceil), r[10], "loosest up");
            eq(StewardMath.loosest(r[0], false, r[6], r[2], relative, floor, ceil), r[11], "loosest down");
        }
    }

    function test_STEWARD_05_everyRampOfTheSharedVectors() external view {
        uint256[][] memory rows = rowsOf("riskSteward", "ramps");
        atMost(80, rows.length, "rows");
        for (uint256 i; i < rows.length; ++i) {
            uint256[] memory r = rows[i];
            eq(StewardMath.rampDown(r[0], r[1], r[2], r[3], r[4]), r[5], "value");
        }
    }

    function test_STEWARD_06_everyLossOfTheSharedVectors() external view {
        uint256[][] memory rows = rowsOf("riskSteward", "losses");
        atMost(60, rows.length, "rows");
        for (uint256 i; i < rows.length; ++i) {
            uint256[] memory r = rows[i];
            eq(StewardMath.lossUp(r[0], r[1], r[2]), r[3], "loss");
        }
    }

    /// A stolen key takes every step it can until the guardian dismisses it: the loss is the published one, to the
    /// unit.
    function test_STEWARD_06_aStolenKeyLosesWhatIsPublished() external {
        uint256[][] memory rows = rowsOf("stewardLoss", "markets");
        for (uint256 i; i < rows.length; ++i) {
            uint256[] memory r = rows[i];
            (bytes32 cap, bytes32 margin) = (bytes32(2 * i + 1), bytes32(2 * i + 2));
            set(margin, Bounds(uint16(r[2]), true, uint32(r[5]), uint128(r[3]), uint128(r[4]), 1, 0, 0));
            set(cap, Bounds(10_000, true, uint32(r[5]), 0, uint128(r[0]), 0, 0, 0));
            setOne(margin, r[1]);
            setOne(cap, r[0] / 2);
            uint256 begin = vm.getBlockTimestamp();
            eq(StewardMath.lossUp(r[0], r[1], steward.loosestAfter(margin, r[6])), r[7], "published");
            for (uint256 time; time <= r[6]; time += r[5]) {
                vm.warp(begin + time);
                move(margin, steward.loosestAfter(margin, 0));
                if (steward.valueOf(cap) < r[0]) move(cap, steward.loosestAfter(cap, 0));
                if (time + r[5] > r[6]) continue;
                // In between nothing more is to be had.
                vm.warp(begin + time + r[5] - 1);
                uint256 more = steward.loosestAfter(margin, 0);
                if (more < steward.valueOf(margin)) refused(margin, more, cooldownError(margin, begin + time + r[5]));
            }
            eq(steward.valueOf(cap), r[0], "open interest at its ceiling");
            eq(StewardMath.lossUp(steward.valueOf(cap), r[1], steward.valueOf(margin)), r[7], "lost");
            vm.prank(guardian);
            steward.dismissSteward(key, why());
            vm.prank(timelock);
            steward.setSteward(key, true, why());
        }
    }
}

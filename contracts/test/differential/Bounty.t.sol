// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BountyMath} from "../../src/libraries/BountyMath.sol";
import {Vectors} from "../Vectors.t.sol";

/// The price of a report against the TypeScript twin, bit for bit.
contract BountyVectorsTest is Vectors {
    function setUp() external {
        open("bounty");
    }

    function test_BOUNTY_04_basesEqualTheTwinBitForBit() external view {
        uint256[] memory risk = column("fundsAtRisk");
        uint256[] memory bps = column("bps");
        uint256[] memory floor = column("floor");
        uint256[] memory cap = column("cap");
        uint256[] memory shareBps = column("shareBps");
        uint256[] memory free = column("free");
        uint256[] memory want = column("base");
        for (uint256 i; i < want.length; ++i) {
            eq(BountyMath.baseDown(risk[i], bps[i], floor[i], cap[i], shareBps[i], free[i]), want[i], "base");
        }
    }

    function test_BOUNTY_02_awardsAndSharesEqualTheTwinBitForBit() external view {
        uint256[] memory base = column("base");
        uint256[] memory awardBps = column("awardBps");
        uint256[] memory want = column("award");
        uint256[] memory count = column("count");
        uint256[] memory first = column("firstShare");
        uint256[] memory other = column("otherShare");
        for (uint256 i; i < want.length; ++i) {
            eq(BountyMath.awardDown(base[i], awardBps[i]), want[i], "award");
            eq(BountyMath.shareBpsDown(count[i], true), first[i], "first share");
            eq(BountyMath.shareBpsDown(count[i], false), other[i], "other share");
        }
    }

    function test_BOUNTY_10_vestingEqualsTheTwinBitForBit() external view {
        uint256[] memory rest = column("award");
        uint256[] memory from = column("from");
        uint256[] memory end = column("end");
        uint256[] memory nowAt = column("nowAt");
        uint256[] memory want = column("vested");
        for (uint256 i; i < want.length; ++i) {
            eq(BountyMath.vestedDown(rest[i], from[i], end[i], nowAt[i]), want[i], "vested");
        }
    }
}

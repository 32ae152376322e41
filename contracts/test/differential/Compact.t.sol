// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CompactLib} from "../../src/libraries/Compact.sol";
import {Vectors} from "../Vectors.t.sol";

/// Floors (rounded up) and fees (rounded down) in 48 bits against the TypeScript twin, bit for bit.
contract CompactDifferential is Vectors {
    function test_ORACLE_10_everyCompactNumberOfTheSharedVectors() external view {
        uint256[][] memory rows = rowsOf("compact", "values");
        atMost(90, rows.length, "rows");
        for (uint256 i; i < rows.length; ++i) {
            uint256[] memory r = rows[i];
            eq(CompactLib.fromUp(uint128(r[0])).toUint(), r[1], "up");
            eq(CompactLib.fromDown(uint128(r[0])).toUint(), r[2], "down");
        }
    }
}

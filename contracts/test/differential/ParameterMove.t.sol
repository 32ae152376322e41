// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LiquidatableInvariant} from "../../src/adapters/LiquidatableInvariant.sol";
import {OracleMoveInvariant} from "../../src/adapters/OracleMoveInvariant.sol";
import {IRiskModel} from "../../src/interfaces/IRiskInvariant.sol";
import {Vectors} from "../Vectors.t.sol";

/// A protocol whose price is its first parameter, and its liquidatable and whole notional the first two.
contract ToldModel is IRiskModel {
    function priceWith(bytes32[] calldata, uint256[] calldata values) external pure returns (uint256) {
        return values[0];
    }

    function liquidatableWith(bytes32[] calldata, uint256[] calldata values) external pure returns (uint256, uint256) {
        return (values[0], values[1]);
    }
}

/// The invariants of a steward's change against the TypeScript twins.
contract ParameterMoveDifferential is Vectors {
    ToldModel internal model = new ToldModel();

    function test_STEWARD_04_everyMoveOfThePriceOfTheSharedVectors() external {
        uint256[][] memory rows = rowsOf("parameterMove", "prices");
        atMost(80, rows.length, "rows");
        for (uint256 i; i < rows.length; ++i) {
            uint256[] memory r = rows[i];
            (bool ok,) = new OracleMoveInvariant(model, uint16(r[2])).check(state(r[0], 0), state(r[1], 0));
            eq(ok ? 1 : 0, r[3], "holds");
        }
    }

    function test_STEWARD_04_everyLiquidatablePartOfTheSharedVectors() external {
        uint256[][] memory rows = rowsOf("parameterMove", "liquidatable");
        atMost(80, rows.length, "rows");
        for (uint256 i; i < rows.length; ++i) {
            uint256[] memory r = rows[i];
            // The whole is that before the change.
            (bool ok,) = new LiquidatableInvariant(model, uint16(r[3])).check(state(r[0], r[2]), state(r[1], 0));
            eq(ok ? 1 : 0, r[4], "holds");
        }
    }

    function state(uint256 a, uint256 b) internal pure returns (bytes memory) {
        uint256[] memory values = new uint256[](2);
        (values[0], values[1]) = (a, b);
        return abi.encode(new bytes32[](2), values);
    }
}

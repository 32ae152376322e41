// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarginCalibrator} from "../../src/MarginCalibrator.sol";
import {Inputs, Output} from "../../src/interfaces/IMarginCalibrator.sol";
import {Vectors} from "../Vectors.t.sol";

contract MarginCalibratorDifferential is Vectors {
    MarginCalibrator internal calibrator = new MarginCalibrator("model");

    function test_MARGIN_05_everyRowOfTheSharedVectorsBitForBit() external view {
        uint256[][] memory rows = rowsOf("marginCalibrator", "calibrate");
        atMost(300, rows.length, "rows");
        for (uint256 i; i < rows.length; ++i) {
            uint256[] memory row = rows[i];
            eq(row.length, 21, "columns");
            (Inputs memory inputs, Output memory want) = (toInputs(row), Output(row[17], row[18], row[19], row[20]));
            eq(abi.encode(calibrator.calibrate(inputs)), abi.encode(want), "calibrate");
            eq(calibrator.maintenanceMargin(inputs), want.mmr, "mmr");
            eq(calibrator.initialMargin(inputs), want.imr, "imr");
            eq(calibrator.maxLeverage(inputs), want.maxLeverage, "leverage");
            eq(calibrator.oiCap(inputs), want.oiCap, "oiCap");
            yes(calibrator.verify("model", inputs, want), "verify");
        }
    }

    function test_MARGIN_05_everyProfitOfTheSharedVectors() external view {
        uint256[][] memory rows = rowsOf("marginCalibrator", "profit");
        atMost(60, rows.length, "rows");
        for (uint256 i; i < rows.length; ++i) {
            uint256[] memory row = rows[i];
            eq(calibrator.profitAsCollateral(row[0], row[1], row[2], row[3]), row[4], "counted");
        }
    }

    /// The fields stand in the table in the order of the struct, all of one word.
    function toInputs(uint256[] memory row) internal pure returns (Inputs memory inputs) {
        bytes memory words;
        for (uint256 i; i < 17; ++i) words = bytes.concat(words, bytes32(row[i]));
        return abi.decode(words, (Inputs));
    }
}

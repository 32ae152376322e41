// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarginCalibrator} from "../../src/MarginCalibrator.sol";
import {Inputs} from "../../src/interfaces/IMarginCalibrator.sol";
import {Base} from "../Base.t.sol";

/// Gas of the calls with their calldata decoded, the 21,000 base and the price of call data left out.
contract MarginCalibratorGas is Base {
    MarginCalibrator internal calibrator = new MarginCalibrator("model");

    function measure(string memory name, bytes memory data) internal returns (uint256 used) {
        vm.cool(address(calibrator));
        uint256 before = gasleft();
        (bool ok,) = address(calibrator).call(data);
        used = before - gasleft();
        yes(ok, "measured call");
        vm.snapshotValue("MarginCalibrator", name, used);
        atMost(used, 15_000, name);
    }

    function test_MARGIN_05_gas_withinBudget() external {
        Inputs memory i = Inputs(
            0.8e18, 3e18, 4e18, 60, 600, 3_600, 0.02e18, 1e12, 1e14, 0.005e18, 0.001e18, 0.01e18, 0.005e18, 0.01e18,
            0.02e18, 0.5e18, 3e13
        );
        measure("maintenanceMargin", abi.encodeCall(calibrator.maintenanceMargin, (i)));
        measure("initialMargin", abi.encodeCall(calibrator.initialMargin, (i)));
        measure("calibrate", abi.encodeCall(calibrator.calibrate, (i)));
        measure("verify", abi.encodeCall(calibrator.verify, ("model", i, calibrator.calibrate(i))));
        measure("profitAsCollateral", abi.encodeCall(calibrator.profitAsCollateral, (1e12, 1e12, 1e14, 0.8e18)));
        (i.hM, i.hI, i.oracleDelay) = (365 days, 365 days, 365 days);
        measure("calibrate, longest times", abi.encodeCall(calibrator.calibrate, (i)));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Health} from "../../src/interfaces/IHealthGate.sol";
import {IInsuranceFund} from "../../src/interfaces/IInsuranceFund.sol";
import {Limits} from "../../src/interfaces/IPerpParameters.sol";
import {IRiskSteward} from "../../src/interfaces/IRiskSteward.sol";
import {MarginCalibrator} from "../../src/MarginCalibrator.sol";
import {CalibratedParameters, MarketModel} from "../../src/reference/CalibratedParameters.sol";
import {HealthGate} from "../../src/reference/HealthGate.sol";
import {Vectors} from "../Vectors.t.sol";

/// A steward and a fund that answer with one number for each key, or not at all.
contract ToldSource {
    mapping(bytes32 key => uint256) private _values;
    bool private _answers;

    function set(bytes32 key, uint256 value) external {
        _values[key] = value;
    }

    function setAnswers(bool answers) external {
        _answers = answers;
    }

    function valueOf(bytes32 key) external view returns (uint256) {
        require(_answers, "silent");
        return _values[key];
    }

    function marketLeft(bytes32 key) external view returns (uint256) {
        require(_answers, "silent");
        return _values[key];
    }
}

/// Limits and healths of whole markets, and the gate, against the TypeScript twins, bit for bit.
contract CalibratedParametersDifferential is Vectors {
    ToldSource internal steward = new ToldSource();
    ToldSource internal fund = new ToldSource();
    CalibratedParameters internal parameters;

    function test_PERP_03_everyMarketOfTheSharedVectors() external {
        uint256[][] memory rows = rowsOf("calibratedParameters", "markets");
        atMost(120, rows.length, "rows");
        build(rows);
        for (uint256 i; i < rows.length; ++i) {
            uint256[] memory r = rows[i];
            say(bytes32(i), r);
            isLimits(parameters.limitsOf(bytes32(i)), r);
            Health memory h = parameters.healthOf(bytes32(i), int256(r[21]), int256(r[22]), r[23], r[24]);
            eq(uint256(h.excess), r[29], "excess");
            eq(uint256(h.collateral), r[30], "collateral");
            eq(h.initial, r[31], "initial");
        }
    }

    function test_PERP_03_everyGateOfTheSharedVectors() external {
        HealthGate gate = new HealthGate();
        uint256[][] memory rows = rowsOf("calibratedParameters", "gates");
        atMost(60, rows.length, "rows");
        for (uint256 i; i < rows.length; ++i) {
            uint256[] memory r = rows[i];
            Health memory before = Health(int256(r[0]), int256(r[1]), r[2]);
            Health memory afterwards = Health(int256(r[3]), int256(r[4]), r[5]);
            eq(gate.allows(before, afterwards) ? 1 : 0, r[6], "allowed");
        }
    }

    function build(uint256[][] memory rows) internal {
        bytes32[] memory markets = new bytes32[](rows.length);
        MarketModel[] memory models = new MarketModel[](rows.length);
        for (uint256 i; i < rows.length; ++i) (markets[i], models[i]) = (bytes32(i), modelOf(rows[i]));
        parameters = new CalibratedParameters(
            IRiskSteward(address(steward)),
            new MarginCalibrator("model"),
            IInsuranceFund(address(fund)),
            markets,
            models
        );
    }

    function modelOf(uint256[] memory r) internal pure returns (MarketModel memory m) {
        (m.sigma, m.zM, m.zI) = (uint64(r[0]), uint64(r[1]), uint64(r[2]));
        (m.jump, m.oracleDev, m.fee) = (uint64(r[3]), uint64(r[4]), uint64(r[5]));
        (m.penalty, m.slippage, m.k) = (uint64(r[6]), uint64(r[7]), uint64(r[8]));
        (m.profitFraction, m.liquidationShare) = (uint64(r[9]), uint64(r[10]));
        (m.oracleDelay, m.hM, m.hI) = (uint32(r[11]), uint32(r[12]), uint32(r[13]));
    }

    function say(bytes32 market, uint256[] memory r) internal {
        steward.set(parameters.idOf(market, "depth"), r[14]);
        steward.set(parameters.idOf(market, "oiCap"), r[15]);
        steward.set(parameters.idOf(market, "initialFloor"), r[16]);
        steward.set(parameters.idOf(market, "maintenanceFloor"), r[17]);
        fund.set(market, r[18]);
        steward.setAnswers(r[19] == 1);
        fund.setAnswers(r[20] == 1);
    }

    function isLimits(Limits memory l, uint256[] memory r) internal pure {
        eq(l.oiCap, r[25], "oiCap");
        eq(l.depth, r[26], "depth");
        eq(l.skewScale, r[27], "skewScale");
        eq(l.liquidationCap, r[28], "liquidationCap");
        (uint256 penalty, uint256 fee, uint256 delay) = (r[6], r[5], r[13]);
        eq(l.penalty, penalty, "penalty");
        eq(l.fee, fee, "fee");
        eq(l.makerDelay, delay, "makerDelay");
    }
}

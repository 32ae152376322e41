// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Health} from "../interfaces/IHealthGate.sol";
import {IInsuranceFund} from "../interfaces/IInsuranceFund.sol";
import {IMarginCalibrator, Inputs, Output} from "../interfaces/IMarginCalibrator.sol";
import {IPerpParameters, Limits} from "../interfaces/IPerpParameters.sol";
import {IRiskSteward} from "../interfaces/IRiskSteward.sol";
import {MarginMath} from "../libraries/MarginMath.sol";

/// @notice What of a market's terms nobody moves: ratios in WAD, times in seconds, amounts in units of the collateral.
struct MarketModel {
    uint64 sigma;
    uint64 zM;
    uint64 zI;
    uint64 jump;
    uint64 oracleDev;
    uint64 fee;
    uint64 penalty;
    uint64 slippage;
    uint64 k;
    uint64 profitFraction;
    uint64 fundingCap;
    uint32 oracleDelay;
    uint32 hM;
    uint32 hI;
    uint32 liquidationWindow;
    uint64 liquidationShare; // of the open-interest cap, in one window
    uint128 keeperFee;
}

/// @title CalibratedParameters: margins from the calibrator, limits from the steward, cover from the fund.
/// @dev The steward's parameters of a market are named by `idOf(market, name)`: "depth", "oiCap", "initialFloor" and
/// "maintenanceFloor".
contract CalibratedParameters is IPerpParameters {
    using SafeCast for *;

    /* IMMUTABLES */

    IRiskSteward public immutable steward;
    IMarginCalibrator public immutable calibrator;
    IInsuranceFund public immutable fund;

    /* STORAGE */

    mapping(bytes32 market => MarketModel) private _models;

    /// @notice The market has no model.
    error Parameters_Market(bytes32 market);

    /* CONSTRUCTOR */

    constructor(
        IRiskSteward steward_,
        IMarginCalibrator calibrator_,
        IInsuranceFund fund_,
        bytes32[] memory markets,
        MarketModel[] memory models
    ) {
        (steward, calibrator, fund) = (steward_, calibrator_, fund_);
        for (uint256 i; i < markets.length; ++i) _models[markets[i]] = models[i];
    }

    /* VIEWS */

    /// @inheritdoc IPerpParameters
    function limitsOf(bytes32 market) external view returns (Limits memory l) {
        MarketModel memory m = _model(market);
        (l.depth, l.skewScale) = (_value(market, "depth"), _value(market, "oiCap"));
        uint256 cap = Math.min(l.skewScale, Math.mulDiv(m.k, l.depth, MarginMath.WAD));
        l.oiCap = Math.min(cap, fund.marketLeft(market));
        (l.penalty, l.fee, l.fundingCap) = (m.penalty, m.fee, m.fundingCap);
        // Of the cap before cover: a fund that paid must not stop the liquidations that keep it from paying more.
        l.liquidationCap = Math.mulDiv(m.liquidationShare, cap, MarginMath.WAD);
        (l.liquidationWindow, l.keeperFee) = (m.liquidationWindow, m.keeperFee);
    }

    /// @inheritdoc IPerpParameters
    function healthOf(bytes32 market, int256 own, int256 gain, uint256 drawn, uint256 notional)
        external
        view
        returns (Health memory)
    {
        MarketModel memory m = _model(market);
        uint256 depth = _value(market, "depth");
        Output memory o = calibrator.calibrate(_inputs(market, m, depth, notional));
        int256 maintenance = Math.mulDiv(o.mmr, notional, MarginMath.WAD, Math.Rounding.Ceil).toInt256();
        uint256 initial = Math.mulDiv(o.imr, notional, MarginMath.WAD, Math.Rounding.Ceil);
        int256 counted = _counted(gain, drawn, notional, depth, m.profitFraction);
        return Health(own + gain - maintenance, own + counted, initial);
    }

    /// @notice The steward's parameter `name` of `market`.
    function idOf(bytes32 market, bytes32 name) public pure returns (bytes32) {
        return keccak256(abi.encode(market, name));
    }

    /* INTERNAL */

    /// @dev A loss counts whole; a gain as far as it could be realised, and what was drawn of it counts as still there.
    function _counted(int256 gain, uint256 drawn, uint256 notional, uint256 depth, uint256 fraction)
        private
        pure
        returns (int256)
    {
        int256 whole = gain + drawn.toInt256();
        if (whole <= 0) return gain;
        return MarginMath.profitDown(uint256(whole), notional, depth, fraction).toInt256() - drawn.toInt256();
    }

    function _inputs(bytes32 market, MarketModel memory m, uint256 depth, uint256 notional)
        private
        view
        returns (Inputs memory)
    {
        return Inputs({
            sigma: m.sigma,
            zM: m.zM,
            zI: m.zI,
            oracleDelay: m.oracleDelay,
            hM: m.hM,
            hI: m.hI,
            jump: m.jump,
            size: notional,
            depth: depth,
            oracleDev: m.oracleDev,
            fee: m.fee,
            penalty: m.penalty,
            slippage: m.slippage,
            floorM: _value(market, "maintenanceFloor"),
            floorI: _value(market, "initialFloor"),
            k: m.k,
            cover: 0
        });
    }

    function _value(bytes32 market, bytes32 name) private view returns (uint256) {
        return steward.valueOf(idOf(market, name));
    }

    function _model(bytes32 market) private view returns (MarketModel memory m) {
        m = _models[market];
        if (m.sigma == 0) revert Parameters_Market(market);
    }
}

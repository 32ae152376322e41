// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
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
/// "maintenanceFloor". Whatever they are, and also if steward, calibrator or fund revert, nothing here does for a market
/// that has a model: positions could not be closed then. Without depth, floors or margins a market takes no new risk, its
/// trades have no impact, and only who is insolvent is liquidated.
contract CalibratedParameters is IPerpParameters {
    /* IMMUTABLES */

    IRiskSteward public immutable steward;
    IMarginCalibrator public immutable calibrator;
    IInsuranceFund public immutable fund;

    /* STORAGE */

    mapping(bytes32 market => MarketModel) private _models;

    /// What the steward does not know.
    uint256 private constant NONE = type(uint256).max;

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
        uint256 depth = _value(market, "depth");
        if (depth == 0 || depth == NONE) {
            (l.depth, l.skewScale) = (MarginMath.MAX_AMOUNT, MarginMath.MAX_AMOUNT);
            l.liquidationCap = MarginMath.MAX_AMOUNT;
        } else {
            // Of what the market can carry, not of the cap: neither a steward who shuts the market nor a fund that paid may
            // stop liquidations, or funding.
            uint256 carried = Math.mulDiv(m.k, depth, MarginMath.WAD);
            (l.depth, l.skewScale) = (depth, Math.max(carried, 1));
            l.liquidationCap = Math.mulDiv(m.liquidationShare, carried, MarginMath.WAD);
            l.oiCap = _oiCap(market, carried);
        }
        (l.penalty, l.fee, l.fundingCap) = (m.penalty, m.fee, m.fundingCap);
        l.liquidationWindow = m.liquidationWindow;
        // As long as the horizon that an initial margin is for.
        l.makerDelay = m.hI;
    }

    /// @inheritdoc IPerpParameters
    function keeperFeeOf(bytes32 market) external view returns (uint256) {
        MarketModel storage m = _models[market];
        if (m.sigma == 0) revert Parameters_Market(market);
        return m.keeperFee;
    }

    /// @inheritdoc IPerpParameters
    function healthOf(bytes32 market, int256 own, int256 gain, uint256 drawn, uint256 notional)
        external
        view
        returns (Health memory)
    {
        MarketModel memory m = _model(market);
        notional = Math.min(notional, MarginMath.MAX_AMOUNT);
        Inputs memory i = _inputs(market, m, notional);
        if (i.floorM == NONE || i.floorI == NONE) return _insolvency(own + gain);
        (i.floorM, i.floorI) = (Math.min(i.floorM, MarginMath.MAX_RATIO), Math.min(i.floorI, MarginMath.MAX_RATIO));
        try calibrator.calibrate(i) returns (Output memory o) {
            int256 maintenance = int256(_share(o.mmr, notional));
            int256 counted = _counted(gain, drawn, notional, i.depth, m.profitFraction);
            return Health(own + gain - maintenance, own + counted, _share(o.imr, notional));
        } catch {
            return _insolvency(own + gain);
        }
    }

    /// @notice The steward's parameter `name` of `market`.
    function idOf(bytes32 market, bytes32 name) public pure returns (bytes32) {
        return keccak256(abi.encode(market, name));
    }

    /* INTERNAL */

    function _oiCap(bytes32 market, uint256 carried) private view returns (uint256) {
        uint256 cap = _value(market, "oiCap");
        if (cap == NONE) return 0;
        try fund.marketLeft(market) returns (uint256 left) {
            return Math.min(Math.min(cap, carried), left);
        } catch {
            return 0;
        }
    }

    /// @dev How an account stands whose margins are not known: it is liquidated when its equity is negative, and passes no
    /// gate but by taking risk off.
    function _insolvency(int256 equity) private pure returns (Health memory) {
        return Health(equity, type(int256).min, uint256(type(int256).max));
    }

    /// @dev No margin is more than MAX_RATIO of the notional, which a depth near zero would ask for.
    function _share(uint256 ratio, uint256 notional) private pure returns (uint256) {
        return Math.mulDiv(Math.min(ratio, MarginMath.MAX_RATIO), notional, MarginMath.WAD, Math.Rounding.Ceil);
    }

    /// @dev A loss counts whole; a gain as far as it could be realised, and what was drawn of it counts as still there.
    function _counted(int256 gain, uint256 drawn, uint256 notional, uint256 depth, uint256 fraction)
        private
        pure
        returns (int256)
    {
        int256 whole = gain + int256(drawn);
        if (whole <= 0) return gain;
        uint256 profit = Math.min(uint256(whole), MarginMath.MAX_AMOUNT);
        return int256(MarginMath.profitDown(profit, notional, depth, fraction)) - int256(drawn);
    }

    function _inputs(bytes32 market, MarketModel memory m, uint256 notional) private view returns (Inputs memory) {
        return Inputs({
            sigma: m.sigma,
            zM: m.zM,
            zI: m.zI,
            oracleDelay: m.oracleDelay,
            hM: m.hM,
            hI: m.hI,
            jump: m.jump,
            size: notional,
            depth: _value(market, "depth"),
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
        try steward.valueOf(idOf(market, name)) returns (uint256 value) {
            return value;
        } catch {
            return NONE;
        }
    }

    function _model(bytes32 market) private view returns (MarketModel memory m) {
        m = _models[market];
        if (m.sigma == 0) revert Parameters_Market(market);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Health} from "../../src/interfaces/IHealthGate.sol";
import {IInsuranceFund} from "../../src/interfaces/IInsuranceFund.sol";
import {IMarginCalibrator, Inputs, Output} from "../../src/interfaces/IMarginCalibrator.sol";
import {Limits} from "../../src/interfaces/IPerpParameters.sol";
import {IRiskSteward} from "../../src/interfaces/IRiskSteward.sol";
import {MarginMath} from "../../src/libraries/MarginMath.sol";
import {MarginCalibrator} from "../../src/MarginCalibrator.sol";
import {CalibratedParameters, MarketModel} from "../../src/reference/CalibratedParameters.sol";
import {Base} from "../Base.t.sol";

/// Answers with one number for each key, or not at all.
contract Stub {
    mapping(bytes32 key => uint256) private _values;
    bool public broken;

    function set(bytes32 key, uint256 value) external {
        _values[key] = value;
    }

    function setBroken(bool broken_) external {
        broken = broken_;
    }

    function valueOf(bytes32 key) external view returns (uint256) {
        require(!broken, "broken");
        return _values[key];
    }

    function marketLeft(bytes32 key) external view returns (uint256) {
        require(!broken, "broken");
        return _values[key];
    }
}

contract CalibratedParametersTest is Base {
    bytes32 internal constant MARKET = "BASE/USD";
    uint256 internal constant MAX = type(uint128).max;
    Stub internal steward = new Stub();
    Stub internal fund = new Stub();
    IMarginCalibrator internal calibrator = new MarginCalibrator("model");
    CalibratedParameters internal parameters;
    MarketModel internal model;

    function setUp() external {
        model.sigma = 0.8e18;
        (model.zM, model.zI) = (3e18, 4e18);
        (model.jump, model.oracleDev, model.fee) = (0.02e18, 0.01e18, 0.0005e18);
        (model.penalty, model.slippage, model.k) = (0.015e18, 0.005e18, 0.2e18);
        (model.profitFraction, model.fundingCap) = (0.5e18, 0.03e18);
        (model.oracleDelay, model.hM, model.hI, model.liquidationWindow) = (60, 600, 3_600, 1 hours);
        (model.liquidationShare, model.keeperFee) = (0.5e18, 1e6);
        bytes32[] memory markets = new bytes32[](1);
        markets[0] = MARKET;
        MarketModel[] memory models = new MarketModel[](1);
        models[0] = model;
        parameters = new CalibratedParameters(
            IRiskSteward(address(steward)), calibrator, IInsuranceFund(address(fund)), markets, models
        );
        values(2e12, 4e11, 0.1e18, 0.05e18);
        fund.set(MARKET, 1e30);
    }

    function values(uint256 depth, uint256 oiCap, uint256 initialFloor, uint256 maintenanceFloor) internal {
        steward.set(parameters.idOf(MARKET, "depth"), depth);
        steward.set(parameters.idOf(MARKET, "oiCap"), oiCap);
        steward.set(parameters.idOf(MARKET, "initialFloor"), initialFloor);
        steward.set(parameters.idOf(MARKET, "maintenanceFloor"), maintenanceFloor);
    }

    function outputOf(uint256 notional, uint256 depth, uint256 floorI, uint256 floorM)
        internal
        view
        returns (Output memory)
    {
        return calibrator.calibrate(
            Inputs({
                sigma: 0.8e18,
                zM: 3e18,
                zI: 4e18,
                oracleDelay: 60,
                hM: 600,
                hI: 3_600,
                jump: 0.02e18,
                size: notional,
                depth: depth,
                oracleDev: 0.01e18,
                fee: 0.0005e18,
                penalty: 0.015e18,
                slippage: 0.005e18,
                floorM: floorM,
                floorI: floorI,
                k: 0.2e18,
                cover: 0
            })
        );
    }

    function test_fuzz_PERP_03_marginsAreTheCalibrators(uint256 notional, uint256 depth, int256 own, int256 gain)
        external
    {
        (notional, depth) = (bound(notional, 0, 1e24), bound(depth, 1e12, 1e30));
        (own, gain) = (own % 1e30, gain % 1e30);
        values(depth, 4e11, 0.1e18, 0.05e18);
        Output memory o = outputOf(notional, depth, 0.1e18, 0.05e18);
        Health memory h = parameters.healthOf(MARKET, own, gain, 0, notional);
        uint256 mmr = o.mmr > 100e18 ? 100e18 : o.mmr;
        uint256 imr = o.imr > 100e18 ? 100e18 : o.imr;
        yes(h.excess == own + gain - int256((mmr * notional + 1e18 - 1) / 1e18), "excess");
        eq(h.initial, (imr * notional + 1e18 - 1) / 1e18, "initial");
        uint256 profit = gain > 0 ? calibrator.profitAsCollateral(uint256(gain), notional, depth, 0.5e18) : 0;
        yes(h.collateral == own + (gain > 0 ? int256(profit) : gain), "collateral");
    }

    function test_fuzz_PERP_03_drawingAGainLowersCollateralByIt(int256 own, uint256 gain, uint256 drawn, uint256 size)
        external
        view
    {
        own = own % 1e30;
        (gain, size) = (bound(gain, 0, 1e24), bound(size, 0, 1e12));
        drawn = bound(drawn, 0, gain);
        Health memory a = parameters.healthOf(MARKET, own, int256(gain), 0, size);
        Health memory b = parameters.healthOf(MARKET, own, int256(gain) - int256(drawn), drawn, size);
        yes(a.collateral - b.collateral == int256(drawn), "as much as was taken");
        yes(a.excess - b.excess == int256(drawn) && a.initial == b.initial, "and of the equity too");
    }

    function test_fuzz_PERP_03_aLossBeyondWhatWasDrawnCountsWhole(uint256 loss, uint256 drawn) external view {
        (loss, drawn) = (bound(loss, 0, 1e24), bound(drawn, 0, 1e24));
        int256 gain = -int256(loss) - int256(drawn);
        yes(parameters.healthOf(MARKET, 0, gain, drawn, 1).collateral == gain, "whole");
    }

    function test_fuzz_PERP_05_limitsComeFromStewardModelAndFund(uint256 depth, uint256 cap, uint256 left) external {
        (depth, cap, left) = (bound(depth, 1, MAX), bound(cap, 0, MAX), bound(left, 0, type(uint256).max));
        values(depth, cap, 0.1e18, 0.05e18);
        fund.set(MARKET, left);
        uint256 carried = depth * 0.2e18 / 1e18;
        uint256 oi = cap < carried ? cap : carried;
        Limits memory want = Limits({
            oiCap: oi < left ? oi : left,
            depth: depth,
            penalty: 0.015e18,
            fee: 0.0005e18,
            fundingCap: 0.03e18,
            skewScale: carried == 0 ? 1 : carried,
            liquidationCap: carried * 0.5e18 / 1e18,
            liquidationWindow: 1 hours,
            makerDelay: 3_600
        });
        eq(abi.encode(parameters.limitsOf(MARKET)), abi.encode(want), "limits");
        eq(parameters.keeperFeeOf(MARKET), 1e6, "keeper's fee");
    }

    /// Whatever a steward sets: a market that reverts can neither be left nor liquidated.
    function test_fuzz_PERP_05_noValueMakesItRevert(
        uint256[4] calldata v,
        int256 own,
        int256 gain,
        uint256 drawn,
        uint256 notional
    ) external {
        values(bound(v[0], 0, MAX), bound(v[1], 0, MAX), bound(v[2], 0, MAX), bound(v[3], 0, MAX));
        Limits memory l = parameters.limitsOf(MARKET);
        yes(l.depth > 0 && l.skewScale > 0, "divisors");
        int256 max = type(int192).max;
        own = own % max;
        gain = gain % max;
        Health memory h = parameters.healthOf(MARKET, own, gain, bound(drawn, 0, uint256(max)), notional);
        yes(h.excess <= own + gain, "margins are not negative");
        atMost(h.initial, uint256(type(int256).max), "margins fit");
    }

    function test_fuzz_PERP_05_aStewardWhoShutsTheMarketShutsNoExit(uint256 depth) external {
        depth = bound(depth, 1e6, MAX);
        values(depth, 0, 0.1e18, 0.05e18);
        Limits memory l = parameters.limitsOf(MARKET);
        eq(l.oiCap, 0, "nothing new");
        eq(l.liquidationCap, depth / 5 / 2, "liquidations go on");
        eq(l.skewScale, depth / 5, "and so does funding");
    }

    function test_fuzz_PERP_05_withoutItsSourcesItTakesNoRiskAndLetsGo(uint8 what, int256 own, int256 gain) external {
        (own, gain) = (own % 1e30, gain % 1e30);
        if (what % 4 == 0) steward.setBroken(true);
        if (what % 4 == 1) values(0, 4e11, 0.1e18, 0.05e18);
        if (what % 4 < 2) {
            Limits memory l = parameters.limitsOf(MARKET);
            eq(l.oiCap, 0, "no new risk");
            eq(l.depth, MAX, "no impact");
            eq(l.liquidationCap, MAX, "every insolvent account");
            Health memory h = parameters.healthOf(MARKET, own, gain, 0, 1e12);
            yes(h.excess == own + gain, "insolvency alone");
            yes(h.collateral == type(int256).min && h.initial == uint256(type(int256).max), "never healthy");
        }
        if (what % 4 == 2) {
            fund.setBroken(true);
            Limits memory l = parameters.limitsOf(MARKET);
            eq(l.oiCap, 0, "no new risk");
            eq(l.liquidationCap, 2e11, "liquidations go on");
        }
    }

    function test_fuzz_PERP_03_unknownMarketsAreRefused(bytes32 market) external {
        if (market == MARKET) return;
        bytes memory unknown = abi.encodeWithSelector(CalibratedParameters.Parameters_Market.selector, market);
        vm.expectRevert(unknown);
        parameters.limitsOf(market);
        vm.expectRevert(unknown);
        parameters.keeperFeeOf(market);
        vm.expectRevert(unknown);
        parameters.healthOf(market, 0, 0, 0, 0);
    }

    function test_PERP_03_partsAreThoseItWasBuiltOf() external view {
        eq(address(parameters.steward()), address(steward), "steward");
        eq(address(parameters.calibrator()), address(calibrator), "calibrator");
        eq(address(parameters.fund()), address(fund), "fund");
        eq(parameters.idOf(MARKET, "depth"), keccak256(abi.encode(MARKET, bytes32("depth"))), "id");
    }
}

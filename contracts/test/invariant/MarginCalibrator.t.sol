// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Inputs, Output} from "../../src/interfaces/IMarginCalibrator.sol";
import {MarginCalibrator} from "../../src/MarginCalibrator.sol";
import {Base} from "../Base.t.sol";
import {Aimed} from "./Aimed.t.sol";

/// Two markets that begin alike. One only becomes more dangerous, the other only safer, by any field and any step; so
/// whatever the walk, the first never asks less of a trader than the second.
contract MarginHandler is Base {
    uint256 internal constant FIELDS = 17;
    uint256 internal constant DEPTH = 8;
    uint256 internal constant WAD = 1e18;
    bytes32 public constant MODEL = "walk";

    MarginCalibrator public immutable calibrator = new MarginCalibrator(MODEL);
    uint256[FIELDS] internal risky;
    uint256[FIELDS] internal calm;
    /// Steps by which a margin fell though the danger rose, or rose though it fell: nothing else moved.
    uint256 public against;
    uint256 public profit = 1e12;
    uint256 public fraction = 0.5e18;

    constructor() {
        uint256[FIELDS] memory usual = [
            uint256(0.8e18), 3e18, 4e18, 60, 600, 3_600, 0.02e18, 1e12, 1e14, 0.005e18, 0.001e18, 0.01e18, 0.005e18,
            0.01e18, 0.02e18, 0.5e18, 3e13
        ];
        (risky, calm) = (usual, usual);
    }

    /* ACTIONS */

    function endanger(uint256 field, uint256 by, bool small) external {
        field %= FIELDS;
        Output memory before = calibrator.calibrate(riskyInputs());
        risky[field] = falls(field) ? lower(field, risky[field], by, small) : higher(field, risky[field], by, small);
        if (!asksNoLess(calibrator.calibrate(riskyInputs()), before)) ++against;
    }

    function calmDown(uint256 field, uint256 by, bool small) external {
        field %= FIELDS;
        Output memory before = calibrator.calibrate(calmInputs());
        calm[field] = falls(field) ? higher(field, calm[field], by, small) : lower(field, calm[field], by, small);
        if (!asksNoLess(before, calibrator.calibrate(calmInputs()))) ++against;
    }

    function win(uint256 profit_, uint256 fraction_) external {
        (profit, fraction) = (bound(profit_, 0, type(uint128).max), bound(fraction_, 0, WAD));
    }

    /* WHAT THERE IS */

    function riskyInputs() public view returns (Inputs memory) {
        return abi.decode(abi.encode(risky), (Inputs));
    }

    function calmInputs() public view returns (Inputs memory) {
        return abi.decode(abi.encode(calm), (Inputs));
    }

    function outputs() external view returns (Output memory, Output memory) {
        return (calibrator.calibrate(riskyInputs()), calibrator.calibrate(calmInputs()));
    }

    /// What counts of the profit in either market.
    function counted() external view returns (uint256, uint256) {
        (Inputs memory r, Inputs memory c) = (riskyInputs(), calmInputs());
        return (
            calibrator.profitAsCollateral(profit, r.size, r.depth, fraction),
            calibrator.profitAsCollateral(profit, c.size, c.depth, fraction)
        );
    }

    /* INTERNAL */

    function asksNoLess(Output memory a, Output memory b) internal pure returns (bool) {
        return a.mmr >= b.mmr && a.imr >= b.imr && a.maxLeverage <= b.maxLeverage && a.oiCap <= b.oiCap;
    }

    /// Depth, what it allows and what the fund covers: the less, the more dangerous.
    function falls(uint256 field) internal pure returns (bool) {
        return field == DEPTH || field > 14;
    }

    function higher(uint256 field, uint256 from, uint256 by, bool small) internal pure returns (uint256) {
        uint256 max = maxOf(field);
        uint256 near = from + from / 8 + 1;
        return bound(by, from, small && near < max ? near : max);
    }

    function lower(uint256 field, uint256 from, uint256 by, bool small) internal pure returns (uint256) {
        uint256 min = mayBeZero(field) ? 0 : 1;
        uint256 near = from - from / 8;
        return bound(by, small && near > min ? near : min, from);
    }

    function mayBeZero(uint256 field) internal pure returns (bool) {
        return field == 3 || field == 6 || field == 7 || field == 9 || field == 10 || field > 11;
    }

    function maxOf(uint256 field) internal pure returns (uint256) {
        if (field > 2 && field < 6) return 365 days;
        return field == 7 || field == 8 || field == 16 ? type(uint128).max : 100e18;
    }
}

/// forge-config: default.invariant.runs = 8
contract MarginCalibratorInvariants is Base, Aimed {
    MarginHandler internal handler;

    function setUp() public {
        handler = new MarginHandler();
        (bytes4 up, bytes4 down) = (handler.endanger.selector, handler.calmDown.selector);
        aim(address(handler), abi.encodePacked(up, up, down, down, handler.win.selector));
    }

    function invariant_MARGIN_01_theMoreDangerousMarketNeverAsksLess() external view {
        (Output memory risky, Output memory calm) = handler.outputs();
        atMost(calm.mmr, risky.mmr, "maintenance margin");
        atMost(calm.imr, risky.imr, "initial margin");
        atMost(risky.maxLeverage, calm.maxLeverage, "leverage");
        atMost(risky.oiCap, calm.oiCap, "open interest");
        eq(handler.against(), 0, "steps the other way");
    }

    function invariant_MARGIN_02_maintenanceIsBelowInitialAndAWholeMarginCloses() external view {
        (Output memory risky, Output memory calm) = handler.outputs();
        yes(risky.mmr < risky.imr && calm.mmr < calm.imr, "maintenance below initial");
        yes(risky.imr < 1e18 || risky.maxLeverage == 0, "closed");
        yes(calm.imr < 1e18 || calm.maxLeverage == 0, "closed");
    }

    function invariant_MARGIN_03_penaltyAndSlippageFitBetweenTheMargins() external view {
        (Output memory risky, Output memory calm) = handler.outputs();
        (Inputs memory r, Inputs memory c) = (handler.riskyInputs(), handler.calmInputs());
        atMost(r.penalty + r.slippage, risky.imr - risky.mmr, "risky");
        atMost(c.penalty + c.slippage, calm.imr - calm.mmr, "calm");
    }

    function invariant_MARGIN_04_leverageTimesMarginIsNeverAboveOne() external view {
        (Output memory risky, Output memory calm) = handler.outputs();
        atMost(risky.maxLeverage * risky.imr, 1e36, "risky");
        atMost(calm.maxLeverage * calm.imr, 1e36, "calm");
    }

    function invariant_MARGIN_05_verifyKnowsEachOutputAndNoOther() external view {
        (Output memory risky, Output memory calm) = handler.outputs();
        (bytes32 model, Inputs memory r) = (handler.MODEL(), handler.riskyInputs());
        yes(handler.calibrator().verify(model, r, risky), "its own");
        yes(handler.calibrator().verify(model, handler.calmInputs(), calm), "its own");
        if (keccak256(abi.encode(risky)) == keccak256(abi.encode(calm))) return;
        no(handler.calibrator().verify(model, r, calm), "the other's");
    }

    function invariant_MARGIN_06_openInterestIsCovered() external view {
        (Output memory risky, Output memory calm) = handler.outputs();
        atMost(risky.oiCap, handler.riskyInputs().cover, "risky");
        atMost(calm.oiCap, handler.calmInputs().cover, "calm");
    }

    function invariant_MARGIN_07_profitCountsUpToItsFractionAndLessWhereItIsHarderToSell() external view {
        (uint256 risky, uint256 calm) = handler.counted();
        atMost(risky, calm, "harder to sell");
        atMost(calm, handler.profit() * handler.fraction() / 1e18, "fraction");
    }
}

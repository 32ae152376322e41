// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {MarginCalibrator} from "../../src/MarginCalibrator.sol";
import {IMarginCalibrator, Inputs, Output} from "../../src/interfaces/IMarginCalibrator.sol";
import {Base} from "../Base.t.sol";

contract MarginCalibratorTest is Base {
    uint256 internal constant WAD = 1e18;
    uint256 internal constant MAX_AMOUNT = type(uint128).max;
    bytes32 internal constant MODEL = keccak256("model");

    MarginCalibrator internal calibrator = new MarginCalibrator(MODEL);

    /* INPUTS */

    function usual() internal pure returns (Inputs memory i) {
        i.sigma = 0.8e18;
        i.zM = 3e18;
        i.zI = 4e18;
        i.oracleDelay = 60;
        i.hM = 600;
        i.hI = 3_600;
        i.jump = 0.02e18;
        i.size = 1e12;
        i.depth = 1e14;
        i.oracleDev = 0.005e18;
        i.fee = 0.001e18;
        i.penalty = 0.01e18;
        i.slippage = 0.005e18;
        i.floorM = 0.01e18;
        i.floorI = 0.02e18;
        i.k = 0.5e18;
        i.cover = 3e13;
    }

    /// sigma 0.01 to 5, depth 1e3 to 1e10 in units of 1e6, the rest wide.
    function boundMargin(Inputs memory i) internal pure returns (Inputs memory) {
        i.sigma = bound(i.sigma, 0.01e18, 5e18);
        i.zM = bound(i.zM, 1, 10e18);
        i.zI = bound(i.zI, 1, 10e18);
        i.oracleDelay = bound(i.oracleDelay, 0, 30 days);
        i.hM = bound(i.hM, 1, 30 days);
        i.hI = bound(i.hI, 1, 30 days);
        i.jump = bound(i.jump, 0, WAD);
        i.size = bound(i.size, 0, 1e18);
        i.depth = bound(i.depth, 1e9, 1e16);
        i.oracleDev = bound(i.oracleDev, 0, WAD);
        i.fee = bound(i.fee, 0, WAD);
        i.penalty = bound(i.penalty, 1, WAD);
        i.slippage = bound(i.slippage, 0, WAD);
        i.floorM = bound(i.floorM, 0, WAD);
        i.floorI = bound(i.floorI, 0, WAD);
        i.k = bound(i.k, 0, 10e18);
        i.cover = bound(i.cover, 0, MAX_AMOUNT);
        return i;
    }

    /// The whole of what the contract accepts.
    function boundLegal(Inputs memory i) internal pure returns (Inputs memory) {
        for (uint256 field; field < 17; ++field) {
            (uint256 min, uint256 max,) = rangeOf(field);
            write(i, field, bound(read(i, field), min, max));
        }
        return i;
    }

    function rangeOf(uint256 field) internal pure returns (uint256 min, uint256 max, bytes32 name) {
        bytes32[17] memory names = [
            bytes32("sigma"), "zM", "zI", "oracleDelay", "hM", "hI", "jump", "size", "depth", "oracleDev", "fee",
            "penalty", "slippage", "floorM", "floorI", "k", "cover"
        ];
        bool mayBeZero = field == 3 || field == 6 || field == 7 || field == 9 || field == 10 || field > 11;
        max = 100e18;
        if (field > 2 && field < 6) max = 365 days;
        if (field == 7 || field == 8 || field == 16) max = MAX_AMOUNT;
        return (mayBeZero ? 0 : 1, max, names[field]);
    }

    // A struct of words in memory is its words in order.
    function read(Inputs memory i, uint256 field) internal pure returns (uint256 value) {
        bytes memory words = abi.encode(i);
        assembly ("memory-safe") {
            value := mload(add(add(words, 32), mul(field, 32)))
        }
    }

    function write(Inputs memory i, uint256 field, uint256 value) internal pure {
        assembly ("memory-safe") {
            mstore(add(i, mul(field, 32)), value)
        }
    }

    function inputError(bytes32 field) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IMarginCalibrator.Margin_Input.selector, field);
    }

    /* FORMULA */

    function test_MARGIN_05_aMarketByHand() external view {
        Inputs memory i = usual();
        (i.oracleDelay, i.hM, i.hI) = (0, 365 days / 16, 365 days / 4);
        // A quarter and half of a year's volatility: 3 x 0.8 / 4 and 4 x 0.8 / 2, and 0.02 + 0.01 + 0.005 + 0.001.
        eq(calibrator.maintenanceMargin(i), 0.636e18, "mmr");
        eq(calibrator.initialMargin(i), 1.636e18, "imr");
        eq(calibrator.maxLeverage(i), 0, "closed");
        (i.zI, i.floorI) = (1, 0);
        eq(calibrator.initialMargin(i), 0.651e18, "imr from mmr, penalty and slippage");
        eq(calibrator.maxLeverage(i), uint256(1e36) / 0.651e18, "leverage");
        (i.floorM, i.floorI) = (0.7e18, 0.9e18);
        eq(calibrator.maintenanceMargin(i), 0.7e18, "floor of mmr");
        eq(calibrator.initialMargin(i), 0.9e18, "floor of imr");
        eq(calibrator.oiCap(i), 3e13, "cover");
        i.k = 0.2e18;
        eq(calibrator.oiCap(i), 2e13, "depth");
    }

    function test_fuzz_MARGIN_01_risesInSigmaHorizonSizeAndDelay(Inputs memory i, uint256 field, uint256 more)
        external
        view
    {
        i = boundMargin(i);
        uint256[6] memory rising = [uint256(0), 3, 4, 5, 7, 6];
        field = rising[bound(field, 0, 5)];
        Output memory before = calibrator.calibrate(i);
        uint256 old = read(i, field);
        (, uint256 max,) = rangeOf(field);
        write(i, field, bound(more, old, max));
        Output memory later = calibrator.calibrate(i);
        atMost(before.mmr, later.mmr, "mmr");
        atMost(before.imr, later.imr, "imr");
        atMost(later.maxLeverage, before.maxLeverage, "leverage");
    }

    function test_fuzz_MARGIN_01_risesStrictlyWhereNoFloorBinds(Inputs memory i, uint256 more) external view {
        i = boundMargin(i);
        (i.floorM, i.floorI, i.zM, i.zI) = (0, 0, WAD, WAD);
        Output memory before = calibrator.calibrate(i);
        i.sigma += bound(more, 0.01e18, WAD);
        atMost(before.mmr + 1, calibrator.maintenanceMargin(i), "mmr");
        atMost(before.imr + 1, calibrator.initialMargin(i), "imr");
    }

    function test_fuzz_MARGIN_01_fallsInDepth(Inputs memory i, uint256 more) external view {
        i = boundMargin(i);
        Output memory before = calibrator.calibrate(i);
        i.depth = bound(more, i.depth, MAX_AMOUNT);
        Output memory later = calibrator.calibrate(i);
        atMost(later.mmr, before.mmr, "mmr");
        atMost(later.imr, before.imr, "imr");
        atMost(before.oiCap, later.oiCap, "oiCap");
    }

    function test_fuzz_MARGIN_02_maintenanceIsBelowInitialOnAllLegalInputs(Inputs memory i) external view {
        Output memory o = calibrator.calibrate(boundLegal(i));
        atMost(o.mmr + 1, o.imr, "mmr < imr");
        yes((o.maxLeverage == 0) == (o.imr >= WAD), "closed at 1e18");
    }

    function test_fuzz_MARGIN_02_closesFromOneOn(uint256 floor) external view {
        Inputs memory i = usual();
        i.floorI = bound(floor, WAD - 2, WAD + 2);
        eq(calibrator.initialMargin(i), i.floorI, "the floor binds");
        eq(calibrator.maxLeverage(i), i.floorI >= WAD ? 0 : WAD * WAD / i.floorI, "leverage");
    }

    function test_fuzz_MARGIN_03_initialCoversPenaltyAndSlippage(Inputs memory i) external view {
        i = boundLegal(i);
        Output memory o = calibrator.calibrate(i);
        atMost(i.penalty + i.slippage, o.imr - o.mmr, "penalty + slippage");
        atMost(i.floorM, o.mmr, "floorM");
        atMost(i.floorI, o.imr, "floorI");
    }

    function test_fuzz_MARGIN_04_everyTermIsRoundedAgainstTheTrader(Inputs memory i) external view {
        i = boundMargin(i);
        i.floorM = 0;
        uint256 mmr = calibrator.maintenanceMargin(i);
        uint256 rest = mmr - i.jump - i.oracleDev - i.fee;
        uint256 impact = (i.size * WAD + i.depth - 1) / i.depth;
        yes(impact * i.depth >= i.size * WAD, "impact");
        // What is left is at least z sigma sqrt(T), and at most that with a root one wei larger, and one wei.
        uint256 diffusion = rest - impact;
        uint256 product = i.zM * i.sigma;
        uint256 time = i.oracleDelay + i.hM;
        no(less(diffusion * diffusion * 1e36, 365 days, product * product, time), "diffusion");
        uint256 low = diffusion - 1 - Math.min(diffusion - 1, product / 1e36 + 1);
        no(less(product * product, time, low * low * 1e36, 365 days), "tight");
    }

    /// a b < c d, whatever their size.
    function less(uint256 a, uint256 b, uint256 c, uint256 d) internal pure returns (bool) {
        (uint256 highAb, uint256 lowAb) = Math.mul512(a, b);
        (uint256 highCd, uint256 lowCd) = Math.mul512(c, d);
        return highAb < highCd || (highAb == highCd && lowAb < lowCd);
    }

    function test_fuzz_SYS_10_leverageAndCapAreRoundedDown(Inputs memory i) external view {
        i = boundLegal(i);
        Output memory o = calibrator.calibrate(i);
        if (o.maxLeverage > 0) {
            atMost(o.maxLeverage * o.imr, WAD * WAD, "leverage");
            atMost(WAD * WAD + 1, (o.maxLeverage + 1) * o.imr, "tight");
        }
        atMost(o.oiCap * WAD, i.k * i.depth, "oiCap");
        yes(o.oiCap == i.cover || (o.oiCap + 1) * WAD > i.k * i.depth, "tight cap");
    }

    function test_fuzz_MARGIN_06_capNeverExceedsTheMarketsOwnCover(Inputs memory i) external view {
        i = boundLegal(i);
        atMost(calibrator.oiCap(i), i.cover, "cover");
    }

    /* PROFIT */

    function test_fuzz_MARGIN_07_profitCountsUpToTheLesserLimit(uint256 profit, uint256 size, uint256 depth, uint256 f)
        external
        view
    {
        profit = bound(profit, 0, MAX_AMOUNT);
        size = bound(size, 0, 2 ** 90);
        depth = bound(depth, 1, MAX_AMOUNT);
        f = bound(f, 0, WAD);
        uint256 counted = calibrator.profitAsCollateral(profit, size, depth, f);
        atMost(counted * WAD, profit * f, "fraction");
        uint256 cost = (size * size + depth - 1) / depth;
        atMost(counted, profit > cost ? profit - cost : 0, "realisable");
        yes(counted == profit * f / WAD || counted + cost >= profit, "tight");
    }

    function test_fuzz_MARGIN_07_thinnerBookNeverCountsMore(uint256 profit, uint256 size, uint256 depth, uint256 less)
        external
        view
    {
        profit = bound(profit, 0, MAX_AMOUNT);
        size = bound(size, 0, MAX_AMOUNT);
        depth = bound(depth, 1, MAX_AMOUNT);
        uint256 thick = calibrator.profitAsCollateral(profit, size, depth, WAD);
        uint256 thin = calibrator.profitAsCollateral(profit, size, bound(less, 1, depth), WAD);
        atMost(thin, thick, "thin");
    }

    /// A pumped thin market: 400 million of notional against a depth of 10 million counts nothing of 300 million
    /// profit.
    function test_MARGIN_07_profitOfAPumpedThinMarketIsNoCollateral() external view {
        eq(calibrator.profitAsCollateral(300e12, 400e12, 10e12, WAD), 0, "counted");
        eq(calibrator.profitAsCollateral(300e12, 40e12, 10e12, WAD), 140e12, "a tenth of the size");
        eq(calibrator.profitAsCollateral(300e12, 40e12, 10e12, 0.25e18), 75e12, "the fraction binds");
    }

    function test_fuzz_MARGIN_07_refusesIllegalProfitInputs(uint256 over) external {
        uint256 above = bound(over, MAX_AMOUNT + 1, type(uint256).max);
        vm.expectRevert(inputError("profit"));
        calibrator.profitAsCollateral(above, 1, 1, WAD);
        vm.expectRevert(inputError("size"));
        calibrator.profitAsCollateral(1, above, 1, WAD);
        vm.expectRevert(inputError("depth"));
        calibrator.profitAsCollateral(1, 1, above, WAD);
        vm.expectRevert(inputError("depth"));
        calibrator.profitAsCollateral(1, 1, 0, WAD);
        vm.expectRevert(inputError("fraction"));
        calibrator.profitAsCollateral(1, 1, 1, bound(over, WAD + 1, type(uint256).max));
        // The limits themselves are legal.
        uint256 max = type(uint128).max;
        atMost(max - calibrator.profitAsCollateral(max, 1, max, WAD), 1, "profit and depth at the limits");
        calibrator.profitAsCollateral(max, max, max, WAD);
    }

    /* INPUTS AND VERIFY */

    function test_fuzz_MARGIN_02_illegalInputsAreRefusedByName(uint256 field, uint256 over) external {
        field = bound(field, 0, 16);
        (uint256 min, uint256 max, bytes32 name) = rangeOf(field);
        Inputs memory i = usual();
        write(i, field, bound(over, max + 1, type(uint256).max));
        refused(i, name);
        write(i, field, 0);
        if (min > 0) refused(i, name);
        else calibrator.calibrate(i);
        write(i, field, max);
        calibrator.calibrate(i);
    }

    function refused(Inputs memory i, bytes32 name) internal {
        vm.expectRevert(inputError(name));
        calibrator.maintenanceMargin(i);
        vm.expectRevert(inputError(name));
        calibrator.initialMargin(i);
        vm.expectRevert(inputError(name));
        calibrator.maxLeverage(i);
        vm.expectRevert(inputError(name));
        calibrator.oiCap(i);
        vm.expectRevert(inputError(name));
        calibrator.calibrate(i);
        Output memory any;
        no(calibrator.verify(MODEL, i, any), "verify says no without reverting");
    }

    function test_fuzz_MARGIN_05_verifyAcceptsOnlyTheExactOutput(Inputs memory i, uint256 which, uint256 other)
        external
        view
    {
        i = boundLegal(i);
        Output memory o = calibrator.calibrate(i);
        yes(calibrator.verify(MODEL, i, o), "exact");
        no(calibrator.verify(bytes32(other == uint256(MODEL) ? 0 : other), i, o), "another model");
        uint256[4] memory words = [o.mmr, o.imr, o.maxLeverage, o.oiCap];
        which = bound(which, 0, 3);
        if (words[which] != other) {
            words[which] = other;
            no(calibrator.verify(MODEL, i, Output(words[0], words[1], words[2], words[3])), "another output");
        }
    }

    function test_fuzz_MARGIN_05_standsForOneModel(bytes32 model) external {
        if (uint256(model) % 4 == 0) model = 0;
        if (model == 0) vm.expectRevert(inputError("modelHash"));
        MarginCalibrator other = new MarginCalibrator(model);
        if (model != 0) eq(other.modelHash(), model, "modelHash");
    }

    function test_SYS_12_healthyAlways() external view {
        (bool ok, bytes32 why) = calibrator.healthy();
        yes(ok && why == 0, "healthy");
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IInsuranceFund} from "../../src/interfaces/IInsuranceFund.sol";
import {Health} from "../../src/interfaces/IHealthGate.sol";
import {Status} from "../../src/interfaces/IOracleAggregator.sol";
import {Limits} from "../../src/interfaces/IPerpParameters.sol";
import {IReferencePerp, Position} from "../../src/interfaces/IReferencePerp.sol";
import {Why} from "../../src/libraries/Why.sol";
import {PerpSetup} from "../PerpSetup.t.sol";

/// Liquidation, bad debt in both directions, deleveraging, fees.
/// forge-config: default.fuzz.runs = 256
contract PerpSolvencyTest is PerpSetup {
    function setUp() public override {
        super.setUp();
        provide(MAKER, 1_000_000 * USD);
        margin(ALICE, 4_000 * USD);
        open(ALICE, 10e18);
    }

    function liquidate(address who, uint256 maxSize) internal returns (uint256) {
        vm.prank(LIQUIDATOR);
        return perp.liquidate(who, MARKET, maxSize);
    }

    function all() internal view returns (uint256) {
        uint256 margins = positionOf(ALICE).margin + positionOf(BOB).margin;
        uint256 balances = perp.balanceOf(ALICE) + perp.balanceOf(BOB) + perp.balanceOf(LIQUIDATOR);
        return margins + balances + poolMargin() + feesOf();
    }

    /* LIQUIDATION */

    function test_fuzz_PERP_05_onlyWhoLacksMaintenanceMarginIsLiquidated(uint256 wad, uint8 status) external {
        wad = bound(wad, 1_000e18, 3_000e18);
        Status s = Status(status % 4);
        oracle.set(wad, wad, s);
        int256 excess = perp.accountHealth(ALICE, MARKET).excess;
        if (s == Status.HALTED) {
            vm.expectRevert(abi.encodeWithSelector(IReferencePerp.Perp_Price.selector, MARKET, uint8(3)));
        } else if (excess >= 0) {
            vm.expectRevert(abi.encodeWithSelector(IReferencePerp.Perp_Healthy.selector, ALICE, excess));
        }
        liquidate(ALICE, type(uint256).max);
        yes((positionOf(ALICE).size == 0) == (s != Status.HALTED && excess < 0), "closed");
    }

    function test_fuzz_PERP_05_penaltyIsSharedByLiquidatorAndFund(uint256 wad, uint256 maxSize) external {
        wad = bound(wad, 1_601e18, 1_683e18);
        maxSize = bound(maxSize, 1e17, 20e18);
        setPrice(wad);
        uint256 closed = maxSize > 10e18 ? 10e18 : maxSize;
        uint256 notional = (closed * wad + 1e30 - 1) / 1e30;
        uint256 penalty = (notional * 0.01e18 + 1e18 - 1) / 1e18;
        vm.expectEmit(address(perp));
        emit IReferencePerp.Liquidated(ALICE, MARKET, LIQUIDATOR, -int256(closed), penalty);
        eq(liquidate(ALICE, maxSize), closed, "closed");
        eq(perp.balanceOf(LIQUIDATOR), penalty / 2, "liquidator");
        eq(feesOf(), penalty - penalty / 2, "fund");
        eq(all(), 1_004_000 * USD, "conserved");
    }

    function test_PERP_05_nothingIsNoLiquidation() external {
        setPrice(1_650e18);
        vm.expectRevert(abi.encodeWithSelector(IReferencePerp.Perp_Nothing.selector));
        liquidate(ALICE, 0);
        vm.expectRevert(abi.encodeWithSelector(IReferencePerp.Perp_Healthy.selector, BOB, int256(0)));
        liquidate(BOB, 1);
    }

    function test_fuzz_PERP_05_liquidationsStayWithinTheWindow(uint256[6] calldata sizes, uint256[6] calldata times)
        external
    {
        Limits memory l = limits();
        l.liquidationCap = 4_000 * USD;
        parameters.set(l);
        setPrice(1_600e18);
        uint256 start = vm.getBlockTimestamp();
        uint256 sum;
        for (uint256 i; i < 6; ++i) {
            uint256 size = bound(sizes[i], 1e16, 10e18);
            vm.prank(LIQUIDATOR);
            (bool ok, bytes memory answer) = address(perp).call(abi.encodeCall(perp.liquidate, (ALICE, MARKET, size)));
            if (ok) sum += abi.decode(answer, (uint256)) * 1_600 / 1e12;
            else yes(isWindowShut(bytes4(answer)) || positionOf(ALICE).size == 0, "for want of room");
            atMost(sum, 4_000 * USD + 4_000 * USD * (vm.getBlockTimestamp() - start) / 1 hours, "window");
            pass(bound(times[i], 0, 1 hours));
        }
    }

    function test_fuzz_PERP_05_whatTheWindowLetsByIsRoundedDown(uint256 cap) external {
        Limits memory l = limits();
        l.liquidationCap = cap = bound(cap, 100 * USD, 15_000 * USD);
        parameters.set(l);
        setPrice(1_599.7e18);
        eq(liquidate(ALICE, type(uint256).max), 10e18 * cap / (15_997 * USD), "size");
    }

    function isWindowShut(bytes4 reason) internal pure returns (bool) {
        // Nearly no room rounds to no size, or to one that the penalty's rounding makes no better.
        return reason == IReferencePerp.Perp_LiquidationCap.selector || reason == IReferencePerp.Perp_Nothing.selector
            || reason == IReferencePerp.Perp_Unhealthy.selector;
    }

    function test_PERP_05_aFullWindowSaysSo() external {
        Limits memory l = limits();
        l.liquidationCap = 4_000 * USD;
        parameters.set(l);
        setPrice(1_600e18);
        eq(liquidate(ALICE, type(uint256).max), 2.5e18, "as far as there is room");
        vm.expectRevert(
            abi.encodeWithSelector(IReferencePerp.Perp_LiquidationCap.selector, MARKET, uint256(4_000 * USD))
        );
        liquidate(ALICE, type(uint256).max);
        pass(1 hours);
        eq(liquidate(ALICE, type(uint256).max), 2.5e18, "again");
    }

    /* BAD DEBT OF A LOSER */

    function test_fuzz_PERP_02_theFundCoversWhatAClosedLoserLacks(uint256 wad, uint256 cover) external {
        wad = bound(wad, 500e18, 1_599e18);
        cover = bound(cover, 0, 20_000 * USD);
        if (cover > 0) insure(cover);
        setPrice(wad);
        int256 cost = positionOf(ALICE).cost;
        uint256 penalty = ((wad * 10 + 1e12 - 1) / 1e12 + 99) / 100;
        uint256 left = 4_000 * USD - penalty;
        uint256 shortfall = uint256(cost) - (wad - 1) * 10 / 1e12 - left;
        uint256 covered = shortfall < cover ? shortfall : cover;
        vm.expectEmit(address(perp));
        emit IReferencePerp.BadDebt(MARKET, ALICE, shortfall, covered);
        liquidate(ALICE, type(uint256).max);
        eq(positionOf(ALICE).margin, 0, "margin");
        eq(fund.firstLoss(), cover - covered, "fund");
        eq(all(), 1_004_000 * USD + covered, "conserved");
        eq(poolMargin(), 1_000_000 * USD + left + covered, "the pool bears the rest");
    }

    /// The fund's guardians can foresee the id. What they name, for another market, is no way to spare the fund.
    function test_fuzz_FUND_05_aLossNamedByGuardiansIsCoveredAllTheSame(uint256 wad) external {
        insure(100_000 * USD);
        fund.setMarketCap("OTHER", 1, Why("test", "test"));
        fund.openLoss(keccak256(abi.encode(address(perp), MARKET, uint256(1))), "OTHER", 1, Why("test", "test"));
        setPrice(bound(wad, 500e18, 1_500e18));
        liquidate(ALICE, type(uint256).max);
        yes(fund.firstLoss() < 100_000 * USD, "paid");
        atMost(1_000_000 * USD, poolMargin(), "the makers bear nothing");
    }

    function test_fuzz_PERP_02_anOpenLoserOwesWhatHeLacks(uint256 wad, uint256 part) external {
        insure(100_000 * USD);
        wad = bound(wad, 1_000e18, 1_500e18);
        part = bound(part, 1e17, 9.9e18);
        setPrice(wad);
        int256 equity = equityOf(ALICE);
        liquidate(ALICE, part);
        eq(fund.firstLoss(), 100_000 * USD, "the fund waits for the end");
        uint256 penalty = perp.balanceOf(LIQUIDATOR) + feesOf();
        atMost(uint256(equity - int256(penalty) - equityOf(ALICE)), 3, "equity");
        liquidate(ALICE, type(uint256).max);
        eq(all(), 1_004_000 * USD + 100_000 * USD - fund.firstLoss(), "conserved");
    }

    function test_fuzz_PERP_02_fundingOfAGainIsNoBadDebt(uint256 time) external {
        insure(100_000 * USD);
        Limits memory l = limits();
        (l.fundingCap, l.skewScale) = (0.03e18, 1);
        parameters.set(l);
        setPrice(4_000e18);
        takeOut(ALICE, 4_000 * USD);
        time = bound(time, 1 hours, 10 days);
        pass(time);
        perp.settleFunding(MARKET);
        int256 before = perp.accountHealth(ALICE, MARKET).collateral;
        // Settled by an order that changes next to nothing.
        open(ALICE, -1e12);
        eq(fund.firstLoss(), 100_000 * USD, "the fund pays nobody's funding");
        int256 afterwards = perp.accountHealth(ALICE, MARKET).collateral;
        yes(before - afterwards < 4 && before >= afterwards, "it is owed");
        close(ALICE);
        yes(int256(positionOf(ALICE).margin) <= afterwards, "and paid");
    }

    function test_fuzz_PERP_05_aFundThatFailsKeepsNobodyIn(uint256 wad, bool byOwner) external {
        insure(100_000 * USD);
        setPrice(bound(wad, 500e18, 1_500e18));
        mocks.mockCallRevert(address(fund), abi.encodePacked(IInsuranceFund.cover.selector), "no");
        if (byOwner) close(ALICE);
        else liquidate(ALICE, type(uint256).max);
        yes(positionOf(ALICE).size == 0, "closed");
        eq(fund.firstLoss(), 100_000 * USD, "nothing came");
        eq(all(), 1_004_000 * USD, "conserved");
        mocks.clearMockedCalls();
    }

    /* A WINNER AND THE POOL */

    /// ALICE and BOB are the two sides, over a pool that has nearly nothing.
    function overAnEmptyPool() internal {
        margin(ALICE, 20_000 * USD);
        margin(BOB, 24_000 * USD);
        open(BOB, -10e18);
        uint256 shares = perp.sharesOf(MAKER, MARKET);
        vm.prank(MAKER);
        perp.removeLiquidity(MARKET, shares - shares / 1_000_000);
        atMost(poolMargin(), 2 * USD, "nearly empty");
    }

    function test_fuzz_PERP_02_aWinnerOverAnEmptyPoolWaitsForTheLoser(uint256 wad) external {
        insure(100_000 * USD);
        overAnEmptyPool();
        setPrice(bound(wad, 2_100e18, 4_000e18));
        int256 alice = equityOf(ALICE);
        close(ALICE);
        atMost(uint256(alice - equityOf(ALICE)), 2, "what is not paid is owed");
        eq(fund.firstLoss(), 100_000 * USD, "no bad debt");
        uint256 waits = uint256(-positionOf(ALICE).cost);
        uint256 whole = positionOf(ALICE).margin + waits;
        vm.expectRevert(abi.encodeWithSelector(IReferencePerp.Perp_Balance.selector, address(perp), 0, waits));
        takeOut(ALICE, whole);
        close(BOB);
        takeOut(ALICE, whole);
        atMost(uint256(alice) - perp.balanceOf(ALICE), 2, "paid");
        Position memory p = positionOf(ALICE);
        yes(p.cost == 0 && p.drawn == 0 && p.margin == 0, "and no more");
        vm.expectRevert();
        takeOut(ALICE, 1);
    }

    function test_fuzz_PERP_02_whatAnInsolventPoolLacksFallsOnFundAndWinner(uint256 wad, uint256 cover) external {
        cover = bound(cover, 0, 50_000 * USD);
        if (cover > 0) insure(cover);
        uint256 shares = perp.sharesOf(MAKER, MARKET);
        vm.prank(MAKER);
        perp.removeLiquidity(MARKET, shares - shares / 100);
        uint256 pool = poolMargin();
        setPrice(bound(wad, 4_000e18, 8_000e18));
        int256 gain = equityOf(ALICE) - int256(4_000 * USD);
        close(ALICE);
        uint256 lacks = uint256(gain) - pool;
        uint256 covered = lacks < cover ? lacks : cover;
        uint256 got = positionOf(ALICE).margin - 4_000 * USD;
        atMost(got, pool + covered, "no more than there was");
        atMost(pool + covered, got + 2, "all that there was");
        yes(positionOf(ALICE).cost == 0, "nothing is owed");
        eq(poolMargin(), 0, "empty");
        pay(BOB, USD);
        vm.expectRevert(abi.encodeWithSelector(IReferencePerp.Perp_Insolvent.selector, MARKET));
        vm.prank(BOB);
        perp.addLiquidity(MARKET, USD);
    }

    function test_PERP_02_anInsolventPoolsSharesAreWorthNothing() external {
        margin(BOB, 1_000_000 * USD);
        open(BOB, 990e18);
        setPrice(4_000e18);
        yes(perp.poolEquity(MARKET) < 0, "insolvent");
        eq(perp.makerValue(MAKER, MARKET), 0, "value");
        vm.expectRevert(abi.encodeWithSelector(IReferencePerp.Perp_Insolvent.selector, MARKET));
        vm.prank(MAKER);
        perp.removeLiquidity(MARKET, 1);
    }

    /* DELEVERAGING */

    function test_fuzz_PERP_05_deleverageTakesOffWhatThePoolCannotCarry(uint256 wad) external {
        margin(BOB, 1_000_000 * USD);
        open(BOB, 990e18);
        wad = bound(wad, 1_900e18, 4_000e18);
        setPrice(wad);
        // The pool has a million, and 1,000 short at 2,000: 5 % of maintenance end at 2,857.
        bool carries = wad <= 2_857e18;
        if (!carries && wad < 2_858e18) return;
        if (carries) {
            vm.expectRevert(abi.encodeWithSelector(IReferencePerp.Perp_NoDeleverage.selector, MARKET, BOB));
            perp.deleverage(BOB, MARKET);
            return;
        }
        uint256 before = all();
        vm.expectEmit(address(perp));
        emit IReferencePerp.Deleveraged(BOB, MARKET, -990e18);
        perp.deleverage(BOB, MARKET);
        yes(positionOf(BOB).size == 0, "closed");
        eq(all(), before, "conserved");
    }

    function test_fuzz_PERP_05_deleverageNeverEnlargesTheSkew(uint256 size) external {
        margin(BOB, 1_000_000 * USD);
        margin(LIQUIDATOR, 1_000_000 * USD);
        setPrice(4_000e18);
        size = bound(size, 1e18, 390e18);
        open(LIQUIDATOR, -int256(size));
        setPrice(START);
        open(BOB, 990e18);
        setPrice(3_900e18);
        yes(perp.poolEquity(MARKET) < 0, "the pool cannot carry it");
        // The other side wins as well, but closing it would leave the pool more to carry.
        vm.expectRevert(abi.encodeWithSelector(IReferencePerp.Perp_NoDeleverage.selector, MARKET, LIQUIDATOR));
        perp.deleverage(LIQUIDATOR, MARKET);
        perp.deleverage(BOB, MARKET);
        (uint256 long, uint256 short) = perp.openInterest(MARKET);
        eq(short, size, "the smaller side stays");
        eq(long, size > 10e18 ? size : 10e18, "at most the skew");
    }

    function test_PERP_05_noDeleverageWithoutAPrice() external {
        setStatus(Status.HALTED);
        vm.expectRevert(abi.encodeWithSelector(IReferencePerp.Perp_Price.selector, MARKET, uint8(3)));
        perp.deleverage(ALICE, MARKET);
    }

    /* FEES */

    function test_fuzz_PERP_06_feesLeaveAsFarAsTheLimitHasRoom(uint256 room) external {
        setPrice(1_650e18);
        liquidate(ALICE, type(uint256).max);
        uint256 fees = feesOf();
        room = bound(room, 0, 2 * fees);
        mocks.mockCall(address(limiter), abi.encodePacked(bytes4(keccak256("available(address)"))), abi.encode(room));
        perp.collectFees(MARKET);
        uint256 sent = room < fees ? room : fees;
        eq(feesOf(), fees - sent, "kept");
        eq(fund.potOf(MARKET), sent, "pot");
        mocks.clearMockedCalls();
    }

    /* AT THE EDGE */

    function test_fuzz_PERP_02_aGainIsDrawnToTheUnitAndNoMore(uint256 wad) external {
        wad = bound(wad, 2_100e18, 4_000e18);
        setPrice(wad);
        uint256 all_ = 4_000 * USD + wad * 10 / 1e12 - uint256(positionOf(ALICE).cost);
        vm.expectRevert(abi.encodeWithSelector(IReferencePerp.Perp_Balance.selector, ALICE, all_, all_ + 1));
        takeOut(ALICE, all_ + 1);
    }

    function test_fuzz_SYS_10_aPartThatClosesTakesNoMoreThanItsPartOfWhatWasDrawn(uint256 amount, uint256 part) external {
        setPrice(4_000e18);
        takeOut(ALICE, bound(amount, 4_000 * USD + 1, 10_000 * USD));
        uint256 drawn = positionOf(ALICE).drawn;
        part = bound(part, 1e12, 9e18);
        open(ALICE, -int256(part));
        eq(positionOf(ALICE).drawn, drawn - drawn * part / 10e18, "drawn");
    }

    function test_MARGIN_06_openInterestReachesItsCap() external {
        Limits memory l = limits();
        l.oiCap = 40_000 * USD;
        parameters.set(l);
        margin(BOB, 4_000 * USD);
        bytes32 id = request(BOB, 10e18);
        perp.executeOrder(id, orderOf(BOB, 10e18), 1);
        eq(uint256(positionOf(BOB).size), 10e18, "at the cap");
        id = request(BOB, 1e15);
        vm.expectRevert(
            abi.encodeWithSelector(IReferencePerp.Perp_OpenInterest.selector, MARKET, 40_002 * USD, 40_000 * USD)
        );
        perp.executeOrder(id, orderOf(BOB, 1e15), 1);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {InsuranceFund} from "../../src/InsuranceFund.sol";
import {IAccountable} from "../../src/interfaces/IAccountable.sol";
import {IInsuranceFund} from "../../src/interfaces/IInsuranceFund.sol";
import {ITranche} from "../../src/interfaces/ITranche.sol";
import {Layers, Payment, Waterfall} from "../../src/libraries/Waterfall.sol";
import {Why} from "../../src/libraries/Why.sol";
import {FundSetup} from "../FundSetup.t.sol";

contract InsuranceFundTest is FundSetup {
    uint256 internal constant COOLDOWN = 10 days;
    uint256 internal constant WINDOW = 2 days;

    function notAllowed(address caller) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IInsuranceFund.Fund_NotAllowed.selector, caller);
    }

    function with(bytes4 selector, bytes32 id) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, id);
    }

    /* WATERFALL */

    function test_fuzz_FUND_01_layersAndResidualSumUpToTheLoss(uint256 amount) external {
        amount = boundLoss(amount);
        Layers memory l = Layers(100e18, 200e18, 300e18, 1_000e18);
        Payment memory p = Waterfall.split(amount, 1_500e18, l);
        eq(p.fromPot + p.fromProtocol + p.fromJunior + p.fromSenior + p.residual, amount, "sum");
        vm.expectEmit(address(fund));
        emit IInsuranceFund.Covered("loss", p.fromPot, p.fromProtocol, p.fromJunior, p.fromSenior, p.residual);
        uint256 paid = cover("loss", amount);
        eq(paid, amount - p.residual, "paid");
        eq(token.balanceOf(exchange), paid, "received");
        eq(fund.potOf(MARKET), l.pot - p.fromPot, "pot");
        eq(fund.firstLoss(), l.firstLoss - p.fromProtocol, "first loss");
        eq(junior.totalAssets(), l.junior - p.fromJunior, "junior");
        eq(senior.totalAssets(), l.senior - p.fromSenior, "senior");
    }

    /// Some tokens refuse a transfer of nothing: a layer that pays nothing is not asked to.
    function test_fuzz_FUND_01_aTokenThatRefusesNothingIsPaid(uint256 fromJunior) external {
        token.setStrict(true);
        eq(cover("pot alone", 50e18), 50e18, "pot");
        eq(cover("protocol", 250e18), 250e18, "protocol");
        fromJunior = bound(fromJunior, 1, 300e18 - MIN);
        eq(cover("junior alone", fromJunior), fromJunior, "junior");
        if (fromJunior < 300e18 - MIN) cover("rest of junior", 300e18 - MIN - fromJunior);
        eq(cover("senior alone", 1e18), 1e18, "senior");
        eq(token.balanceOf(exchange), 50e18 + 250e18 + 300e18 - MIN + 1e18, "received");
    }

    function test_fuzz_FUND_01_splitLosesNothing(uint256 amount, uint256 capLeft, uint128[4] calldata have) external pure {
        Layers memory l = Layers(have[0], have[1], have[2], have[3]);
        Payment memory p = Waterfall.split(amount, capLeft, l);
        eq(p.fromPot + p.fromProtocol + p.fromJunior + p.fromSenior + p.residual, amount, "sum");
        atMost(p.fromPot, l.pot, "pot");
        atMost(p.fromProtocol, l.firstLoss, "first loss");
        atMost(p.fromJunior, l.junior, "junior");
        atMost(p.fromSenior, l.senior, "senior");
        atMost(p.fromProtocol + p.fromJunior + p.fromSenior, capLeft, "cap");
    }

    function test_fuzz_FUND_02_seniorPaysOnlyWhenJuniorIsAtItsMinimum(uint256 amount) external {
        amount = boundLoss(amount);
        cover("loss", amount);
        if (senior.totalAssets() < 1_000e18) eq(junior.totalAssets(), MIN, "junior");
        atMost(MIN, junior.totalAssets(), "junior's minimum");
        atMost(MIN, senior.totalAssets(), "senior's minimum");
        yes(junior.convertToAssets(junior.totalSupply()) > 0, "junior's price");
        yes(senior.convertToAssets(senior.totalSupply()) > 0, "senior's price");
    }

    function test_fuzz_FUND_02_aTrancheBelowItsMinimumPaysNothing(uint256 have, uint256 amount) external pure {
        have = bound(have, 0, MIN);
        Payment memory p = Waterfall.split(amount, type(uint256).max, Layers(0, 0, have, have));
        eq(p.fromJunior + p.fromSenior, 0, "paid");
        eq(p.residual, amount, "residual");
    }

    function test_fuzz_FUND_05_aLossIsCoveredOnce(uint256 a, uint256 b, bytes32 id) external {
        cover(id, boundLoss(a));
        vm.expectRevert(with(IInsuranceFund.Fund_LossUsed.selector, id));
        cover(id, boundLoss(b));
        vm.expectRevert(with(IInsuranceFund.Fund_LossUsed.selector, id));
        openLoss(council, id);
    }

    function test_fuzz_FUND_05_onlyTheProtectedContractCovers(address caller) external {
        vm.assume(caller != exchange);
        vm.prank(caller);
        vm.expectRevert(notAllowed(caller));
        fund.cover("loss", MARKET, 1);
    }

    /// Ids of losses to come can be foreseen: guardians who name them, for whatever market, do not stop their cover.
    function test_fuzz_FUND_05_aLossThatGuardiansNamedFirstIsCovered(bytes32 market, bool closed, uint256 amount) external {
        vm.assume(market != MARKET);
        setMarketCap(market, 1_000);
        amount = bound(amount, 1, fund.marketLeft(MARKET));
        openLoss(council, "loss", market);
        if (closed) closeLoss(timelock, "loss");
        eq(cover("loss", amount), amount, "paid");
        vm.expectRevert(with(IInsuranceFund.Fund_LossUsed.selector, "loss"));
        cover("loss", amount);
    }

    function test_fuzz_FUND_05_assetsCoverAllClaims(uint256 a, uint256 b, uint256 gift) external {
        deposit(junior, BOB, bound(a, 1, 1e30));
        token.mint(address(junior), bound(gift, 0, 1e30));
        cover("loss", boundLoss(b));
        uint256 claims = junior.previewRedeem(junior.balanceOf(ALICE)) + junior.previewRedeem(junior.balanceOf(BOB));
        atMost(claims, junior.totalAssets(), "claims");
        uint256 own = fund.potOf(MARKET) + fund.firstLoss();
        eq(own, token.balanceOf(address(fund)), "the fund's own layers");
    }

    function test_fuzz_FUND_05_aHookCannotCoverTwice(uint256 a, bool before) external {
        a = bound(a, 101e18, 4_800e18);
        bytes memory again = abi.encodeCall(fund.cover, ("loss", MARKET, a));
        InsuranceFund made = new InsuranceFund(address(token), token, council, timelock);
        token.approve(address(made), 1e18);
        made.addToPot(MARKET, 1e18);
        token.setHook(address(made), address(made), again, before);
        vm.prank(address(token));
        vm.expectRevert();
        made.cover("other", MARKET, a);
        token.setHook(address(0), address(0), "", before);
        vm.prank(address(token));
        eq(made.cover("loss", MARKET, 1e18), 1e18, "paid without the hook");
    }

    /* MARKET CAPS */

    function test_fuzz_FUND_06_aMarketTakesAtMostItsShare(uint256 bps, uint256[4] calldata losses) external {
        bps = bound(bps, 0, 10_000);
        setMarketCap(MARKET, bps);
        uint256 shared = fund.firstLoss() + junior.totalAssets() + senior.totalAssets();
        for (uint256 i; i < losses.length; ++i) cover(bytes32(i), boundLoss(losses[i]));
        uint256 left = fund.firstLoss() + junior.totalAssets() + senior.totalAssets();
        atMost(shared - left, shared * bps / 10_000, "taken");
        (, uint240 taken) = fund.marketOf(MARKET);
        eq(taken, shared - left, "counted");
    }

    function test_fuzz_FUND_06_aMarketWithoutCapHasItsPotAlone(uint256 amount, uint256 pot) external {
        pot = bound(pot, 0, 1e24);
        fund.addToPot(OTHER, pot);
        amount = boundLoss(amount);
        eq(cover("loss", OTHER, amount), amount < pot ? amount : pot, "paid");
        eq(fund.potOf(MARKET), 100e18, "the other pot");
        eq(fund.firstLoss(), 200e18, "first loss");
    }

    function test_fuzz_FUND_06_aLossThatCannotTakeHoldsNobody(address by) external {
        by = uint160(by) % 2 == 0 ? council : exchange;
        vm.prank(by);
        vm.expectRevert(abi.encodeWithSelector(IInsuranceFund.Fund_MarketCap.selector, OTHER, 0));
        fund.openLoss("loss", OTHER, 1, why());
    }

    function test_fuzz_FUND_06_onlyTheTimelockSetsCaps(address caller, uint256 bps) external {
        vm.assume(caller != timelock);
        vm.prank(caller);
        vm.expectRevert(notAllowed(caller));
        fund.setMarketCap(MARKET, 1, why());
        bps = bound(bps, 10_001, type(uint16).max);
        vm.expectRevert(abi.encodeWithSelector(IInsuranceFund.Fund_BadCap.selector, bps));
        setMarketCap(MARKET, bps);
    }

    function test_fuzz_SYS_02_aCapSaysWhichWayItWent(uint256 a, uint256 b) external {
        (a, b) = (bound(a, 0, 10_000), bound(b, 0, 10_000));
        if (b % 4 == 0) b = a;
        setMarketCap(MARKET, a);
        vm.expectEmit(address(fund));
        emit IInsuranceFund.MarketCapSet(MARKET, uint16(b));
        vm.expectEmit(address(fund));
        if (b > a) emit IAccountable.Loosened(timelock, MARKET, "test", EVIDENCE);
        else emit IAccountable.Tightened(timelock, MARKET, "test", EVIDENCE);
        setMarketCap(MARKET, b);
    }

    /* REDEMPTION */

    function test_fuzz_FUND_03_sharesLeaveWithinTheirWindowAlone(uint256 which, uint256 shares, uint256 wait) external {
        (ITranche tranche, address owner) = both(which);
        shares = bound(shares, 1, tranche.balanceOf(owner));
        uint256 id = request(tranche, owner, shares);
        uint256 readyAt = nowAt() + COOLDOWN;
        vm.warp(bound(wait, nowAt(), readyAt + 30 days));
        bool open = nowAt() >= readyAt && nowAt() <= readyAt + WINDOW;
        uint256 want = tranche.previewRedeem(shares);
        if (!open) vm.expectRevert(abi.encodeWithSelector(ITranche.Fund_Window.selector, id));
        uint256 got = redeem(tranche, owner, id);
        if (!open) return;
        eq(got, want, "assets");
        eq(token.balanceOf(owner), want, "paid");
        eq(tranche.balanceOf(address(tranche)), 0, "shares left");
        vm.expectRevert(abi.encodeWithSelector(ITranche.Fund_NoShares.selector));
        redeem(tranche, owner, id);
    }

    function test_FUND_03_theWindowsEdgesCount() external {
        uint256 a = request(junior, ALICE, 1e18);
        uint256 b = request(junior, ALICE, 1e18);
        uint256 readyAt = nowAt() + COOLDOWN;
        vm.warp(readyAt - 1);
        vm.expectRevert(abi.encodeWithSelector(ITranche.Fund_Window.selector, a));
        redeem(junior, ALICE, a);
        vm.warp(readyAt);
        redeem(junior, ALICE, a);
        vm.warp(readyAt + WINDOW);
        redeem(junior, ALICE, b);
    }

    function test_fuzz_FUND_03_nothingLeavesWhileALossIsOpen(uint256 which, uint256 wait, uint256 during) external {
        (ITranche tranche, address owner) = both(which);
        uint256 id = request(tranche, owner, 1e18);
        vm.warp(nowAt() + bound(wait, 0, COOLDOWN + WINDOW));
        openLoss(council, "loss");
        vm.warp(nowAt() + bound(during, 0, 7 days - 1));
        bytes memory want = with(ITranche.Fund_LossPending.selector, "loss");
        vm.expectRevert(want);
        redeem(tranche, owner, id);
        vm.expectRevert(want);
        request(tranche, owner, 1);
        vm.prank(owner);
        yes(tranche.transfer(address(0xcafe), 1e18), "transfer");
        vm.expectRevert(want);
        request(tranche, address(0xcafe), 1e18);
    }

    function test_fuzz_FUND_03_aWindowThatALossShutBeginsAnew(uint256 lossAt, uint256 wait) external {
        uint256 id = request(junior, ALICE, 1e18);
        uint256 readyAt = nowAt() + COOLDOWN;
        vm.warp(nowAt() + bound(lossAt, COOLDOWN - 7 days + 1, COOLDOWN + WINDOW));
        openLoss(council, "loss");
        uint256 end = nowAt() + 7 days;
        (uint256 from, uint256 to) = junior.windowOf(id);
        eq(from, readyAt, "from");
        eq(to, end + WINDOW, "to");
        vm.warp(end + bound(wait, 0, WINDOW));
        redeem(junior, ALICE, id);
    }

    function test_fuzz_FUND_03_aLossRevivesNoExpiredRequest(uint256 lossAt) external {
        uint256 id = request(junior, ALICE, 1e18);
        vm.warp(nowAt() + COOLDOWN + WINDOW + bound(lossAt, 1, 365 days));
        openLoss(council, "loss");
        vm.warp(nowAt() + 7 days);
        vm.expectRevert(abi.encodeWithSelector(ITranche.Fund_Window.selector, id));
        redeem(junior, ALICE, id);
        vm.prank(ALICE);
        junior.cancelRequest(id);
        eq(junior.balanceOf(ALICE), junior.totalSupply(), "shares back");
    }

    function test_fuzz_FUND_03_waitingSharesBearLosses(uint256 amount) external {
        uint256 shares = junior.balanceOf(ALICE);
        uint256 id = request(junior, ALICE, shares);
        vm.warp(nowAt() + COOLDOWN);
        amount = bound(amount, 301e18, 599e18);
        cover("loss", amount);
        atMost(redeem(junior, ALICE, id), 600e18 - amount, "assets");
    }

    function test_fuzz_FUND_03_requestsBelongToTheirOwner(address caller, uint256 shares) external {
        vm.assume(caller != ALICE);
        shares = bound(shares, 1, junior.balanceOf(ALICE));
        uint256 id = request(junior, ALICE, shares);
        vm.warp(nowAt() + COOLDOWN);
        vm.expectRevert(notAllowed(caller));
        redeem(junior, caller, id);
        vm.prank(caller);
        vm.expectRevert(notAllowed(caller));
        junior.cancelRequest(id);
    }

    function test_fuzz_FUND_03_theVaultsOwnExitsAreShut(uint256 amount) external {
        amount = bound(amount, 1, 1e24);
        eq(junior.maxRedeem(ALICE) + junior.maxWithdraw(ALICE), 0, "max");
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxRedeem.selector, ALICE, amount, 0));
        IERC4626(address(junior)).redeem(amount, ALICE, ALICE);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxWithdraw.selector, ALICE, amount, 0));
        junior.withdraw(amount, ALICE, ALICE);
    }

    function test_FUND_03_anEmptyRequestIsRefused() external {
        vm.expectRevert(abi.encodeWithSelector(ITranche.Fund_NoShares.selector));
        request(junior, ALICE, 0);
    }

    function test_fuzz_FUND_05_onlyTheControllerSlashesAndFreezes(address caller) external {
        vm.assume(caller != address(fund));
        vm.prank(caller);
        vm.expectRevert(notAllowed(caller));
        junior.slash(caller, 1);
        vm.prank(caller);
        vm.expectRevert(notAllowed(caller));
        senior.freeze(0, 0);
    }

    /* DONATIONS */

    function test_fuzz_FUND_04_aDonationCostsMoreThanItTakes(uint256 first, uint256 gift, uint256 later) external {
        InsuranceFund made = new InsuranceFund(exchange, token, council, timelock);
        ITranche tranche = made.junior();
        (first, gift, later) = (bound(first, 1, 1e24), bound(gift, 0, 1e27), bound(later, 1, 1e27));
        uint256 shares = deposit(tranche, ALICE, first);
        token.mint(address(tranche), gift);
        uint256 theirs = deposit(tranche, BOB, later);
        uint256 attackers = tranche.previewRedeem(shares);
        uint256 victims = tranche.previewRedeem(theirs);
        uint256 cost = first + gift > attackers ? first + gift - attackers : 0;
        uint256 taken = later > victims ? later - victims : 0;
        atMost(taken, cost + 1, "taken from others");
        atMost(attackers, first + gift, "attacker's assets");
    }

    function test_fuzz_FUND_04_aTokenWithAFeeIsRefused(uint256 fee, uint256 amount) external {
        fee = bound(fee, 1, 10_000);
        amount = bound(amount, 10_000, 1e30);
        token.setFee(fee);
        vm.expectRevert(
            abi.encodeWithSelector(ITranche.Fund_Received.selector, amount - amount * fee / 10_000, amount)
        );
        this.depositFor(amount);
        fund.addFirstLoss(amount);
        eq(fund.firstLoss(), 200e18 + amount - amount * fee / 10_000, "what arrived counts");
    }

    function depositFor(uint256 amount) external {
        token.approve(address(junior), amount);
        junior.deposit(amount, ALICE);
    }

    /* LOSSES */

    function test_fuzz_FUND_07_anUnconfirmedLossExpiresAfter7Days(uint256 when) external {
        uint40 end = nowAt() + 7 days;
        vm.expectEmit(address(fund));
        emit IInsuranceFund.LossOpened("loss", MARKET, 1e18, end);
        vm.expectEmit(address(fund));
        emit IAccountable.Tightened(council, "loss", "test", EVIDENCE);
        openLoss(council, "loss");
        when = bound(when, nowAt(), end + 30 days);
        vm.warp(when);
        if (when < end) vm.expectRevert(with(ITranche.Fund_LossPending.selector, "loss"));
        request(junior, ALICE, 1);
    }

    function test_fuzz_FUND_07_reportsCannotLockForEver(uint256 next, bool byCouncil) external {
        uint40 start = nowAt();
        openLoss(council, "a");
        vm.warp(start + bound(next, 0, 7 days - 1));
        openLoss(exchange, "b");
        (, uint40 end) = junior.frozen();
        eq(end, start + 7 days, "a second report moves no end");
        vm.warp(bound(next, start + 7 days, start + 30 days - 1));
        vm.expectRevert(abi.encodeWithSelector(IInsuranceFund.Fund_TooSoon.selector, start + 30 days));
        openLoss(byCouncil ? council : exchange, "c");
        openLoss(timelock, "c");
    }

    function test_fuzz_FUND_07_aNewRowBeginsAfter30Days(uint256 wait) external {
        openLoss(council, "a");
        vm.warp(nowAt() + bound(wait, 30 days, 365 days));
        openLoss(council, "b");
        (, uint40 end) = senior.frozen();
        eq(end, nowAt() + 7 days, "end");
    }

    function test_fuzz_FUND_07_aConfirmedLossHolds30Days(uint256 wait) external {
        openLoss(council, "loss");
        vm.warp(nowAt() + bound(wait, 0, 7 days - 1));
        uint40 until = nowAt() + 30 days;
        vm.expectEmit(address(fund));
        emit IInsuranceFund.LossConfirmed("loss", until);
        confirmLoss("loss");
        (, uint40 end) = junior.frozen();
        eq(end, until, "end");
        eq(fund.lossOf("loss").until, until, "until");
        openLoss(council, "joins");
        eq(fund.lossOf("joins").until, nowAt() + 7 days, "a loss that joins waits for its own confirmation");
    }

    function test_fuzz_FUND_07_anExpiredLossIsNotConfirmed(uint256 wait) external {
        openLoss(council, "loss");
        vm.warp(nowAt() + bound(wait, 7 days, 365 days));
        vm.expectRevert(with(IInsuranceFund.Fund_LossNotOpen.selector, "loss"));
        confirmLoss("loss");
        vm.expectRevert(with(IInsuranceFund.Fund_LossNotOpen.selector, "none"));
        confirmLoss("none");
    }

    function test_fuzz_FUND_07_theLastLossClosedEndsTheHold(uint256 order) external {
        openLoss(council, "a");
        openLoss(council, "b");
        bool byCover = order % 2 == 0;
        if (byCover) cover("a", 1);
        else closeLoss(exchange, "a");
        vm.expectRevert(with(ITranche.Fund_LossPending.selector, "b"));
        request(junior, ALICE, 1);
        vm.expectEmit(address(fund));
        emit IInsuranceFund.LossClosed("b");
        if (order % 4 < 2) cover("b", 1);
        else closeLoss(timelock, "b");
        request(junior, ALICE, 1);
    }

    function test_fuzz_FUND_07_closedAndCoveredLossesStayClosed(bool byCover) external {
        openLoss(council, "a");
        openLoss(council, "b");
        if (byCover) cover("a", 1);
        else closeLoss(timelock, "a");
        vm.expectRevert(with(IInsuranceFund.Fund_LossNotOpen.selector, "a"));
        closeLoss(timelock, "a");
        vm.expectRevert(with(IInsuranceFund.Fund_LossNotOpen.selector, "a"));
        confirmLoss("a");
        vm.expectRevert(with(IInsuranceFund.Fund_LossUsed.selector, "a"));
        openLoss(council, "a");
    }

    function test_fuzz_FUND_07_anyoneClosesAnExpiredLoss(address caller) external {
        vm.assume(caller != timelock && caller != exchange);
        openLoss(council, "a");
        openLoss(council, "b");
        vm.warp(nowAt() + 1 days);
        confirmLoss("a");
        vm.expectRevert(notAllowed(caller));
        closeLoss(caller, "b");
        vm.warp(nowAt() + 6 days);
        closeLoss(caller, "b");
        closeLoss(timelock, "a");
        request(junior, ALICE, 1);
    }

    function test_fuzz_FUND_07_closingLateMovesNoWindow(uint256 wait) external {
        openLoss(council, "a");
        (, uint40 end) = junior.frozen();
        vm.warp(end + bound(wait, 0, 365 days));
        closeLoss(BOB, "a");
        (, uint40 later) = junior.frozen();
        eq(later, end, "end");
    }

    function test_fuzz_SYS_01_guardiansOnlyReport(address caller) external {
        vm.assume(caller != timelock && caller != exchange && caller != council);
        vm.prank(caller);
        vm.expectRevert(notAllowed(caller));
        fund.openLoss("loss", MARKET, 1, why());
        openLoss(council, "loss");
        address[2] memory both_ = [caller, council];
        for (uint256 i; i < 2; ++i) {
            vm.expectRevert(notAllowed(both_[i]));
            vm.prank(both_[i]);
            fund.closeLoss("loss", why());
            vm.expectRevert(notAllowed(both_[i]));
            vm.prank(both_[i]);
            fund.confirmLoss("loss", why());
            vm.expectRevert(notAllowed(both_[i]));
            vm.prank(both_[i]);
            fund.withdrawFirstLoss(1, both_[i], why());
        }
    }

    function test_fuzz_SYS_03_everyPrivilegedCallOfTheFundSaysWhy(bytes32 reason) external {
        Why memory none = Why(reason, 0);
        bytes memory want = abi.encodeWithSelector(IInsuranceFund.Fund_NoEvidence.selector);
        openLoss(council, "loss");
        vm.prank(timelock);
        vm.expectRevert(want);
        fund.openLoss("other", MARKET, 1, none);
        vm.prank(timelock);
        vm.expectRevert(want);
        fund.confirmLoss("loss", none);
        vm.prank(timelock);
        vm.expectRevert(want);
        fund.closeLoss("loss", none);
        vm.prank(timelock);
        vm.expectRevert(want);
        fund.setMarketCap(MARKET, 1, none);
        vm.prank(timelock);
        vm.expectRevert(want);
        fund.withdrawFirstLoss(1, timelock, none);
    }

    function test_fuzz_FUND_03_theFirstLossStaysWhileALossIsOpen(uint256 amount) external {
        amount = bound(amount, 0, 200e18);
        openLoss(council, "loss");
        vm.expectRevert(with(IInsuranceFund.Fund_LossPending.selector, "loss"));
        withdrawFirstLoss(amount);
        closeLoss(timelock, "loss");
        withdrawFirstLoss(amount);
        eq(fund.firstLoss(), 200e18 - amount, "first loss");
        eq(token.balanceOf(BOB), amount, "paid");
        vm.expectRevert();
        withdrawFirstLoss(200e18 - amount + 1);
    }

    function withdrawFirstLoss(uint256 amount) internal {
        vm.prank(timelock);
        fund.withdrawFirstLoss(amount, BOB, why());
    }

    function test_SYS_12_theFundTellsItsHealth() external {
        uint256 before = gasleft();
        (bool ok, bytes32 why_) = fund.healthy();
        atMost(before - gasleft(), 50_000, "gas");
        yes(ok && why_ == 0, "healthy");
        address[4] memory parts = [exchange, council, timelock, address(token)];
        bytes32[4] memory codes = [
            bytes32("protected has no code"),
            "council has no code",
            "timelock has no code",
            "asset has no code"
        ];
        for (uint256 i; i < 4; ++i) {
            bytes memory code = parts[i].code;
            vm.etch(parts[i], "");
            (ok, why_) = fund.healthy();
            no(ok, "healthy without a part");
            eq(why_, codes[i], "code");
            vm.etch(parts[i], code);
        }
    }
}

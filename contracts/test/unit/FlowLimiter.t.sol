// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FlowLimiter} from "../../src/FlowLimiter.sol";
import {IAccountable} from "../../src/interfaces/IAccountable.sol";
import {ICircuitBreaker} from "../../src/interfaces/ICircuitBreaker.sol";
import {FlowMode, IFlowLimiter, Limit} from "../../src/interfaces/IFlowLimiter.sol";
import {FlowMath} from "../../src/libraries/FlowMath.sol";
import {BucketWord, FlowWords, SnapshotWord} from "../../src/libraries/FlowWords.sol";
import {Why} from "../../src/libraries/Why.sol";
import {FlowSetup} from "../FlowSetup.t.sol";

/// A test whose calls are transactions of their own says so by `isolate`; else all of a test is one transaction.
contract FlowLimiterTest is FlowSetup {
    int256[] internal nets;
    uint256[] internal times;

    function exceeded(uint256 over) internal view returns (bytes memory) {
        return abi.encodeWithSelector(IFlowLimiter.Flow_Exceeded.selector, address(token), over);
    }

    function notAllowed(address caller) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IFlowLimiter.Flow_NotAllowed.selector, caller);
    }

    function subject() internal view returns (bytes32) {
        return bytes32(bytes20(address(token)));
    }

    function levelAfter(uint256 used, uint256 cap, uint256 window, uint256 dt) internal pure returns (uint256) {
        uint256 leak = cap * dt / window;
        return leak < used ? used - leak : 0;
    }

    /* THE BOUND */

    /// forge-config: default.isolate = true
    function test_fuzz_FLOW_01_netOutflowWithinCap(uint256[16] calldata steps, uint256 cap, uint256 window) external {
        window = boundWindow(window);
        cap = cap % 2 == 0 ? boundCap(cap) : bound(cap, 1, 2_000 * window);
        setLimit(cap, window, FlowMode.REVERT);
        cap = limiter.limitOf(address(token)).capAbs;
        int256 net;
        for (uint256 i; i < steps.length; ++i) {
            if (steps[i] % 3 == 0) vm.warp(nowAt() + (steps[i] >> 128) % (2 * window));
            net += move(steps[i], cap);
            nets.push(net);
            times.push(nowAt());
            for (uint256 j; j <= i; ++j) {
                int256 left = net - (j == 0 ? int256(0) : nets[j - 1]);
                uint256 most = cap + cap * (nowAt() - times[j]) / window;
                if (left > 0) atMost(uint256(left), most, "net outflow");
            }
        }
    }

    /// The net outflow of one transaction of one or two steps, taken greedily; 0 when it was refused.
    function move(uint256 random, uint256 cap) internal returns (int256) {
        uint256 room = available();
        int256 first = int256(random % 5 == 0 ? room : (random >> 8) % (room + 1));
        int256 second = int256((random >> 64) % (2 * cap)) - int256(cap);
        if (random % 7 < 3) return reported(-first, 0);
        return reported(int256((random >> 32) % cap), second);
    }

    function reported(int256 a, int256 b) internal returns (int256 net) {
        int256[] memory amounts = new int256[](2);
        (amounts[0], amounts[1]) = (a, b);
        if (a > 0) token.mint(address(this), uint256(a));
        if (b > 0) token.mint(address(this), uint256(b));
        if (a + b < 0) token.mint(address(vault), uint256(-(a + b)));
        (bool ok,) = address(vault).call(abi.encodeCall(vault.batch, (address(token), amounts)));
        return ok ? -(a + b) : int256(0);
    }

    /// forge-config: default.isolate = true
    function test_fuzz_FLOW_01_neverAboveCapWithinOneBlock(uint256 a, uint256 b, uint256 c) external {
        a = bound(a, 1, CAP);
        b = bound(b, 0, 2 * uint256(CAP));
        out(a);
        if (b > CAP - a) vm.expectRevert(exceeded(b - (CAP - a)));
        out(b);
        if (b > CAP - a) b = 0;
        c = bound(c, 1, CAP);
        if (a + b + c > CAP) vm.expectRevert(exceeded(a + b + c - CAP));
        out(c);
    }

    function test_fuzz_FLOW_01_aFullBucketLeaksAtTheStatedRate(uint256 wait) external {
        out(CAP);
        wait = bound(wait, 0, 2 * uint256(WINDOW));
        vm.warp(nowAt() + wait);
        uint256 room = CAP - levelAfter(CAP, CAP, WINDOW, wait);
        eq(available(), room, "available");
        vm.expectRevert(exceeded(1));
        out(room + 1);
        (uint256 passed, uint256 queued) = out(room);
        eq(passed, room, "passed");
        eq(queued, 0, "queued");
        eq(available(), 0, "nothing left");
    }

    function test_fuzz_FLOW_01_flowsTellTheirNetAndLevel(uint256 amount, uint256 back) external {
        amount = bound(amount, 1, CAP);
        back = bound(back, 0, 1e30);
        vm.expectEmit(address(limiter));
        emit IFlowLimiter.Flow(address(token), -int256(amount), amount);
        out(amount);
        vm.expectEmit(address(limiter));
        emit IFlowLimiter.Flow(address(token), int256(back), back < amount ? amount - back : 0);
        vault.deposit(address(token), back);
    }

    function test_fuzz_FLOW_01_onlyTheProtectedContractReports(address caller) external {
        vm.assume(caller != address(vault));
        vm.prank(caller);
        vm.expectRevert(notAllowed(caller));
        limiter.onOutflow(address(token), 1, caller);
        vm.prank(caller);
        vm.expectRevert(notAllowed(caller));
        limiter.onInflow(address(token), 1, caller);
    }

    /* CREDIT */

    /// forge-config: default.isolate = true
    function test_fuzz_FLOW_02_depositThenWithdrawChangesNothing(uint256 used, uint256 wait, uint256 amount) external {
        used = bound(used, 0, CAP);
        if (used > 0) out(used);
        vm.warp(nowAt() + boundWait(wait));
        uint256 level_ = level();
        uint256 room = available();
        amount = bound(amount, 1, 1e30);
        batch(int256(amount), -int256(amount));
        eq(level(), level_, "level");
        eq(available(), room, "available");
    }

    /// forge-config: default.isolate = true
    function test_fuzz_FLOW_02_creditLapsesWithItsTransaction(uint256 used, uint256 amount) external {
        used = bound(used, 1, CAP);
        out(used);
        amount = bound(amount, 1, 1e30);
        vault.deposit(address(token), amount);
        eq(available(), amount < used ? CAP - used + amount : CAP, "available");
        uint256 ask = available() + 1;
        vm.expectRevert(exceeded(1));
        out(ask);
    }

    function test_fuzz_FLOW_02_aTransactionMayTakeWhatItBroughtAndTheRoom(uint256 used, uint256 amount) external {
        used = bound(used, 1, CAP);
        out(used);
        amount = bound(amount, 1, 1e29);
        vault.deposit(address(token), amount);
        uint256 most = amount + CAP - used;
        eq(available(), most, "available");
        vm.expectRevert(exceeded(1));
        out(most + 1);
        out(most);
        eq(level(), CAP, "level");
        eq(available(), 0, "available after");
    }

    /// forge-config: default.isolate = true
    function test_fuzz_FLOW_02_outFirstThenBackChangesNothing(uint256 used, uint256 amount) external {
        used = bound(used, 0, CAP - 1);
        if (used > 0) out(used);
        amount = bound(amount, 1, CAP - used);
        batch(-int256(amount), int256(amount));
        eq(level(), used, "level");
    }

    /* SHARE OF TVL */

    function shareLimit(uint256 bps) internal {
        setLimit(address(token), Limit(type(uint128).max, uint16(bps), WINDOW, FlowMode.REVERT, 8_000));
    }

    function held() internal view returns (uint256) {
        return token.balanceOf(address(vault));
    }

    /// forge-config: default.isolate = true
    function test_fuzz_FLOW_03_aNewShareIsShutForOneLag(uint256 bps, uint256 wait) external {
        bps = bound(bps, 1, 10_000);
        shareLimit(bps);
        wait = bound(wait, 0, 2 * uint256(WINDOW));
        vm.warp(nowAt() + wait);
        eq(available(), wait < WINDOW / 24 ? 0 : held() * bps / 10_000, "available");
    }

    /// forge-config: default.isolate = true
    function test_fuzz_SYS_14_aGiftInTheSameTransactionDoesNotRaiseTheCap(uint256 gift) external {
        shareLimit(1_000);
        vm.warp(nowAt() + WINDOW);
        uint256 room = available();
        gift = bound(gift, 1, 1e50);
        token.mint(address(vault), gift);
        eq(available(), room, "available");
        limiter.poke(address(token));
        eq(available(), room, "available after a poke");
        vm.warp(nowAt() + WINDOW / 24 - 1);
        eq(available(), room, "available in the last second of the lag");
    }

    /// forge-config: default.isolate = true
    function test_fuzz_FLOW_03_giftsAndPokesWithinOneLagRaiseNothing(uint256 gift, uint256 wait) external {
        shareLimit(1_000);
        vm.warp(nowAt() + WINDOW);
        uint256 room = available();
        for (uint256 i; i < 3; ++i) {
            token.mint(address(vault), bound(gift, 1, 1e50));
            limiter.poke(address(token));
            out(0);
            eq(available(), room, "available");
            if (i < 2) vm.warp(nowAt() + bound(wait, 0, WINDOW / 48 - 1));
        }
    }

    /// forge-config: default.isolate = true
    function test_fuzz_FLOW_03_anOutflowHasTheRoomThatIsTold(uint256 change, bool up) external {
        shareLimit(1_000);
        vm.warp(nowAt() + WINDOW);
        if (up) token.mint(address(vault), bound(change, 0, 1e50));
        else token.burn(address(vault), bound(change, 0, held()));
        uint256 room = available();
        vm.expectRevert(exceeded(1));
        out(room + 1);
        out(room);
    }

    /// forge-config: default.isolate = true
    function test_fuzz_FLOW_03_aFallingBalanceLowersTheCapAtOnce(uint256 loss) external {
        shareLimit(1_000);
        vm.warp(nowAt() + WINDOW);
        loss = bound(loss, 0, held());
        token.burn(address(vault), loss);
        eq(available(), held() / 10, "available");
    }

    /// forge-config: default.isolate = true
    function test_fuzz_FLOW_03_twoFlashDepositsOneLagApartDoNotRaiseTheCap(uint256 amount) external {
        shareLimit(1_000);
        vm.warp(nowAt() + WINDOW);
        uint256 room = available();
        amount = bound(amount, 1, 1e30);
        batch(int256(amount), -int256(amount));
        vm.warp(nowAt() + WINDOW / 24);
        int256[] memory amounts = new int256[](2);
        (amounts[0], amounts[1]) = (int256(amount), -int256(amount + room + 1));
        vm.expectRevert(exceeded(1));
        vault.batch(address(token), amounts);
        amounts[1] += 1;
        vault.batch(address(token), amounts);
    }

    /// forge-config: default.isolate = true
    function test_fuzz_FLOW_03_pokeBringsAGrownBalanceIn(uint256 growth) external {
        shareLimit(1_000);
        growth = bound(growth, 1, 1e32);
        token.mint(address(vault), growth);
        vm.warp(nowAt() + WINDOW);
        limiter.poke(address(token));
        vm.warp(nowAt() + WINDOW / 24);
        eq(available(), held() / 10, "available");
    }

    /// forge-config: default.isolate = true
    function test_fuzz_FLOW_03_pokeNeverLowersTheCap(uint256 loan) external {
        shareLimit(1_000);
        vm.warp(nowAt() + WINDOW);
        uint256 room = available();
        loan = bound(loan, 1, held());
        token.burn(address(vault), loan);
        limiter.poke(address(token));
        token.mint(address(vault), loan);
        eq(available(), room, "available");
        vm.warp(nowAt() + WINDOW);
        eq(available(), room, "available later");
    }

    /// forge-config: default.isolate = true
    function test_fuzz_FLOW_03_anOutflowRecordsWhatItLeaves(uint256 amount) external {
        shareLimit(1_000);
        vm.warp(nowAt() + WINDOW);
        amount = bound(amount, 1, available());
        out(amount);
        uint256 left = held();
        token.mint(address(vault), 1e30);
        // The level leaks by the smaller cap now, so it takes a little more than one window.
        vm.warp(nowAt() + 2 * WINDOW);
        eq(available(), left / 10, "available");
    }

    /// forge-config: default.isolate = true
    function test_fuzz_FLOW_03_theSmallerOfShareAndCapCounts(uint256 cap, uint256 bps) external {
        cap = bound(cap, 1, 1e30);
        bps = bound(bps, 1, 10_000);
        setLimit(address(token), Limit(uint128(cap), uint16(bps), WINDOW, FlowMode.REVERT, 8_000));
        cap = limiter.limitOf(address(token)).capAbs;
        vm.warp(nowAt() + WINDOW);
        uint256 share = held() * bps / 10_000;
        eq(available(), share < cap ? share : cap, "available");
    }

    function test_fuzz_FLOW_03_aBalanceThatCannotBeReadShutsTheExitAlone(uint256 amount) external {
        shareLimit(1_000);
        vm.warp(nowAt() + WINDOW);
        out(available() / 2);
        uint256 before = level();
        amount = bound(amount, 1, before);
        token.setBlind(true);
        vm.expectRevert();
        out(1);
        vm.prank(address(vault));
        limiter.onInflow(address(token), amount, ALICE);
        token.setBlind(false);
        eq(level(), before - amount, "level");
    }

    function test_fuzz_FLOW_03_snapshotWordHoldsItsFields(uint256 old, uint256 young, uint256 when) external pure {
        when = bound(when, 0, type(uint40).max);
        SnapshotWord word = FlowWords.packSnapshot(old, young, when);
        uint256 max = FlowWords.MAX_SNAPSHOT;
        eq(word.old(), old < max ? old : max, "old");
        eq(word.young(), young < max ? young : max, "young");
        eq(word.takenAt(), when, "takenAt");
    }

    /* ISOLATION */

    /// forge-config: default.isolate = true
    function test_fuzz_FLOW_04_assetsShareNothing(uint256 a, uint256 b, uint256 cap) external {
        uint256 room = limiter.available(address(other));
        a = bound(a, 1, CAP);
        b = bound(b, 1, 1e30);
        out(a);
        vault.deposit(address(token), b);
        lowerCap(bound(cap, 0, CAP - 1), 0);
        limiter.poke(address(token));
        setLimit(boundCap(cap), 1, FlowMode.QUEUE);
        eq(limiter.available(address(other)), room, "available");
    }

    function test_fuzz_FLOW_04_creditsOfAssetsAreApart(uint256 amount) external {
        amount = bound(amount, 1, 1e30);
        vault.deposit(address(token), amount);
        eq(limiter.available(address(other)), CAP, "available");
        eq(available(), CAP + amount, "available here");
    }

    /* QUEUE */

    function queueMode() internal {
        setLimit(CAP, WINDOW, FlowMode.QUEUE);
    }

    /// Puts `amount` in the queue, with the bucket full.
    function enqueue(uint256 amount) internal returns (uint256 id) {
        queueMode();
        (, uint256 queued) = out(available() + amount);
        eq(queued, amount, "queued");
        return limiter.lastQueueId();
    }

    /// forge-config: default.isolate = true
    function test_fuzz_FLOW_06_beyondTheCapTheRestWaits(uint256 used, uint256 amount) external {
        queueMode();
        used = bound(used, 0, CAP);
        if (used > 0) out(used);
        uint256 room = CAP - used;
        amount = bound(amount, 1, 1e29);
        uint40 readyAt = nowAt() + WINDOW;
        uint256 want = amount < room ? amount : room;
        uint256 before = token.balanceOf(ALICE);
        if (amount > room) {
            vm.expectEmit(address(limiter));
            emit IFlowLimiter.Queued(1, address(token), ALICE, amount - room, readyAt);
        }
        (uint256 passed, uint256 queued) = out(amount);
        eq(passed, want, "passed");
        eq(queued, amount - want, "queued");
        eq(token.balanceOf(ALICE) - before, want, "paid");
        eq(token.balanceOf(address(limiter)), queued, "balance held");
        eq(limiter.queuedOf(address(token)), queued, "sum of entries");
        eq(limiter.lastQueueId(), queued > 0 ? 1 : 0, "entries");
    }

    /// forge-config: default.isolate = true
    function test_fuzz_FLOW_06_anEntryLeavesOnceAndNotBeforeItsDelay(uint256 amount, uint256 wait, address by) external {
        amount = bound(amount, 1, 1e28);
        uint256 id = enqueue(amount);
        uint40 readyAt = nowAt() + WINDOW;
        eq(limiter.entryOf(id).to, ALICE, "to");
        vm.warp(nowAt() + bound(wait, 0, WINDOW - 1));
        vm.expectRevert(abi.encodeWithSelector(IFlowLimiter.Flow_NotReady.selector, id, readyAt));
        limiter.claim(id);
        vm.warp(readyAt);
        uint256 before = token.balanceOf(ALICE);
        vm.expectEmit(address(limiter));
        emit IFlowLimiter.Claimed(id, ALICE, amount);
        vm.prank(by);
        limiter.claim(id);
        eq(token.balanceOf(ALICE) - before, amount, "paid");
        eq(limiter.queuedOf(address(token)), 0, "sum of entries");
        vm.expectRevert(abi.encodeWithSelector(IFlowLimiter.Flow_Unknown.selector, id));
        limiter.claim(id);
    }

    /// forge-config: default.isolate = true
    function test_fuzz_FLOW_06_aHeldEntryStays(uint256 length, uint256 wait) external {
        uint256 id = enqueue(1e18);
        uint40 readyAt = nowAt() + WINDOW;
        uint40 until = readyAt + uint40(bound(length, 1, 72 hours));
        vm.expectEmit(address(limiter));
        emit IFlowLimiter.Held(id, until);
        vm.expectEmit(address(limiter));
        emit IAccountable.Tightened(council, bytes32(id), "test", EVIDENCE);
        hold(council, id, until);
        vm.warp(bound(wait, readyAt, until - 1));
        vm.expectRevert(abi.encodeWithSelector(IFlowLimiter.Flow_Held.selector, id, until));
        limiter.claim(id);
        vm.warp(until);
        limiter.claim(id);
    }

    /// forge-config: default.isolate = true
    function test_fuzz_FLOW_06_theCouncilOnlyLengthensAHold(uint256 first, uint256 next) external {
        uint256 id = enqueue(1e18);
        uint40 max = nowAt() + WINDOW + 72 hours;
        uint40 until = uint40(bound(first, 1, max));
        hold(council, id, until);
        next = bound(next, 0, until);
        vm.expectRevert(badHold(next, until, max));
        hold(council, id, next);
        vm.expectRevert(badHold(max + 1, until, max));
        hold(council, id, max + 1);
        eq(limiter.entryOf(id).heldUntil, until, "until");
    }

    function badHold(uint256 until, uint256 min, uint256 max) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IFlowLimiter.Flow_BadHold.selector, until, min, max);
    }

    /// forge-config: default.isolate = true
    function test_fuzz_FLOW_06_theTimelockEndsAndLengthensAHold(uint256 next) external {
        uint256 id = enqueue(1e18);
        uint40 until = nowAt() + WINDOW + 72 hours;
        uint40 max = nowAt() + WINDOW + 30 days;
        hold(council, id, until);
        next = bound(next, 1, max);
        vm.expectEmit(address(limiter));
        if (next < until) emit IAccountable.Loosened(timelock, bytes32(id), "test", EVIDENCE);
        else emit IAccountable.Tightened(timelock, bytes32(id), "test", EVIDENCE);
        hold(timelock, id, next);
        eq(limiter.entryOf(id).heldUntil, next, "until");
        vm.expectRevert(badHold(max + 1, 0, max));
        hold(timelock, id, max + 1);
    }

    function test_fuzz_FLOW_06_nobodyElseHolds(address caller) external {
        vm.assume(caller != council && caller != timelock);
        uint256 id = enqueue(1e18);
        vm.expectRevert(notAllowed(caller));
        hold(caller, id, nowAt() + 1);
    }

    function test_fuzz_FLOW_06_unknownEntriesAreRefused(uint256 id) external {
        id = bound(id, 2, type(uint256).max);
        enqueue(1);
        vm.expectRevert(abi.encodeWithSelector(IFlowLimiter.Flow_Unknown.selector, id));
        limiter.claim(id);
        vm.expectRevert(abi.encodeWithSelector(IFlowLimiter.Flow_Unknown.selector, id));
        hold(council, id, nowAt() + 1);
    }

    /// forge-config: default.isolate = true
    function test_fuzz_FLOW_06_aTokensFeeIsNotPromised(uint256 fee, uint256 amount) external {
        token.setFee(bound(fee, 0, 10_000));
        amount = bound(amount, 1, 1e28);
        uint256 id = enqueue(amount);
        eq(limiter.entryOf(id).amount, token.balanceOf(address(limiter)), "entry");
        eq(limiter.queuedOf(address(token)), token.balanceOf(address(limiter)), "sum of entries");
        vm.warp(nowAt() + WINDOW);
        limiter.claim(id);
        eq(token.balanceOf(address(limiter)), 0, "all left");
    }

    /// forge-config: default.isolate = true
    function test_fuzz_FLOW_06_aHookThatComesBackIsCountedOnce(uint256 a, uint256 b, bool before) external {
        queueMode();
        out(CAP);
        (a, b) = (bound(a, 1, 1e28), bound(b, 1, 1e28));
        token.setHook(
            address(vault), address(vault), abi.encodeCall(vault.withdraw, (address(token), b, ALICE)), before
        );
        out(a);
        eq(limiter.queuedOf(address(token)), a + b, "sum of entries");
        eq(token.balanceOf(address(limiter)), a + b, "balance held");
        vm.warp(nowAt() + WINDOW);
        limiter.claim(1);
        limiter.claim(2);
    }

    /// forge-config: default.isolate = true
    function test_fuzz_FLOW_06_aHookCannotClaimTwice(uint256 a, uint256 b) external {
        queueMode();
        out(CAP);
        (a, b) = (bound(a, 1, 1e28), bound(b, 1, 1e28));
        out(a);
        out(b);
        vm.warp(nowAt() + WINDOW);
        token.setHook(address(limiter), address(limiter), abi.encodeCall(limiter.claim, (1)), true);
        vm.expectRevert();
        limiter.claim(1);
        token.setHook(address(limiter), address(limiter), abi.encodeCall(limiter.claim, (2)), true);
        limiter.claim(1);
        eq(token.balanceOf(address(limiter)), 0, "balance held");
    }

    /// forge-config: default.isolate = true
    function test_fuzz_FLOW_06_aRefusedReceiverHarmsNobodyElse(uint256 a, uint256 b) external {
        queueMode();
        out(CAP);
        (a, b) = (bound(a, 1, 1e28), bound(b, 1, 1e28));
        token.setSilent(true);
        vault.withdraw(address(token), a, ALICE);
        vault.withdraw(address(token), b, address(0xb0b));
        token.refuse(ALICE);
        vm.warp(nowAt() + WINDOW);
        vm.expectRevert();
        limiter.claim(1);
        limiter.claim(2);
        eq(token.balanceOf(address(0xb0b)), b, "paid");
        eq(limiter.queuedOf(address(token)), a, "waits");
    }

    /// forge-config: default.isolate = true
    function test_fuzz_FLOW_06_giftsAreNoEntries(uint256 gift, uint256 amount) external {
        gift = bound(gift, 1, 1e28);
        amount = bound(amount, 1, 1e28);
        token.mint(address(limiter), gift);
        uint256 id = enqueue(amount);
        eq(limiter.entryOf(id).amount, amount, "entry");
        eq(token.balanceOf(address(limiter)), amount + gift, "balance held");
    }

    /* SETTINGS */

    function test_fuzz_FLOW_07_onlyTheTimelockSetsLimits(address caller, uint128 cap) external {
        Limit memory limit = Limit(cap, 0, WINDOW, FlowMode.REVERT, 0);
        vm.assume(caller != timelock);
        vm.prank(caller);
        vm.expectRevert(notAllowed(caller));
        limiter.setLimit(address(token), limit, why());
    }

    function test_fuzz_FLOW_07_onlyTheCouncilLowersCaps(address caller) external {
        vm.assume(caller != council);
        vm.prank(caller);
        vm.expectRevert(notAllowed(caller));
        limiter.lowerCap(address(token), 1, 0, nowAt() + 1, why());
    }

    function test_fuzz_FLOW_07_theCouncilOnlyLowers(uint256 a, uint256 b, uint256 newA, uint256 newB) external {
        a = bound(a, 1, 2 ** 60);
        b = bound(b, 0, 10_000);
        setLimit(address(token), Limit(uint128(a), uint16(b), WINDOW, FlowMode.QUEUE, 7_000));
        newA = bound(newA, 0, 2 * a);
        newB = bound(newB, 0, 10_000);
        bool lower = newA <= a && newB <= b && (newB > 0 || b == 0) && (newA < a || newB < b);
        if (!lower) vm.expectRevert(abi.encodeWithSelector(IFlowLimiter.Flow_NotLower.selector, address(token)));
        lowerCap(newA, newB);
        Limit memory have = limiter.limitOf(address(token));
        Limit memory want = Limit(uint128(lower ? newA : a), uint16(lower ? newB : b), WINDOW, FlowMode.QUEUE, 7_000);
        eq(abi.encode(have), abi.encode(want), "limit");
    }

    function test_fuzz_FLOW_07_aLoweredCapHoldsAtOnce(uint256 cap) external {
        cap = bound(cap, 0, CAP - 1);
        vm.expectEmit(address(limiter));
        emit IAccountable.Tightened(council, subject(), "test", EVIDENCE);
        lowerCap(cap, 0);
        cap = limiter.limitOf(address(token)).capAbs;
        eq(available(), cap, "available");
        vm.expectRevert(exceeded(1));
        out(cap + 1);
    }

    function test_fuzz_SYS_02_aLooserLimitSaysLoosened(uint256 which) external {
        Limit memory base = Limit(CAP, 1_000, WINDOW, FlowMode.REVERT, 8_000);
        setLimit(address(token), base);
        Limit[7] memory looser;
        for (uint256 i; i < 7; ++i) looser[i] = Limit(CAP, 1_000, WINDOW, FlowMode.REVERT, 8_000);
        looser[0].capAbs = CAP * 2;
        looser[1].capBpsOfTvl = 1_001;
        looser[2].capBpsOfTvl = 0;
        looser[3].window = WINDOW - 1;
        looser[4].mode = FlowMode.QUEUE;
        looser[5].tripBps = 8_001;
        looser[6].tripBps = 0;
        which = bound(which, 0, 6);
        vm.expectEmit(address(limiter));
        emit IFlowLimiter.LimitSet(address(token), looser[which]);
        vm.expectEmit(address(limiter));
        emit IAccountable.Loosened(timelock, subject(), "test", EVIDENCE);
        setLimit(address(token), looser[which]);
        vm.expectEmit(address(limiter));
        emit IAccountable.Tightened(timelock, subject(), "test", EVIDENCE);
        setLimit(address(token), base);
    }

    function test_fuzz_SYS_03_everyPrivilegedCallSaysWhy(bytes32 reason) external {
        uint256 id = enqueue(1);
        Why memory none = Why(reason, 0);
        bytes memory want = abi.encodeWithSelector(IFlowLimiter.Flow_NoEvidence.selector);
        vm.prank(timelock);
        vm.expectRevert(want);
        limiter.setLimit(address(token), Limit(CAP, 0, WINDOW, FlowMode.REVERT, 0), none);
        vm.prank(council);
        vm.expectRevert(want);
        limiter.lowerCap(address(token), 1, 0, nowAt() + 1, none);
        vm.prank(council);
        vm.expectRevert(want);
        limiter.hold(id, nowAt() + 1, none);
    }

    function test_fuzz_FLOW_07_badLimitsAreRefused(uint256 which, uint256 bps) external {
        Limit memory limit = Limit(CAP, 0, WINDOW, FlowMode.REVERT, 0);
        bps = bound(bps, 10_001, type(uint16).max);
        if (which % 3 == 0) limit.window = 0;
        else if (which % 3 == 1) limit.capBpsOfTvl = uint16(bps);
        else limit.tripBps = uint16(bps);
        vm.expectRevert(abi.encodeWithSelector(IFlowLimiter.Flow_BadLimit.selector, address(token)));
        setLimit(address(token), limit);
    }

    function test_fuzz_FLOW_08_aChangeSettlesUnderTheOldSettings(uint256 used, uint256 wait, uint256 cap, uint256 window)
        external
    {
        used = bound(used, 1, CAP);
        out(used);
        wait = bound(wait, 0, 2 * uint256(WINDOW));
        vm.warp(nowAt() + wait);
        uint256 want = levelAfter(used, CAP, WINDOW, wait);
        setLimit(boundCap(cap), boundWindow(window), FlowMode.REVERT);
        eq(level(), want, "level");
        vm.warp(nowAt() + 1);
        cap = limiter.limitOf(address(token)).capAbs;
        eq(level(), levelAfter(want, cap, boundWindow(window), 1), "level a second later");
    }

    function test_fuzz_FLOW_08_loweringSettlesUnderTheOldCap(uint256 used, uint256 wait, uint256 cap) external {
        used = bound(used, 1, CAP);
        out(used);
        wait = bound(wait, 0, 2 * uint256(WINDOW));
        vm.warp(nowAt() + wait);
        lowerCap(bound(cap, 0, CAP - 1), 0);
        eq(level(), levelAfter(used, CAP, WINDOW, wait), "level");
    }

    /* POKE */

    function test_fuzz_FLOW_09_anyoneTripsAtTheTripLevel(address caller, uint256 used) external {
        used = bound(used, CAP * 8 / 10, CAP);
        out(used);
        uint40 until = nowAt() + TRIP_SECONDS;
        bytes32 evidence = keccak256(
            abi.encode(block.chainid, address(limiter), address(token), used, CAP, vm.getBlockNumber())
        );
        vm.expectEmit(address(limiter));
        emit IFlowLimiter.Tripped(address(token), used);
        vm.expectEmit(address(breaker));
        emit ICircuitBreaker.Tripped(address(switches), WITHDRAW, until, "flow limit", evidence);
        vm.prank(caller);
        limiter.poke(address(token));
        eq(switches.pausedUntil(WITHDRAW), until, "paused until");
    }

    function test_fuzz_FLOW_09_belowTheTripLevelNothingHappens(uint256 used, uint256 wait) external {
        used = bound(used, 1, CAP * 8 / 10 - 1);
        out(used);
        vm.warp(nowAt() + boundWait(wait));
        limiter.poke(address(token));
        eq(switches.pausedUntil(WITHDRAW), 0, "paused until");
    }

    function test_fuzz_FLOW_09_theLevelThatLeakedCounts(uint256 wait) external {
        out(CAP);
        wait = bound(wait, 0, WINDOW);
        vm.warp(nowAt() + wait);
        limiter.poke(address(token));
        bool trips = level() * 10_000 >= uint256(CAP) * 8_000;
        eq(switches.pausedUntil(WITHDRAW), trips ? nowAt() + TRIP_SECONDS : 0, "paused until");
    }

    function test_fuzz_FLOW_09_zeroMeansNever(uint256 used, bool zeroCap) external {
        used = bound(used, 1, CAP);
        out(used);
        Limit memory limit = Limit(zeroCap ? 0 : CAP, 0, WINDOW, FlowMode.REVERT, zeroCap ? 1 : 0);
        setLimit(address(token), limit);
        limiter.poke(address(token));
        eq(switches.pausedUntil(WITHDRAW), 0, "paused until");
    }

    /// forge-config: default.isolate = true
    function test_fuzz_FLOW_09_aBalanceEmptiedForAMomentTripsNothing(uint256 loan) external {
        shareLimit(1_000);
        vm.warp(nowAt() + WINDOW);
        out(available() / 2);
        loan = bound(loan, 0, held());
        token.burn(address(vault), loan);
        limiter.poke(address(token));
        eq(switches.pausedUntil(WITHDRAW), 0, "paused until");
    }

    function test_FLOW_09_anUnregisteredLimiterCannotTrip() external {
        address[] memory assets = new address[](1);
        assets[0] = address(token);
        Limit[] memory limits = new Limit[](1);
        limits[0] = Limit(CAP, 0, WINDOW, FlowMode.REVERT, 1);
        FlowLimiter stranger =
            new FlowLimiter(address(vault), address(breaker), GROUP, TRIP_SECONDS, council, timelock, assets, limits);
        vm.prank(address(vault));
        stranger.onOutflow(address(token), CAP, ALICE);
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.Breaker_NotAllowed.selector, address(stranger)));
        stranger.poke(address(token));
    }

    /* EXTREMES */

    function test_fuzz_FLOW_10_anUnlistedAssetCannotLeave(address asset, uint256 amount) external {
        vm.assume(asset != address(token) && asset != address(other));
        amount = bound(amount, 1, type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(IFlowLimiter.Flow_Exceeded.selector, asset, amount));
        vault.report(asset, 0, amount);
        eq(limiter.available(asset), 0, "available");
        limiter.poke(asset);
    }

    function test_fuzz_FLOW_10_maxAmountsNeverPassMoreThanTheCap(uint256 amountIn, uint256 amountOut) external {
        vm.prank(address(vault));
        limiter.onInflow(address(token), amountIn, ALICE);
        vm.prank(address(vault));
        limiter.onInflow(address(token), amountIn, ALICE);
        uint256 credit = amountIn > type(uint256).max / 2 ? type(uint256).max : 2 * amountIn;
        uint256 unpaid = amountOut > credit ? amountOut - credit : 0;
        if (unpaid > CAP) vm.expectRevert(exceeded(unpaid - CAP));
        vault.report(address(token), 0, amountOut);
        eq(level(), unpaid > CAP ? 0 : unpaid, "level");
    }

    function test_fuzz_FLOW_10_extremesOfTheFormulaAreSafe(uint256 used, uint256 cap, uint256 window, uint256 dt)
        external
        pure
    {
        used = bound(used, 0, FlowWords.MAX_CAP);
        cap = bound(cap, 0, FlowWords.MAX_CAP);
        window = bound(window, 0, type(uint32).max);
        dt = bound(dt, 0, 2 ** 36);
        uint256 level_ = FlowMath.levelAt(used, 1_000, cap, window, 1_000 + dt);
        atMost(level_, used, "level");
        eq(FlowMath.levelAt(used, 1_000, cap, window, 1_000), used, "a clock that stands");
        eq(FlowMath.levelAt(used, 1_000, cap, window, bound(dt, 0, 1_000)), used, "a clock that goes back");
    }

    function test_fuzz_FLOW_10_fillNeverPassesMoreThanTheRoom(uint256 amount, uint256 level_, uint256 cap) external pure {
        level_ = bound(level_, 0, FlowWords.MAX_CAP);
        cap = bound(cap, 0, FlowWords.MAX_CAP);
        (uint256 newLevel, uint256 over) = FlowMath.fill(amount, level_, cap);
        uint256 rest = newLevel - level_;
        eq(rest + over, amount, "all accounted for");
        atMost(rest, cap > level_ ? cap - level_ : 0, "rest");
        if (over > 0) yes(newLevel >= cap, "over only when full");
    }

    function test_fuzz_FLOW_10_bucketWordHoldsItsFields(uint128 capAbs, uint16 bps, uint32 window, bool queues, uint256 used, uint256 when)
        external
        pure
    {
        Limit memory l = Limit(capAbs, bps, window, queues ? FlowMode.QUEUE : FlowMode.REVERT, bps);
        used = bound(used, 0, FlowWords.MAX_CAP);
        when = bound(when, 0, 2 ** 36 - 1);
        BucketWord word = FlowWords.packBucket(l, used, when);
        Limit memory have = word.unpack(FlowWords.packShare(l.capBpsOfTvl, l.tripBps));
        eq(word.used(), used, "used");
        eq(word.last(), when, "last");
        bool isSlow = FlowMath.isSlow(have.capAbs, window);
        eq(word.hasMore() ? 1 : 0, l.capBpsOfTvl > 0 || isSlow ? 1 : 0, "hasMore");
        uint256 cap = l.capAbs < FlowWords.MAX_CAP ? l.capAbs : FlowWords.MAX_CAP;
        atMost(have.capAbs, cap, "cap");
        atMost(cap - have.capAbs, cap >> 59, "cap rounded down");
        l.capAbs = have.capAbs;
        eq(abi.encode(have), abi.encode(l), "limit");
        word = word.withLevel(0, 0);
        eq(abi.encode(word.unpack(FlowWords.packShare(l.capBpsOfTvl, l.tripBps))), abi.encode(l), "limit kept");
        eq(word.used() + word.last(), 0, "level replaced");
    }

    function test_fuzz_FLOW_10_roundDecimalCapsAreExact(uint256 figure, uint256 zeros) external pure {
        figure = bound(figure, 1, 9_999_999);
        zeros = bound(zeros, 0, 15);
        uint128 cap = uint128(figure * 10 ** zeros);
        BucketWord word = FlowWords.packBucket(Limit(cap, 0, 1, FlowMode.REVERT, 0), 0, 0);
        eq(word.capAbs(), cap, "cap");
    }

    /* DEPLOYMENT AND HEALTH */

    function test_fuzz_SYS_11_tripsLastAsLongAsIsSaid(uint256 x) external {
        uint40 time = uint40(bound(x, 1, 72 hours));
        FlowLimiter made = new FlowLimiter(
            address(vault), address(breaker), GROUP, time, council, timelock, new address[](0), new Limit[](0)
        );
        eq(made.tripSeconds(), time, "trip time");
    }

    function test_SYS_12_healthyTellsWhatIsMissing() external {
        uint256 before = gasleft();
        (bool ok, bytes32 why_) = limiter.healthy();
        atMost(before - gasleft(), 50_000, "gas");
        yes(ok && why_ == 0, "healthy");
        address[4] memory parts = [address(vault), council, timelock, address(breaker)];
        bytes32[4] memory codes = [
            bytes32("protected has no code"),
            "council has no code",
            "timelock has no code",
            "breaker does not know this"
        ];
        for (uint256 i; i < 4; ++i) {
            bytes memory code = parts[i].code;
            vm.etch(parts[i], "");
            (ok, why_) = limiter.healthy();
            no(ok, "healthy without a part");
            eq(why_, codes[i], "code");
            vm.etch(parts[i], code);
        }
        vm.etch(address(breaker), council.code);
        before = gasleft();
        (ok, why_) = limiter.healthy();
        atMost(before - gasleft(), 50_000, "gas with a burning breaker");
        eq(why_, "breaker does not know this", "code");
    }

    function test_SYS_08_theRolesAreFixedAtDeployment() external view {
        eq(limiter.protectedContract(), address(vault), "protected");
        eq(limiter.breaker(), address(breaker), "breaker");
        eq(limiter.group(), GROUP, "group");
        eq(limiter.council(), council, "council");
        eq(limiter.timelock(), timelock, "timelock");
    }
}

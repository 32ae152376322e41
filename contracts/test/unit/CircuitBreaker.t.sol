// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {CircuitBreaker} from "../../src/CircuitBreaker.sol";
import {Config, Group, ICircuitBreaker, Kind, Program, Target, Tripper} from "../../src/interfaces/ICircuitBreaker.sol";
import {IAccountable} from "../../src/interfaces/IAccountable.sol";
import {ISelectorBreaker, Rule, RuleKind} from "../../src/interfaces/ISelectorBreaker.sol";
import {Why} from "../../src/libraries/Why.sol";
import {MockBurner} from "../../src/mocks/MockClock.sol";
import {MockMarket} from "../../src/mocks/MockMarket.sol";
import {MockVault} from "../../src/mocks/MockVault.sol";
import {Setup} from "../Setup.t.sol";

contract CircuitBreakerTest is Setup {
    uint256 internal constant DAY = 1 days;

    function paused(bytes4 selector, uint40 until) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(ISelectorBreaker.Breaker_Paused.selector, selector, until);
    }

    function notAllowed(address caller) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(ICircuitBreaker.Breaker_NotAllowed.selector, caller);
    }

    /* INPUTS */

    /// As long as one pause may last.
    function boundPause(uint256 x) internal pure returns (uint40) {
        return uint40(bound(x, 1, 72 hours));
    }

    /// As long as a program may set a rule at once.
    function boundRule(uint256 x) internal pure returns (uint40) {
        return uint40(bound(x, 1, 36 hours));
    }

    /* ARMING */

    function armAs(address caller, address target) internal {
        vm.prank(caller);
        breaker.arm(target);
    }

    function test_fuzz_BREAKER_01_armingChangesNoAnswer(address caller, uint256 wait) external {
        vm.warp(nowAt() + bound(wait, 0, 3650 days));
        (uint40 fast, uint40 halt) = breaker.reach(address(vault), WITHDRAW);
        armAs(caller, address(vault));
        armAs(caller, address(market));
        bytes4[3] memory all = [WITHDRAW, BORROW, REPAY];
        for (uint256 i; i < 3; ++i) {
            yes(vault.pauseWord(all[i]) != 0, "armed");
            eq(breaker.pausedUntil(address(vault), all[i]), 0, "no pause");
            (, uint40 ruleUntil) = vault.guardRule(all[i]);
            eq(ruleUntil, 0, "no rule");
            yes(passes(address(vault), callOf(all[i])), "answers");
        }
        (uint40 fastThen, uint40 haltThen) = breaker.reach(address(vault), WITHDRAW);
        eq(abi.encode(fastThen, haltThen), abi.encode(fast, halt), "reach");
        (uint256 fastLeft, uint256 haltLeft) = breaker.budget(address(vault), WITHDRAW);
        eq(abi.encode(fastLeft, haltLeft), abi.encode(84 hours, 24 hours), "budgets");
        yes(passes(address(market), callOf(WITHDRAW)), "the external target");
    }

    function test_fuzz_BREAKER_04_armingForgetsNoPauseAndNoSpending(address caller, uint256 length, uint256 wait) external {
        uint40 until = nowAt() + uint40(bound(length, 1, 72 hours));
        trip(address(vault), WITHDRAW, until);
        trip(address(market), WITHDRAW, until);
        uint256 word = vault.pauseWord(WITHDRAW);
        vm.warp(nowAt() + bound(wait, 0, 60 days));
        (uint256 left,) = breaker.budget(address(market), WITHDRAW);
        armAs(caller, address(vault));
        armAs(caller, address(market));
        eq(vault.pauseWord(WITHDRAW), word, "the word");
        eq(breaker.pausedUntil(address(market), WITHDRAW), until, "the external pause");
        (uint256 leftThen,) = breaker.budget(address(market), WITHDRAW);
        eq(leftThen, left, "the external budget");
    }

    function test_fuzz_BREAKER_02_anArmedSelectorIsPausedLikeAnother(uint256 length, uint256 wait) external {
        breaker.arm(address(vault));
        vm.warp(nowAt() + bound(wait, 0, 60 days));
        uint40 until = nowAt() + uint40(bound(length, 1, 72 hours));
        trip(address(vault), WITHDRAW, until);
        no(passes(address(vault), callOf(WITHDRAW)), "paused");
        eq(vault.pausedUntil(WITHDRAW), until, "until");
        (uint256 left,) = breaker.budget(address(vault), WITHDRAW);
        eq(left, 84 hours - (until - nowAt()), "paid");
    }

    function test_fuzz_BREAKER_01_anUnknownTargetIsNotArmed(address target) external {
        vm.assume(target != address(vault) && target != address(market));
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.Breaker_Unknown.selector, target, bytes4(0)));
        breaker.arm(target);
    }

    /* PAUSE */

    function test_fuzz_BREAKER_01_tripChangesOneSelectorAlone(uint256 length, uint256 amount) external {
        uint40 until = nowAt() + uint40(bound(length, 1, 72 hours));
        amount = bound(amount, 0, 1e30);
        trip(address(vault), WITHDRAW, until);
        vm.expectRevert(paused(WITHDRAW, until));
        vault.withdraw(amount);
        vault.borrow(amount);
        vault.repay(amount);
        market.withdraw(amount);
        eq(vault.total(), 1 + 2 * amount, "vault total");
        eq(market.total(), 1 + amount, "market total");
        eq(breaker.pausedUntil(address(vault), WITHDRAW), until, "until");
        eq(vault.pausedUntil(WITHDRAW), until, "until in the vault");
        eq(breaker.pausedUntil(address(market), WITHDRAW), 0, "market until");
    }

    function test_fuzz_BREAKER_01_externalTripChangesOneSelectorAlone(uint256 length) external {
        uint40 until = nowAt() + uint40(bound(length, 1, 72 hours));
        trip(address(market), WITHDRAW, until);
        vm.expectRevert(paused(WITHDRAW, until));
        market.withdraw(1);
        market.repay(1);
        vault.withdraw(1);
        eq(breaker.pausedUntil(address(market), WITHDRAW), until, "until");
    }

    function test_fuzz_BREAKER_02_pauseEndsByItself(uint256 length, uint256 when) external {
        uint40 until = nowAt() + uint40(bound(length, 1, 72 hours));
        trip(address(vault), WITHDRAW, until);
        trip(address(market), WITHDRAW, until);
        when = bound(when, nowAt(), uint256(until) + 30 days);
        vm.warp(when);
        eq(passes(address(vault), callOf(WITHDRAW)) ? 1 : 0, when >= until ? 1 : 0, "vault live");
        eq(passes(address(market), callOf(WITHDRAW)) ? 1 : 0, when >= until ? 1 : 0, "market live");
    }

    function test_fuzz_BREAKER_02_lastSecondIsPausedAndTheNextIsNot(uint256 length) external {
        uint40 until = nowAt() + boundPause(length);
        trip(address(vault), WITHDRAW, until);
        vm.warp(until - 1);
        no(passes(address(vault), callOf(WITHDRAW)), "live in the last second");
        vm.warp(until);
        yes(passes(address(vault), callOf(WITHDRAW)), "paused at its end");
    }

    function test_fuzz_BREAKER_02_refusesMoreThan72h(uint256 over) external {
        uint40 max = nowAt() + 72 hours;
        uint40 until = max + uint40(bound(over, 1, 3650 days));
        bytes memory want = abi.encodeWithSelector(ICircuitBreaker.Breaker_TooLong.selector, until, max);
        vm.expectRevert(want);
        trip(address(vault), WITHDRAW, until);
        vm.expectRevert(want);
        halt(address(vault), until);
        vm.expectRevert(want);
        extend(address(vault), WITHDRAW, until);
        vm.prank(tripper);
        vm.expectRevert(want);
        breaker.tripGroup(GROUP, until, why());
        vm.expectRevert(want);
        setRule(program, address(vault), BORROW, Rule(RuleKind.DENY, 0, 0), until);
    }

    function test_fuzz_BREAKER_02_refusesAnEndThatIsNotAhead(uint256 back) external {
        uint40 until = nowAt() - uint40(bound(back, 0, nowAt()));
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.Breaker_TooShort.selector, until, nowAt()));
        trip(address(vault), WITHDRAW, until);
    }

    function test_fuzz_SYS_11_retripEndsAt72hFromTheFirstSecond(uint256 first, uint256 wait) external {
        uint40 start = nowAt();
        first = bound(first, 2, 72 hours);
        trip(address(vault), WITHDRAW, start + first);
        vm.warp(start + bound(wait, 1, first - 1));
        uint40 until = start + 72 hours + 1;
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.Breaker_TooLong.selector, until, start + 72 hours));
        trip(address(vault), WITHDRAW, until);
        trip(address(vault), WITHDRAW, start + 72 hours);
        eq(vault.pausedUntil(WITHDRAW), start + 72 hours, "until");
    }

    function test_fuzz_BREAKER_08_retripNeverShortens(uint256 a, uint256 b, uint256 wait) external {
        uint40 start = nowAt();
        a = bound(a, 2, 72 hours);
        trip(address(vault), WITHDRAW, start + a);
        vm.warp(start + bound(wait, 0, a - 1));
        b = bound(b, nowAt() + 1, start + 72 hours);
        trip(address(vault), WITHDRAW, b);
        uint256 want = b > start + a ? b : start + a;
        eq(vault.pausedUntil(WITHDRAW), want, "until");
        vm.prank(tripper);
        breaker.tripGroup(GROUP, nowAt() + 1, why());
        eq(vault.pausedUntil(WITHDRAW), want, "until after a group trip");
        halt(address(vault), nowAt() + 1);
        eq(vault.pausedUntil(WITHDRAW), want, "until after a halt");
    }

    function test_fuzz_SYS_02_tripEmitsItsEvents(uint256 length) external {
        uint40 until = nowAt() + boundPause(length);
        vm.expectEmit(address(breaker));
        emit ICircuitBreaker.Tripped(address(vault), WITHDRAW, until, "test", EVIDENCE);
        vm.expectEmit(address(breaker));
        emit IAccountable.Tightened(address(council), subject(address(vault), WITHDRAW), "test", EVIDENCE);
        trip(address(vault), WITHDRAW, until);
    }

    /* ROLES */

    function test_fuzz_BREAKER_03_onlyTheCouncilPauses(address caller) external {
        vm.assume(caller != address(council));
        uint40 until = nowAt() + 1 hours;
        vm.prank(caller);
        vm.expectRevert(notAllowed(caller));
        breaker.trip(address(vault), WITHDRAW, until, why());
        vm.prank(caller);
        vm.expectRevert(notAllowed(caller));
        breaker.extend(address(vault), WITHDRAW, until, why());
        vm.prank(caller);
        vm.expectRevert(notAllowed(caller));
        breaker.fullHalt(address(vault), until, why());
    }

    function test_fuzz_SYS_02_onlyTheTimelockLoosens(address caller) external {
        vm.assume(caller != address(timelock));
        trip(address(vault), WITHDRAW, nowAt() + 1 hours);
        Config memory none;
        vm.prank(caller);
        vm.expectRevert(notAllowed(caller));
        breaker.release(address(vault), WITHDRAW, why());
        vm.prank(caller);
        vm.expectRevert(notAllowed(caller));
        breaker.register(none, why());
        vm.prank(caller);
        vm.expectRevert(notAllowed(caller));
        breaker.dismissTripper(tripper, GROUP, why());
        vm.prank(caller);
        vm.expectRevert(notAllowed(caller));
        breaker.dismissProgram(program, address(vault), BORROW, why());
    }

    function test_BREAKER_03_councilCannotUnpauseRegisterOrDismiss() external {
        trip(address(vault), WITHDRAW, nowAt() + 1 hours);
        Config memory none;
        bytes memory want = notAllowed(address(council));
        vm.prank(address(council));
        vm.expectRevert(want);
        breaker.release(address(vault), WITHDRAW, why());
        vm.prank(address(council));
        vm.expectRevert(want);
        breaker.register(none, why());
        vm.prank(address(council));
        vm.expectRevert(want);
        breaker.dismissTripper(tripper, GROUP, why());
        vm.prank(address(council));
        vm.expectRevert(abi.encodeWithSelector(ISelectorBreaker.Breaker_NotController.selector, address(council)));
        vault.writePause(WITHDRAW, 0);
    }

    function test_SYS_03_everyPrivilegedCallNeedsEvidence() external {
        Why memory empty = Why("test", 0);
        uint40 until = nowAt() + 1 hours;
        Rule memory rule = Rule(RuleKind.DENY, 0, 0);
        Config memory none;
        bytes memory want = abi.encodeWithSelector(ICircuitBreaker.Breaker_NoEvidence.selector);
        address by = address(council);
        vm.prank(by);
        vm.expectRevert(want);
        breaker.trip(address(vault), WITHDRAW, until, empty);
        vm.prank(by);
        vm.expectRevert(want);
        breaker.extend(address(vault), WITHDRAW, until, empty);
        vm.prank(by);
        vm.expectRevert(want);
        breaker.fullHalt(address(vault), until, empty);
        vm.prank(by);
        vm.expectRevert(want);
        breaker.setRule(address(vault), WITHDRAW, rule, until, empty);
        vm.prank(by);
        vm.expectRevert(want);
        breaker.clearRule(address(vault), WITHDRAW, empty);
        vm.prank(tripper);
        vm.expectRevert(want);
        breaker.tripGroup(GROUP, until, empty);
        by = address(timelock);
        vm.prank(by);
        vm.expectRevert(want);
        breaker.release(address(vault), WITHDRAW, empty);
        vm.prank(by);
        vm.expectRevert(want);
        breaker.register(none, empty);
        vm.prank(by);
        vm.expectRevert(want);
        breaker.dismissTripper(tripper, GROUP, empty);
        vm.prank(by);
        vm.expectRevert(want);
        breaker.dismissProgram(program, address(vault), BORROW, empty);
    }

    function test_fuzz_SYS_02_releaseEndsThePauseAndIsLoud(uint256 length) external {
        length = bound(length, 12 hours + 1, 72 hours);
        trip(address(vault), WITHDRAW, nowAt() + length);
        vm.expectEmit(address(breaker));
        emit ICircuitBreaker.Released(address(vault), WITHDRAW);
        vm.expectEmit(address(breaker));
        emit IAccountable.Loosened(address(timelock), subject(address(vault), WITHDRAW), "test", EVIDENCE);
        release(address(vault), WITHDRAW);
        vault.withdraw(1);
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.Breaker_NotPaused.selector, WITHDRAW));
        release(address(vault), WITHDRAW);
        (uint256 fast,) = breaker.budget(address(vault), WITHDRAW);
        eq(fast, 84 hours - length, "a release gives nothing back");
        vm.expectRevert(
            abi.encodeWithSelector(ICircuitBreaker.Breaker_BudgetSpent.selector, WITHDRAW, fast)
        );
        trip(address(vault), WITHDRAW, nowAt() + fast + 1);
    }

    /* BUDGETS */

    function test_fuzz_BREAKER_04_fastBudgetIs84hAndRefillsOver30d(uint256 length) external {
        // Shorter ones leave more than a pause may last.
        length = bound(length, 14 hours, 72 hours);
        trip(address(vault), WITHDRAW, nowAt() + length);
        (uint256 fast, uint256 slowLeft) = breaker.budget(address(vault), WITHDRAW);
        eq(fast, 84 hours - length, "left after the pause");
        eq(slowLeft, 24 hours, "halt budget untouched");
        vm.warp(nowAt() + length);
        (fast,) = breaker.budget(address(vault), WITHDRAW);
        eq(fast, 84 hours - length + (length * 7) / 60, "left after refill");
        uint256 end = nowAt() + fast;
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.Breaker_BudgetSpent.selector, WITHDRAW, fast));
        trip(address(vault), WITHDRAW, end + 1);
        trip(address(vault), WITHDRAW, end);
        vm.warp(nowAt() + 60 days);
        (fast,) = breaker.budget(address(vault), WITHDRAW);
        eq(fast, 84 hours, "full again");
    }

    function test_fuzz_BREAKER_04_overlapIsPaidOnce(uint256 a, uint256 b, uint256 wait) external {
        uint40 start = nowAt();
        a = bound(a, 2, 72 hours);
        trip(address(vault), WITHDRAW, start + a);
        vm.warp(start + bound(wait, 0, a - 1));
        b = bound(b, nowAt() + 1, start + 72 hours);
        trip(address(vault), WITHDRAW, b);
        vm.warp(start + 72 hours);
        (uint256 fast,) = breaker.budget(address(vault), WITHDRAW);
        uint256 union = b > start + a ? b - start : a;
        // Refill is capped at what was spent when it was spent, so compare with the most and the least it can be.
        atMost(84 hours - union, fast, "paid for no more than the union");
        atMost(fast, 84 hours - union + (72 hours * 7) / 60 + 1, "paid for the union");
    }

    function test_fuzz_BREAKER_04_extendDrawsOnTheHaltBudget(uint256 length, uint256 wait, uint256 more) external {
        uint40 start = nowAt();
        length = bound(length, 1 hours, 72 hours);
        trip(address(vault), WITHDRAW, start + length);
        vm.warp(start + bound(wait, 0, length - 1));
        (uint40 fastReach, uint40 haltReach) = breaker.reach(address(vault), WITHDRAW);
        atMost(fastReach, start + 72 hours, "fast reach");
        atMost(haltReach, nowAt() + 72 hours, "halt reach");
        if (haltReach <= start + length) return;
        more = bound(more, start + length + 1, haltReach);
        uint256 gap = start + length - nowAt();
        extend(address(vault), WITHDRAW, more);
        eq(vault.pausedUntil(WITHDRAW), more, "until");
        (, uint256 left) = breaker.budget(address(vault), WITHDRAW);
        uint256 spent = (more - start - length) * 60 + gap * 2;
        eq(left, (24 hours * 60 - spent) / 60, "halt budget left");
    }

    function test_fuzz_BREAKER_04_extendBeyondTheHaltBudgetIsRefused(uint256 length) external {
        trip(address(vault), WITHDRAW, nowAt() + bound(length, 1, 48 hours - 1));
        (, uint40 reach) = breaker.reach(address(vault), WITHDRAW);
        vm.expectRevert(
            abi.encodeWithSelector(ICircuitBreaker.Breaker_BudgetSpent.selector, WITHDRAW, uint256(24 hours))
        );
        extend(address(vault), WITHDRAW, reach + 1);
        extend(address(vault), WITHDRAW, reach);
    }

    function test_fuzz_BREAKER_04_extendNeedsARunningPause(uint256 length) external {
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.Breaker_NotPaused.selector, WITHDRAW));
        extend(address(vault), WITHDRAW, nowAt() + boundPause(length));
    }

    function test_fuzz_BREAKER_04_extendThatIsNotLongerChangesNothing(uint256 length, uint256 shorter) external {
        uint40 until = nowAt() + boundPause(length);
        trip(address(vault), WITHDRAW, until);
        extend(address(vault), WITHDRAW, bound(shorter, nowAt() + 1, until));
        eq(vault.pausedUntil(WITHDRAW), until, "until");
        (, uint256 left) = breaker.budget(address(vault), WITHDRAW);
        eq(left, 24 hours, "halt budget");
    }

    function test_fuzz_BREAKER_04_aTripPaysForHaltedTimeToo(uint256 halted, uint256 tripped) external {
        halted = bound(halted, 1, 24 hours);
        tripped = bound(tripped, halted + 1, 72 hours);
        halt(address(vault), nowAt() + halted);
        trip(address(vault), WITHDRAW, nowAt() + tripped);
        (uint256 fast,) = breaker.budget(address(vault), WITHDRAW);
        eq(fast, 84 hours - tripped, "the whole of it");
    }

    /// The bound is reached nearly, not only kept: a greedy quorum gets within 1 % of 168 h.
    function test_BREAKER_04_greedyFastQuorumGetsNearlyAndNotMoreThan168h() external {
        uint256[] memory times = new uint256[](1_500);
        uint40 start = nowAt();
        // Rest so long that the window can begin with a full budget, then pause whenever an hour of budget is there.
        for (uint256 hour; hour < 30 * 24; ++hour) {
            vm.warp(start + hour * 1 hours);
            (uint40 reach,) = breaker.reach(address(vault), WITHDRAW);
            if (reach > vault.pausedUntil(WITHDRAW) && reach >= nowAt() + 1 hours) {
                trip(address(vault), WITHDRAW, reach);
            }
            if (vault.pausedUntil(WITHDRAW) >= nowAt() + 1 hours) times[hour] = 1 hours;
        }
        uint256 sum;
        for (uint256 i; i < times.length; ++i) sum += times[i];
        atMost(sum, 168 hours, "paused in 30 days");
        atMost(160 hours, sum, "the bound is not idle");
    }

    /* GROUPS */

    function test_fuzz_BREAKER_06_tripperTripsItsGroup(uint256 length) external {
        uint40 until = nowAt() + uint40(bound(length, 1, 72 hours));
        vm.prank(tripper);
        breaker.tripGroup(GROUP, until, why());
        eq(vault.pausedUntil(WITHDRAW), until, "vault");
        eq(breaker.pausedUntil(address(market), WITHDRAW), until, "market");
        eq(vault.pausedUntil(BORROW), 0, "not in the group");
    }

    function test_fuzz_BREAKER_06_strangersTripNothing(address caller, bytes32 group) external {
        vm.assume(caller != tripper || group != GROUP);
        vm.prank(caller);
        vm.expectRevert(notAllowed(caller));
        breaker.tripGroup(group, nowAt() + 1, why());
    }

    function test_fuzz_BREAKER_06_dismissedTripperTripsNothing(uint256 length) external {
        yes(breaker.isTripper(tripper, GROUP), "registered");
        vm.expectEmit(address(breaker));
        emit IAccountable.Loosened(address(timelock), GROUP, "test", EVIDENCE);
        vm.prank(address(timelock));
        breaker.dismissTripper(tripper, GROUP, why());
        no(breaker.isTripper(tripper, GROUP), "dismissed");
        vm.prank(tripper);
        vm.expectRevert(notAllowed(tripper));
        breaker.tripGroup(GROUP, nowAt() + boundPause(length), why());
        vm.prank(address(timelock));
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.Breaker_UnknownGroup.selector, GROUP));
        breaker.dismissTripper(tripper, GROUP, why());
    }

    function test_fuzz_BREAKER_06_oneSpentBudgetLeavesTheOthersTripped(uint256 length) external {
        uint40 start = nowAt();
        uint40 until = start + boundPause(length);
        trip(address(vault), WITHDRAW, start + 72 hours);
        release(address(vault), WITHDRAW);
        trip(address(vault), WITHDRAW, start + 12 hours);
        release(address(vault), WITHDRAW);
        vm.prank(tripper);
        breaker.tripGroup(GROUP, until, why());
        eq(vault.pausedUntil(WITHDRAW), 0, "spent");
        eq(breaker.pausedUntil(address(market), WITHDRAW), until, "market");
        trip(address(market), WITHDRAW, start + 72 hours);
        release(address(market), WITHDRAW);
        trip(address(market), WITHDRAW, start + 12 hours);
        release(address(market), WITHDRAW);
        vm.prank(tripper);
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.Breaker_BudgetSpent.selector, WITHDRAW, uint256(0)));
        breaker.tripGroup(GROUP, until, why());
    }

    function tripFails(uint256 length) internal {
        uint40 until = nowAt() + boundPause(length);
        vm.expectEmit(address(breaker));
        emit ICircuitBreaker.TripFailed(address(vault), WITHDRAW, "test", EVIDENCE);
        vm.prank(tripper);
        breaker.tripGroup(GROUP, until, why());
        eq(breaker.pausedUntil(address(market), WITHDRAW), until, "the healthy member");
    }

    function test_fuzz_SYS_07_aTargetWithoutCodeLeavesTheOthersTripped(uint256 length) external {
        vm.etch(address(vault), "");
        tripFails(length);
    }

    function test_fuzz_SYS_07_aTargetThatRefusesTheWordLeavesTheOthersTripped(uint256 length) external {
        vm.etch(address(vault), address(new MockVault(address(0xdead))).code);
        tripFails(length);
    }

    function test_fuzz_SYS_13_aTargetThatBurnsItsGasLeavesTheOthersTripped(uint256 length) external {
        vm.etch(address(vault), address(new MockBurner()).code);
        uint256 before = gasleft();
        tripFails(length);
        atMost(before - gasleft(), 300_000, "gas with a burning member");
    }

    function test_fuzz_SYS_07_aGroupOfWhichNoneCanBePausedReverts(uint256 length) external {
        vm.etch(address(vault), "");
        trip(address(market), WITHDRAW, nowAt() + 72 hours);
        release(address(market), WITHDRAW);
        trip(address(market), WITHDRAW, nowAt() + 12 hours);
        release(address(market), WITHDRAW);
        vm.prank(tripper);
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.Breaker_GroupFailed.selector, GROUP));
        breaker.tripGroup(GROUP, nowAt() + boundPause(length), why());
    }

    function test_fuzz_SYS_13_noGasLimitLeavesAMemberOpen(uint256 gasLimit) external {
        gasLimit = bound(gasLimit, 30_000, 500_000);
        vm.cool(address(vault));
        vm.cool(address(breaker));
        vm.prank(tripper);
        (bool ok,) =
            address(breaker).call{gas: gasLimit}(abi.encodeCall(breaker.tripGroup, (GROUP, nowAt() + 1 hours, why())));
        yes(ok || gasLimit < 300_000, "failed with plenty of gas");
        eq(vault.pausedUntil(WITHDRAW), ok ? nowAt() + 1 hours : 0, "the first member");
        eq(breaker.pausedUntil(address(market), WITHDRAW), ok ? nowAt() + 1 hours : 0, "the second member");
    }

    function test_fuzz_BREAKER_06_onlyTheBreakerItselfTripsAMember(address caller) external {
        vm.assume(caller != address(breaker));
        vm.prank(caller);
        vm.expectRevert(notAllowed(caller));
        breaker.tripMember(address(vault), WITHDRAW, nowAt() + 1);
    }

    /* EXEMPT SELECTORS */

    function test_fuzz_BREAKER_05_exemptSelectorsCannotBePausedOrRuled(uint256 length) external {
        uint40 until = nowAt() + uint40(bound(length, 1, 72 hours));
        bytes memory want = abi.encodeWithSelector(ICircuitBreaker.Breaker_Exempt.selector, REPAY);
        vm.expectRevert(want);
        trip(address(vault), REPAY, until);
        vm.expectRevert(want);
        trip(address(market), REPAY, until);
        vm.expectRevert(want);
        extend(address(vault), REPAY, until);
        vm.expectRevert(want);
        setRule(address(council), address(vault), REPAY, Rule(RuleKind.DENY, 0, 0), until);
        vault.repay(1);
        market.repay(1);
    }

    function test_fuzz_BREAKER_05_noGroupOrProgramHoldsAnExemptSelector(bytes32 group, address caller) external {
        vm.assume(group != 0 && group != GROUP);
        Config memory c;
        c.groups = new Group[](1);
        address[] memory targets = new address[](1);
        targets[0] = address(vault);
        c.groups[0] = Group(group, targets, list(REPAY));
        bytes memory want = abi.encodeWithSelector(ICircuitBreaker.Breaker_Exempt.selector, REPAY);
        vm.prank(address(timelock));
        vm.expectRevert(want);
        breaker.register(c, why());
        Config memory d;
        d.programs = new Program[](1);
        d.programs[0] = Program(caller, address(vault), REPAY);
        vm.prank(address(timelock));
        vm.expectRevert(want);
        breaker.register(d, why());
    }

    function test_fuzz_SYS_05_fullHaltReachesExemptSelectorsToo(uint256 length) external {
        uint40 until = nowAt() + uint40(bound(length, 1, 24 hours));
        halt(address(vault), until);
        vm.expectRevert(paused(REPAY, until));
        vault.repay(1);
        vm.expectRevert(paused(WITHDRAW, until));
        vault.withdraw(1);
        halt(address(market), until);
        vm.expectRevert(paused(REPAY, until));
        market.repay(1);
        vm.warp(until);
        vault.repay(1);
        market.repay(1);
    }

    function test_fuzz_BREAKER_04_fullHaltIsCutAtItsBudget(uint256 length) external {
        uint40 start = nowAt();
        halt(address(vault), start + bound(length, 24 hours, 72 hours));
        eq(vault.pausedUntil(REPAY), start + 24 hours, "until");
        release(address(vault), REPAY);
        release(address(vault), WITHDRAW);
        release(address(vault), BORROW);
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.Breaker_BudgetSpent.selector, WITHDRAW, uint256(0)));
        halt(address(vault), start + boundPause(length));
    }

    function test_fuzz_BREAKER_05_registeredTargetCannotBeRegisteredAgain(bool inlined, bytes4 selector) external {
        Config memory c;
        c.targets = new Target[](1);
        c.targets[0] = Target(address(vault), inlined, list(selector), new bytes4[](0));
        vm.prank(address(timelock));
        vm.expectRevert(
            abi.encodeWithSelector(ICircuitBreaker.Breaker_Registered.selector, address(vault), bytes4(0))
        );
        breaker.register(c, why());
    }

    /* GUARD RULES */

    function refused(bytes4 selector, RuleKind kind, uint256 value, uint256 limit) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(ISelectorBreaker.Breaker_RuleRefused.selector, selector, kind, value, limit);
    }

    function test_fuzz_BREAKER_09_argMaxNarrows(uint256 limit, uint256 value) external {
        limit = bound(limit, 0, 1e30);
        value = bound(value, 0, 2e30);
        setRule(address(council), address(vault), BORROW, Rule(RuleKind.ARG_MAX, 0, limit), nowAt() + 1 hours);
        setRule(address(council), address(market), WITHDRAW, Rule(RuleKind.ARG_MAX, 0, limit), nowAt() + 1 hours);
        if (value > limit) vm.expectRevert(refused(BORROW, RuleKind.ARG_MAX, value, limit));
        vault.borrow(value);
        if (value > limit) vm.expectRevert(refused(WITHDRAW, RuleKind.ARG_MAX, value, limit));
        market.withdraw(value);
    }

    function test_fuzz_BREAKER_09_argMinNarrows(uint256 limit, uint256 value) external {
        limit = bound(limit, 0, 1e30);
        value = bound(value, 0, 2e30);
        setRule(address(council), address(vault), BORROW, Rule(RuleKind.ARG_MIN, 0, limit), nowAt() + 1 hours);
        if (value < limit) vm.expectRevert(refused(BORROW, RuleKind.ARG_MIN, value, limit));
        vault.borrow(value);
    }

    function test_fuzz_BREAKER_09_missingArgumentIsRefused(uint256 index) external {
        index = bound(index, 1, 255);
        Rule memory rule = Rule(RuleKind.ARG_MAX, uint8(index), type(uint256).max);
        setRule(address(council), address(vault), BORROW, rule, nowAt() + 1 hours);
        vm.expectRevert(refused(BORROW, RuleKind.ARG_MAX, 36, type(uint256).max));
        vault.borrow(1);
    }

    function test_fuzz_BREAKER_09_ruleEndsByItself(uint256 length, uint256 when) external {
        uint40 until = nowAt() + uint40(bound(length, 1, 36 hours));
        Rule memory rule = Rule(RuleKind.DENY, 3, 9);
        vm.expectEmit(address(breaker));
        emit ICircuitBreaker.RuleSet(address(vault), BORROW, rule, until);
        vm.expectEmit(address(breaker));
        emit IAccountable.Tightened(program, subject(address(vault), BORROW), "test", EVIDENCE);
        setRule(program, address(vault), BORROW, rule, until);
        (Rule memory have, uint40 haveUntil) = breaker.ruleOf(address(vault), BORROW);
        eq(abi.encode(have, haveUntil), abi.encode(rule, until), "rule");
        when = bound(when, nowAt(), uint256(until) + 1 days);
        vm.warp(when);
        if (when < until) vm.expectRevert(refused(BORROW, RuleKind.DENY, 0, 9));
        vault.borrow(1);
        vault.withdraw(1);
    }

    function test_fuzz_BREAKER_09_onlyTheCouncilOrItsProgramSetsRules(address caller) external {
        vm.assume(caller != address(council) && caller != program);
        Rule memory rule = Rule(RuleKind.DENY, 0, 0);
        vm.expectRevert(notAllowed(caller));
        setRule(caller, address(vault), BORROW, rule, nowAt() + 1);
        vm.expectRevert(notAllowed(program));
        setRule(program, address(vault), WITHDRAW, rule, nowAt() + 1);
    }

    function test_fuzz_BREAKER_09_aRunningRuleCannotBeWeakened(uint256 length, uint256 limit) external {
        Rule memory deny = Rule(RuleKind.DENY, 0, 0);
        Rule memory weak = Rule(RuleKind.ARG_MAX, 0, limit);
        uint40 until = nowAt() + boundRule(length);
        bytes memory want = abi.encodeWithSelector(ICircuitBreaker.Breaker_RuleRunning.selector, BORROW, until);
        setRule(program, address(vault), BORROW, deny, until);
        vm.expectRevert(want);
        setRule(program, address(vault), BORROW, weak, until);
        setRule(address(council), address(vault), BORROW, deny, until);
        vm.expectRevert(want);
        setRule(address(council), address(vault), BORROW, weak, until);
        vm.expectRevert(want);
        setRule(program, address(vault), BORROW, weak, until);
    }

    function test_fuzz_BREAKER_09_ruleTimeIsPaidLikeAPause(uint256 length) external {
        length = bound(length, 14 hours, 72 hours);
        Rule memory deny = Rule(RuleKind.DENY, 0, 0);
        setRule(address(council), address(vault), BORROW, deny, nowAt() + length);
        (uint256 fast,) = breaker.budget(address(vault), BORROW);
        eq(fast, 84 hours - length, "left");
        trip(address(vault), BORROW, nowAt() + length);
        (fast,) = breaker.budget(address(vault), BORROW);
        eq(fast, 84 hours - length, "the same time is paid once");
        vm.warp(nowAt() + length);
        (fast,) = breaker.budget(address(vault), BORROW);
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.Breaker_BudgetSpent.selector, BORROW, fast));
        setRule(address(council), address(vault), BORROW, deny, nowAt() + 72 hours);
    }

    function test_BREAKER_09_aProgramCannotSpendTheCouncilsShare() external {
        Rule memory noop = Rule(RuleKind.ARG_MAX, 0, type(uint256).max);
        bytes4 spent = ICircuitBreaker.Breaker_BudgetSpent.selector;
        vm.expectRevert(abi.encodeWithSelector(spent, BORROW, uint256(36 hours)));
        setRule(program, address(vault), BORROW, noop, nowAt() + 36 hours + 1);
        setRule(program, address(vault), BORROW, noop, nowAt() + 36 hours);
        vm.warp(nowAt() + 36 hours);
        uint256 refill = (36 hours * 7) / 60;
        vm.expectRevert(abi.encodeWithSelector(spent, BORROW, refill));
        setRule(program, address(vault), BORROW, noop, nowAt() + refill + 1);
        setRule(program, address(vault), BORROW, noop, nowAt() + refill);
        vm.warp(nowAt() + refill);
        trip(address(vault), BORROW, nowAt() + 48 hours);
        extend(address(vault), BORROW, nowAt() + 66 hours);
    }

    function test_fuzz_BREAKER_09_whatAProgramDoesLeavesTheCouncil48h(uint256 seed) external {
        Rule memory noop = Rule(RuleKind.ARG_MAX, 0, type(uint256).max);
        for (uint256 i; i < 20; ++i) {
            (uint256 left,) = breaker.budget(address(vault), BORROW);
            atMost(48 hours, left, "the council's share");
            uint256 length = left - 48 hours;
            if (length > 0) setRule(program, address(vault), BORROW, noop, nowAt() + length);
            vm.warp(nowAt() + length + (uint256(keccak256(abi.encode(seed, i))) % 3 days));
        }
        trip(address(vault), BORROW, nowAt() + 48 hours);
    }

    function test_fuzz_SYS_02_replacingAProgramsRuleIsToldAsLoosening(uint256 length, uint256 limit) external {
        setRule(program, address(vault), BORROW, Rule(RuleKind.DENY, 0, 0), nowAt() + boundRule(length));
        vm.expectEmit(address(breaker));
        emit IAccountable.Loosened(address(council), subject(address(vault), BORROW), "test", EVIDENCE);
        vm.expectEmit(address(breaker));
        emit IAccountable.Tightened(address(council), subject(address(vault), BORROW), "test", EVIDENCE);
        setRule(address(council), address(vault), BORROW, Rule(RuleKind.ARG_MAX, 0, limit), nowAt() + boundPause(length));
    }

    function test_fuzz_SYS_02_aRuleThatEndsNowIsNotThereToClear(uint256 length) external {
        uint40 until = nowAt() + boundRule(length);
        setRule(program, address(vault), BORROW, Rule(RuleKind.DENY, 0, 0), until);
        vm.warp(until);
        vm.prank(address(council));
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.Breaker_NoRule.selector, BORROW));
        breaker.clearRule(address(vault), BORROW, why());
    }

    function test_fuzz_SYS_02_councilClearsAProgramsRuleOnly(uint256 length) external {
        Rule memory deny = Rule(RuleKind.DENY, 0, 0);
        uint40 until = nowAt() + boundRule(length);
        setRule(program, address(vault), BORROW, deny, until);
        vm.expectEmit(address(breaker));
        emit ICircuitBreaker.RuleCleared(address(vault), BORROW);
        vm.expectEmit(address(breaker));
        emit IAccountable.Loosened(address(council), subject(address(vault), BORROW), "test", EVIDENCE);
        vm.prank(address(council));
        breaker.clearRule(address(vault), BORROW, why());
        vault.borrow(1);
        vm.prank(address(council));
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.Breaker_NoRule.selector, BORROW));
        breaker.clearRule(address(vault), BORROW, why());
        setRule(address(council), address(vault), BORROW, deny, until);
        vm.prank(address(council));
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.Breaker_RuleRunning.selector, BORROW, until));
        breaker.clearRule(address(vault), BORROW, why());
        vm.prank(program);
        vm.expectRevert(notAllowed(program));
        breaker.clearRule(address(vault), BORROW, why());
        vm.prank(address(timelock));
        breaker.clearRule(address(vault), BORROW, why());
        vault.borrow(1);
    }

    function test_fuzz_BREAKER_09_dismissedProgramSetsNothing(uint256 length) external {
        yes(breaker.isProgram(program, address(vault), BORROW), "registered");
        vm.prank(address(timelock));
        breaker.dismissProgram(program, address(vault), BORROW, why());
        no(breaker.isProgram(program, address(vault), BORROW), "dismissed");
        vm.expectRevert(notAllowed(program));
        setRule(program, address(vault), BORROW, Rule(RuleKind.DENY, 0, 0), nowAt() + boundRule(length));
        vm.prank(address(timelock));
        vm.expectRevert(
            abi.encodeWithSelector(ICircuitBreaker.Breaker_Unknown.selector, address(vault), BORROW)
        );
        breaker.dismissProgram(program, address(vault), BORROW, why());
    }

    function test_fuzz_BREAKER_09_noSameBlockNeedsInlineMode(uint8 index, uint256 value) external {
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.Breaker_RuleNeedsInline.selector, WITHDRAW));
        setRule(program, address(market), WITHDRAW, Rule(RuleKind.NO_SAME_BLOCK, index, value), nowAt() + 1);
    }

    /* REGISTER */

    function test_BREAKER_05_registerHoldsWhatWasGiven() external view {
        eq(uint256(breaker.kindOf(address(vault), WITHDRAW)), uint256(Kind.INLINE), "inline");
        eq(uint256(breaker.kindOf(address(vault), REPAY)), uint256(Kind.INLINE_EXEMPT), "inline exempt");
        eq(uint256(breaker.kindOf(address(market), WITHDRAW)), uint256(Kind.EXTERNAL), "external");
        eq(uint256(breaker.kindOf(address(market), REPAY)), uint256(Kind.EXTERNAL_EXEMPT), "external exempt");
        eq(uint256(breaker.kindOf(address(market), BORROW)), uint256(Kind.UNKNOWN), "unknown");
        bytes4[] memory selectors = breaker.selectorsOf(address(vault));
        eq(selectors.length, 3, "selectors");
        eq(bytes32(selectors[2]), bytes32(REPAY), "exempt last");
        address[] memory all = breaker.targets();
        eq(all.length, 2, "targets");
        eq(all[1], address(market), "market");
        (address[] memory members, bytes4[] memory groupSelectors) = breaker.groupOf(GROUP);
        eq(members[0], address(vault), "member");
        eq(bytes32(groupSelectors[1]), bytes32(WITHDRAW), "member selector");
    }

    function test_fuzz_SYS_02_timelockRegistersMore(address target, uint256 length) external {
        vm.assume(target != address(vault) && target != address(market));
        Config memory c;
        c.targets = new Target[](1);
        c.targets[0] = Target(target, false, list(STRANGE), list(REPAY));
        vm.expectEmit(address(breaker));
        emit ICircuitBreaker.Registered(target, false, list(STRANGE), list(REPAY));
        vm.prank(address(timelock));
        breaker.register(c, why());
        trip(target, STRANGE, nowAt() + boundPause(length));
        eq(breaker.pausedUntil(target, STRANGE), nowAt() + boundPause(length), "until");
    }

    function registerExpecting(Config memory c, bytes memory want) internal {
        vm.prank(address(timelock));
        vm.expectRevert(want);
        breaker.register(c, why());
    }

    function test_fuzz_SYS_06_listsAreBounded(uint256 count) external {
        count = bound(count, 33, 64);
        bytes4[] memory many = new bytes4[](count);
        for (uint256 i; i < count; ++i) many[i] = bytes4(uint32(i + 1));
        Config memory c;
        c.targets = new Target[](1);
        c.targets[0] = Target(address(0xbeef), true, many, new bytes4[](0));
        registerExpecting(c, abi.encodeWithSelector(ICircuitBreaker.Breaker_BadLength.selector, count, 32));
        c.targets[0] = Target(address(0xbeef), true, new bytes4[](0), new bytes4[](0));
        registerExpecting(c, abi.encodeWithSelector(ICircuitBreaker.Breaker_BadLength.selector, 0, 32));
        Config memory d;
        d.groups = new Group[](1);
        d.groups[0] = Group("long", new address[](count), many);
        registerExpecting(d, abi.encodeWithSelector(ICircuitBreaker.Breaker_BadLength.selector, count, 16));
        d.groups[0] = Group("empty", new address[](0), new bytes4[](0));
        registerExpecting(d, abi.encodeWithSelector(ICircuitBreaker.Breaker_BadLength.selector, 0, 16));
        d.groups[0] = Group("uneven", new address[](2), list(WITHDRAW));
        registerExpecting(d, abi.encodeWithSelector(ICircuitBreaker.Breaker_BadLength.selector, 2, 1));
    }

    function test_SYS_06_atMostSevenTargets() external {
        Config memory c;
        c.targets = new Target[](6);
        for (uint256 i; i < 6; ++i) c.targets[i] = Target(address(uint160(100 + i)), true, list(STRANGE), list(REPAY));
        registerExpecting(c, abi.encodeWithSelector(ICircuitBreaker.Breaker_BadLength.selector, 8, 7));
    }

    function test_BREAKER_06_registerRefusesUnknownDoubleAndZeroEntries() external {
        Config memory c;
        c.trippers = new Tripper[](1);
        c.trippers[0] = Tripper(tripper, "nowhere");
        registerExpecting(
            c, abi.encodeWithSelector(ICircuitBreaker.Breaker_UnknownGroup.selector, bytes32("nowhere"))
        );
        Config memory d;
        d.groups = new Group[](1);
        address[] memory targets = new address[](1);
        targets[0] = address(vault);
        d.groups[0] = Group(GROUP, targets, list(WITHDRAW));
        registerExpecting(
            d, abi.encodeWithSelector(ICircuitBreaker.Breaker_Registered.selector, address(vault), WITHDRAW)
        );
        d.groups[0] = Group(0, targets, list(WITHDRAW));
        registerExpecting(d, abi.encodeWithSelector(ICircuitBreaker.Breaker_UnknownGroup.selector, bytes32(0)));
        d.groups[0] = Group("new", targets, list(STRANGE));
        registerExpecting(
            d, abi.encodeWithSelector(ICircuitBreaker.Breaker_Unknown.selector, address(vault), STRANGE)
        );
        Config memory e;
        e.targets = new Target[](1);
        e.targets[0] = Target(address(0xbeef), true, list(STRANGE, REPAY), list(REPAY));
        registerExpecting(
            e, abi.encodeWithSelector(ICircuitBreaker.Breaker_Registered.selector, address(0xbeef), REPAY)
        );
    }

    function test_fuzz_BREAKER_01_unregisteredSelectorsAreRefused(bytes4 selector, address target) external {
        vm.assume(uint256(breaker.kindOf(target, selector)) == 0);
        bytes memory want = abi.encodeWithSelector(ICircuitBreaker.Breaker_Unknown.selector, target, selector);
        vm.expectRevert(want);
        trip(target, selector, nowAt() + 1);
        vm.expectRevert(want);
        release(target, selector);
        vm.expectRevert(want);
        breaker.pausedUntil(target, selector);
        vm.expectRevert(want);
        breaker.check(target, selector, "");
    }

    function test_fuzz_BREAKER_01_haltOfAnUnknownTargetIsRefused(address target, uint256 length) external {
        vm.assume(target != address(vault) && target != address(market));
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.Breaker_Unknown.selector, target, bytes4(0)));
        halt(target, nowAt() + boundPause(length));
    }

    /* HEALTH */

    /// forge-config: default.isolate = true
    function test_SYS_12_healthyWithin50000Gas() external {
        Config memory c;
        c.targets = new Target[](5);
        for (uint256 i; i < 5; ++i) {
            MockVault more = new MockVault(address(breaker));
            c.targets[i] = Target(address(more), true, list(STRANGE), new bytes4[](0));
        }
        vm.prank(address(timelock));
        breaker.register(c, why());
        address[] memory all = breaker.targets();
        for (uint256 i; i < all.length; ++i) vm.cool(all[i]);
        vm.cool(address(breaker));
        vm.cool(address(council));
        vm.cool(address(timelock));
        uint256 before = gasleft();
        (bool ok, bytes32 reason) = breaker.healthy();
        uint256 used = before - gasleft();
        eq(reason, 0, "reason");
        yes(ok, "healthy");
        atMost(used, 50_000, "gas with seven targets");
    }

    /// A breaker of `count` mixins behind proxies; the one at `wrong` names another breaker.
    function proxiedTargets(uint256 count, uint256 wrong) internal returns (CircuitBreaker made) {
        address predicted = create(vm.getNonce(address(this)) + uint64(2 * count));
        Config memory c;
        c.targets = new Target[](count);
        for (uint256 i; i < count; ++i) {
            address code = address(new MockVault(i == wrong ? address(0xdead) : predicted));
            address proxy = address(new ERC1967Proxy(code, abi.encodeCall(MockVault.plain, (1))));
            c.targets[i] = Target(proxy, true, list(WITHDRAW), list(REPAY));
        }
        made = new CircuitBreaker(address(council), address(timelock), c);
        eq(address(made), predicted, "predicted");
    }

    /// Isolated, so that the call finds everything cold, as a transaction of its own does.
    /// forge-config: default.isolate = true
    function test_SYS_12_mixinsBehindProxiesAreHealthyWithin50000Gas() external {
        CircuitBreaker one = proxiedTargets(1, 7);
        (bool ok, bytes32 reason) = one.healthy();
        eq(reason, 0, "reason of one");
        CircuitBreaker seven = proxiedTargets(7, 7);
        for (uint256 i; i < 7; ++i) {
            uint256 before = gasleft();
            (ok, reason) = seven.healthy();
            uint256 used = before - gasleft();
            eq(reason, 0, "reason");
            yes(ok, "healthy");
            atMost(used, 50_000, "gas with seven targets");
            vm.roll(vm.getBlockNumber() + 1);
        }
    }

    /// forge-config: default.isolate = true
    function test_SYS_12_aWrongTargetAmongSevenIsToldInThreeOfSevenBlocks() external {
        for (uint256 wrong; wrong < 7; ++wrong) {
            CircuitBreaker seven = proxiedTargets(7, wrong);
            (, bytes32 reason) = seven.targetHealthy(seven.targets()[wrong]);
            eq(reason, "target has another breaker", "asked at once");
            (bool ok,) = seven.targetHealthy(seven.targets()[(wrong + 1) % 7]);
            yes(ok, "its neighbour");
            uint256 told;
            for (uint256 i; i < 7; ++i) {
                (ok,) = seven.healthy();
                if (!ok) ++told;
                vm.roll(vm.getBlockNumber() + 1);
            }
            atMost(3, told, "blocks in which it is told");
        }
    }

    function test_fuzz_SYS_12_anUnknownTargetIsNotHealthy(address target) external view {
        vm.assume(target != address(vault) && target != address(market));
        (bool ok, bytes32 reason) = breaker.targetHealthy(target);
        yes(!ok && reason == "target is not registered", "told");
    }

    function test_SYS_12_healthySaysWhatIsWrong() external {
        Config memory c = config();
        CircuitBreaker other = new CircuitBreaker(address(0xdead), address(timelock), c);
        expectSick(other, "council has no code");
        other = new CircuitBreaker(address(council), address(0xdead), c);
        expectSick(other, "timelock has no code");
        other = new CircuitBreaker(address(council), address(timelock), c);
        expectSick(other, "target has another breaker");
        vm.etch(address(vault), "");
        expectSick(breaker, "target has no code");
    }

    function expectSick(CircuitBreaker which, bytes32 want) internal view {
        (bool ok, bytes32 reason) = which.healthy();
        no(ok, "healthy");
        eq(reason, want, "reason");
    }
}

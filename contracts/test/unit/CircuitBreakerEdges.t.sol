// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CircuitBreaker} from "../../src/CircuitBreaker.sol";
import {Config, ICircuitBreaker} from "../../src/interfaces/ICircuitBreaker.sol";
import {IAccountable} from "../../src/interfaces/IAccountable.sol";
import {Rule, RuleKind} from "../../src/interfaces/ISelectorBreaker.sol";
import {MockClock} from "../../src/mocks/MockClock.sol";
import {Vm} from "../Base.t.sol";
import {Setup} from "../Setup.t.sol";

/// The breaker at the second at which a pause, a rule or a budget ends, and what it says of its settings.
contract CircuitBreakerEdgesTest is Setup {
    function notPaused() internal pure returns (bytes memory) {
        return abi.encodeWithSelector(ICircuitBreaker.Breaker_NotPaused.selector, WITHDRAW);
    }

    function boundPause(uint256 x) internal pure returns (uint40) {
        return uint40(bound(x, 1, 72 hours));
    }

    /* THE END OF A PAUSE */

    function test_fuzz_BREAKER_02_whatHasEndedIsNeitherReleasedNorExtended(uint256 length) external {
        uint40 until = nowAt() + boundPause(length);
        trip(address(vault), WITHDRAW, until);
        vm.warp(until);
        yes(passes(address(vault), callOf(WITHDRAW)), "open");
        vm.expectRevert(notPaused());
        release(address(vault), WITHDRAW);
        vm.expectRevert(notPaused());
        extend(address(vault), WITHDRAW, until + 1);
    }

    function test_fuzz_BREAKER_02_aPauseOfNoTimeIsRefused(uint256 time) external {
        vm.warp(bound(time, 1, type(uint32).max));
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.Breaker_TooShort.selector, nowAt(), nowAt()));
        trip(address(vault), WITHDRAW, nowAt());
        trip(address(vault), WITHDRAW, nowAt() + 1);
    }

    /// A pause that begins as another ends is a new one: its 72 h count from there.
    function test_fuzz_BREAKER_08_aPauseAtTheEndOfAnotherBeginsAnew(uint256 length, bool byHalt) external {
        uint40 first = nowAt() + uint40(bound(length, 2 hours, 11 hours));
        trip(address(vault), WITHDRAW, first);
        vm.warp(first);
        if (byHalt) halt(address(vault), first + 2 hours);
        else trip(address(vault), WITHDRAW, first + 2 hours);
        vm.warp(first + 1 hours);
        trip(address(vault), WITHDRAW, first + 72 hours);
        eq(breaker.pausedUntil(address(vault), WITHDRAW), first + 72 hours, "as far as from the second");
    }

    /* THE END OF A RULE */

    function test_fuzz_BREAKER_09_aRuleIsOverAtItsEnd(uint256 length) external {
        uint40 until = nowAt() + boundPause(length);
        setRule(address(council), address(market), WITHDRAW, Rule(RuleKind.DENY, 0, 0), until);
        setRule(address(council), address(vault), WITHDRAW, Rule(RuleKind.DENY, 0, 0), until);
        vm.warp(until - 1);
        no(clear(), "runs");
        no(passes(address(vault), callOf(WITHDRAW)), "denied inside");
        no(passes(address(market), callOf(WITHDRAW)), "denied");
        vm.warp(until);
        yes(clear(), "over");
        yes(passes(address(vault), callOf(WITHDRAW)), "over inside");
        breaker.check(address(market), WITHDRAW, callOf(WITHDRAW));
    }

    function clear() internal returns (bool) {
        vm.prank(address(market));
        return breaker.isClear(WITHDRAW);
    }

    /* THE END OF A BUDGET */

    /// Pauses as far as the fast budget reaches until nothing of it is left, and no pause runs any more.
    function spend(address target) internal {
        for (uint256 i; i < 20; ++i) {
            (uint40 fast,) = breaker.reach(target, WITHDRAW);
            if (fast <= nowAt()) return;
            trip(target, WITHDRAW, fast);
            vm.warp(fast);
        }
        revert("not spent");
    }

    /// Members whose pause ends in this very second, and who have no budget for another, are not paused.
    function test_BREAKER_04_aGroupWithNothingLeftIsRefusedAsItsPausesEnd() external {
        uint256 start = nowAt();
        spend(address(vault));
        uint256 end = nowAt();
        // The same for the other member, within the same time.
        vm.warp(start);
        spend(address(market));
        eq(nowAt(), end, "both end now");
        eq(breaker.pausedUntil(address(vault), WITHDRAW), end, "the vault's pause");
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.Breaker_BudgetSpent.selector, WITHDRAW, 0));
        vm.prank(tripper);
        breaker.tripGroup(GROUP, uint40(end) + 1 hours, why());
    }

    /// Of a member that could not be paused nothing is told.
    function test_BREAKER_06_onlyWhatIsPausedIsTold() external {
        spend(address(vault));
        uint40 until = nowAt() + 1 hours;
        vm.recordLogs();
        vm.prank(tripper);
        breaker.tripGroup(GROUP, until, why());
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 told;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != ICircuitBreaker.Tripped.selector) continue;
            eq(address(uint160(uint256(logs[i].topics[1]))), address(market), "whose");
            ++told;
        }
        eq(told, 1, "one");
        eq(breaker.pausedUntil(address(market), WITHDRAW), until, "paused");
    }

    function test_BREAKER_04_aRuleReachesAsFarAsTheBudget() external {
        trip(address(vault), WITHDRAW, nowAt() + 72 hours);
        vm.warp(nowAt() + 72 hours);
        (uint40 fast,) = breaker.reach(address(vault), WITHDRAW);
        Rule memory rule = Rule(RuleKind.DENY, 0, 0);
        (uint256 left,) = breaker.budget(address(vault), WITHDRAW);
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.Breaker_BudgetSpent.selector, WITHDRAW, left));
        setRule(address(council), address(vault), WITHDRAW, rule, fast + 1);
        setRule(address(council), address(vault), WITHDRAW, rule, fast);
    }

    /// Time that a rule has paid for is not paid out of the halt budget once more, to the last second.
    function test_fuzz_BREAKER_04_aHaltAsLongAsARuleCostsNothing(uint256 length) external {
        uint40 until = nowAt() + boundPause(length);
        setRule(address(council), address(vault), WITHDRAW, Rule(RuleKind.DENY, 0, 0), until);
        halt(address(vault), until);
        (, uint256 left) = breaker.budget(address(vault), WITHDRAW);
        eq(left, 24 hours, "halt budget");
        eq(breaker.pausedUntil(address(vault), WITHDRAW), until, "paused");
    }

    /* RULES */

    function test_fuzz_BREAKER_09_aBoundItselfIsWithin(uint256 limit, bool isMax) external {
        Rule memory rule = Rule(isMax ? RuleKind.ARG_MAX : RuleKind.ARG_MIN, 0, limit);
        setRule(address(council), address(vault), WITHDRAW, rule, nowAt() + 1 hours);
        bytes memory call = abi.encodeWithSelector(WITHDRAW, limit);
        // The vault adds up what it is asked for, and has one already.
        if (limit < type(uint256).max) yes(passes(address(vault), call), "at the bound");
        uint256 beyond = isMax ? limit + (limit < type(uint256).max ? 1 : 0) : limit - (limit > 0 ? 1 : 0);
        if (beyond != limit) no(passes(address(vault), abi.encodeWithSelector(WITHDRAW, beyond)), "beyond it");
    }

    /// A price of this second is from no future, and one that is exactly as old as asked for is old enough.
    function test_fuzz_BREAKER_09_aDelayIsOverAtItsEnd(uint256 delay) external {
        delay = bound(delay, 0, 1 hours);
        MockClock source = new MockClock();
        source.set(nowAt(), false);
        uint256 limit = (delay << 160) | uint160(address(source));
        setRule(address(council), address(vault), WITHDRAW, Rule(RuleKind.ORACLE_DELAY, 0, limit), nowAt() + 2 hours);
        if (delay > 0) {
            vm.warp(nowAt() + delay - 1);
            no(passes(address(vault), callOf(WITHDRAW)), "a second too early");
            vm.warp(nowAt() + 1);
        }
        yes(passes(address(vault), callOf(WITHDRAW)), "old enough");
    }

    /* GAS */

    /// A caller who sends little gas must not make a member fail, and the group's trip pass it by.
    function test_fuzz_SYS_13_aGroupIsNotTrippedWithLittleGas(uint256 gasLimit) external {
        gasLimit = bound(gasLimit, 20_000, 103_000);
        bytes memory data = abi.encodeCall(breaker.tripGroup, (GROUP, nowAt() + 1 hours, why()));
        vm.prank(tripper);
        (bool ok, bytes memory cause) = address(breaker).call{gas: gasLimit}(data);
        no(ok, "tripped");
        if (gasLimit < 60_000) return;
        eq(cause, abi.encodeWithSelector(ICircuitBreaker.Breaker_GasTooLow.selector, 103_125), "cause");
    }

    /* SETTINGS */

    function test_BREAKER_03_settingsSaySo() external {
        Config memory none;
        vm.expectEmit(address(breaker));
        emit IAccountable.Tightened(address(timelock), bytes32(bytes20(address(breaker))), "test", EVIDENCE);
        vm.prank(address(timelock));
        breaker.register(none, why());
        vm.expectEmit(address(breaker));
        emit IAccountable.Loosened(address(timelock), subject(address(vault), BORROW), "test", EVIDENCE);
        vm.prank(address(timelock));
        breaker.dismissProgram(program, address(vault), BORROW, why());
    }

    function test_SYS_12_aBreakerOverNothingIsWell() external {
        Config memory none;
        CircuitBreaker empty = new CircuitBreaker(address(council), address(timelock), none);
        (bool ok,) = empty.healthy();
        yes(ok, "well");
    }
}

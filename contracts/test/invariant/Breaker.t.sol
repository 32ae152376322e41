// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CircuitBreaker} from "../../src/CircuitBreaker.sol";
import {Rule, RuleKind} from "../../src/interfaces/ISelectorBreaker.sol";
import {PauseBudget} from "../../src/libraries/PauseBudget.sol";
import {Pause, PauseWord} from "../../src/libraries/PauseWord.sol";
import {Why} from "../../src/libraries/Why.sol";
import {MockVault} from "../../src/mocks/MockVault.sol";
import {Base} from "../Base.t.sol";
import {Setup} from "../Setup.t.sol";
import {Aimed} from "./Aimed.t.sol";

/// What a (target, selector) went through: stretches of paused time, and who had paid for them.
contract PauseLog is Base {
    struct Stretch {
        uint40 start;
        uint40 end;
        bool fast;
    }

    Stretch[] internal stretches;

    function add(uint256 start, uint256 end, bool fast) external {
        if (end > start) stretches.push(Stretch(uint40(start), uint40(end), fast));
    }

    /// The most paused time of the kind in any 30 days. The worst window begins at a start or ends at an end.
    function worst(bool fast, bool both) external view returns (uint256 most) {
        for (uint256 i; i < stretches.length; ++i) {
            uint256 a = inWindow(stretches[i].start, fast, both);
            uint256 end = stretches[i].end;
            uint256 b = inWindow(end > 30 days ? end - 30 days : 0, fast, both);
            if (a > most) most = a;
            if (b > most) most = b;
        }
    }

    function inWindow(uint256 from, bool fast, bool both) internal view returns (uint256 sum) {
        uint256 to = from + 30 days;
        for (uint256 i; i < stretches.length; ++i) {
            Stretch memory s = stretches[i];
            if (!both && s.fast != fast) continue;
            uint256 start = s.start > from ? s.start : from;
            uint256 end = s.end < to ? s.end : to;
            if (end > start) sum += end - start;
        }
    }
}

/// Everything the roles can do to one vault, as greedily as they may, with time passing.
contract BreakerHandler is Base {
    using PauseBudget for Pause;

    CircuitBreaker internal breaker;
    MockVault internal vault;
    address internal council;
    address internal timelock;
    address internal tripper;
    address internal program;
    bytes32 internal group;
    PauseLog[3] public logs;
    bytes4[3] public selectors;
    uint40 public haltedUntil;
    uint40 internal last;
    uint256 public steps;
    /// What all but programs charged to the fast budget of `selectors[1]`, in 1/60 s, refilled like the budget itself.
    uint256 internal others;
    uint40 internal othersAt;

    modifier step() {
        ++steps;
        _;
    }

    constructor(
        CircuitBreaker breaker_,
        MockVault vault_,
        address[4] memory roles,
        bytes32 group_
    ) {
        (breaker, vault, group) = (breaker_, vault_, group_);
        (council, timelock, tripper, program) = (roles[0], roles[1], roles[2], roles[3]);
        selectors = [MockVault.withdraw.selector, MockVault.borrow.selector, MockVault.repay.selector];
        for (uint256 i; i < 3; ++i) logs[i] = new PauseLog();
        last = uint40(vm.getBlockTimestamp());
        othersAt = last;
    }

    function wait(uint256 time) external step {
        pass(bound(time, 1, 4 days));
    }

    function waitForPauseEnd(uint256 which, uint256 slack) external step {
        uint40 until = vault.pausedUntil(selectors[which % 2]);
        uint40 t = uint40(vm.getBlockTimestamp());
        if (until > t) pass(until - t + bound(slack, 0, 1 hours));
    }

    function trip(uint256 which, uint256 length) external step {
        bytes4 selector = selectors[which % 2];
        (uint40 reach,) = breaker.reach(address(vault), selector);
        (bool ok, uint40 until) = pick(length, reach);
        if (!ok) return;
        uint40 before = vault.pausedUntil(selector);
        uint256 used = fastUsed();
        vm.prank(council);
        breaker.trip(address(vault), selector, until, because());
        noteOthers(used);
        neverShorter(selector, before);
    }

    function extend(uint256 which, uint256 length) external step {
        bytes4 selector = selectors[which % 2];
        uint40 before = vault.pausedUntil(selector);
        if (before <= vm.getBlockTimestamp()) return;
        (, uint40 reach) = breaker.reach(address(vault), selector);
        (bool ok, uint40 until) = pick(length, reach);
        if (!ok) return;
        vm.prank(council);
        breaker.extend(address(vault), selector, until, because());
        neverShorter(selector, before);
    }

    /// Takes all of a selector's budgets again and again, resting only as long as it must.
    function grind(uint256 which, uint256 rounds, uint256 rest, bool halts) external step {
        bytes4 selector = selectors[which % 2];
        rounds = bound(rounds, 1, 12);
        rest = bound(rest, 1 hours, 2 days);
        for (uint256 i; i < rounds; ++i) {
            (uint40 fast, uint40 halt) = breaker.reach(address(vault), selector);
            uint40 t = uint40(vm.getBlockTimestamp());
            if (fast > t) {
                uint256 used = fastUsed();
                vm.prank(council);
                breaker.trip(address(vault), selector, fast, because());
                noteOthers(used);
            }
            (, halt) = breaker.reach(address(vault), selector);
            uint40 until = vault.pausedUntil(selector);
            if (halts && until > t && halt > until) {
                vm.prank(council);
                breaker.extend(address(vault), selector, halt, because());
                until = halt;
            }
            pass((until > t ? until - t : 0) + rest);
        }
    }

    function fullHalt(uint256 length) external step {
        uint40 most;
        for (uint256 i; i < 3; ++i) {
            (, uint40 reach) = breaker.reach(address(vault), selectors[i]);
            if (reach > most) most = reach;
        }
        (bool ok, uint40 until) = pick(length, most);
        if (!ok) return;
        uint40 before = vault.pausedUntil(selectors[2]);
        vm.prank(council);
        breaker.fullHalt(address(vault), until, because());
        neverShorter(selectors[2], before);
        haltedUntil = vault.pausedUntil(selectors[2]);
    }

    function tripGroup(uint256 length) external step {
        (uint40 reach,) = breaker.reach(address(vault), selectors[0]);
        (bool ok, uint40 until) = pick(length, reach);
        if (!ok) return;
        uint40 before = vault.pausedUntil(selectors[0]);
        vm.prank(tripper);
        breaker.tripGroup(group, until, because());
        neverShorter(selectors[0], before);
    }

    function deny(uint256 length, bool byProgram) external step {
        uint256 used = fastUsed();
        denyFor(length, byProgram);
        if (!byProgram) noteOthers(used);
    }

    /// A program takes all that it may, again and again.
    function grindRules(uint256 rounds, uint256 rest) external step {
        rounds = bound(rounds, 1, 4);
        rest = bound(rest, 0, 2 days);
        for (uint256 i; i < rounds; ++i) {
            denyFor(72 hours, true);
            (, uint40 ruleUntil) = vault.guardRule(selectors[1]);
            uint256 t = vm.getBlockTimestamp();
            pass((ruleUntil > t ? ruleUntil - t : 0) + rest);
        }
    }

    function denyFor(uint256 length, bool byProgram) internal {
        (uint256 left,) = breaker.budget(address(vault), selectors[1]);
        (, uint40 ruleUntil) = vault.guardRule(selectors[1]);
        uint256 t = vm.getBlockTimestamp();
        if (byProgram) left = left > 48 hours ? left - 48 hours : 0;
        if (ruleUntil > t || left < 2) return;
        uint40 until = uint40(t + bound(length, 1, left < 72 hours ? left : 72 hours));
        vm.prank(byProgram ? program : council);
        breaker.setRule(address(vault), selectors[1], Rule(RuleKind.DENY, 0, 0), until, because());
    }

    function clearRule() external step {
        (, uint40 ruleUntil) = vault.guardRule(selectors[1]);
        if (ruleUntil <= vm.getBlockTimestamp()) return;
        vm.prank(timelock);
        breaker.clearRule(address(vault), selectors[1], because());
    }

    /// Anyone, at any time.
    function arm() external step {
        breaker.arm(address(vault));
    }

    function release(uint256 which, uint256 rare) external step {
        bytes4 selector = selectors[which % 3];
        if (rare % 4 != 0 || vault.pausedUntil(selector) <= vm.getBlockTimestamp()) return;
        vm.prank(timelock);
        breaker.release(address(vault), selector, because());
        if (which % 3 == 2) haltedUntil = 0;
    }

    /* INTERNAL */

    /// What the fast budget of `selectors[1]` has spent, as of now.
    function fastUsed() public view returns (uint256) {
        Pause memory p = PauseWord.wrap(vault.pauseWord(selectors[1])).unpack();
        p.settle(uint40(vm.getBlockTimestamp()));
        return p.fastUsed;
    }

    function othersUsed() public view returns (uint256) {
        uint256 refill = (vm.getBlockTimestamp() - othersAt) * 7;
        return others > refill ? others - refill : 0;
    }

    function noteOthers(uint256 before) internal {
        others = othersUsed() + fastUsed() - before;
        othersAt = uint40(vm.getBlockTimestamp());
    }

    /// Half of the picks take all there is: the bound must hold against greed.
    function pick(uint256 length, uint40 reach) internal view returns (bool, uint40) {
        uint256 t = vm.getBlockTimestamp();
        if (reach <= t) return (false, 0);
        return (true, length % 2 == 0 ? reach : uint40(bound(length, t + 1, reach)));
    }

    function neverShorter(bytes4 selector, uint40 before) internal view {
        atMost(before, vault.pausedUntil(selector), "BREAKER-08: a pause became shorter");
    }

    /// Logs what the passing time was: live, paid for by the fast budget, or by the halt budget.
    function pass(uint256 time) internal {
        uint256 from = last;
        uint256 to = from + time;
        for (uint256 i; i < 3; ++i) {
            Pause memory p = PauseWord.wrap(vault.pauseWord(selectors[i])).unpack();
            uint256 shut = p.ruleUntil > p.until ? p.ruleUntil : p.until;
            uint256 end = shut < to ? shut : to;
            uint256 cut = p.paidUntil < end ? p.paidUntil : end;
            if (cut < from) cut = from;
            logs[i].add(from, cut, true);
            logs[i].add(cut, end, false);
        }
        last = uint40(to);
        vm.warp(to);
    }

    function because() internal pure returns (Why memory) {
        return Why("test", keccak256("evidence"));
    }
}


contract BreakerInvariants is Setup, Aimed {
    BreakerHandler internal handler;

    function setUp() public override {
        super.setUp();
        address[4] memory roles = [address(council), address(timelock), tripper, program];
        handler = new BreakerHandler(breaker, vault, roles, GROUP);
        aim(address(handler), "");
    }

    function invariant_BREAKER_02_pausesEndWithin72h() external view {
        for (uint256 i; i < 3; ++i) {
            bytes4 selector = handler.selectors(i);
            (, uint40 ruleUntil) = vault.guardRule(selector);
            atMost(vault.pausedUntil(selector), nowAt() + 72 hours, "pause");
            atMost(ruleUntil, nowAt() + 72 hours, "rule");
        }
    }

    function invariant_BREAKER_05_exemptSelectorLivesOutsideAFullHalt() external {
        bool ok = passes(address(vault), callOf(REPAY));
        yes(ok == (nowAt() >= handler.haltedUntil()), "exempt selector");
    }

    function invariant_BREAKER_01_externalTargetSharesNothing() external {
        yes(passes(address(market), callOf(REPAY)), "the other target's exempt selector");
    }

    function invariant_COUNCIL_05_allKeysPauseAtMost216hIn30d() external view {
        // The log only grows, so what is broken stays broken: a look at every 16th step, the
        // last one among them, is enough.
        if (handler.steps() % 16 != 0) return;
        for (uint256 i; i < 3; ++i) atMost(handler.logs(i).worst(false, true), 216 hours, "fast and halt");
    }

    function invariant_BREAKER_04_pausedTimeIn30dIsBounded() external view {
        // The log only grows, so what is broken stays broken: a look at every 16th step, the
        // last one among them, is enough.
        if (handler.steps() % 16 != 0) return;
        for (uint256 i; i < 3; ++i) {
            atMost(handler.logs(i).worst(true, false), 168 hours, "fast");
            atMost(handler.logs(i).worst(false, false), 48 hours, "halt");
        }
    }

    function invariant_BREAKER_09_programsLeaveTheCouncil48h() external view {
        atMost(handler.fastUsed(), 36 hours * 60 + handler.othersUsed(), "spent by programs beyond their part");
    }

    function invariant_SYS_11_budgetsCoverWhatIsAhead() external view {
        for (uint256 i; i < 3; ++i) {
            Pause memory p = PauseWord.wrap(vault.pauseWord(handler.selectors(i))).unpack();
            uint256 t = p.settledAt;
            // The heart of BREAKER-04: what was spent covers the paid time ahead.
            if (p.paidUntil > t) atMost((p.paidUntil - t) * 60, p.fastUsed, "paid time ahead");
        }
    }
}

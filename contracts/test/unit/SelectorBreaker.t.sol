// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISelectorBreaker, Rule, RuleKind} from "../../src/interfaces/ISelectorBreaker.sol";
import {PauseStorage} from "../../src/libraries/PauseStorage.sol";
import {MockClock} from "../../src/mocks/MockClock.sol";
import {Setup} from "../Setup.t.sol";

contract SelectorBreakerTest is Setup {
    MockClock internal clock = new MockClock();

    function refused(RuleKind kind, uint256 value, uint256 limit) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(ISelectorBreaker.Breaker_RuleRefused.selector, BORROW, kind, value, limit);
    }

    function test_fuzz_BREAKER_03_onlyTheControllerWrites(address caller, bytes4 selector, uint256 word) external {
        vm.assume(caller != address(breaker));
        bytes memory want = abi.encodeWithSelector(ISelectorBreaker.Breaker_NotController.selector, caller);
        vm.prank(caller);
        vm.expectRevert(want);
        vault.writePause(selector, word);
        vm.prank(caller);
        vm.expectRevert(want);
        vault.writeRule(selector, word, Rule(RuleKind.DENY, 0, 0));
    }

    function test_fuzz_SYS_04_theWordLiesInTheVaultsOwnNamespace(uint256 length) external {
        uint40 until = nowAt() + uint40(bound(length, 1, 72 hours));
        bytes32 root = keccak256(abi.encode(uint256(keccak256("testudo.storage.SelectorBreaker")) - 1))
            & ~bytes32(uint256(0xff));
        eq(PauseStorage.ROOT, root, "ERC-7201 root");
        trip(address(vault), WITHDRAW, until);
        bytes32 slot = keccak256(abi.encode(WITHDRAW, root));
        eq(uint40(uint256(vm.load(address(vault), slot))), until, "until in the slot");
        eq(uint256(vm.load(address(vault), slot)), vault.pauseWord(WITHDRAW), "word");
        // The hot path asks nobody: it works with the breaker gone.
        vm.etch(address(breaker), "");
        no(passes(address(vault), callOf(WITHDRAW)), "paused without the breaker");
        yes(passes(address(vault), callOf(BORROW)), "live without the breaker");
    }

    function test_BREAKER_01_viewsTellTheState() external {
        eq(vault.selectorBreaker(), address(breaker), "controller");
        Rule memory rule = Rule(RuleKind.ARG_MIN, 7, 42);
        setRule(program, address(vault), BORROW, rule, nowAt() + 5);
        (Rule memory have, uint40 until) = vault.guardRule(BORROW);
        eq(abi.encode(have, until), abi.encode(rule, nowAt() + 5), "rule");
        setRule(program, address(market), WITHDRAW, rule, nowAt() + 6);
        (have, until) = breaker.ruleOf(address(market), WITHDRAW);
        eq(abi.encode(have, until), abi.encode(rule, nowAt() + 6), "external rule");
    }

    function test_fuzz_BREAKER_09_oracleDelayRefusesYoungAndFuturePrices(uint256 delay, uint256 age) external {
        delay = bound(delay, 1, 1 hours);
        age = bound(age, 0, 2 hours);
        uint256 limit = (delay << 160) | uint160(address(clock));
        clock.set(nowAt() - age, false);
        setRule(program, address(vault), BORROW, Rule(RuleKind.ORACLE_DELAY, 0, limit), nowAt() + 1 hours);
        if (age < delay) vm.expectRevert(refused(RuleKind.ORACLE_DELAY, nowAt() - age, limit));
        vault.borrow(1);
        clock.set(nowAt() + 1 + age, false);
        vm.expectRevert(refused(RuleKind.ORACLE_DELAY, nowAt() + 1 + age, limit));
        vault.borrow(1);
    }

    function test_SYS_07_aBrokenPriceSourceRefusesNewRiskAndSparesTheRest() external {
        uint256 limit = (uint256(1) << 160) | uint160(address(clock));
        clock.set(0, true);
        setRule(program, address(vault), BORROW, Rule(RuleKind.ORACLE_DELAY, 0, limit), nowAt() + 1 hours);
        uint256 before = gasleft();
        no(passes(address(vault), callOf(BORROW)), "a burning source passes");
        atMost(before - gasleft(), 100_000, "gas burnt");
        vm.etch(address(clock), "");
        no(passes(address(vault), callOf(BORROW)), "a missing source passes");
        vault.repay(1);
        vault.withdraw(1);
    }

    function test_fuzz_BREAKER_09_noSameBlockMarksCallerAndOrigin(uint160 a, uint160 b, uint160 c) external {
        a = uint160(bound(a, 1_000, type(uint160).max));
        b = uint160(bound(b, 1_000, type(uint160).max));
        c = uint160(bound(c, 1_000, type(uint160).max));
        vm.assume(a != b && b != c && a != c);
        setRule(program, address(vault), BORROW, Rule(RuleKind.NO_SAME_BLOCK, 0, 0), nowAt() + 1 hours);
        bytes memory want = refused(RuleKind.NO_SAME_BLOCK, vm.getBlockNumber(), 0);
        vm.prank(address(a), address(b));
        vault.borrow(1);
        vm.prank(address(a), address(c));
        vm.expectRevert(want);
        vault.borrow(1);
        vm.prank(address(c), address(b));
        vm.expectRevert(want);
        vault.borrow(1);
        vm.prank(address(c), address(c));
        vault.borrow(1);
        vm.roll(vm.getBlockNumber() + 1);
        vm.prank(address(a), address(b));
        vault.borrow(1);
    }
}

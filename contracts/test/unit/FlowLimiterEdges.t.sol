// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FlowLimiter} from "../../src/FlowLimiter.sol";
import {IAccountable} from "../../src/interfaces/IAccountable.sol";
import {FlowMode, IFlowLimiter, Limit} from "../../src/interfaces/IFlowLimiter.sol";
import {FlowSetup} from "../FlowSetup.t.sol";

/// The limiter at the edges of what it takes.
contract FlowLimiterEdgesTest is FlowSetup {
    function test_fuzz_SYS_11_aTripTimeIsTakenUpTo72h(uint256 x) external {
        uint40 time = uint40(around(x, 72 hours) % 2 ** 40);
        if (time == 0 || time > 72 hours) {
            vm.expectRevert(abi.encodeWithSelector(IFlowLimiter.Flow_BadTripTime.selector, time));
        }
        new FlowLimiter(
            address(vault), address(breaker), GROUP, time, council, timelock, new address[](0), new Limit[](0)
        );
    }

    function test_fuzz_FLOW_10_sharesAndTripLevelsAreTakenUpToTheWhole(uint256 bps, uint256 trip) external {
        bps = around(bps, 10_000) % 2 ** 16;
        trip = around(trip, 10_000) % 2 ** 16;
        if (bps > 10_000 || trip > 10_000) {
            vm.expectRevert(abi.encodeWithSelector(IFlowLimiter.Flow_BadLimit.selector, address(token)));
        }
        setLimit(address(token), Limit(CAP, uint16(bps), WINDOW, FlowMode.REVERT, uint16(trip)));
    }

    /// Writing a level down rounds its leak down: an inflow of nothing must not do it, or it would stop the leak.
    /// forge-config: default.isolate = true
    function test_fuzz_FLOW_05_inflowsOfNothingDoNotStopTheLeak(uint256 calls) external {
        calls = bound(calls, 2, 200);
        // Half a unit a second.
        setLimit(WINDOW / 2, WINDOW, FlowMode.REVERT);
        out(WINDOW / 2);
        for (uint256 i; i < calls; ++i) {
            vm.warp(nowAt() + 1);
            batch(0);
            vm.prank(address(vault));
            limiter.onInflow(address(token), 0, ALICE);
        }
        eq(level(), WINDOW / 2 - calls / 2, "level");
    }

    function test_fuzz_FLOW_06_aHoldThatStaysAsItIsLoosensNothing(uint256 until) external {
        vault.withdraw(address(other), 2 * uint256(CAP), ALICE);
        uint256 id = limiter.lastQueueId();
        until = bound(until, nowAt() + 1, nowAt() + WINDOW + 72 hours);
        hold(council, id, until);
        vm.expectEmit(address(limiter));
        emit IAccountable.Tightened(timelock, bytes32(id), why().reason, EVIDENCE);
        hold(timelock, id, until);
        if (until == nowAt() + 1) return;
        vm.expectEmit(address(limiter));
        emit IAccountable.Loosened(timelock, bytes32(id), why().reason, EVIDENCE);
        hold(timelock, id, until - 1);
    }

    /// Without a share of TVL nobody asks what is held: the chain's own coin has no balanceOf.
    function test_fuzz_FLOW_10_withoutAShareNoBalanceIsAskedFor(uint256 cap, uint256 amount) external {
        // A cap of few units is kept in the second word, too.
        cap = bound(cap, 1, WINDOW);
        amount = bound(amount, 1, cap);
        setLimit(address(0), Limit(uint128(cap), 0, WINDOW, FlowMode.REVERT, 0));
        vm.prank(address(vault));
        (uint256 passed,) = limiter.onOutflow(address(0), amount, ALICE);
        eq(passed, amount, "passed");
    }

    /// Flows from before there was a share leave no balance behind that a first share would be taken of.
    function test_fuzz_FLOW_10_aFirstShareIsOfWhatIsHeldThen(uint256 cap, uint16 bps) external {
        cap = bound(cap, 1, WINDOW);
        bps = uint16(bound(bps, 1, 10_000));
        setLimit(cap, WINDOW, FlowMode.REVERT);
        vm.prank(address(vault));
        limiter.onOutflow(address(token), 1, ALICE);
        setLimit(address(token), Limit(type(uint128).max, bps, WINDOW, FlowMode.REVERT, 0));
        // A snapshot counts when it has some age.
        vm.warp(nowAt() + WINDOW);
        eq(available(), token.balanceOf(address(vault)) * bps / 10_000, "available");
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FlowMode, IFlowLimiter, Limit} from "../../src/interfaces/IFlowLimiter.sol";
import {FlowSetup} from "../FlowSetup.t.sol";

/// A lowering of an asset's cap keeps the asset's whole queue.
contract FlowQueueTest is FlowSetup {
    uint256 internal constant ENTRIES = 99;

    function setUp() public override {
        super.setUp();
        setLimit(address(token), Limit(CAP, 0, WINDOW, FlowMode.QUEUE, 8_000));
        out(CAP);
    }

    /// All of it in the queue, in one block.
    function enqueue(uint256 count) internal {
        for (uint256 i; i < count; ++i) out(1e18);
    }

    function waits(uint256 id, uint256 until) internal {
        eq(limiter.entryOf(id).heldUntil, until, "what is told");
        vm.expectRevert(abi.encodeWithSelector(IFlowLimiter.Flow_Held.selector, id, uint40(until)));
        limiter.claim(id);
    }

    function loweredUntil() internal view returns (uint40 until) {
        (until,) = limiter.loweringOf(address(token));
    }

    /* ONE MESSAGE STOPS ALL */

    function test_fuzz_FLOW_06_oneLoweringKeepsEveryEntry(uint256 wait, uint256 cap) external {
        enqueue(ENTRIES);
        uint40 readyAt = nowAt() + WINDOW;
        // Found out at any moment before he can claim.
        vm.warp(nowAt() + bound(wait, 0, WINDOW - 1));
        lowerCap(bound(cap, 0, CAP - 1), 0);
        uint40 end = nowAt() + 72 hours;
        vm.warp(readyAt);
        for (uint256 id = 1; id <= ENTRIES; ++id) waits(id, end);
        vm.warp(end - 1);
        for (uint256 id = 1; id <= ENTRIES; ++id) waits(id, end);
        vm.warp(end);
        for (uint256 id = 1; id <= ENTRIES; ++id) limiter.claim(id);
        eq(limiter.queuedOf(address(token)), 0, "all of it left");
    }

    function test_FLOW_06_whileTheQueueWaitsTheTimelocksHoldsComeInTime() external {
        enqueue(ENTRIES);
        uint40 readyAt = nowAt() + WINDOW;
        lowerCap(0, 0);
        vm.warp(readyAt);
        waits(1, loweredUntil());
        // 48 h is the timelock's usual delay.
        vm.warp(readyAt - WINDOW + 48 hours);
        for (uint256 id = 1; id <= ENTRIES; ++id) hold(timelock, id, readyAt + 30 days);
        vm.warp(readyAt + 30 days - 1);
        for (uint256 id = 1; id <= ENTRIES; ++id) waits(id, readyAt + 30 days);
    }

    function test_fuzz_FLOW_06_theQueueIsStoppedWithTheCapAsItStands(uint256 cap) external {
        enqueue(1);
        cap = bound(cap, 0, CAP);
        setLimit(address(token), Limit(uint128(cap), 0, WINDOW, FlowMode.QUEUE, 8_000));
        cap = limiter.limitOf(address(token)).capAbs;
        lowerCap(cap, 0);
        uint40 end = loweredUntil();
        vm.warp(nowAt() + WINDOW);
        waits(1, end);
        vm.expectRevert(abi.encodeWithSelector(IFlowLimiter.Flow_NotLower.selector, address(token)));
        lowerCap(cap, 0, end);
    }

    /* WHAT IT DOES NOT KEEP */

    function test_fuzz_FLOW_06_theTimelocksLimitOpensTheQueue(uint256 wait) external {
        enqueue(1);
        lowerCap(0, 0);
        vm.warp(nowAt() + bound(wait, WINDOW, 72 hours - 1));
        waits(1, loweredUntil());
        setLimit(address(token), Limit(CAP, 0, WINDOW, FlowMode.QUEUE, 8_000));
        eq(limiter.entryOf(1).heldUntil, 0, "what is told");
        limiter.claim(1);
    }

    function test_FLOW_04_aLoweringKeepsNoOtherAssetsEntries() external {
        vault.withdraw(address(other), 2 * uint256(CAP), ALICE);
        lowerCap(0, 0);
        vm.warp(nowAt() + WINDOW);
        eq(limiter.entryOf(1).heldUntil, 0, "what is told");
        limiter.claim(1);
    }

    function test_fuzz_FLOW_06_ofHoldAndLoweringTheLaterEndCounts(uint256 held, uint256 lowered) external {
        enqueue(1);
        uint40 readyAt = nowAt() + WINDOW;
        held = bound(held, nowAt() + 1, readyAt + 72 hours);
        lowered = bound(lowered, nowAt() + 1, nowAt() + 72 hours);
        hold(council, 1, held);
        lowerCap(0, 0, lowered);
        uint256 end = held > lowered ? held : lowered;
        vm.warp(readyAt);
        if (end > readyAt) {
            vm.warp(end - 1);
            waits(1, end);
            vm.warp(end);
        }
        limiter.claim(1);
    }

    /* THE LONGEST */

    /// By holds and lowerings alike, in whatever order and as often as the budget lets it, the council keeps nothing
    /// longer than 72 h after it is ready.
    function test_fuzz_FLOW_06_theCouncilKeepsNoEntryLongerThan72h(uint256[12] calldata steps) external {
        enqueue(1);
        uint40 last = nowAt() + WINDOW + 72 hours;
        for (uint256 i; i < steps.length && nowAt() < last; ++i) {
            if (steps[i] % 3 == 0) tryHold(bound(steps[i] >> 8, nowAt(), last));
            else tryLower(steps[i] >> 8);
            atMost(limiter.entryOf(1).heldUntil, last, "what is told");
            // Half of the time to the very end of what runs, where it could be lengthened without a gap.
            uint256 end = loweredUntil();
            if (steps[i] % 2 == 0 && end > nowAt()) vm.warp(end);
            else vm.warp(nowAt() + bound(steps[i] >> 64, 0, 24 hours));
        }
        if (nowAt() < last) vm.warp(last);
        tryLower(72 hours);
        limiter.claim(1);
    }

    function test_FLOW_06_theLongestIs72hAfterTheDelay() external {
        enqueue(1);
        uint40 last = nowAt() + WINDOW + 72 hours;
        vm.warp(nowAt() + WINDOW);
        lowerCap(0, 0);
        vm.warp(last - 1);
        waits(1, last);
        vm.warp(last);
        lowerCap(0, 0);
        yes(loweredUntil() > last, "lowered again in the same second");
        limiter.claim(1);
    }

    function tryHold(uint256 until) internal {
        vm.prank(council);
        try limiter.hold(1, uint40(until), why()) {} catch {}
    }

    function tryLower(uint256 length) internal {
        vm.prank(council);
        try limiter.lowerCap(address(token), 0, 0, nowAt() + uint40(bound(length, 1, 72 hours)), why()) {} catch {}
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FlowMode, IFlowLimiter, Limit} from "../../src/interfaces/IFlowLimiter.sol";
import {IAccountable} from "../../src/interfaces/IAccountable.sol";
import {FlowSetup} from "../FlowSetup.t.sol";

/// A cap that the council lowers goes back by itself.
contract FlowLoweringTest is FlowSetup {
    function loweredUntil() internal view returns (uint40 until) {
        (until,) = limiter.loweringOf(address(token));
    }

    function base() internal pure returns (Limit memory) {
        return Limit(CAP, 0, WINDOW, FlowMode.REVERT, 8_000);
    }

    function leaked(uint256 used, uint256 cap, uint256 dt) internal pure returns (uint256) {
        uint256 leak = cap * dt / WINDOW;
        return used > leak ? used - leak : 0;
    }

    function spent(uint256 until, uint256 reach) internal view returns (bytes memory) {
        return abi.encodeWithSelector(
            IFlowLimiter.Flow_BadLowering.selector, address(token), uint40(until), uint40(reach)
        );
    }

    /* THE END */

    function test_fuzz_SYS_11_aLoweredCapGoesBackByItself(uint256 cap, uint256 length) external {
        cap = bound(cap, 0, CAP - 1);
        uint40 until = nowAt() + uint40(bound(length, 1, 72 hours));
        vm.expectEmit(address(limiter));
        emit IFlowLimiter.Lowered(address(token), until);
        vm.expectEmit(address(limiter));
        emit IAccountable.Tightened(council, bytes32(bytes20(address(token))), "test", EVIDENCE);
        lowerCap(cap, 0, until);
        cap = limiter.limitOf(address(token)).capAbs;
        (uint40 end, Limit memory back) = limiter.loweringOf(address(token));
        eq(end, until, "until");
        eq(abi.encode(back), abi.encode(base()), "goes back to");
        vm.warp(until - 1);
        eq(available(), cap, "in its last second");
        vm.warp(until);
        eq(available(), CAP, "then");
        eq(loweredUntil(), 0, "over");
        eq(abi.encode(limiter.limitOf(address(token))), abi.encode(base()), "limit");
        out(CAP);
    }

    function test_fuzz_SYS_11_aShareGoesBackToo(uint256 bps, uint256 length) external {
        Limit memory limit = Limit(CAP, 5_000, WINDOW, FlowMode.QUEUE, 7_000);
        setLimit(address(token), limit);
        length = bound(length, 1, 72 hours);
        lowerCap(CAP, bound(bps, 1, 4_999), nowAt() + length);
        vm.warp(nowAt() + length);
        limiter.poke(address(token));
        eq(abi.encode(limiter.limitOf(address(token))), abi.encode(limit), "limit");
    }

    function test_fuzz_SYS_11_noLoweringLastsLongerThan72h(uint256 over, uint256 wait) external {
        uint40 end = nowAt() + 72 hours;
        over = bound(over, 0, 3650 days);
        lowerCap(9, 0, end + over);
        eq(loweredUntil(), end, "until");
        vm.warp(nowAt() + bound(wait, 0, 72 hours - 1));
        lowerCap(8, 0, nowAt() + 72 hours);
        eq(loweredUntil(), end, "from its first second, however often");
    }

    function test_fuzz_FLOW_07_aRunningLoweringIsNeverShortened(uint256 first, uint256 second) external {
        first = bound(first, 1, 72 hours);
        second = bound(second, 0, 72 hours);
        uint40 start = nowAt();
        lowerCap(9, 0, start + first);
        lowerCap(8, 0, start + second);
        eq(loweredUntil(), start + (first > second ? first : second), "the later end");
        eq(available(), 8, "the lower cap");
    }

    function test_FLOW_07_aLoweringIsLengthenedAndNotRepeated() external {
        lowerCap(9, 0, nowAt() + 1 hours);
        vm.expectRevert(abi.encodeWithSelector(IFlowLimiter.Flow_NotLower.selector, address(token)));
        lowerCap(9, 0, nowAt() + 1 hours);
        vm.expectRevert(abi.encodeWithSelector(IFlowLimiter.Flow_NotLower.selector, address(token)));
        lowerCap(10, 0, nowAt() + 2 hours);
        lowerCap(9, 0, nowAt() + 2 hours);
        eq(loweredUntil(), nowAt() + 2 hours, "until");
    }

    /// A lowering that lowers nothing would only spend the budget.
    function test_fuzz_FLOW_07_theCapsAsTheyStandAreNoLowering(uint256 cap, uint256 bps, uint256 wait) external {
        cap = bound(cap, 1, 2 ** 60);
        setLimit(address(token), Limit(uint128(cap), uint16(bound(bps, 0, 10_000)), WINDOW, FlowMode.REVERT, 8_000));
        Limit memory limit = limiter.limitOf(address(token));
        vm.expectRevert(abi.encodeWithSelector(IFlowLimiter.Flow_NotLower.selector, address(token)));
        lowerCap(cap, limit.capBpsOfTvl);
        lowerCap(cap - 1, limit.capBpsOfTvl, nowAt() + 1 hours);
        vm.warp(nowAt() + 1 hours + bound(wait, 0, 30 days));
        vm.expectRevert(abi.encodeWithSelector(IFlowLimiter.Flow_NotLower.selector, address(token)));
        lowerCap(cap, limit.capBpsOfTvl);
    }

    function test_fuzz_SYS_11_anEndThatHasPassedIsRefused(uint256 until) external {
        until = bound(until, 0, nowAt());
        vm.expectRevert(spent(until, nowAt() + 72 hours));
        lowerCap(9, 0, until);
    }

    /* THE BUDGET */

    function test_SYS_11_loweringIsPaidForAsAPauseIs() external {
        uint40 start = nowAt();
        lowerCap(9, 0, start + 72 hours);
        vm.warp(start + 72 hours);
        // 84 h less 72 h, and 7 h in 60 flowed back.
        uint40 left = (84 - 72) * 1 hours + uint40(72 hours) * 7 / 60;
        lowerCap(9, 0, nowAt() + 72 hours);
        eq(loweredUntil(), nowAt() + left, "what is left");
        vm.warp(nowAt() + left);
        uint40 refilled = left * 7 / 60;
        lowerCap(9, 0, nowAt() + 72 hours);
        eq(loweredUntil(), nowAt() + refilled, "what flowed back");
        setLimit(address(token), base());
        vm.expectRevert(spent(nowAt() + 1, nowAt()));
        lowerCap(9, 0, nowAt() + 1);
    }

    /// Whoever lowers whenever it can holds a cap down for 168 h of 30 days.
    function test_SYS_11_aCapIsDownAtMost168hIn30Days() external {
        uint256 start = nowAt();
        uint256 down;
        for (uint256 hour; hour < 30 * 24; hour += 4) {
            vm.warp(start + hour * 1 hours);
            if (loweredUntil() == 0) {
                vm.prank(council);
                try limiter.lowerCap(address(token), 9, 0, nowAt() + 72 hours, why()) {
                    uint256 end = loweredUntil() < start + 30 days ? loweredUntil() : start + 30 days;
                    down += end - nowAt();
                } catch {}
            }
        }
        atMost(down, 168 hours, "lowered seconds");
        yes(down > 150 hours, "it can be used");
    }

    function test_fuzz_FLOW_07_theTimelockEndsALowering(uint256 wait) external {
        lowerCap(9, 0, nowAt() + 72 hours);
        vm.warp(nowAt() + bound(wait, 0, 72 hours - 1));
        vm.expectEmit(address(limiter));
        emit IAccountable.Loosened(timelock, bytes32(bytes20(address(token))), "test", EVIDENCE);
        setLimit(address(token), base());
        eq(loweredUntil(), 0, "over");
        eq(available(), CAP, "available");
        // What was paid for is given up; what is left begins anew.
        lowerCap(9, 0, nowAt() + 1 hours);
        eq(loweredUntil(), nowAt() + 1 hours, "lowered again");
    }

    /* THE LEVEL */

    function test_fuzz_FLOW_08_theLevelLeaksByTheCapInForce(uint256 used, uint256 cap, uint256 length, uint256 wait)
        external
    {
        used = bound(used, 1, CAP);
        // A slower leak keeps parts of a unit: FLOW-12.
        cap = cap % 8 == 0 ? 0 : bound(cap, 1_000 * uint256(WINDOW), CAP - 1);
        length = bound(length, 1, 72 hours);
        wait = bound(wait, 0, WINDOW);
        out(used);
        lowerCap(cap, 0, nowAt() + length);
        cap = limiter.limitOf(address(token)).capAbs;
        vm.warp(nowAt() + length + wait);
        uint256 want = leaked(leaked(used, cap, length), CAP, wait);
        eq(level(), want, "level");
        vault.deposit(address(token), 0);
        limiter.poke(address(token));
        eq(level(), want, "level once written");
        if (want < CAP) out(1);
        vm.warp(nowAt() + 1 hours);
        eq(level(), leaked(want < CAP ? want + 1 : want, CAP, 1 hours), "an hour later");
    }

    function test_fuzz_FLOW_01_whileLoweredNoMoreThanTheLowCapLeaves(uint256 cap, uint256 wait) external {
        lowerCap(bound(cap, 1, CAP - 1), 0, nowAt() + 72 hours);
        cap = limiter.limitOf(address(token)).capAbs;
        out(cap);
        wait = bound(wait, 0, 72 hours - 1);
        vm.warp(nowAt() + wait);
        uint256 room = cap - leaked(cap, cap, wait);
        vm.expectRevert(abi.encodeWithSelector(IFlowLimiter.Flow_Exceeded.selector, address(token), 1));
        out(room + 1);
        out(room);
        vault.deposit(address(token), 1);
        yes(loweredUntil() > nowAt(), "no flow ends it");
    }
}

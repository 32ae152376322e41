// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RateLimiter} from "@openzeppelin/contracts/utils/RateLimiter.sol";
import {FlowMode, Limit} from "../../src/interfaces/IFlowLimiter.sol";
import {FlowSetup} from "../FlowSetup.t.sol";

/// A cap of few units leaks as stated, whoever moves a unit in and out, as often as there are blocks.
/// forge-config: default.isolate = true
contract FlowSlowLeakTest is FlowSetup {
    using RateLimiter for RateLimiter.RefillingBucket;

    RateLimiter.RefillingBucket internal bucket;

    /// A second leaks less than 1,000 units.
    function boundSlow(uint256 x, uint256 window) internal pure returns (uint128) {
        return uint128(bound(x, 1, 1_000 * window - 1));
    }

    function boundFast(uint256 x, uint256 window) internal pure returns (uint128) {
        return uint128(bound(x, 1_000 * window, 2 ** 120));
    }

    function fill(uint256 cap, uint256 window) internal {
        setLimit(cap, window, FlowMode.REVERT);
        report(0, available());
    }

    function report(uint256 amountIn, uint256 amountOut) internal {
        vault.report(address(token), amountIn, amountOut);
    }

    /// A unit in and a unit out, each a transaction of its own, every `gap` seconds.
    function shuffle(uint256 times, uint256 gap) internal {
        for (uint256 i; i < times; ++i) {
            vm.warp(nowAt() + gap);
            report(1, 0);
            if (available() > 0) report(0, 1);
        }
    }

    /// The level of a full bucket that nobody touched for `time`, rounded up.
    function untouched(uint256 cap, uint256 window, uint256 time) internal pure returns (uint256) {
        return cap * time >= cap * window ? 0 : cap - cap * time / window;
    }

    /* ONE UNIT IN AND OUT */

    function test_FLOW_12_aCapOf5000ADayEmptiesWhileAUnitMovesEveryBlock() external {
        fill(5_000, WINDOW);
        // An hour of blocks of 12 s: 5,000 / 24 = 208.3 leak.
        shuffle(300, 12);
        eq(level(), 5_000 - 208, "level");
    }

    function test_fuzz_FLOW_12_unitsInAndOutKeepTheLevelUpByOneAtMost(uint256 cap, uint256 window, uint256 gap) external {
        window = boundWindow(window);
        cap = boundSlow(cap, window);
        fill(cap, window);
        gap = bound(gap, 1, gap % 2 == 0 ? 12 : window / 16 + 1);
        shuffle(48, gap);
        uint256 without = untouched(cap, window, 48 * gap);
        atMost(level(), without + 1, "level");
        atMost(without, level(), "never too low");
    }

    /// Any moves, not full at first: bit for bit the bucket that counts parts of a unit without rounding.
    function test_fuzz_FLOW_12_aSlowBucketRoundsNothingAway(uint256[16] calldata steps, uint256 cap, uint256 window)
        external
    {
        window = boundWindow(window);
        cap = boundSlow(cap, window);
        setLimit(cap, window, FlowMode.REVERT);
        uint256 parts;
        for (uint256 i; i < steps.length; ++i) {
            uint256 wait = steps[i] % 4 == 0 ? 0 : (steps[i] >> 8) % (steps[i] % 4 == 1 ? 2 * window : 30);
            vm.warp(nowAt() + wait);
            parts = parts > cap * wait ? parts - cap * wait : 0;
            uint256 amount = (steps[i] >> 64) % (steps[i] % 8 < 4 ? 3 : cap + 1);
            if ((steps[i] >> 128) % 2 == 0) {
                report(amount, 0);
                parts = parts > amount * window ? parts - amount * window : 0;
            } else {
                amount = amount < available() ? amount : available();
                report(0, amount);
                parts += amount * window;
            }
            eq(level(), (parts + window - 1) / window, "level");
        }
    }

    /// Where a second leaks 1,000 units or more, each second may round one away: a thousandth.
    function test_fuzz_FLOW_12_aFastBucketLosesAThousandthAtMost(uint256 cap, uint256 window, uint256 gap) external {
        window = bound(window, 64, 30 days);
        cap = boundFast(cap, window);
        fill(cap, window);
        cap = limiter.limitOf(address(token)).capAbs;
        gap = bound(gap, 1, window / 64);
        shuffle(48, gap);
        uint256 without = untouched(cap, window, 48 * gap);
        atMost(level(), without + 49, "level");
        atMost(level() - without, (cap - without) / 1_000 + 1, "of what leaked");
        atMost(without, level(), "never too low");
    }

    /* SHARES AND LOWERED CAPS */

    function test_fuzz_FLOW_12_aLoweredCapLeaksAsStated(uint256 cap, uint256 low, uint256 length, uint256 gap) external {
        cap = boundSlow(cap, WINDOW);
        if (cap == 1) cap = 2;
        low = bound(low, 1, cap - 1);
        setLimit(cap, WINDOW, FlowMode.REVERT);
        report(0, low);
        length = bound(length, 1, 72 hours);
        lowerCap(low, 0, nowAt() + length);
        gap = bound(gap, 1, length / 6 + 1);
        shuffle(12, gap);
        uint256 time = 12 * gap;
        uint256 leaked = time < length ? low * time : low * length + cap * (time - length);
        uint256 without = leaked < low * WINDOW ? low - leaked / WINDOW : 0;
        atMost(level(), without + 1, "level");
        atMost(without, level(), "never too low");
    }

    function test_fuzz_FLOW_12_aShareOfFewUnitsLeaksAsStated(uint256 tvl, uint256 gap) external {
        tvl = bound(tvl, 10, 10_000 * uint256(WINDOW) - 1);
        token.burn(address(vault), token.balanceOf(address(vault)) - tvl);
        setLimit(address(token), Limit(type(uint128).max, 1_000, WINDOW, FlowMode.REVERT, 0));
        vm.warp(nowAt() + WINDOW);
        uint256 cap = tvl / 10;
        report(0, cap);
        // Within a lag no other balance counts.
        gap = bound(gap, 1, 1 hours / 48 - 1);
        shuffle(48, gap);
        uint256 without = untouched(cap, WINDOW, 48 * gap);
        atMost(level(), without + 1, "level");
        atMost(without, level(), "never too low");
    }

    /* OPENZEPPELIN'S BUCKET, which rounds at each call */

    function test_fuzz_FLOW_11_aSlowBucketHasNoLessThanOpenZeppelins(uint256 cap, uint256 window, uint256 seed) external {
        window = boundWindow(window);
        cap = boundSlow(cap, window);
        setLimit(cap, window, FlowMode.REVERT);
        bucket.updateSettings(uint48(window), uint208(cap));
        for (uint256 i; i < 16; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            vm.warp(nowAt() + (random % 4 == 0 ? 0 : (random >> 8) % (random % 4 == 1 ? 2 * window : 30)));
            uint256 theirs = bucket.available("key");
            atMost(theirs, available(), "available");
            uint256 spend = random % 8 == 1 ? theirs : (random >> 64) % (theirs + 1);
            report(0, spend);
            bucket.consume("key", spend);
        }
    }
}

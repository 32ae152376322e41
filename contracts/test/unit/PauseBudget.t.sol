// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RateLimiter} from "@openzeppelin/contracts/utils/RateLimiter.sol";
import {PauseBudget} from "../../src/libraries/PauseBudget.sol";
import {Pause, PauseWord, PauseWordLib} from "../../src/libraries/PauseWord.sol";
import {Base} from "../Base.t.sol";

/// Our bucket against OpenZeppelin's, which keeps a slot of its own for each and rounds the refill at each charge.
contract PauseBudgetTest is Base {
    using RateLimiter for RateLimiter.RefillingBucket;
    using PauseBudget for Pause;
    using PauseWordLib for Pause;

    RateLimiter.RefillingBucket internal bucket;

    function setUp() external {
        bucket.updateSettings(30 days, 84 hours);
    }

    function test_fuzz_BREAKER_04_budgetEqualsOpenZeppelinsBucket(uint256 seed) external {
        Pause memory p;
        uint256 loss;
        for (uint256 i; i < 24; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            vm.warp(vm.getBlockTimestamp() + (random % 5 days));
            p.settle(uint40(vm.getBlockTimestamp()));
            uint256 ours = p.fastLeft();
            uint256 theirs = bucket.available("key");
            // Each charge rounds their refill down by less than a second; ours keeps the fraction.
            atMost(theirs, ours, "OpenZeppelin's is the tighter one");
            atMost(ours, theirs + loss + 1, "by less than a second a charge");
            uint256 spend = (random >> 128) % (theirs + 1);
            if (spend == 0) continue;
            bucket.consume("key", spend);
            p.paidUntil = 0;
            p.chargeFast(uint40(vm.getBlockTimestamp() + spend));
            loss += 1;
        }
    }

    function test_fuzz_BREAKER_04_wordHoldsItsFields(Pause memory p) external pure {
        p.fastUsed = bound(p.fastUsed, 0, PauseBudget.FAST_CAPACITY);
        p.haltUsed = bound(p.haltUsed, 0, PauseBudget.HALT_CAPACITY);
        p.flags = bound(p.flags, 0, 255);
        PauseWord word = p.pack();
        eq(abi.encode(word.unpack()), abi.encode(p), "unpacked");
        eq(word.until(), p.until, "until");
        eq(word.ruleUntil(), p.ruleUntil, "ruleUntil");
    }

    function test_fuzz_SYS_11_budgetsNeverExceedTheirCapacity(uint256 used, uint256 dt) external pure {
        Pause memory p;
        p.settledAt = 1_000;
        p.fastUsed = bound(used, 0, PauseBudget.FAST_CAPACITY);
        p.haltUsed = bound(used, 0, PauseBudget.HALT_CAPACITY);
        p.settle(uint40(1_000 + bound(dt, 0, 3650 days)));
        atMost(p.fastLeft(), 84 hours, "fast");
        atMost(p.haltLeft(), 24 hours, "halt");
        uint256 rest = PauseBudget.FAST_CAPACITY - p.fastUsed - p.fastLeft() * 60;
        atMost(rest, 59, "rounded down by less than a second");
    }
}

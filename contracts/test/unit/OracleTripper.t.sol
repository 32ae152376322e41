// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {OracleTripper} from "../../src/OracleTripper.sol";
import {ICircuitBreaker} from "../../src/interfaces/ICircuitBreaker.sol";
import {Status} from "../../src/interfaces/IOracleAggregator.sol";
import {IOracleTripper} from "../../src/interfaces/IOracleTripper.sol";
import {MockPrice} from "../../src/mocks/MockPrice.sol";
import {MockVault} from "../../src/mocks/MockVault.sol";
import {TripperSetup} from "../TripperSetup.t.sol";

contract OracleTripperTest is TripperSetup {
    function tripNothing(OracleTripper by, string memory what) internal {
        no(by.tripIfHalted(), what);
        eq(pausedUntil(), 0, what);
    }

    function test_fuzz_ORACLE_13_aHaltTripsItsGroupAndNoOther(address caller, uint256 wait) external {
        breakFeeds();
        vm.warp(nowAt() + bound(wait, SILENCE + 1, 3650 days));
        isStatus(Status.HALTED, "halted");
        vm.expectEmit(address(tripper));
        emit IOracleTripper.HaltTripped(MARKET, 1);
        vm.prank(caller);
        yes(tripper.tripIfHalted(), "tripped");
        eq(pausedUntil(), nowAt() + TRIP, "until");
        eq(vault.pausedUntil(MockVault.borrow.selector), 0, "the other group");
        vault.repay(1);
    }

    function test_fuzz_ORACLE_13_aPriceOrAFallbackTripsNothing(uint256 wait, uint256 mode) external {
        if (mode % 2 == 0) breakFeeds();
        vm.warp(nowAt() + bound(wait, 0, FALLBACK_AGE));
        if (mode % 2 == 1) setAll(START);
        yes(statusNow() != Status.HALTED, "not halted");
        tripNothing(tripper, "a price");
    }

    function test_fuzz_ORACLE_13_aDegradedPriceTripsNothing(uint256 wait) external {
        later(bound(wait, SILENCE + 1, 30 days), START);
        setFeed(2, START * 2);
        isStatus(Status.DEGRADED, "degraded");
        tripNothing(tripper, "degraded");
    }

    /// Whoever can break the feeds for one transaction must not spend the group's budget.
    function test_fuzz_ORACLE_13_aHaltStagedBesideFreshRoundsTripsNothing(uint256 age, uint256 wait) external {
        oracle.setMarket(MARKET, rulesFor(3), feedsOf(3), 0, FLOOR, why());
        later(bound(age, SPACING, 30 days), START);
        oracle.commit(MARKET);
        (, uint40 at) = oracle.roundAt(MARKET, oracle.lastRound(MARKET));
        vm.warp(at + bound(wait, 1, SILENCE));
        breakFeeds();
        isStatus(Status.HALTED, "no fallback at all");
        tripNothing(tripper, "staged");
        vm.warp(at + SILENCE + 1);
        yes(tripper.tripIfHalted(), "a second later it lasted");
    }

    function test_fuzz_ORACLE_13_anUnknownMarketTripsNothing(bytes32 unknown, uint256 wait) external {
        vm.assume(unknown != MARKET);
        OracleTripper other = new OracleTripper(address(oracle), unknown, address(breaker), GROUP, TRIP, 0);
        vm.warp(nowAt() + bound(wait, 0, 3650 days));
        tripNothing(other, "unknown");
    }

    function test_ORACLE_13_anUnregisteredTripperTripsNothing() external {
        OracleTripper other = new OracleTripper(address(oracle), MARKET, address(breaker), OTHER, TRIP, SILENCE);
        breakFeeds();
        vm.warp(nowAt() + 30 days);
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.Breaker_NotAllowed.selector, address(other)));
        other.tripIfHalted();
        (bool ok, bytes32 reason) = other.healthy();
        yes(!ok && reason == "not a tripper of its group", "told");
    }

    function test_fuzz_ORACLE_09_noGasLimitMakesAHalt(uint256 gasLimit) external {
        later(SILENCE + 1, START);
        gasLimit = bound(gasLimit, 20_000, 1_000_000);
        (bool ok, bytes memory data) =
            address(tripper).call{gas: gasLimit}(abi.encodeCall(tripper.tripIfHalted, ()));
        yes(!ok || !abi.decode(data, (bool)), "a halt for want of gas");
        yes(ok || gasLimit < 300_000, "failed with plenty of gas");
        eq(pausedUntil(), 0, "paused");
    }

    function test_fuzz_BREAKER_06_haltsCannotPauseBeyondTheBudget(uint256 seed) external {
        breakFeeds();
        vm.warp(nowAt() + SILENCE + 1);
        uint40 start = nowAt();
        for (uint256 i; i < 12; ++i) {
            tripper.tripIfHalted();
            vm.warp(nowAt() + bound(draw(seed, i), 1, TRIP - 1));
        }
        atMost(pausedUntil(), start + 72 hours, "72 h from the first second");
    }

    function test_fuzz_BREAKER_02_aTripLasts1sTo72h(uint40 time) external {
        time = uint40(around(time, 72 hours));
        if (time == 0 || time > 72 hours) {
            vm.expectRevert(abi.encodeWithSelector(IOracleTripper.OracleTripper_BadTripTime.selector, time));
        }
        new OracleTripper(address(oracle), MARKET, address(breaker), GROUP, time, 0);
    }

    function test_SYS_12_theTripperTellsItsHealth() external {
        (bool ok,) = tripper.healthy();
        yes(ok, "healthy");
        OracleTripper other = new OracleTripper(address(0xdead), MARKET, address(breaker), GROUP, TRIP, 0);
        bytes32 reason;
        (ok, reason) = other.healthy();
        yes(!ok && reason == "oracle has no code", "no oracle");
        breaker.dismissTripper(address(tripper), GROUP, why());
        (ok, reason) = tripper.healthy();
        yes(!ok && reason == "not a tripper of its group", "dismissed");
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Status} from "../../src/interfaces/IOracleAggregator.sol";
import {MockPrice} from "../../src/mocks/MockPrice.sol";
import {MockVault} from "../../src/mocks/MockVault.sol";
import {TripperSetup} from "../TripperSetup.t.sol";
import {Aimed} from "./Aimed.t.sol";

/// Feeds that die and come back, committers of any zeal, and callers who try to trip at any time and with any gas. Keeps
/// its own judgement of a halt.
contract TripperHandler is TripperSetup {
    uint256 public trips;
    uint256 public calm;
    uint256 public wrongTrips;
    uint256 public missedHalts;
    uint256 public wrongRefusals;
    uint256 public pausesOfNobody;
    uint256 public tooLong;

    /* ACTIONS */

    function breakFeed(uint256 i, uint256 mode) external {
        mocks[i % 3].setMode(MockPrice.Mode(bound(mode, 1, 7)));
    }

    function breakAll() external {
        breakFeeds();
    }

    function mend(uint256 wad) external {
        for (uint256 i; i < 3; ++i) mocks[i].setMode(MockPrice.Mode.ANSWER);
        for (uint256 i; i < 3; ++i) setFeed(i, boundCalm(wad));
    }

    function commit() external {
        oracle.commit(MARKET);
    }

    function wait(uint256 time) external {
        vm.warp(nowAt() + bound(time, 1, 8 hours));
    }

    function trip(address caller, uint256 gas_, bool starved) external {
        bool halted = isHaltedByHand();
        uint40 before = pausedUntil();
        uint256 given = starved ? bound(gas_, 50_000, 700_000) : 6_000_000;
        vm.prank(caller);
        (bool ok, bytes memory answer) = address(tripper).call{gas: given}(abi.encodeCall(tripper.tripIfHalted, ()));
        if (ok) note(abi.decode(answer, (bool)), halted);
        else if (!starved && (!halted || hasBudget())) ++wrongRefusals;
        if (pausedUntil() > before && !(ok && halted)) ++pausesOfNobody;
        if (pausedUntil() > nowAt() + TRIP) ++tooLong;
    }

    /* JUDGEMENT */

    function note(bool tripped, bool halted) internal {
        if (tripped) ++trips;
        else ++calm;
        if (tripped && !halted) ++wrongTrips;
        if (!tripped && halted) ++missedHalts;
        if (tripped && pausedUntil() <= nowAt()) ++missedHalts;
    }

    /// The last price is older than the silence that is asked for, and the oracle has none.
    function isHaltedByHand() internal view returns (bool) {
        (, uint40 at) = oracle.roundAt(MARKET, oracle.lastRound(MARKET));
        return nowAt() - at > SILENCE && statusNow() == Status.HALTED;
    }

    function hasBudget() internal view returns (bool) {
        (uint40 reach,) = breaker.reach(address(vault), MockVault.withdraw.selector);
        return reach > nowAt();
    }

    function otherPaused() external view returns (uint40) {
        return vault.pausedUntil(MockVault.borrow.selector);
    }
}

/// forge-config: default.invariant.runs = 16
contract OracleTripperInvariants is Aimed {
    TripperHandler internal handler;

    function setUp() public {
        handler = new TripperHandler();
        handler.setUp();
        (bytes4 trip, bytes4 wait) = (handler.trip.selector, handler.wait.selector);
        bytes memory rest =
            abi.encodePacked(handler.breakFeed.selector, handler.breakAll.selector, handler.mend.selector);
        aim(address(handler), abi.encodePacked(trip, trip, wait, wait, rest, handler.commit.selector));
    }

    function invariant_ORACLE_13_tripsWhenHaltedAndOnlyThen() external view {
        require(handler.wrongTrips() == 0, "tripped without a halt");
        require(handler.missedHalts() == 0, "a halt that tripped nothing");
        require(handler.wrongRefusals() == 0, "refused though it could");
    }

    function invariant_BREAKER_06_nothingElseIsPausedNorByAnythingElse() external view {
        require(handler.otherPaused() == 0, "another group");
        require(handler.pausesOfNobody() == 0, "a pause without a halt");
    }

    function invariant_BREAKER_02_noTripLastsLongerThanItMay() external view {
        require(handler.tooLong() == 0, "too long");
    }
}

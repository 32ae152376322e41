// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {OracleAggregator} from "../../src/OracleAggregator.sol";
import {Market, Status} from "../../src/interfaces/IOracleAggregator.sol";
import {MockPrice} from "../../src/mocks/MockPrice.sol";
import {OracleSetup} from "../OracleSetup.t.sol";
import {Aimed} from "./Aimed.t.sol";

/// Five feeds that drift, jump, die and lie; anyone commits at any time. Keeps its own anchor and its own record.
contract OracleHandler is OracleSetup {
    uint256 internal constant FEEDS = 5;
    uint256 internal constant JUMP_QUORUM = 4;

    struct Said {
        uint256 wad;
        uint256 time;
        bool broken;
    }

    Said[FEEDS] public said;
    uint256 public anchor = START;
    uint256 public since;
    uint256 public lastWad = START;
    uint256 public lastAt;
    uint64 public lastRound = 1;
    uint256 public outOfBand;
    uint256 public outOfRange;
    uint256 public badTimes;
    uint256 public numbersInHalt;
    uint256 public disagreements;
    uint256 public overdueFallbacks;
    uint256[4] public seen;

    function setUp() public override {
        super.setUp();
        Market memory m = rulesFor(FEEDS);
        (m.jumpQuorum, m.maxSpreadBps) = (uint8(JUMP_QUORUM), 1_000);
        listWith(m, feedsOf(FEEDS));
        (since, lastAt) = (nowAt(), nowAt());
        for (uint256 i; i < FEEDS; ++i) said[i] = Said(START, nowAt(), false);
    }

    /* ACTIONS */

    function say(uint256 i, uint256 wad, uint256 age) external {
        put(i % FEEDS, bound(wad, lastWad - lastWad / 15, lastWad + lastWad / 15), nowAt() - bound(age, 0, 300));
    }

    function lie(uint256 i, uint256 wad, uint256 ahead) external {
        put(i % FEEDS, bound(wad, 0, type(uint128).max), nowAt() + bound(ahead, 0, 100));
    }

    /// The market moves: every feed follows, or all but one or two.
    function move(uint256 bps, bool up, uint256 but) external {
        bps = bound(bps, 0, 1_500);
        uint256 wad = up ? lastWad + lastWad * bps / 10_000 : lastWad - lastWad * bps / 10_000;
        if (wad < START / 1_000 || wad > uint256(START) * 1_000) wad = START;
        for (uint256 i = but % 3; i < FEEDS; ++i) put(i, wad, nowAt());
    }

    function breakFeed(uint256 i, uint256 mode) external {
        i %= FEEDS;
        MockPrice.Mode m = MockPrice.Mode(bound(mode, 0, 7));
        mocks[i].setMode(m);
        said[i].broken = m != MockPrice.Mode.ANSWER;
    }

    function mend() external {
        for (uint256 i; i < FEEDS; ++i) {
            mocks[i].setMode(MockPrice.Mode.ANSWER);
            said[i].broken = false;
        }
    }

    function wait(uint256 time) external {
        vm.warp(nowAt() + bound(time, 1, 2 * uint256(JUMP_WINDOW)));
    }

    function read() external {
        (bool ok, uint256 wad, uint40 at, Status status) = oracle.tryPrice(MARKET);
        ++seen[uint256(status)];
        if (ok == (status == Status.HALTED) || (!ok && (wad != 0 || at != 0))) ++numbersInHalt;
        (bool answered, bytes memory data) = address(oracle).call(abi.encodeCall(oracle.price, (MARKET)));
        if (answered != ok) ++disagreements;
        if (answered && keccak256(data) != keccak256(abi.encode(wad, at, status))) ++disagreements;
        if (status == Status.FALLBACK) {
            if (wad != lastWad || at != lastAt || nowAt() > lastAt + FALLBACK_AGE) ++overdueFallbacks;
        } else if (ok) {
            checkRange(wad);
        }
    }

    function commit() external {
        uint64 round = oracle.commit(MARKET);
        if (round == lastRound) return;
        (uint128 wad, uint40 at, uint40 previousAt, Status status) = oracle.roundOf(MARKET, round);
        if (previousAt != lastAt) ++badTimes;
        if (round != lastRound + 1 || at < lastAt + SPACING || at > nowAt()) ++badTimes;
        if (nowAt() >= since + JUMP_WINDOW) (anchor, since) = (lastWad, nowAt());
        if (beyond(wad) && (status != Status.DEGRADED || confirmations(wad > anchor) < JUMP_QUORUM)) ++outOfBand;
        checkRange(wad);
        (lastRound, lastWad, lastAt) = (round, wad, at);
    }

    /* RECORD */

    function put(uint256 i, uint256 wad, uint256 time) internal {
        mocks[i].set(uint128(wad), uint40(time), 0, 0);
        (said[i].wad, said[i].time) = (wad, time);
    }

    function fit(uint256 i) internal view returns (bool) {
        Said memory s = said[i];
        bool fresh = s.time <= nowAt() + 60 && s.time + HEARTBEAT >= nowAt();
        return !s.broken && fresh && s.wad >= FLOOR && s.wad < type(uint128).max;
    }

    function beyond(uint256 wad) internal view returns (bool) {
        return (wad > anchor ? wad - anchor : anchor - wad) * 10_000 > anchor * MAX_JUMP;
    }

    function confirmations(bool up) internal view returns (uint256 count) {
        for (uint256 i; i < FEEDS; ++i) {
            if (fit(i) && beyond(said[i].wad) && said[i].wad > anchor == up) ++count;
        }
    }

    function checkRange(uint256 wad) internal {
        uint256 count;
        bool low;
        bool high;
        for (uint256 i; i < FEEDS; ++i) {
            if (!fit(i)) continue;
            ++count;
            low = low || said[i].wad <= wad;
            high = high || said[i].wad >= wad;
        }
        if (!low || !high || count < 3) ++outOfRange;
    }

    function theOracle() external view returns (OracleAggregator) {
        return oracle;
    }
}

contract OracleInvariants is OracleSetup, Aimed {
    OracleHandler internal handler;

    function setUp() public override {
        handler = new OracleHandler();
        handler.setUp();
        oracle = handler.theOracle();
        // Moves, reads and commits stand twice, so that a run gets somewhere.
        bytes memory calls = abi.encodePacked(
            OracleHandler.say.selector, OracleHandler.lie.selector, OracleHandler.move.selector,
            OracleHandler.breakFeed.selector, OracleHandler.mend.selector, OracleHandler.wait.selector,
            OracleHandler.read.selector, OracleHandler.commit.selector, OracleHandler.move.selector,
            OracleHandler.read.selector, OracleHandler.commit.selector
        );
        aim(address(handler), calls);
    }

    function invariant_ORACLE_01_priceWithinTheFitFeeds() external view {
        eq(handler.outOfRange(), 0, "prices outside of the fit feeds' range, or below the quorum");
    }

    function invariant_ORACLE_05_haltedIsNoNumber() external view {
        eq(handler.numbersInHalt(), 0, "numbers in a halt");
        eq(handler.disagreements(), 0, "price and tryPrice disagree");
        eq(handler.overdueFallbacks(), 0, "fallbacks too old or not the last price");
    }

    function invariant_ORACLE_06_committedWithinTheBandOrConfirmed() external view {
        eq(handler.outOfBand(), 0, "unconfirmed jumps committed");
        (uint128 anchor,) = oracle.anchorOf(MARKET);
        bool rolled = vm.getBlockTimestamp() >= handler.since() + JUMP_WINDOW;
        eq(anchor, rolled ? handler.lastWad() : handler.anchor(), "anchor");
    }

    function invariant_LATENCY_02_roundsRiseByTheSpacing() external view {
        eq(handler.badTimes(), 0, "rounds out of time");
        eq(oracle.lastRound(MARKET), handler.lastRound(), "last round");
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {OracleAggregator} from "../../src/OracleAggregator.sol";
import {IAccountable} from "../../src/interfaces/IAccountable.sol";
import {Feed, IOracleAggregator, Market, Status} from "../../src/interfaces/IOracleAggregator.sol";
import {Why} from "../../src/libraries/Why.sol";
import {MockPrice} from "../../src/mocks/MockPrice.sol";
import {OracleSetup} from "../OracleSetup.t.sol";

/// Markets, rounds and the jump window.
contract OracleMarketTest is OracleSetup {
    /* PAGES */

    /// As if the markets had been set `number - 1` times before.
    function skipPages(uint256 number) internal {
        vm.store(address(oracle), bytes32(uint256(1)), bytes32(number - 1));
        vm.setNonce(address(oracle), uint64(number));
    }

    function test_fuzz_ORACLE_01_aPageIsFoundAtEveryNumber(uint256 number, uint256 count) external {
        number = bound(number, 2, 65_535);
        count = bound(count, 1, 7);
        skipPages(number);
        Feed[] memory feeds = feedsOf(count);
        for (uint256 i; i < count; ++i) (feeds[i].weight, feeds[i].maxConfBps) = (uint16(i + 1), uint16(i + 2));
        Market memory m = rulesFor(count);
        listWith(m, feeds);
        (Market memory rules, Feed[] memory have, uint32 age, uint256 floor) = oracle.marketOf(MARKET);
        eq(abi.encode(rules, have), abi.encode(m, feeds), "rules and feeds");
        eq(age, FALLBACK_AGE, "fallback age");
        eq(floor, FLOOR, "floor");
        has(START, Status.OK, "price");
    }

    function test_ORACLE_01_pagesWhereTheLengthOfANumberChanges() external {
        uint256[5] memory edges = [uint256(127), 128, 255, 256, 65_535];
        for (uint256 i; i < edges.length; ++i) {
            skipPages(edges[i]);
            list(3);
            has(START, Status.OK, "price");
        }
        vm.expectRevert(abi.encodeWithSelector(IOracleAggregator.Oracle_PagesFull.selector, 65_535));
        list(3);
    }

    function test_fuzz_ORACLE_01_aPageElsewhereIsRefused(uint256 number) external {
        number = bound(number, 2, 65_535);
        vm.store(address(oracle), bytes32(uint256(1)), bytes32(number - 1));
        vm.setNonce(address(oracle), uint64(number) + 1);
        bytes memory set =
            abi.encodeCall(oracle.setMarket, (MARKET, rulesFor(3), feedsOf(3), FALLBACK_AGE, FLOOR, why()));
        (bool ok, bytes memory cause) = address(oracle).call(set);
        yes(!ok && bytes4(cause) == IOracleAggregator.Oracle_PageElsewhere.selector, "refused");
    }

    function test_fuzz_ORACLE_01_aMarketSetAnewForgetsTheFeedsBefore(uint256 before, uint256 count) external {
        before = bound(before, 1, 7);
        count = bound(count, 1, 7);
        list(before);
        oracle.setMarket("OTHER", rulesFor(before), feedsOf(before), 1, 0, why());
        list(count);
        (, Feed[] memory feeds,,) = oracle.marketOf(MARKET);
        eq(abi.encode(feeds), abi.encode(feedsOf(count)), "feeds");
        (, feeds,,) = oracle.marketOf("OTHER");
        eq(abi.encode(feeds), abi.encode(feedsOf(before)), "the other market's");
    }

    /* SETTING A MARKET */

    function test_fuzz_ORACLE_06_marketReadsAsItWasSet(uint256 seed, Market memory m, uint32 age, uint128 floor) external {
        Feed[] memory feeds = boundFeeds(seed);
        m.quorum = uint8(bound(m.quorum, 1, feeds.length));
        m.jumpQuorum = uint8(bound(m.jumpQuorum, m.quorum, feeds.length));
        m.jumpWindow = uint32(bound(m.jumpWindow, 1, type(uint32).max));
        floor = uint128(bound(floor, 0, START / 2));
        vm.expectEmit(address(oracle));
        emit IAccountable.Loosened(address(this), MARKET, "test", why().evidence);
        vm.expectEmit(address(oracle));
        emit IOracleAggregator.PriceCommitted(MARKET, 1, START, Status.OK);
        oracle.setMarket(MARKET, m, feeds, age, floor, why());
        (Market memory m2, Feed[] memory feeds2, uint32 age2, uint256 floor2) = oracle.marketOf(MARKET);
        eq(abi.encode(m2, feeds2, age2), abi.encode(m, feeds, age), "rules");
        yes(floor2 >= floor && floor2 - floor <= floor >> 39, "floor");
        (uint128 anchor, uint40 since) = oracle.anchorOf(MARKET);
        eq(anchor, START, "anchor");
        eq(since, nowAt(), "since");
        eq(oracle.lastRound(MARKET), 1, "first round");
    }

    function test_fuzz_SYS_02_settingTellsTheRules(uint256 seed) external {
        Feed[] memory feeds = boundFeeds(seed);
        vm.expectEmit(address(oracle));
        emit IOracleAggregator.MarketSet(MARKET, rulesFor(feeds.length), feeds, FALLBACK_AGE, FLOOR);
        listWith(rulesFor(feeds.length), feeds);
    }

    function test_fuzz_SYS_02_onlyTheTimelockSetsAMarket(address caller) external {
        if (caller == address(this)) return;
        vm.expectRevert(abi.encodeWithSelector(IOracleAggregator.Oracle_NotAllowed.selector, caller));
        vm.prank(caller);
        oracle.setMarket(MARKET, rulesFor(1), feedsOf(1), FALLBACK_AGE, FLOOR, why());
    }

    function test_fuzz_SYS_03_settingNeedsEvidence(bytes32 reason) external {
        vm.expectRevert(IOracleAggregator.Oracle_NoEvidence.selector);
        oracle.setMarket(MARKET, rulesFor(1), feedsOf(1), FALLBACK_AGE, FLOOR, Why(reason, 0));
    }

    function test_fuzz_SYS_06_atMostSevenFeeds(uint256 count) external {
        count = bound(count, 8, 20);
        Feed[] memory feeds = new Feed[](count);
        refused(rulesFor(7), feeds, "feeds");
        refused(rulesFor(7), new Feed[](0), "feeds");
    }

    function refused(Market memory m, Feed[] memory feeds, bytes32 what) internal {
        vm.expectRevert(abi.encodeWithSelector(IOracleAggregator.Oracle_BadMarket.selector, MARKET, what));
        listWith(m, feeds);
    }

    function test_fuzz_ORACLE_06_contradictoryRulesAreRefused(uint8 quorum, uint8 jumpQuorum) external {
        Feed[] memory feeds = feedsOf(3);
        Market memory m = rulesFor(3);
        (m.quorum, m.jumpQuorum) = (quorum, jumpQuorum);
        if (quorum == 0 || quorum > 3) return refused(m, feeds, "quorum");
        if (jumpQuorum < quorum || jumpQuorum > 3) return refused(m, feeds, "jumpQuorum");
        m.jumpWindow = 0;
        refused(m, feeds, "jumpWindow");
        m.jumpWindow = 1;
        listWith(m, feeds);
    }

    function test_fuzz_ORACLE_02_unfitFeedsAreRefused(uint256 which, uint256 fault) external {
        Feed[] memory feeds = feedsOf(7);
        which = bound(which, 1, 6);
        fault %= 4;
        if (fault == 0) feeds[which].adapter = address(0xdead);
        if (fault == 1) feeds[which].weight = 0;
        if (fault == 2) feeds[which].heartbeat = 0;
        if (fault == 3) feeds[which].adapter = feeds[fault % which].adapter;
        vm.expectRevert(failure(IOracleAggregator.Oracle_BadFeed.selector, which));
        listWith(rulesFor(7), feeds);
    }

    function test_fuzz_SYS_09_rulesThatGiveNoPriceAreRefused(uint256 dead) external {
        dead = bound(dead, 2, 3);
        for (uint256 i; i < dead; ++i) mocks[i].setMode(MockPrice.Mode.REVERT);
        vm.expectRevert(failure(IOracleAggregator.Oracle_Quorum.selector, 3 - dead, 2));
        list(3);
        eq(oracle.lastRound(MARKET), 0, "no round");
    }

    function test_fuzz_SYS_09_rulesThatMoveThePriceAreRefused(uint256 to) external {
        list(3);
        vm.warp(nowAt() + 1 hours);
        uint256 wad = bound(around(to, START + uint256(START) * MAX_JUMP / 10_000), FLOOR, uint256(START) * 100);
        setAll(wad);
        uint256 distance = wad > START ? wad - START : START - wad;
        // All three confirm the jump, which is no excuse for a change of rules.
        if (distance * 10_000 > uint256(START) * MAX_JUMP) {
            vm.expectRevert(
                failure(IOracleAggregator.Oracle_Jump.selector, (distance * 10_000 + START - 1) / START)
            );
        }
        list(3);
    }

    function test_fuzz_SYS_09_oldHistoryDoesNotBind(uint256 to) external {
        list(3);
        vm.warp(nowAt() + FALLBACK_AGE + 1);
        uint256 wad = bound(to, FLOOR, type(uint128).max - 1);
        setAll(wad);
        list(3);
        has(wad, Status.OK, "price");
        (uint128 anchor, uint40 since) = oracle.anchorOf(MARKET);
        eq(anchor, wad, "anchor");
        eq(since, nowAt(), "since");
    }

    function test_fuzz_ORACLE_01_fewerFeedsLeaveNoneBehind(uint256 before, uint256 afterwards) external {
        before = bound(before, 1, 7);
        afterwards = bound(afterwards, 1, 7);
        list(before);
        list(afterwards);
        (, Feed[] memory feeds,,) = oracle.marketOf(MARKET);
        eq(abi.encode(feeds), abi.encode(feedsOf(afterwards)), "feeds");
        for (uint256 i = afterwards; i < 7; ++i) mocks[i].setMode(MockPrice.Mode.BURN);
        uint256 gasBefore = gasleft();
        isStatus(Status.OK, "status");
        atMost(gasBefore - gasleft(), 100_000, "gas: the old feeds are not asked");
    }

    function test_SYS_09_spacingMayNotBeZero() external {
        vm.expectRevert(abi.encodeWithSelector(IOracleAggregator.Oracle_BadMarket.selector, bytes32(0), bytes32("roundSpacing")));
        new OracleAggregator(address(this), 0);
    }

    /* ROUNDS */

    function test_fuzz_LATENCY_02_roundsAreInStrictlyRisingTime(uint256 seed) external {
        list(1);
        (, uint40 last) = oracle.roundAt(MARKET, 1);
        uint64 round = 1;
        for (uint256 i; i < 20; ++i) {
            vm.warp(nowAt() + draw(seed, i) % 4);
            uint40 time = nowAt() - uint40(draw(seed, i + 50) % 4);
            uint256 wad = boundCalm(draw(seed, i + 100));
            mocks[0].set(uint128(wad), time, 0, 0);
            uint64 next = oracle.commit(MARKET);
            eq(next, time >= last + SPACING ? round + 1 : round, "round");
            (uint128 have, uint40 at) = oracle.roundAt(MARKET, next);
            if (next == round) continue;
            eq(have, wad, "price of the round");
            eq(at, time, "time of the round");
            (,, uint40 previousAt,) = oracle.roundOf(MARKET, next);
            eq(previousAt, last, "time of the round before");
            (round, last) = (next, at);
        }
        eq(oracle.lastRound(MARKET), round, "last round");
    }

    function test_fuzz_LATENCY_02_clockAheadDoesNotDateARound(uint256 ahead) external {
        list(1);
        vm.warp(nowAt() + SPACING);
        mocks[0].set(START, nowAt() + uint40(bound(ahead, 1, 60)), 0, 0);
        oracle.commit(MARKET);
        (, uint40 at) = oracle.roundAt(MARKET, 2);
        eq(at, nowAt(), "at most now");
    }

    function test_LATENCY_05_ringHoldsTheLast64Rounds() external {
        list(1);
        for (uint64 i = 2; i <= 140; ++i) {
            unknown(i);
            vm.warp(nowAt() + SPACING);
            setFeed(0, START + i);
            eq(oracle.commit(MARKET), i, "round");
            if (i > 64) unknown(i - 64);
            uint64 oldest = i > 64 ? i - 63 : 2;
            (uint128 wad,,, Status status) = oracle.roundOf(MARKET, oldest);
            eq(wad, START + oldest, "price of the oldest");
            eq(uint256(status), uint256(Status.OK), "status");
        }
    }

    function test_fuzz_LATENCY_05_roundsThatAreNotThereHaveNoPrice(uint64 ask) external {
        list(1);
        if (ask != 1) return unknown(ask);
        (uint128 wad, uint40 at) = oracle.roundAt(MARKET, ask);
        (,, uint40 previousAt,) = oracle.roundOf(MARKET, ask);
        eq(previousAt, 0, "nothing before the first round");
        eq(abi.encode(wad, at), abi.encode(START, nowAt()), "first round");
    }

    function unknown(uint64 round) internal {
        bytes memory want = failure(IOracleAggregator.Oracle_UnknownRound.selector, round);
        vm.expectRevert(want);
        oracle.roundAt(MARKET, round);
        vm.expectRevert(want);
        oracle.roundOf(MARKET, round);
    }

    function test_fuzz_ORACLE_06_roundKeepsItsStatus(uint256 to) external {
        list(3);
        uint256 wad = bound(to, START + START / 10, uint256(START) * 5);
        later(SPACING, wad);
        vm.expectEmit(address(oracle));
        emit IOracleAggregator.PriceCommitted(MARKET, 2, wad, Status.DEGRADED);
        oracle.commit(MARKET);
        (uint128 have,,, Status status) = oracle.roundOf(MARKET, 2);
        eq(have, wad, "price");
        eq(uint256(status), uint256(Status.DEGRADED), "status");
        later(JUMP_WINDOW, wad);
        has(wad, Status.OK, "the jump is the anchor of the next window");
    }

    /* JUMP WINDOW */

    function test_fuzz_ORACLE_06_manyCommitsDoNotMoveTheAnchor(uint256 seed) external {
        list(3);
        uint256 start = nowAt();
        uint256 wad = START;
        mocks[2].setMode(MockPrice.Mode.REVERT);
        while (nowAt() + 30 < start + JUMP_WINDOW) {
            vm.warp(nowAt() + 15 + draw(seed, nowAt()) % 15);
            // Always a little up: each step is small, the sum is not.
            wad += wad * (draw(seed, wad) % 200) / 10_000;
            setFeed(0, wad);
            setFeed(1, wad);
            oracle.commit(MARKET);
            (uint128 last,) = oracle.roundAt(MARKET, oracle.lastRound(MARKET));
            atMost(last, START + START * MAX_JUMP / 10_000, "committed price");
        }
    }

    function test_fuzz_ORACLE_06_newWindowStartsAtTheLastPriceOfTheOld(uint256 first, uint256 wait, uint256 second) external {
        list(3);
        first = boundCalm(first);
        later(SPACING, first);
        oracle.commit(MARKET);
        vm.warp(nowAt() + bound(wait, JUMP_WINDOW, FALLBACK_AGE));
        second = bound(second, START / 2, uint256(START) * 2);
        setAll(second);
        mocks[0].setMode(MockPrice.Mode.REVERT);
        (uint128 anchor, uint40 since) = oracle.anchorOf(MARKET);
        eq(anchor, first, "anchor before");
        eq(since, nowAt(), "window before");
        uint256 distance = second > first ? second - first : first - second;
        bool within = distance * 10_000 <= first * MAX_JUMP;
        has(within ? second : first, within ? Status.OK : Status.FALLBACK, "price");
        oracle.commit(MARKET);
        (anchor, since) = oracle.anchorOf(MARKET);
        eq(anchor, first, "anchor after");
        eq(since, nowAt(), "window after");
    }

    function test_ORACLE_06_lastSecondOfTheWindow() external {
        list(1);
        later(SPACING, START + 1);
        oracle.commit(MARKET);
        uint40 start = nowAt() - uint40(SPACING);
        vm.warp(start + JUMP_WINDOW - 1);
        (uint128 anchor,) = oracle.anchorOf(MARKET);
        eq(anchor, START, "old anchor");
        vm.warp(start + JUMP_WINDOW);
        (anchor,) = oracle.anchorOf(MARKET);
        eq(anchor, START + 1, "new anchor");
    }

    /* HEALTH */

    function test_fuzz_SYS_12_healthTellsOfALostTimelock(bool lost) external {
        oracle = new OracleAggregator(lost ? address(0xdead) : address(this), SPACING);
        uint256 before = gasleft();
        (bool ok, bytes32 code) = oracle.healthy();
        atMost(before - gasleft(), 50_000, "gas");
        yes(ok == !lost, "healthy");
        eq(code, lost ? bytes32("timelock has no code") : bytes32(0), "why");
        eq(oracle.roundSpacing(), SPACING, "spacing");
    }
}

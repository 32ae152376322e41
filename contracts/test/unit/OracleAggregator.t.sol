// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Cause, Fault, Feed, IOracleAggregator, Market, Status} from "../../src/interfaces/IOracleAggregator.sol";
import {MockPrice, MockWords} from "../../src/mocks/MockPrice.sol";
import {OracleSetup} from "../OracleSetup.t.sol";

/// What the aggregator makes of its feeds. Markets and rounds: OracleMarket.t.sol.
contract OracleAggregatorTest is OracleSetup {
    /* RESULT */

    function test_fuzz_ORACLE_01_priceIsTheWeightedLowerMedian(uint256 seed) external {
        Feed[] memory feeds = boundFeeds(seed);
        listWith(rulesFor(feeds.length), feeds);
        vm.warp(nowAt() + 1);
        uint256[] memory wads = new uint256[](feeds.length);
        for (uint256 i; i < feeds.length; ++i) setFeed(i, wads[i] = boundCalm(draw(seed, i + 50)));
        has(medianOf(wads, feeds), Status.OK, "price");
        (uint256 wad, uint40 at, Status status) = oracle.price(MARKET);
        eq(wad, medianOf(wads, feeds), "wad");
        eq(at, nowAt(), "at");
        eq(uint256(status), uint256(Status.OK), "status");
    }

    /// The median by trying every quote, as the definition reads.
    function medianOf(uint256[] memory wads, Feed[] memory feeds) internal pure returns (uint256 best) {
        uint256 total;
        for (uint256 i; i < wads.length; ++i) total += feeds[i].weight;
        best = type(uint256).max;
        for (uint256 i; i < wads.length; ++i) {
            uint256 upTo;
            for (uint256 j; j < wads.length; ++j) if (wads[j] <= wads[i]) upTo += feeds[j].weight;
            if (upTo * 2 >= total && wads[i] < best) best = wads[i];
        }
    }

    function test_fuzz_ORACLE_01_orderOfTheFeedsDoesNotMatter(uint256 seed) external {
        Feed[] memory feeds = boundFeeds(seed);
        listWith(rulesFor(feeds.length), feeds);
        for (uint256 i = feeds.length; i > 1; --i) {
            uint256 j = draw(seed, i + 90) % i;
            (feeds[i - 1], feeds[j]) = (feeds[j], feeds[i - 1]);
        }
        oracle.setMarket("shuffled", rulesFor(feeds.length), feeds, FALLBACK_AGE, FLOOR, why());
        vm.warp(nowAt() + 100);
        for (uint256 i; i < feeds.length; ++i) {
            // Equal prices of different age: the time must not depend on the order either.
            uint256 wad = draw(seed, i) % 2 == 0 ? START : boundCalm(draw(seed, i + 50));
            mocks[i].set(uint128(wad), nowAt() - uint40(draw(seed, i + 70) % 100), 0, 0);
        }
        (bool ok, uint256 wad_, uint40 at, Status status) = oracle.tryPrice(MARKET);
        (bool ok2, uint256 wad2, uint40 at2, Status status2) = oracle.tryPrice("shuffled");
        eq(abi.encode(ok, wad_, at, status), abi.encode(ok2, wad2, at2, status2), "both orders");
    }

    function test_fuzz_ORACLE_02_liarsOfLessThanHalfOnlyDegrade(uint256 lie, uint256 who) external {
        list(5);
        vm.warp(nowAt() + 1);
        for (uint256 i; i < 5; ++i) setFeed(i, START + i * 1e18);
        uint256 first = who % 5;
        uint256 second = (first + 1 + who % 4) % 5;
        setFeed(first, bound(lie, FLOOR, type(uint128).max - 1));
        setFeed(second, bound(draw(lie, 1), FLOOR, type(uint128).max - 1));
        (bool ok, uint256 wad,, Status status) = oracle.tryPrice(MARKET);
        yes(ok && status <= Status.DEGRADED, "still a price");
        yes(wad >= START && wad <= START + 4e18, "within the honest range");
    }

    function test_fuzz_ORACLE_04_raisingOneFeedNeverLowersThePrice(uint256 seed, uint256 which, uint256 to) external {
        Feed[] memory feeds = boundFeeds(seed);
        listWith(rulesFor(feeds.length), feeds);
        which %= feeds.length;
        uint256 old;
        for (uint256 i; i < feeds.length; ++i) {
            uint256 wad = boundCalm(draw(seed, i + 50));
            setFeed(i, wad);
            if (i == which) old = wad;
        }
        (, uint256 before,,) = oracle.tryPrice(MARKET);
        setFeed(which, bound(to, old, START + START / 100));
        (bool ok, uint256 afterwards,,) = oracle.tryPrice(MARKET);
        yes(ok, "price");
        atMost(before, afterwards, "price before");
    }

    /* EXCLUSION */

    function test_fuzz_ORACLE_03_misbehavingFeedIsLeftOut(uint256 mode, uint256 which) external {
        list(3);
        vm.warp(nowAt() + SPACING);
        for (uint256 i; i < 3; ++i) setFeed(i, START + i);
        which %= 3;
        MockPrice.Mode m = MockPrice.Mode(bound(mode, 1, 7));
        mocks[which].setMode(m);
        has(which == 0 ? START + 1 : START, Status.OK, "price of the other two");
        bool failed = m == MockPrice.Mode.REVERT || m == MockPrice.Mode.REVERT_LONG || m == MockPrice.Mode.BURN;
        expectExclusion(which, failed ? Fault.FAILED : Fault.BAD_RETURN);
        eq(oracle.commit(MARKET), 2, "round");
    }

    function expectExclusion(uint256 which, Fault fault) internal {
        vm.expectEmit(address(oracle));
        emit IOracleAggregator.FeedExcluded(MARKET, address(mocks[which]), uint8(fault));
    }

    function test_ORACLE_03_feedWithoutCodeIsLeftOut() external {
        list(3);
        vm.etch(address(mocks[1]), "");
        has(START, Status.OK, "price of the other two");
        expectExclusion(1, Fault.NO_CODE);
        oracle.commit(MARKET);
    }

    function test_fuzz_ORACLE_03_staleAfterItsHeartbeat(uint256 age) external {
        list(3);
        uint40 start = nowAt();
        age = bound(age, 0, 2 * uint256(HEARTBEAT));
        vm.warp(start + age);
        setFeed(0, START + 1);
        setFeed(1, START + 2);
        has(START + 1, Status.OK, "price");
        mocks[0].set(START + 1, start, 0, 0);
        bool fresh = age <= HEARTBEAT;
        // With only one of three fresh the quorum of two is lost.
        isStatus(fresh ? Status.OK : Status.FALLBACK, "status");
        if (fresh) return;
        expectExclusion(0, Fault.STALE);
        expectExclusion(2, Fault.STALE);
        oracle.commit(MARKET);
    }

    function test_ORACLE_03_lastSecondOfTheHeartbeatCounts() external {
        list(1);
        vm.warp(nowAt() + HEARTBEAT);
        isStatus(Status.OK, "at the heartbeat");
        vm.warp(nowAt() + 1);
        isStatus(Status.FALLBACK, "a second later");
    }

    function test_fuzz_ORACLE_03_futureBeyondAMinuteIsLeftOut(uint256 ahead) external {
        list(1);
        ahead = bound(ahead, 0, type(uint40).max - nowAt());
        mocks[0].set(START + 1, nowAt() + uint40(ahead), 0, 0);
        if (ahead > 60) {
            isStatus(Status.FALLBACK, "left out");
            expectExclusion(0, Fault.FUTURE);
            oracle.commit(MARKET);
            return;
        }
        (uint256 wad, uint40 at,) = oracle.price(MARKET);
        eq(wad, START + 1, "wad");
        eq(at, nowAt(), "never observed later than now");
    }

    function test_ORACLE_03_sixtySecondsAheadIsTheLast() external {
        list(1);
        mocks[0].set(START, nowAt() + 60, 0, 0);
        isStatus(Status.OK, "60 s");
        mocks[0].set(START, nowAt() + 61, 0, 0);
        isStatus(Status.FALLBACK, "61 s");
    }

    function test_fuzz_ORACLE_03_uncertainIsLeftOut(uint16 confBps, uint16 max) external {
        Feed[] memory feeds = feedsOf(1);
        feeds[0].maxConfBps = max;
        listWith(rulesFor(1), feeds);
        mocks[0].set(START + 1, nowAt(), confBps, 0);
        if (confBps <= max) return has(START + 1, Status.OK, "certain enough");
        isStatus(Status.FALLBACK, "left out");
        expectExclusion(0, Fault.UNCERTAIN);
        oracle.commit(MARKET);
    }

    function test_fuzz_ORACLE_03_nonsenseInTheStampIsLeftOut(uint256 stamp) external {
        MockWords words = new MockWords();
        words.set(START, nowAt(), false);
        Feed[] memory feeds = feedsOf(1);
        feeds[0].adapter = address(words);
        listWith(rulesFor(1), feeds);
        stamp = (stamp << 56) | nowAt();
        words.set(START + 1, stamp, false);
        uint256 rest = stamp >> 56;
        if (rest == 0) return has(START + 1, Status.OK, "well formed");
        isStatus(Status.FALLBACK, "left out");
        Fault want = rest == 8 ? Fault.SPOT_TWAP : rest == 9 ? Fault.THIN : Fault.BAD_RETURN;
        vm.expectEmit(address(oracle));
        emit IOracleAggregator.FeedExcluded(MARKET, address(words), uint8(want));
        oracle.commit(MARKET);
    }

    function test_fuzz_ORACLE_10_noPriceBelowTheFloorOrWithoutBound(uint256 wad) external {
        MockWords words = new MockWords();
        words.set(START, nowAt(), false);
        Feed[] memory feeds = feedsOf(1);
        feeds[0].adapter = address(words);
        Market memory m = rulesFor(1);
        listWith(m, feeds);
        // A jump of one feed is confirmed by that feed, so that only the price itself can be refused.
        words.set(wad, nowAt(), false);
        bool fit = wad >= FLOOR && wad < type(uint128).max;
        (bool ok, uint256 have,, Status status) = oracle.tryPrice(MARKET);
        yes(ok, "price or fallback");
        eq(have, fit ? wad : START, "wad");
        yes((status == Status.FALLBACK) == !fit, "status");
    }

    function test_ORACLE_10_edgesOfAPrice() external {
        list(1);
        uint256[5] memory bad = [uint256(0), 1, FLOOR - 1, type(uint128).max, FLOOR];
        for (uint256 i; i < bad.length; ++i) {
            setFeed(0, bad[i]);
            isStatus(i == 4 ? Status.DEGRADED : Status.FALLBACK, "status at an edge");
        }
        setFeed(0, uint256(type(uint128).max) - 1);
        isStatus(Status.DEGRADED, "greatest price");
    }

    /* SUSPECT AVERAGE */

    function test_fuzz_ORACLE_07_suspectAverageIsLeftOutAndDegrades(uint256 which, bool thin, uint256 wad) external {
        list(3);
        which %= 3;
        vm.warp(nowAt() + 1);
        for (uint256 i; i < 3; ++i) setFeed(i, START);
        wad = bound(wad, 0, type(uint128).max);
        mocks[which].set(uint128(wad), nowAt(), 0, uint8(thin ? Fault.THIN : Fault.SPOT_TWAP));
        has(START, Status.DEGRADED, "price of the others");
        expectExclusion(which, thin ? Fault.THIN : Fault.SPOT_TWAP);
        oracle.commit(MARKET);
    }

    /* SPREAD */

    function test_fuzz_ORACLE_05_feedsWithoutMajorityHalt(uint256 apart) external {
        list(2);
        uint256 low = START - START / 100;
        setFeed(0, low);
        uint256 high = bound(apart, low + low * MAX_SPREAD / 10_000 + 1, low * 2);
        setFeed(1, high);
        vm.warp(nowAt() + FALLBACK_AGE + 1);
        mocks[0].set(uint128(low), nowAt(), 0, 0);
        mocks[1].set(uint128(high), nowAt(), 0, 0);
        // The lower one has half of the weight and stands near itself: half is no majority.
        uint256 bps = ((high - low) * 10_000 + low - 1) / low;
        vm.expectRevert(failure(IOracleAggregator.Oracle_Spread.selector, bps));
        oracle.price(MARKET);
        isHalted();
    }

    function isHalted() internal view {
        (bool ok, uint256 wad, uint40 at, Status status) = oracle.tryPrice(MARKET);
        eq(abi.encode(ok, wad, at, status), abi.encode(false, 0, 0, Status.HALTED), "nothing");
    }

    function test_fuzz_ORACLE_02_spreadAtItsBoundIsOkBeyondItIsNot(uint256 wad) external {
        list(3);
        uint256 middle = bound(wad, START - START / 50, START + START / 50) / 10_000 * 10_000;
        setFeed(0, middle);
        setFeed(1, middle);
        setFeed(2, middle + middle * MAX_SPREAD / 10_000);
        has(middle, Status.OK, "at the bound");
        setFeed(2, middle + middle * MAX_SPREAD / 10_000 + 1);
        has(middle, Status.DEGRADED, "beyond it");
    }

    function test_ORACLE_02_majorityNearNeedsTheQuorumToo() external {
        Market memory m = rulesFor(3);
        Feed[] memory feeds = feedsOf(3);
        (m.quorum, m.jumpQuorum, feeds[1].weight) = (2, 3, 10);
        oracle.setMarket(MARKET, m, feeds, 0, FLOOR, why());
        later(1, START);
        setFeed(0, START / 2);
        setFeed(2, START * 2);
        // The middle one has more than half of the weight and stands alone.
        vm.expectRevert(failure(IOracleAggregator.Oracle_Spread.selector, 15_000));
        oracle.price(MARKET);
    }

    /* JUMP */

    function test_fuzz_ORACLE_06_unconfirmedJumpIsNoPrice(uint256 to, uint256 silent) external {
        list(3);
        vm.warp(nowAt() + 1);
        uint256 wad = bound(to, START + START * MAX_JUMP / 10_000 + 1, uint256(START) * 100);
        setAll(wad);
        mocks[silent % 3].setMode(MockPrice.Mode.REVERT);
        // Two of three agree; the jump needs three.
        has(START, Status.FALLBACK, "last price");
        eq(oracle.commit(MARKET), 1, "no round");
        mocks[silent % 3].setMode(MockPrice.Mode.ANSWER);
        has(wad, Status.DEGRADED, "confirmed by three");
    }

    function test_fuzz_ORACLE_06_jumpIsToldWithItsSize(uint256 to) external {
        Market memory m = rulesFor(3);
        oracle.setMarket(MARKET, m, feedsOf(3), 0, FLOOR, why());
        uint256 wad = bound(around(to, START + uint256(START) * MAX_JUMP / 10_000), FLOOR, uint256(START) * 100);
        uint256 distance = wad > START ? wad - START : START - wad;
        vm.warp(nowAt() + 1);
        setAll(wad);
        mocks[2].setMode(MockPrice.Mode.REVERT);
        if (distance * 10_000 <= uint256(START) * MAX_JUMP) return has(wad, Status.OK, "within the band");
        vm.expectRevert(failure(IOracleAggregator.Oracle_Jump.selector, (distance * 10_000 + START - 1) / START));
        oracle.price(MARKET);
        isHalted();
    }

    function test_ORACLE_06_edgesOfTheBand() external {
        list(1);
        uint256 step = START * MAX_JUMP / 10_000;
        setFeed(0, START + step);
        isStatus(Status.OK, "highest");
        setFeed(0, START + step + 1);
        isStatus(Status.DEGRADED, "above");
        setFeed(0, START - step);
        isStatus(Status.OK, "lowest");
        setFeed(0, START - step - 1);
        isStatus(Status.DEGRADED, "below");
    }

    /// A feed beyond the band on the other side, or inside of it, does not confirm.
    function test_fuzz_ORACLE_06_onlyTheSameSideConfirms(uint256 third) external {
        Market memory m = rulesFor(3);
        m.maxSpreadBps = type(uint16).max;
        listWith(m, feedsOf(3));
        uint256 up = START + START * MAX_JUMP / 10_000;
        setFeed(0, up + 1);
        setFeed(1, up + 1);
        third = bound(third, START / 2, START * 2);
        setFeed(2, third);
        isStatus(third > up ? Status.DEGRADED : Status.FALLBACK, "status");
    }

    /* HALT */

    function test_fuzz_ORACLE_05_quorumLostIsToldWithItsNumbers(uint256 dead, uint256 count) external {
        count = bound(count, 1, 7);
        uint8 quorum = uint8((count + 1) / 2);
        oracle.setMarket(MARKET, rulesFor(count), feedsOf(count), 0, FLOOR, why());
        vm.warp(nowAt() + 1);
        setAll(START);
        dead = bound(dead, 0, count);
        for (uint256 i; i < dead; ++i) mocks[i].setMode(MockPrice.Mode.REVERT);
        if (count - dead >= quorum) return has(START, Status.OK, "quorum holds");
        vm.expectRevert(failure(IOracleAggregator.Oracle_Quorum.selector, count - dead, quorum));
        oracle.price(MARKET);
        isHalted();
        for (uint256 i; i < dead; ++i) expectExclusion(i, Fault.FAILED);
        vm.expectEmit(address(oracle));
        emit IOracleAggregator.Halted(MARKET, uint8(Cause.QUORUM));
        eq(oracle.commit(MARKET), 1, "last round");
    }

    function test_fuzz_ORACLE_05_fallbackServesForItsAgeOnly(uint256 age) external {
        list(1);
        uint40 at = nowAt();
        mocks[0].setMode(MockPrice.Mode.REVERT);
        age = bound(age, 0, 2 * uint256(FALLBACK_AGE));
        vm.warp(at + age);
        if (age <= FALLBACK_AGE) {
            (uint256 wad, uint40 time, Status status) = oracle.price(MARKET);
            eq(abi.encode(wad, time, status), abi.encode(START, at, Status.FALLBACK), "last price with its own time");
            has(START, Status.FALLBACK, "the same without revert");
            vm.expectEmit(address(oracle));
            emit IOracleAggregator.FellBack(MARKET, uint8(Cause.QUORUM));
        } else {
            vm.expectRevert(failure(IOracleAggregator.Oracle_Stale.selector, at, FALLBACK_AGE));
            oracle.price(MARKET);
            isHalted();
            vm.expectEmit(address(oracle));
            emit IOracleAggregator.Halted(MARKET, uint8(Cause.QUORUM));
        }
        eq(oracle.commit(MARKET), 1, "no round");
    }

    function test_ORACLE_05_lastSecondOfTheFallback() external {
        list(1);
        uint40 at = nowAt();
        mocks[0].setMode(MockPrice.Mode.REVERT);
        vm.warp(at + FALLBACK_AGE);
        isStatus(Status.FALLBACK, "last second");
        vm.warp(at + FALLBACK_AGE + 1);
        isStatus(Status.HALTED, "the next");
    }

    function test_fuzz_ORACLE_05_unknownMarketHasNoPrice(bytes32 market) external {
        if (market == MARKET) return;
        list(1);
        (bool ok, uint256 wad, uint40 at, Status status) = oracle.tryPrice(market);
        eq(abi.encode(ok, wad, at, status), abi.encode(false, 0, 0, Status.HALTED), "nothing");
        bytes memory want = abi.encodeWithSelector(IOracleAggregator.Oracle_UnknownMarket.selector, market);
        vm.expectRevert(want);
        oracle.price(market);
        vm.expectRevert(want);
        oracle.commit(market);
    }

    /* GAS */

    /// Whatever gas a caller sends, the answer is the full one or none.
    function test_fuzz_ORACLE_09_littleGasCannotExcludeAFeed(uint256 gasSent, uint256 burner) external {
        list(5);
        vm.warp(nowAt() + 1);
        for (uint256 i; i < 5; ++i) setFeed(i, START + i);
        if (burner % 2 == 0) mocks[burner % 5].setMode(MockPrice.Mode.BURN);
        bytes memory call = abi.encodeCall(oracle.tryPrice, (MARKET));
        (, bytes memory full) = address(oracle).call(call);
        (bool ok, bytes memory part) = address(oracle).call{gas: bound(gasSent, 0, 400_000)}(call);
        if (ok) eq(part, full, "answer");
    }

    function test_fuzz_SYS_13_littleGasIsToldAsSuch(uint256 gasSent) external {
        list(1);
        bytes memory call = abi.encodeCall(oracle.price, (MARKET));
        (bool ok, bytes memory data) = address(oracle).call{gas: bound(gasSent, 20_000, 126_000)}(call);
        no(ok, "answered");
        eq(data, abi.encodeWithSelector(IOracleAggregator.Oracle_GasTooLow.selector, 126_000), "reason");
    }

    /// The whole call may cost what its feeds may burn, and little more.
    function test_fuzz_SYS_13_costOfHostileFeedsIsBounded(uint256 mode) external {
        list(7);
        for (uint256 i; i < 7; ++i) mocks[i].setMode(MockPrice.Mode(bound(draw(mode, i), 1, 7)));
        uint256 before = gasleft();
        isStatus(Status.FALLBACK, "status");
        atMost(before - gasleft(), 7 * 122_000 + 20_000, "gas of seven hostile feeds");
    }

    function test_fuzz_SYS_06_feedBurningAllItsGasLeavesTheOthersWorking(uint256 which) external {
        list(7);
        mocks[which % 7].setMode(MockPrice.Mode.BURN);
        has(START, Status.OK, "price");
    }
}

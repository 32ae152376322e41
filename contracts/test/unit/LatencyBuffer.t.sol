// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LatencyBuffer} from "../../src/LatencyBuffer.sol";
import {IAccountable} from "../../src/interfaces/IAccountable.sol";
import {Fill, ILatencyBuffer, Kind, RequestState} from "../../src/interfaces/ILatencyBuffer.sol";
import {IOracleAggregator, Status} from "../../src/interfaces/IOracleAggregator.sol";
import {CompactLib} from "../../src/libraries/Compact.sol";
import {Why} from "../../src/libraries/Why.sol";
import {MockHandler, MockHasty} from "../../src/mocks/MockHandler.sol";
import {BufferSetup} from "../BufferSetup.t.sol";

contract LatencyBufferTest is BufferSetup {
    function fails(bytes4 selector, bytes32 id) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, id);
    }

    function fails(bytes4 selector, bytes32 id, uint256 value) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, id, value);
    }

    /* REQUEST */

    function test_fuzz_LATENCY_03_requestReadsAsItWasMade(address owner, uint256 seed, uint128 maxFee) external {
        if (owner == address(0)) return;
        bytes32 id = bytes32(uint256(2));
        vm.expectEmit(address(buffer));
        emit ILatencyBuffer.Requested(id, owner, ORDER, keccak256(payloadOf(seed)));
        vm.prank(owner);
        eq(buffer.request(ORDER, payloadOf(seed), maxFee), id, "id");
        (address owner_, bytes32 kind, uint48 number, uint40 readyAt, uint40 deadline, uint128 fee) =
            buffer.requestOf(id);
        eq(owner_, owner, "owner");
        eq(kind, ORDER, "kind");
        eq(number, vm.getBlockNumber(), "block");
        eq(readyAt, nowAt() + MIN_SECONDS, "ready");
        eq(deadline, nowAt() + MIN_SECONDS + WINDOW, "deadline");
        eq(fee, CompactLib.fromDown(maxFee).toUint(), "fee, rounded down");
        eq(uint256(buffer.stateOf(id)), uint256(RequestState.OPEN), "state");
    }

    function test_fuzz_LATENCY_03_idsAreNeverUsedAgain(uint256 seed) external {
        bytes32 a = request(address(this), seed);
        buffer.cancel(a);
        bytes32 b = request(address(this), seed);
        yes(a != b, "a new id");
        vm.expectRevert(fails(ILatencyBuffer.Latency_Unknown.selector, a));
        buffer.cancel(a);
    }

    function test_fuzz_LATENCY_01_unsetKindsAreRefused(bytes32 kind) external {
        if (kind == ORDER) return;
        vm.expectRevert(fails(ILatencyBuffer.Latency_BadKind.selector, kind));
        buffer.request(kind, "", 0);
    }

    /* EXECUTION */

    function test_fuzz_LATENCY_02_executesAtTheFirstLaterRound(uint256 seed, uint128 maxFee, uint256 wad) external {
        wad = boundCalm(wad);
        bytes memory payload = payloadOf(seed);
        bytes32 id = buffer.request(ORDER, payload, maxFee);
        blocks(2);
        uint64 round = observe(wad);
        eq(buffer.firstRound(id), round, "first round");
        vm.expectEmit(address(buffer));
        emit ILatencyBuffer.Executed(id, round);
        vm.prank(address(0xbee));
        buffer.execute(id, payload, round);
        uint128 fee = uint128(CompactLib.fromDown(maxFee).toUint());
        Fill memory want = Fill(id, address(this), ORDER, uint128(wad), nowAt(), Status.OK, fee);
        eq(abi.encode(handler.lastFill()), abi.encode(want), "fill");
        eq(handler.lastPayload(), keccak256(payload), "payload");
        eq(handler.lastKeeper(), address(0xbee), "keeper");
        eq(uint256(buffer.stateOf(id)), uint256(RequestState.NONE), "gone");
    }

    function test_fuzz_LATENCY_01_notBeforeItsBlocksAndSeconds(uint256 number, uint256 time) external {
        bytes32 id = request(address(this), 0);
        uint256 start = nowAt();
        number = bound(number, 1, 4);
        time = bound(time, 0, 10);
        vm.roll(vm.getBlockNumber() + number);
        vm.warp(start + time);
        uint64 round = observe(START + 1);
        bool early = number < MIN_BLOCKS || time <= MIN_SECONDS;
        if (early) vm.expectRevert(fails(ILatencyBuffer.Latency_TooEarly.selector, id, start + MIN_SECONDS));
        buffer.execute(id, payloadOf(0), round);
        eq(handler.acted(), early ? 0 : 1, "acted");
    }

    function test_fuzz_LATENCY_02_noOtherRoundWillDo(uint256 seed, uint64 given) external {
        bytes32 id = request(address(this), seed);
        uint40 readyAt = nowAt() + MIN_SECONDS;
        uint64 first;
        for (uint256 i; i < 8; ++i) {
            blocks(1);
            if (draw(seed, i + 500) % 4 == 0) continue;
            uint64 round = observe(boundCalm(draw(seed, i + 600)));
            if (first == 0 && nowAt() > readyAt) first = round;
        }
        uint64 last = oracle.lastRound(MARKET);
        given = uint64(bound(given, 0, last + 1));
        eq(buffer.firstRound(id), first, "first round");
        if (given == 0 || given > last) {
            vm.expectRevert(failure(IOracleAggregator.Oracle_UnknownRound.selector, given));
        } else if (given != first) {
            vm.expectRevert(
                abi.encodeWithSelector(ILatencyBuffer.Latency_NotFirstRound.selector, given, first)
            );
        }
        buffer.execute(id, payloadOf(seed), given);
    }

    /// A round observed at the very second is not later; nor is one that was committed later and observed before.
    function test_fuzz_LATENCY_02_lateCommitOfAnOldPriceDoesNotCount(uint256 age) external {
        bytes32 id = request(address(this), 0);
        uint40 readyAt = nowAt() + MIN_SECONDS;
        blocks(2);
        uint40 at = readyAt - uint40(bound(age, 0, 3));
        mocks[0].set(START + 7, at, 0, 0);
        uint64 old = oracle.commit(MARKET);
        yes(old == 2, "committed");
        vm.expectRevert(abi.encodeWithSelector(ILatencyBuffer.Latency_NotFirstRound.selector, old, 0));
        buffer.execute(id, payloadOf(0), old);
        blocks(1);
        uint64 next = observe(START + 8);
        buffer.execute(id, payloadOf(0), next);
        eq(handler.lastFill().wad, START + 8, "price observed later");
    }

    function test_LATENCY_02_theVerySecondIsNotLater() external {
        bytes32 id = request(address(this), 0);
        uint40 readyAt = nowAt() + MIN_SECONDS;
        blocks(2);
        mocks[0].set(START + 7, readyAt, 0, 0);
        uint64 same = oracle.commit(MARKET);
        vm.expectRevert(abi.encodeWithSelector(ILatencyBuffer.Latency_NotFirstRound.selector, same, 0));
        buffer.execute(id, payloadOf(0), same);
        vm.warp(nowAt() + 2);
        mocks[0].set(START + 8, readyAt + SPACING, 0, 0);
        buffer.execute(id, payloadOf(0), oracle.commit(MARKET));
    }

    function test_fuzz_LATENCY_03_onlyTheCommittedPayload(uint256 seed, uint256 other) external {
        (bytes32 id, uint64 round) = readyRequest(seed);
        if (keccak256(payloadOf(seed)) != keccak256(payloadOf(other))) {
            vm.expectRevert(fails(ILatencyBuffer.Latency_Payload.selector, id));
        }
        buffer.execute(id, payloadOf(other), round);
    }

    function test_fuzz_LATENCY_03_executesOnce(uint256 seed) external {
        (bytes32 id, uint64 round) = readyRequest(seed);
        buffer.execute(id, payloadOf(seed), round);
        vm.expectRevert(fails(ILatencyBuffer.Latency_Unknown.selector, id));
        buffer.execute(id, payloadOf(seed), round);
        eq(handler.times(id), 1, "acted once");
    }

    function test_fuzz_LATENCY_03_notAgainFromWithin(uint256 seed) external {
        handler.set(buffer, MockHandler.Mode.REENTER);
        (bytes32 id, uint64 round) = readyRequest(seed);
        buffer.execute(id, payloadOf(seed), round);
        no(handler.reentered(), "executed from within");
        eq(handler.times(id), 1, "acted once");
    }

    function test_fuzz_LATENCY_03_refusalOfTheHandlerLeavesItOpen(uint256 seed) external {
        (bytes32 id, uint64 round) = readyRequest(seed);
        handler.set(buffer, MockHandler.Mode.REFUSE);
        vm.expectRevert("refused");
        buffer.execute(id, payloadOf(seed), round);
        eq(uint256(buffer.stateOf(id)), uint256(RequestState.OPEN), "state");
        handler.set(buffer, MockHandler.Mode.ACT);
        buffer.execute(id, payloadOf(seed), round);
    }

    function test_fuzz_LATENCY_03_unknownRequestsAreRefused(bytes32 id) external {
        bytes memory want = fails(ILatencyBuffer.Latency_Unknown.selector, id);
        vm.expectRevert(want);
        buffer.execute(id, "", 1);
        vm.expectRevert(want);
        buffer.cancel(id);
        vm.expectRevert(want);
        buffer.expire(id);
        vm.expectRevert(want);
        buffer.requestOf(id);
        vm.expectRevert(want);
        buffer.firstRound(id);
        eq(uint256(buffer.stateOf(id)), uint256(RequestState.NONE), "state");
    }

    /* SAME BLOCK */

    function test_fuzz_LATENCY_04_requestAndExecuteInOneTransactionReverts(uint64 round, uint256 time) external {
        MockHasty hasty = new MockHasty();
        round = uint64(bound(round, 0, 3));
        vm.expectRevert(fails(ILatencyBuffer.Latency_SameBlock.selector, bytes32(uint256(2))));
        hasty.run(buffer, ORDER, "", round);
        // Time alone does not help: a chain may give many seconds to one block.
        bytes32 id = request(address(this), 0);
        vm.warp(nowAt() + bound(time, MIN_SECONDS + 1, MIN_SECONDS + WINDOW));
        uint64 later_ = observe(START + 1);
        vm.expectRevert(fails(ILatencyBuffer.Latency_SameBlock.selector, id));
        buffer.execute(id, payloadOf(0), later_);
    }

    /* VOID */

    function test_fuzz_LATENCY_05_voidAfterItsWindow(uint256 time, address anyone) external {
        bytes32 id = request(address(this), 0);
        uint40 deadline = nowAt() + MIN_SECONDS + WINDOW;
        vm.roll(vm.getBlockNumber() + MIN_BLOCKS);
        // Also at the deadline itself, and a second beside it.
        time = around(bound(time, MIN_SECONDS + 1, 10 * uint256(WINDOW)), MIN_SECONDS + WINDOW);
        vm.warp(nowAt() + time);
        uint64 round = observe(START + 1);
        if (nowAt() <= deadline) {
            eq(uint256(buffer.stateOf(id)), uint256(RequestState.OPEN), "state");
            vm.expectRevert(fails(ILatencyBuffer.Latency_NotExpired.selector, id, deadline));
            buffer.expire(id);
            return buffer.execute(id, payloadOf(0), round);
        }
        eq(uint256(buffer.stateOf(id)), uint256(RequestState.VOID), "state");
        vm.expectRevert(fails(ILatencyBuffer.Latency_Expired.selector, id));
        buffer.execute(id, payloadOf(0), round);
        vm.expectEmit(address(buffer));
        emit ILatencyBuffer.Expired(id);
        vm.prank(anyone);
        buffer.expire(id);
        eq(uint256(buffer.stateOf(id)), uint256(RequestState.NONE), "cleared");
    }

    function test_LATENCY_05_lastSecondOfTheWindow() external {
        (bytes32 a, uint64 round) = readyRequest(0);
        (,,,, uint40 deadline,) = buffer.requestOf(a);
        vm.warp(deadline);
        buffer.execute(a, payloadOf(0), round);
        (bytes32 b, uint64 next) = readyRequest(0);
        (,,,, deadline,) = buffer.requestOf(b);
        vm.warp(deadline + 1);
        vm.expectRevert(fails(ILatencyBuffer.Latency_Expired.selector, b));
        buffer.execute(b, payloadOf(0), next);
    }

    function test_fuzz_LATENCY_05_withoutARoundItIsNeverMispriced(uint64 round) external {
        bytes32 id = request(address(this), 0);
        blocks(3);
        // No new observation: the market is silent.
        vm.expectRevert();
        buffer.execute(id, payloadOf(0), round);
        eq(buffer.firstRound(id), 0, "no round");
        blocks(20);
        buffer.expire(id);
        eq(handler.acted(), 0, "acted");
    }

    /// Somebody commits at every spacing for the whole of the greatest window: the round is still there.
    function test_LATENCY_05_theRoundOutlivesTheGreatestWindow() external {
        Kind memory k = orderKind();
        k.window = 64 * SPACING;
        buffer.setKind(bytes32(uint256(2)), k, why());
        bytes32 id = buffer.request(bytes32(uint256(2)), "", 0);
        vm.roll(vm.getBlockNumber() + MIN_BLOCKS);
        (,,, uint40 readyAt, uint40 deadline,) = buffer.requestOf(id);
        vm.warp(readyAt + 1);
        uint64 first = observe(START + 1);
        for (uint256 time = readyAt + 1 + SPACING; time <= deadline; time += SPACING) {
            vm.warp(time);
            observe(START + 2);
        }
        vm.warp(deadline);
        eq(buffer.firstRound(id), first, "first round");
        buffer.execute(id, "", first);
        eq(handler.lastFill().wad, START + 1, "its price");
    }

    /* CANCEL */

    function test_fuzz_LATENCY_06_ownerCancelsInEveryState(uint256 time, bool silent, bool closed) external {
        bytes32 id = request(address(0xa11ce), 0);
        vm.roll(vm.getBlockNumber() + time % 5);
        vm.warp(nowAt() + bound(time, 0, 5 * uint256(WINDOW)));
        // Nothing that may be broken or shut stands in the way.
        if (silent) vm.etch(address(oracle), "");
        if (closed) buffer.closeKind(ORDER, why());
        handler.set(buffer, MockHandler.Mode.REFUSE);
        vm.expectEmit(address(buffer));
        emit ILatencyBuffer.Cancelled(id);
        vm.prank(address(0xa11ce));
        buffer.cancel(id);
        eq(uint256(buffer.stateOf(id)), uint256(RequestState.NONE), "state");
    }

    function test_fuzz_LATENCY_06_nobodyElseCancels(address caller) external {
        if (caller == address(0xa11ce)) return;
        bytes32 id = request(address(0xa11ce), 0);
        vm.expectRevert(fails(ILatencyBuffer.Latency_NotOwner.selector, id));
        vm.prank(caller);
        buffer.cancel(id);
    }

    function test_fuzz_LATENCY_06_cancelledIsNeverExecuted(uint256 seed) external {
        (bytes32 id, uint64 round) = readyRequest(seed);
        buffer.cancel(id);
        vm.expectRevert(fails(ILatencyBuffer.Latency_Unknown.selector, id));
        buffer.execute(id, payloadOf(seed), round);
    }

    /* KINDS */

    function test_fuzz_LATENCY_01_kindReadsAsItWasSet(uint8 kind, Kind memory k) external {
        bytes32 id = bytes32(uint256(kind));
        if (id == ORDER) return;
        (k.handler, k.closed) = (address(handler), false);
        k.minBlocks = uint16(bound(k.minBlocks, 1, type(uint16).max));
        k.window = uint32(bound(k.window, 1, 64 * SPACING));
        vm.expectEmit(address(buffer));
        emit ILatencyBuffer.KindSet(id, k);
        vm.expectEmit(address(buffer));
        emit IAccountable.Loosened(address(this), id, "test", why().evidence);
        buffer.setKind(id, k, why());
        eq(abi.encode(buffer.kindOf(id)), abi.encode(k), "kind");
    }

    function test_LATENCY_01_everyKindKeepsItsOwnRules() external {
        Kind memory k = orderKind();
        for (uint256 i = 256; i > 0; --i) {
            (k.minSeconds, k.market) = (uint32(i), bytes32(i));
            if (bytes32(i - 1) != ORDER) buffer.setKind(bytes32(i - 1), k, why());
        }
        for (uint256 i; i < 256; ++i) {
            bytes32 id = buffer.request(bytes32(i), "", 0);
            (, bytes32 kind,, uint40 readyAt,,) = buffer.requestOf(id);
            eq(kind, bytes32(i), "kind of the request");
            if (bytes32(i) == ORDER) continue;
            eq(readyAt, nowAt() + i + 1, "seconds");
            eq(buffer.kindOf(bytes32(i)).market, bytes32(i + 1), "market");
        }
    }

    function test_fuzz_LATENCY_01_contradictoryKindsAreRefused(uint256 fault, uint32 window) external {
        Kind memory k = orderKind();
        fault %= 4;
        bytes32 what = [bytes32("handler"), bytes32("minBlocks"), bytes32("window"), bytes32("closed")][fault];
        if (fault == 0) k.handler = address(0xdead);
        if (fault == 1) k.minBlocks = 0;
        if (fault == 2) k.window = window == 0 ? 0 : uint32(bound(window, 64 * SPACING + 1, type(uint32).max));
        if (fault == 3) k.closed = true;
        bytes32 id = bytes32(uint256(2));
        vm.expectRevert(abi.encodeWithSelector(ILatencyBuffer.Latency_BadConfig.selector, id, what));
        buffer.setKind(id, k, why());
    }

    function test_LATENCY_05_windowIsAtMostWhatTheRingHolds() external {
        Kind memory k = orderKind();
        bytes32 id = bytes32(uint256(2));
        k.window = 64 * SPACING + 1;
        vm.expectRevert(
            abi.encodeWithSelector(ILatencyBuffer.Latency_BadConfig.selector, id, bytes32("window"))
        );
        buffer.setKind(id, k, why());
        k.window = 64 * SPACING;
        buffer.setKind(id, k, why());
    }

    function test_fuzz_LATENCY_01_aKindNeverChanges(uint16 minBlocks) external {
        Kind memory k = orderKind();
        k.minBlocks = minBlocks;
        vm.expectRevert(fails(ILatencyBuffer.Latency_BadKind.selector, ORDER));
        buffer.setKind(ORDER, k, why());
        buffer.closeKind(ORDER, why());
        vm.expectRevert(fails(ILatencyBuffer.Latency_BadKind.selector, ORDER));
        buffer.setKind(ORDER, k, why());
    }

    function test_fuzz_LATENCY_01_kindsAreBelow256(uint256 kind) external {
        kind = bound(kind, 256, type(uint256).max);
        vm.expectRevert(fails(ILatencyBuffer.Latency_BadKind.selector, bytes32(kind)));
        buffer.setKind(bytes32(kind), orderKind(), why());
        vm.expectRevert(fails(ILatencyBuffer.Latency_BadKind.selector, bytes32(kind)));
        buffer.kindOf(bytes32(kind));
        vm.expectRevert(fails(ILatencyBuffer.Latency_BadKind.selector, bytes32(kind)));
        buffer.closeKind(bytes32(kind), why());
    }

    function test_fuzz_SYS_01_closingStopsNewRequestsOnly(uint256 seed) external {
        (bytes32 id, uint64 round) = readyRequest(seed);
        vm.expectEmit(address(buffer));
        emit ILatencyBuffer.KindClosed(ORDER);
        vm.expectEmit(address(buffer));
        emit IAccountable.Tightened(address(this), ORDER, "test", why().evidence);
        buffer.closeKind(ORDER, why());
        vm.expectRevert(fails(ILatencyBuffer.Latency_BadKind.selector, ORDER));
        buffer.request(ORDER, "", 0);
        vm.expectRevert(fails(ILatencyBuffer.Latency_BadKind.selector, ORDER));
        buffer.closeKind(ORDER, why());
        buffer.execute(id, payloadOf(seed), round);
    }

    function test_fuzz_SYS_02_onlyTheTimelockSetsAndClosesKinds(address caller) external {
        if (caller == address(this)) return;
        bytes memory want = abi.encodeWithSelector(ILatencyBuffer.Latency_NotAllowed.selector, caller);
        vm.expectRevert(want);
        vm.prank(caller);
        buffer.setKind(bytes32(uint256(2)), orderKind(), why());
        vm.expectRevert(want);
        vm.prank(caller);
        buffer.closeKind(ORDER, why());
    }

    function test_fuzz_SYS_03_kindsNeedEvidence(bytes32 reason) external {
        vm.expectRevert(ILatencyBuffer.Latency_NoEvidence.selector);
        buffer.setKind(bytes32(uint256(2)), orderKind(), Why(reason, 0));
        vm.expectRevert(ILatencyBuffer.Latency_NoEvidence.selector);
        buffer.closeKind(ORDER, Why(reason, 0));
    }

    function test_fuzz_SYS_12_bufferTellsWhatItLost(bool lostTimelock, bool lostOracle) external {
        buffer = new LatencyBuffer(address(oracle), lostTimelock ? address(0xdead) : address(this));
        if (lostOracle) vm.etch(address(oracle), "");
        uint256 before = gasleft();
        (bool ok, bytes32 code) = buffer.healthy();
        atMost(before - gasleft(), 50_000, "gas");
        yes(ok == (!lostTimelock && !lostOracle), "healthy");
        bytes32 want = lostOracle ? bytes32("oracle has no code") : bytes32(0);
        eq(code, lostTimelock ? bytes32("timelock has no code") : want, "why");
    }
}

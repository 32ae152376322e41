// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LatencyBuffer} from "../../src/LatencyBuffer.sol";
import {RequestState} from "../../src/interfaces/ILatencyBuffer.sol";
import {MockHandler} from "../../src/mocks/MockHandler.sol";
import {BufferSetup} from "../BufferSetup.t.sol";
import {Aimed} from "./Aimed.t.sol";

/// Two owners request; anyone observes, commits, executes at any round, cancels and expires. Keeps its own list of rounds.
contract LatencyHandler is BufferSetup {
    struct Made {
        bytes32 id;
        address owner;
        uint256 seed;
        uint256 block_;
        uint256 readyAt;
        bool open;
        bool executed;
    }

    Made[] internal made;
    uint256[] internal times;
    uint256[] internal wads;
    uint256 public early;
    uint256 public mispriced;
    uint256 public overdue;
    uint256 public wrongPayloads;
    uint256 public strangersCancels;
    uint256 public executions;

    function setUp() public override {
        super.setUp();
        times.push(nowAt());
        wads.push(START);
    }

    /* ACTIONS */

    function ask(uint256 who, uint256 seed) external {
        address owner = address(uint160(0x1000 + who % 2));
        made.push(Made(request(owner, seed), owner, seed, vm.getBlockNumber(), nowAt() + MIN_SECONDS, true, false));
    }

    function wait(uint256 count, uint256 seconds_) external {
        vm.roll(vm.getBlockNumber() + bound(count, 0, 3));
        vm.warp(nowAt() + bound(seconds_, 0, 25));
    }

    function observe(uint256 wad, uint256 age) external {
        uint40 time = nowAt() - uint40(bound(age, 0, 8));
        wad = boundCalm(wad);
        mocks[0].set(uint128(wad), time, 0, 0);
        uint64 round = oracle.commit(MARKET);
        if (round == times.length) return;
        times.push(time);
        wads.push(wad);
    }

    function execute(uint256 which, uint256 round, bool honest) external {
        if (made.length == 0) return;
        Made storage m = made[which % made.length];
        uint64 given = uint64(bound(round, 0, times.length + 1));
        uint64 first = firstOf(m.readyAt);
        // Mostly the right round: a wrong one never gets further.
        if (round % 4 != 0) given = first;
        uint256 seed = honest || round % 3 == 0 ? m.seed : m.seed ^ 1;
        (bool ok,) = address(buffer).call(abi.encodeCall(buffer.execute, (m.id, payloadOf(seed), given)));
        if (!ok) return;
        ++executions;
        if (vm.getBlockNumber() < m.block_ + MIN_BLOCKS || nowAt() <= m.readyAt) ++early;
        if (given != first || first == 0 || handler.lastFill().wad != wads[first - 1]) ++mispriced;
        if (nowAt() > m.readyAt + WINDOW || !m.open) ++overdue;
        if (keccak256(payloadOf(seed)) != keccak256(payloadOf(m.seed))) ++wrongPayloads;
        (m.open, m.executed) = (false, true);
    }

    /// The owner's cancel never reverts before an execution; a stranger's always does.
    function cancel(uint256 which, bool stranger) external {
        if (made.length == 0) return;
        Made storage m = made[which % made.length];
        if (stranger) {
            (bool ok,) = address(buffer).call(abi.encodeCall(buffer.cancel, (m.id)));
            if (ok) ++strangersCancels;
            return;
        }
        if (!m.open) return;
        vm.prank(m.owner);
        buffer.cancel(m.id);
        m.open = false;
    }

    function expire(uint256 which) external {
        if (made.length == 0) return;
        Made storage m = made[which % made.length];
        (bool ok,) = address(buffer).call(abi.encodeCall(buffer.expire, (m.id)));
        if (!ok) return;
        if (nowAt() <= m.readyAt + WINDOW || !m.open) ++overdue;
        m.open = false;
    }

    /* RECORD */

    function firstOf(uint256 readyAt) internal view returns (uint64) {
        for (uint256 i; i < times.length; ++i) if (times[i] > readyAt) return uint64(i + 1);
        return 0;
    }

    /// How many of the requests do not stand in the buffer as they stand here.
    function mismatches() external view returns (uint256 count) {
        for (uint256 i; i < made.length; ++i) {
            Made memory m = made[i];
            if (handler.times(m.id) != (m.executed ? 1 : 0)) ++count;
            RequestState want = RequestState.NONE;
            if (m.open) want = nowAt() > m.readyAt + WINDOW ? RequestState.VOID : RequestState.OPEN;
            if (buffer.stateOf(m.id) != want) ++count;
        }
    }

    /// How many open requests are told another first round; those whose round may have left the ring are void.
    function wrongFirstRounds() external view returns (uint256 count) {
        for (uint256 i; i < made.length; ++i) {
            Made memory m = made[i];
            if (!m.open || nowAt() > m.readyAt + WINDOW) continue;
            if (buffer.firstRound(m.id) != firstOf(m.readyAt)) ++count;
        }
    }
}

contract LatencyInvariants is BufferSetup, Aimed {
    LatencyHandler internal acts;

    function setUp() public override {
        acts = new LatencyHandler();
        acts.setUp();
        bytes memory calls = abi.encodePacked(
            LatencyHandler.ask.selector, LatencyHandler.wait.selector, LatencyHandler.observe.selector,
            LatencyHandler.execute.selector, LatencyHandler.cancel.selector, LatencyHandler.expire.selector,
            LatencyHandler.execute.selector, LatencyHandler.observe.selector
        );
        aim(address(acts), calls);
    }

    function invariant_LATENCY_01_neverEarly() external view {
        eq(acts.early(), 0, "executions too early");
    }

    function invariant_LATENCY_02_alwaysAtTheFirstLaterRound() external view {
        eq(acts.mispriced(), 0, "executions at another price");
        eq(acts.wrongFirstRounds(), 0, "first rounds told wrong");
    }

    function invariant_LATENCY_03_onceAndAsCommitted() external view {
        eq(acts.wrongPayloads(), 0, "executions of another payload");
        eq(acts.mismatches(), 0, "requests that stand otherwise");
    }

    function invariant_LATENCY_05_neverAfterTheWindow() external view {
        eq(acts.overdue(), 0, "executed or expired at the wrong time");
    }

    function invariant_LATENCY_06_onlyTheOwnerCancels() external view {
        eq(acts.strangersCancels(), 0, "cancels by strangers");
    }
}

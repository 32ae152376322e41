// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FlowLimiter} from "../../src/FlowLimiter.sol";
import {Entry, FlowMode, IFlowLimiter, Limit} from "../../src/interfaces/IFlowLimiter.sol";
import {Why} from "../../src/libraries/Why.sol";
import {MockFlowVault} from "../../src/mocks/MockFlowVault.sol";
import {MockOddToken} from "../../src/mocks/MockOddToken.sol";
import {Base} from "../Base.t.sol";
import {FlowSetup} from "../FlowSetup.t.sol";
import {Aimed} from "./Aimed.t.sol";
import {FlowLog} from "./FlowLog.t.sol";

/// Users, thieves, council and timelock at two assets: one refuses beyond a share of its TVL, one queues.
contract FlowHandler is Base {
    FlowLimiter internal limiter;
    MockFlowVault internal vault;
    MockOddToken[2] public tokens;
    FlowLog[2] public logs;
    address internal council;
    address internal timelock;
    uint256 public claimed;
    uint256 public nextClaim = 1;

    constructor(FlowLimiter limiter_, MockFlowVault vault_, MockOddToken a, MockOddToken b, address[2] memory roles) {
        (limiter, vault, tokens[0], tokens[1]) = (limiter_, vault_, a, b);
        (council, timelock) = (roles[0], roles[1]);
        for (uint256 i; i < 2; ++i) {
            logs[i] = new FlowLog();
            tokens[i].approve(address(vault), type(uint256).max);
            mark(i, 0);
        }
    }

    function wait(uint256 time) external {
        vm.warp(vm.getBlockTimestamp() + bound(time, 1, 2 days));
        mark(0, 0);
        mark(1, 0);
    }

    /// Half of the withdrawals take all that there is.
    function withdraw(uint256 which, uint256 amount) external {
        which %= 2;
        mark(which, 0);
        uint256 room = limiter.available(address(tokens[which]));
        amount = amount % 2 == 0 ? room : bound(amount, 0, room);
        (uint256 passed, uint256 queued) = vault.withdraw(address(tokens[which]), amount, address(this));
        eq(passed, amount, "passed");
        eq(queued, 0, "queued");
        mark(which, int256(passed));
    }

    function withdrawTooMuch(uint256 which, uint256 over) external {
        which %= 2;
        mark(which, 0);
        over = bound(over, 1, 1e24);
        uint256 room = limiter.available(address(tokens[which]));
        if (which == 0) {
            vm.expectRevert(
                abi.encodeWithSelector(IFlowLimiter.Flow_Exceeded.selector, address(tokens[0]), over)
            );
            vault.withdraw(address(tokens[0]), room + over, address(this));
            return;
        }
        (uint256 passed, uint256 queued) = vault.withdraw(address(tokens[1]), room + over, address(this));
        eq(queued, over, "queued");
        mark(1, int256(passed));
    }

    function deposit(uint256 which, uint256 amount) external {
        which %= 2;
        amount = bound(amount, 0, 1e26);
        mark(which, 0);
        vault.deposit(address(tokens[which]), amount);
        mark(which, -int256(amount));
    }

    /// A flash loan deposited, withdrawn, and the room with it.
    function flash(uint256 which, uint256 amount, bool greedy) external {
        which %= 2;
        amount = bound(amount, 1, 1e26);
        mark(which, 0);
        // Above a lowered cap, a deposit first pays back the excess and cannot be taken out again.
        (uint256 level, uint256 cap) = limiter.levelOf(address(tokens[which]));
        if (level > cap) return;
        uint256 room = greedy ? limiter.available(address(tokens[which])) : 0;
        int256[] memory amounts = new int256[](3);
        (amounts[0], amounts[1], amounts[2]) = (int256(amount), -int256(room), -int256(amount));
        vault.batch(address(tokens[which]), amounts);
        mark(which, int256(room));
    }

    /// A gift comes in by no report: it may raise a share, later.
    function give(uint256 which, uint256 amount) external {
        tokens[which % 2].mint(address(vault), bound(amount, 0, 1e26));
        mark(which % 2, 0);
    }

    function poke(uint256 which) external {
        limiter.poke(address(tokens[which % 2]));
        mark(which % 2, 0);
    }

    function lowerCap(uint256 which, uint256 part, uint256 length) external {
        which %= 2;
        mark(which, 0);
        Limit memory limit = limiter.limitOf(address(tokens[which]));
        uint128 cap = uint128(limit.capAbs - limit.capAbs / bound(part, 2, 10));
        if (cap == limit.capAbs) return;
        uint40 until = uint40(vm.getBlockTimestamp() + bound(length, 1, 72 hours));
        vm.prank(council);
        try limiter.lowerCap(address(tokens[which]), cap, limit.capBpsOfTvl, until, why()) {}
        catch (bytes memory cause) {
            // Time and again its budget is spent.
            yes(bytes4(cause) == IFlowLimiter.Flow_BadLowering.selector, "refused for the budget alone");
        }
        mark(which, 0);
    }

    function setLimit(uint256 which, uint256 cap, uint256 window) external {
        which %= 2;
        mark(which, 0);
        Limit memory limit = limiter.limitOf(address(tokens[which]));
        // Now and then a cap of few units, whose parts count.
        limit.capAbs = uint128(cap % 4 == 0 ? bound(cap, 1, 1e6) : bound(cap, 1e18, 1e24));
        limit.window = uint32(bound(window, 1 hours, 7 days));
        vm.prank(timelock);
        limiter.setLimit(address(tokens[which]), limit, why());
        mark(which, 0);
    }

    function claim() external {
        uint256 id = nextClaim;
        if (id > limiter.lastQueueId()) return;
        Entry memory e = limiter.entryOf(id);
        uint256 t = vm.getBlockTimestamp();
        if (t < e.readyAt) {
            vm.expectRevert(abi.encodeWithSelector(IFlowLimiter.Flow_NotReady.selector, id, e.readyAt));
        } else if (t < e.heldUntil) {
            vm.expectRevert(abi.encodeWithSelector(IFlowLimiter.Flow_Held.selector, id, e.heldUntil));
        } else {
            ++nextClaim;
            claimed += e.amount;
        }
        limiter.claim(id);
    }

    function hold(uint256 length) external {
        uint256 id = nextClaim;
        if (id > limiter.lastQueueId()) return;
        Entry memory e = limiter.entryOf(id);
        uint256 max = e.readyAt + 72 hours;
        if (e.heldUntil >= max) return;
        vm.prank(council);
        limiter.hold(id, uint40(bound(length, e.heldUntil + 1, max)), why());
    }

    function mark(uint256 which, int256 moved) internal {
        // The cap of the lagged balance is the one that the level leaks by: gifts cannot raise it for a while.
        (, uint256 cap) = limiter.levelOf(address(tokens[which]));
        logs[which].add(moved, cap, limiter.limitOf(address(tokens[which])).window);
    }

    function why() internal pure returns (Why memory) {
        return Why("test", keccak256("evidence"));
    }
}

contract FlowInvariants is FlowSetup, Aimed {
    FlowHandler internal handler;

    function setUp() public override {
        super.setUp();
        setLimit(address(token), Limit(1e27, 100, WINDOW, FlowMode.REVERT, 0));
        setLimit(address(other), Limit(CAP, 0, WINDOW, FlowMode.QUEUE, 0));
        vm.warp(nowAt() + WINDOW);
        handler = new FlowHandler(limiter, vault, token, other, [council, timelock]);
        token.mint(address(handler), 1e32);
        other.mint(address(handler), 1e32);
        aim(address(handler), "");
    }

    function invariant_FLOW_01_netOutflowWithinTheBound() external view {
        handler.logs(0).check();
        handler.logs(1).check();
    }

    function invariant_FLOW_02_noCreditOutlivesItsTransaction() external view {
        for (uint256 i; i < 2; ++i) {
            (uint256 level_, uint256 cap) = limiter.levelOf(address(handler.tokens(i)));
            uint256 room = cap > level_ ? cap - level_ : 0;
            eq(limiter.available(address(handler.tokens(i))), room, "available");
        }
    }

    function invariant_FLOW_03_theShareIsOfNoMoreThanTheBalance() external view {
        (, uint256 cap) = limiter.levelOf(address(token));
        atMost(cap, token.balanceOf(address(vault)) / 100, "cap");
    }

    function invariant_FLOW_06_entriesEqualTheBalanceHeld() external view {
        uint256 sum;
        for (uint256 id = 1; id <= limiter.lastQueueId(); ++id) sum += limiter.entryOf(id).amount;
        eq(limiter.queuedOf(address(other)), sum, "sum of entries");
        eq(other.balanceOf(address(limiter)), sum, "balance held");
    }
}

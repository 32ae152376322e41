// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Timelock} from "../../src/Timelock.sol";
import {MockLister} from "../../src/mocks/MockListing.sol";
import {TimelockSetup} from "../TimelockSetup.t.sol";
import {Aimed} from "./Aimed.t.sol";

/// A proposer, executors true and false, a council and settings, over eight operations and four selectors.
contract TimelockHandler is TimelockSetup {
    struct Op {
        uint256 at;
        uint256 eta;
        uint256 need;
        uint256 runs;
        bool vetoed;
    }

    uint256 internal constant OPS = 8;
    mapping(uint256 op => Op) public ops;
    /// The delay that a caller sees at most: what the fastest path from now would take.
    uint256 public early;
    uint256 public late;
    uint256 public vetoedRuns;
    uint256 public shortSchedules;
    uint256 public doubles;
    uint256 public runs;
    uint256 public nonce;
    uint256 public gains;

    function selectorOf(uint256 op) public pure returns (bytes4) {
        return op % 4 == 0 ? MockLister.pay.selector : bytes4(uint32(op % 4));
    }

    function dataOf(uint256 op) public pure returns (bytes memory) {
        // Only `pay` exists on the target; the others go to an account without code, where every call succeeds.
        return abi.encodePacked(selectorOf(op), op);
    }

    function targetOf(uint256 op) public view returns (address) {
        return op % 4 == 0 ? address(lister) : address(0xcafe);
    }

    function tryCall(address by, bytes memory data) internal returns (bool ok) {
        vm.prank(by);
        (ok,) = address(lock).call(data);
    }

    function put(uint256 seed, uint256 delay, bool honest) external {
        uint256 op = seed % OPS;
        (uint32 need,,) = lock.selectorDelay(targetOf(op), selectorOf(op));
        uint256 least = need > lock.getMinDelay() ? need : lock.getMinDelay();
        delay = honest ? bound(delay, least, least + 3 days) : bound(delay, 0, 20 days);
        bytes memory call = abi.encodeCall(lock.schedule, (targetOf(op), 0, dataOf(op), 0, bytes32(op), delay));
        bool wasVetoed = ops[op].vetoed;
        bool wasDone = ops[op].runs > 0;
        bool known = lock.isOperation(idOf(targetOf(op), dataOf(op), bytes32(op)));
        if (!tryCall(proposer, call)) return;
        if (delay < least) ++shortSchedules;
        if (wasVetoed || wasDone || known) ++doubles;
        ops[op].at = vm.getBlockTimestamp();
        ops[op].eta = vm.getBlockTimestamp() + delay;
        ops[op].need = least;
    }

    function run(uint256 seed, bool atItsTime, bool byExecutor) external {
        uint256 op = seed % OPS;
        if (atItsTime && ops[op].eta > vm.getBlockTimestamp()) vm.warp(ops[op].eta);
        bytes memory call = abi.encodeCall(lock.execute, (targetOf(op), 0, dataOf(op), 0, bytes32(op)));
        if (!tryCall(byExecutor ? executor : proposer, call)) return;
        ++runs;
        if (!byExecutor) ++doubles;
        if (ops[op].runs++ > 0) ++doubles;
        if (vm.getBlockTimestamp() < ops[op].eta || ops[op].eta == 0) ++early;
        if (vm.getBlockTimestamp() > ops[op].eta + GRACE) ++late;
        if (ops[op].vetoed) ++vetoedRuns;
        if (vm.getBlockTimestamp() < ops[op].at + ops[op].need) ++gains;
    }

    function vetoOne(uint256 seed, bool signed) external {
        uint256 op = seed % OPS;
        bytes32 id = idOf(targetOf(op), dataOf(op), bytes32(op));
        if (!lock.isOperationPending(id) || seed % 3 > 0) return;
        if (signed) veto(id, ++nonce);
        else yes(tryCall(proposer, abi.encodeCall(lock.cancel, (id))), "cancelled");
        ops[op].vetoed = true;
    }

    /// Sets a delay, and checks that no path through the change is faster than the old delay from here.
    function setDelay(uint256 seed, uint256 delay) external {
        uint256 op = seed % 4;
        (uint32 old,,) = lock.selectorDelay(targetOf(op), selectorOf(op));
        vm.prank(address(lock));
        lock.setSelectorDelay(targetOf(op), selectorOf(op), uint32(bound(delay, 0, 15 days)), why());
        (uint32 current, uint32 later, uint48 effect) = lock.selectorDelay(targetOf(op), selectorOf(op));
        if (current < old) ++gains;
        if (effect > 0 && effect + later < vm.getBlockTimestamp() + old) ++gains;
    }

    function setMinimum(uint256 delay) external {
        uint256 old = lock.getMinDelay();
        vm.prank(address(lock));
        lock.updateDelay(bound(delay, 0, 10 days));
        if (lock.getMinDelay() < old) ++gains;
    }

    function wait(uint256 time) external {
        vm.warp(vm.getBlockTimestamp() + bound(time, 1, 10 days));
    }

    function theLock() external view returns (Timelock) {
        return lock;
    }
}

contract TimelockInvariants is TimelockSetup, Aimed {
    TimelockHandler internal handler;

    function setUp() public override {
        handler = new TimelockHandler();
        handler.setUp();
        lock = handler.theLock();
        bytes memory calls = abi.encodePacked(
            TimelockHandler.put.selector, TimelockHandler.run.selector, TimelockHandler.vetoOne.selector,
            TimelockHandler.setDelay.selector, TimelockHandler.setMinimum.selector, TimelockHandler.wait.selector
        );
        aim(address(handler), calls);
    }

    function invariant_TIMELOCK_01_nothingRunsEarlyLateOrTwice() external view {
        eq(handler.early(), 0, "early");
        eq(handler.late(), 0, "late");
        eq(handler.doubles(), 0, "twice, or by a stranger");
    }

    function invariant_TIMELOCK_02_noChangeOfADelayIsFasterThanTheOldOne() external view {
        eq(handler.gains(), 0, "gains");
        eq(handler.shortSchedules(), 0, "scheduled below the delay");
    }

    function invariant_TIMELOCK_03_nothingVetoedRuns() external view {
        eq(handler.vetoedRuns(), 0, "vetoed runs");
        for (uint256 op; op < 8; ++op) {
            (,,,, bool vetoed) = handler.ops(op);
            bytes32 id = lock.hashOperation(handler.targetOf(op), 0, handler.dataOf(op), 0, bytes32(op));
            yes(lock.isVetoed(id) == vetoed, "mark");
            if (vetoed) no(lock.isOperation(id), "unknown");
        }
    }

    function invariant_TIMELOCK_06_rolesStayWhereTheyWere() external view {
        yes(lock.hasRole(0, address(lock)), "own administrator");
        no(lock.hasRole(0, address(handler)), "deployer");
        no(lock.hasRole(lock.EXECUTOR_ROLE(), address(0)), "closed");
    }
}

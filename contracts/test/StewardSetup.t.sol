// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RiskSteward} from "../src/RiskSteward.sol";
import {LiquidatableInvariant} from "../src/adapters/LiquidatableInvariant.sol";
import {OracleMoveInvariant} from "../src/adapters/OracleMoveInvariant.sol";
import {IRiskInvariant} from "../src/interfaces/IRiskInvariant.sol";
import {Bounds, IRiskSteward} from "../src/interfaces/IRiskSteward.sol";
import {Why} from "../src/libraries/Why.sol";
import {MockCapo, MockInvariant} from "../src/mocks/MockCapo.sol";
import {Base} from "./Base.t.sol";

/// A steward with a cap, a margin and a coupled pair, and a market priced under Aave's kind of cap.
abstract contract StewardSetup is Base {
    bytes32 internal constant CAP = "eth.oiCap";
    bytes32 internal constant MARGIN = "eth.mmr";
    bytes32 internal constant RATIO = "capo.ratio";
    bytes32 internal constant TIME = "capo.time";
    bytes32 internal constant CAPO = "capo";
    bytes32 internal constant MODEL = keccak256("model");
    bytes32 internal constant INPUTS = keccak256("inputs");
    bytes32 internal constant EVIDENCE = keccak256("evidence");

    RiskSteward internal steward;
    MockCapo internal capo;
    MockInvariant internal invariant_;
    address internal timelock = address(0x71);
    address internal guardian = address(0x64);
    address internal key = address(0x5e);
    uint40 internal start;

    function setUp() public virtual {
        // Ten days after the first values, so that no cooldown of theirs is left.
        start = uint40(vm.getBlockTimestamp()) + 10 days;
        steward = new RiskSteward(address(this), timelock, guardian);
        set(CAP, capBounds());
        set(MARGIN, marginBounds());
        set(RATIO, ratioBounds());
        set(TIME, timeBounds());
        setOne(CAP, 100e18);
        setOne(MARGIN, 0.05e18);
        setTwo(1.1572e18, start - 300 days);
        vm.prank(timelock);
        steward.setSteward(key, true, why());
        // Aave's figures of 2026-03-10: see RiskStewardCapo.t.sol.
        capo = new MockCapo(0.0875e18, 0.95e18, 1.2289e18);
        invariant_ = new MockInvariant();
        vm.warp(start);
    }

    /* BOUNDS */

    function capBounds() internal pure returns (Bounds memory) {
        return Bounds(1_000, true, 1 days, 0, 500e18, 0, 0, 0);
    }

    function marginBounds() internal pure returns (Bounds memory) {
        return Bounds(500, true, 1 days, 0.01e18, 0.5e18, 1, 0, 6 hours);
    }

    function ratioBounds() internal pure returns (Bounds memory) {
        return Bounds(300, true, 3 days, 1e18, 2e18, 0, CAPO, 1 hours);
    }

    function timeBounds() internal view returns (Bounds memory) {
        return Bounds(100, false, 3 days, start - 365 days, 4_000_000_000, 1, CAPO, 1 hours);
    }

    /// Any bounds that the contract accepts.
    function boundBounds(Bounds memory b) internal pure returns (Bounds memory) {
        b.maxStepBps = uint16(bound(b.maxStepBps, 1, type(uint16).max));
        b.cooldown = uint32(bound(b.cooldown, 1, 30 days));
        b.ceil = uint128(bound(b.ceil, 1, type(uint128).max));
        b.floor = uint128(bound(b.floor, 0, b.ceil));
        b.tightDirection = uint8(bound(b.tightDirection, 0, 1));
        b.coupledGroup = 0;
        b.ramp = uint32(bound(b.ramp, 0, b.cooldown));
        return b;
    }

    /* ACTIONS */

    function why() internal pure returns (Why memory) {
        return Why("test", EVIDENCE);
    }

    function set(bytes32 id, Bounds memory b) internal {
        vm.prank(timelock);
        steward.setBounds(id, b, why());
    }

    function ids1(bytes32 id) internal pure returns (bytes32[] memory l) {
        l = new bytes32[](1);
        l[0] = id;
    }

    function ids2(bytes32 a, bytes32 b) internal pure returns (bytes32[] memory l) {
        l = new bytes32[](2);
        (l[0], l[1]) = (a, b);
    }

    function values1(uint256 a) internal pure returns (uint256[] memory l) {
        l = new uint256[](1);
        l[0] = a;
    }

    function values2(uint256 a, uint256 b) internal pure returns (uint256[] memory l) {
        l = new uint256[](2);
        (l[0], l[1]) = (a, b);
    }

    function setOne(bytes32 id, uint256 value) internal {
        vm.prank(timelock);
        steward.setValues(ids1(id), values1(value), why());
    }

    function setTwo(uint256 ratio, uint256 time) internal {
        vm.prank(timelock);
        steward.setValues(ids2(RATIO, TIME), values2(ratio, time), why());
    }

    function proposeOne(bytes32 id, uint256 value) internal returns (bytes32) {
        vm.prank(key);
        return steward.propose(ids1(id), values1(value), MODEL, INPUTS);
    }

    function proposeTwo(uint256 ratio, uint256 time) internal returns (bytes32) {
        vm.prank(key);
        return steward.propose(ids2(RATIO, TIME), values2(ratio, time), MODEL, INPUTS);
    }

    function applyBatch(bytes32 batch) internal {
        vm.prank(key);
        steward.applyBatch(batch);
    }

    function move(bytes32 id, uint256 value) internal {
        applyBatch(proposeOne(id, value));
    }

    /// Proposes and expects the application to fail with `data`.
    function refused(bytes32 id, uint256 value, bytes memory data) internal {
        bytes32 batch = proposeOne(id, value);
        vm.expectRevert(data);
        applyBatch(batch);
    }

    function setInvariant(IRiskInvariant a) internal {
        IRiskInvariant[] memory list = new IRiskInvariant[](1);
        list[0] = a;
        vm.prank(timelock);
        steward.setInvariants(list, why());
    }

    function setInvariants(uint16 moveBps, uint16 partBps) internal {
        IRiskInvariant[] memory list = new IRiskInvariant[](2);
        list[0] = new OracleMoveInvariant(capo, moveBps);
        list[1] = new LiquidatableInvariant(capo, partBps);
        vm.prank(timelock);
        steward.setInvariants(list, why());
    }

    /* ERRORS */

    function stepError(bytes32 id, uint256 bps, uint256 max) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IRiskSteward.Steward_Step.selector, id, bps, max);
    }

    function cooldownError(bytes32 id, uint256 readyAt) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IRiskSteward.Steward_Cooldown.selector, id, readyAt);
    }

    function rangeError(bytes32 id, uint256 value) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IRiskSteward.Steward_Range.selector, id, value);
    }

    function errorWith(bytes4 selector, bytes32 word) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, word);
    }

    function notAllowed(address caller) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IRiskSteward.Steward_NotAllowed.selector, caller);
    }
}

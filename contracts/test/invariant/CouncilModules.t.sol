// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FlowLimiter} from "../../src/FlowLimiter.sol";
import {GuardianCouncil} from "../../src/GuardianCouncil.sol";
import {Limit} from "../../src/interfaces/IFlowLimiter.sol";
import {CouncilSetup} from "../CouncilSetup.t.sol";

/// Sends messages of all five kinds, signed by any of the five keys, to modules and others, while the timelock moves the
/// parameter both ways. What an act loosened, or did without a quorum, is counted.
contract CouncilModulesHandler is CouncilSetup {
    mapping(uint256 k => mapping(uint256 nonce => bool)) internal acted;
    uint256 public doubles;
    uint256 public shorts;
    uint256 public loosened;

    struct Look {
        uint128 capAbs;
        uint16 capBps;
        uint40 heldUntil;
        uint256 value;
        bool isSteward;
    }

    function look() internal view returns (Look memory l) {
        Limit memory limit = limiter.limitOf(address(token));
        (l.capAbs, l.capBps) = (limit.capAbs, limit.capBpsOfTvl);
        l.heldUntil = limiter.entryOf(1).heldUntil;
        (l.value, l.isSteward) = (steward.valueOf(PARAM), steward.isSteward(KEY));
    }

    function act(uint256 k, uint256 subset, uint256 nonce, uint256 x, uint256 y, bool stray) external {
        (k, nonce) = (k % KINDS, nonce % 16);
        address target = stray ? [address(breaker), address(timelock), moduleOf((k + 2) % KINDS)][x % 3] : moduleOf(k);
        bytes memory words = bytes.concat(headOf(k, target, x, y), endOf(nonce, nowAt() + 1 hours));
        bytes[] memory sigs = signSome(digestOfWords(k, words), subset % 32);
        Look memory before = look();
        (bool ok,) = tryCall(callOf(k, words, sigs));
        noteLooser(before, look());
        if (!ok) return;
        if (acted[k][nonce] || !council.isNonceUsed(kindOf(k), nonce)) ++doubles;
        acted[k][nonce] = true;
        if (sigs.length < 2) ++shorts;
    }

    function headOf(uint256 k, address target, uint256 x, uint256 y) internal view returns (bytes memory) {
        if (k == 0) return abi.encode(target, token, bound(x, 0, 2 * uint256(CAP)), y % 10_001, nowAt() + x % 4 days);
        if (k == 1) return abi.encode(target, 1, uint256(nowAt()) + x % 10 days);
        if (k == 2) return abi.encode(target, bytes32(x % 8), PERP, y);
        return k == 3 ? abi.encode(target, PARAM) : abi.encode(target, KEY);
    }

    function noteLooser(Look memory a, Look memory b) internal {
        bool cap = b.capAbs > a.capAbs || b.capBps > a.capBps || (b.capBps == 0 && a.capBps != 0);
        bool rest = b.heldUntil < a.heldUntil || b.value > a.value || (b.isSteward && !a.isSteward);
        if (cap || rest) ++loosened;
    }

    function move(uint256 value) external {
        setParam(bound(value, 0, 500e18));
    }

    function appoint() external {
        vm.prank(address(timelock));
        steward.setSteward(KEY, true, why());
    }

    function wait(uint256 time) external {
        vm.warp(vm.getBlockTimestamp() + bound(time, 1, 3 days));
    }

    function parts() external view returns (GuardianCouncil, FlowLimiter) {
        return (council, limiter);
    }
}

contract CouncilModulesInvariants is CouncilSetup {
    CouncilModulesHandler internal handler;

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function setUp() public override {
        handler = new CouncilModulesHandler();
        handler.setUp();
        (council, limiter) = handler.parts();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory selectors) {
        selectors = new FuzzSelector[](1);
        selectors[0].addr = address(handler);
        selectors[0].selectors = new bytes4[](4);
        selectors[0].selectors[0] = CouncilModulesHandler.act.selector;
        selectors[0].selectors[1] = CouncilModulesHandler.move.selector;
        selectors[0].selectors[2] = CouncilModulesHandler.appoint.selector;
        selectors[0].selectors[3] = CouncilModulesHandler.wait.selector;
    }

    function invariant_COUNCIL_11_noActLoosensAModule() external view {
        eq(handler.loosened(), 0, "acts that loosened");
    }

    function invariant_COUNCIL_11_aHoldEndsWithin72hOfBeingReady() external view {
        atMost(limiter.entryOf(1).heldUntil, uint256(limiter.entryOf(1).readyAt) + 72 hours, "held until");
    }

    function invariant_COUNCIL_05_fewerThanM1KeysActInNoModule() external view {
        eq(handler.shorts(), 0, "acts below m1");
    }

    function invariant_COUNCIL_02_noNonceActsTwiceInItsKind() external view {
        eq(handler.doubles(), 0, "acts of a nonce that acted before, or was not marked");
    }
}

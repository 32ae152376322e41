// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccountable} from "../../src/interfaces/IAccountable.sol";
import {Announcement, IBridgeGuard, Side, Tier, Transfer} from "../../src/interfaces/IBridgeGuard.sol";
import {IGuardianCouncil} from "../../src/interfaces/IGuardianCouncil.sol";
import {BridgeSetup} from "../BridgeSetup.t.sol";

/// Tiers, announcements and holds.
contract BridgeDelaysTest is BridgeSetup {
    function setUp() public override {
        super.setUp();
        connect(CAP, WINDOW, threeTiers());
    }

    function delayFor(uint256 level) internal pure returns (uint256) {
        if (level * 10 >= CAP * 9) return 1 days;
        if (level * 2 >= CAP) return 6 hours;
        if (level * 4 >= CAP) return 1 hours;
        return 0;
    }

    function notReady(bytes32 id, uint256 readyAt) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IBridgeGuard.Bridge_NotReady.selector, id, readyAt);
    }

    function held(bytes32 id, uint256 until) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IBridgeGuard.Bridge_Held.selector, id, uint40(until));
    }

    function badHold(uint256 until, uint256 min, uint256 max) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IBridgeGuard.Bridge_BadHold.selector, uint40(until), uint40(min), uint40(max));
    }

    function idOfMint(uint256 amount, uint64 nonce) internal view returns (bytes32) {
        return idAt(away, toAway(amount, nonce));
    }

    /* TIERS */

    function test_fuzz_BRIDGE_05_anAmountWaitsAsLongAsItsTier(uint256 amount, uint256 early) external {
        amount = edge(amount);
        uint256 delay = delayFor(amount);
        eq(away.guard.delayOf(home.chain, address(away.token), amount), delay, "delay");
        if (delay == 0) return mint(amount, 1);
        bytes32 id = idOfMint(amount, 1);
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_NotAnnounced.selector, id, delay));
        mint(amount, 1);
        uint256 start = nowAt();
        announce(amount, 1);
        vm.warp(start + bound(early, 0, delay - 1));
        vm.expectRevert(notReady(id, start + delay));
        mint(amount, 1);
        vm.warp(start + delay - 1);
        vm.expectRevert(notReady(id, start + delay));
        mint(amount, 1);
        vm.warp(start + delay);
        mint(amount, 1);
        eq(minted(), amount, "minted");
    }

    /// Half of the time at a tier's bound.
    function edge(uint256 x) internal pure returns (uint256) {
        uint256[6] memory edges = [CAP / 4 - 1, CAP / 4, CAP / 2 - 1, CAP / 2, CAP * 9 / 10 - 1, uint256(CAP) * 9 / 10];
        return x % 2 == 0 ? edges[(x >> 1) % 6] : bound(x, 1, CAP);
    }

    /// A cut-up sum waits as long as the whole one: the level counts, not the amount.
    function test_fuzz_BRIDGE_05_cuttingUpDoesNotShortenTheDelay(uint256 parts) external {
        parts = bound(parts, 2, 10);
        uint256 part = CAP / parts;
        uint256 start = nowAt();
        for (uint64 i; i < parts; ++i) announce(part, i);
        for (uint64 i; i < parts; ++i) {
            uint256 level = CAP - away.guard.available(home.chain, address(away.token)) + part;
            uint256 delay = delayFor(level);
            if (nowAt() < start + delay) {
                vm.expectRevert(notReady(idOfMint(part, i), start + delay));
                mint(part, i);
                vm.warp(start + delay);
            }
            mint(part, i);
        }
    }

    function test_BRIDGE_05_delaysAreOfTheLevelAtTheTimeOfArrival() external {
        uint256 start = nowAt();
        announce(CAP / 5, 2);
        mint(CAP / 5, 1);
        vm.expectRevert(notReady(idOfMint(CAP / 5, 2), start + 1 hours));
        mint(CAP / 5, 2);
        vm.warp(start + 1 hours);
        mint(CAP / 5, 2);
    }

    function test_BRIDGE_05_aReleaseWaitsToo() external {
        lock(CAP);
        Transfer memory t = toHome(CAP, 1);
        bytes[] memory sigs = attest(home, t);
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_NotAnnounced.selector, idAt(home, t), 1 days));
        release(CAP, 1);
        vm.chainId(home.chain);
        vm.prank(STRANGER);
        home.guard.announce(t, sigs);
        vm.warp(nowAt() + 1 days);
        release(CAP, 1);
    }

    function test_fuzz_BRIDGE_05_aDelayOfWhatHasNoRoomIsRefused(uint256 amount) external {
        eq(away.guard.delayOf(home.chain, address(away.token), CAP), 1 days, "all the room there is");
        amount = bound(amount, CAP + 1, type(uint256).max);
        vm.expectRevert(
            abi.encodeWithSelector(IBridgeGuard.Bridge_Route.selector, home.chain, address(away.token), amount - CAP)
        );
        away.guard.delayOf(home.chain, address(away.token), amount);
    }

    /* ANNOUNCEMENTS */

    function test_BRIDGE_05_anAnnouncementIsToldAndKeptUntilTheArrival() external {
        bytes32 id = idOfMint(CAP, 1);
        vm.expectEmit(address(away.guard));
        emit IBridgeGuard.Announced(id, home.chain, address(away.token), CAP);
        eq(announce(CAP, 1), id, "id");
        Announcement memory a = away.guard.announcementOf(id);
        eq(a.announcedAt, nowAt(), "announced at");
        eq(a.settledAt, nowAt() + 1 days, "settled at");
        eq(a.heldUntil, 0, "held until");
        vm.warp(nowAt() + 1);
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_Announced.selector, id));
        announce(CAP, 1);
        vm.warp(nowAt() + 1 days);
        mint(CAP, 1);
        eq(away.guard.announcementOf(id).announcedAt, 0, "after the arrival");
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_Seen.selector, id));
        announce(CAP, 1);
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_Unknown.selector, id));
        hold(timelock, id, nowAt() + 1);
    }

    function test_BRIDGE_05_anAnnouncementIsOfItsMessageAlone() external {
        announce(CAP, 1);
        vm.warp(nowAt() + 1 days);
        bytes32 id = idOfMint(CAP / 2, 1);
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_NotAnnounced.selector, id, 6 hours));
        mint(CAP / 2, 1);
        // Below the first tier nothing need be announced.
        mint(1, 1);
    }

    function test_BRIDGE_05_noRouteNoAnnouncement() external {
        Transfer memory t = toAway(1, 1);
        t.remote = 99;
        vm.expectRevert(
            abi.encodeWithSelector(IBridgeGuard.Bridge_Side.selector, 99, address(away.token), Side.NONE)
        );
        away.guard.announce(t, new bytes[](0));
    }

    /// What a thief of keys announced dies with the keys.
    function test_BRIDGE_05_anAnnouncedMessageIsAttestedAgain() external {
        announce(CAP, 1);
        address[] memory add = new address[](1);
        address[] memory drop = new address[](1);
        (add[0], drop[0]) = (STRANGER, vm.addr(attestorKeys[1]));
        vm.prank(timelock);
        away.guard.rotateAttestors(add, drop, why());
        vm.warp(nowAt() + 30 days);
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_BadSignature.selector, 1));
        mint(CAP, 1);
    }

    /* HOLDS */

    function test_fuzz_BRIDGE_05_aHeldMessageCannotArriveBeforeTheHoldsEnd(uint256 until, uint256 at, uint256 part)
        external
    {
        uint256 amount = bound(part, 1, CAP);
        bytes32 id = announce(amount, 1);
        uint256 start = nowAt();
        until = bound(until, start + 1, start + 1 days + 72 hours);
        hold(address(away.council), id, until);
        uint256 readyAt = start + delayFor(amount);
        at = bound(at, start, until - 1);
        vm.warp(at);
        vm.expectRevert(at < readyAt ? notReady(id, readyAt) : held(id, until));
        mint(amount, 1);
        // It ends by itself.
        vm.warp(until > readyAt ? until : readyAt);
        mint(amount, 1);
    }

    function test_fuzz_BRIDGE_05_m1GuardiansHoldByTheirSignatures(uint256 length) external {
        bytes32 id = announce(1, 1);
        uint40 until = uint40(bound(length, nowAt(), nowAt() + 1 days + 72 hours));
        IGuardianCouncil.Hold memory m =
            IGuardianCouncil.Hold(address(away.guard), uint256(id), until, "test", EVIDENCE, 7, nowAt() + 1 hours);
        bytes32 typeHash = keccak256(
            "Hold(address target,uint256 queueId,uint40 until,bytes32 reason,bytes32 evidence,uint256 nonce,uint256 deadline)"
        );
        bytes32 structHash = keccak256(
            abi.encode(typeHash, m.target, m.queueId, uint256(m.until), m.reason, m.evidence, m.nonce, m.deadline)
        );
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", away.council.domainSeparator(), structHash));
        bytes[] memory sigs = signAll(guardianKeys, 2, digest);
        vm.expectEmit(address(away.guard));
        emit IBridgeGuard.Held(id, until);
        away.council.holdBySig(m, sigs);
    }

    function test_fuzz_BRIDGE_05_theCouncilOnlyLengthensTo72hAfterTheDelay(uint256 first, uint256 second) external {
        bytes32 id = announce(1, 1);
        uint256 max = nowAt() + 1 days + 72 hours;
        first = bound(first, nowAt(), max);
        second = bound(around(second, second % 4 < 2 ? first : max), 0, 2 ** 40 - 1);
        vm.expectEmit(address(away.guard));
        emit IBridgeGuard.Held(id, uint40(first));
        vm.expectEmit(address(away.guard));
        emit IAccountable.Tightened(address(away.council), id, "test", EVIDENCE);
        hold(address(away.council), id, first);
        if (second <= first || second > max) vm.expectRevert(badHold(second, first, max));
        hold(address(away.council), id, second);
    }

    function test_fuzz_BRIDGE_05_theTimelockSetsAnyEndTo30DaysAfterTheDelay(uint256 until) external {
        bytes32 id = announce(1, 1);
        uint256 max = nowAt() + 1 days + 30 days;
        uint256 before = nowAt() + 1 days;
        hold(address(away.council), id, before);
        until = bound(around(until, before), 0, max + 1);
        if (until == 0 || until > max) {
            vm.expectRevert(badHold(until, 0, max));
        } else {
            vm.expectEmit(address(away.guard));
            emit IBridgeGuard.Held(id, uint40(until));
            vm.expectEmit(address(away.guard));
            if (until < before) emit IAccountable.Loosened(timelock, id, "test", EVIDENCE);
            else emit IAccountable.Tightened(timelock, id, "test", EVIDENCE);
        }
        hold(timelock, id, until);
    }

    function test_fuzz_BRIDGE_05_nobodyElseHolds(address caller) external {
        vm.assume(caller != timelock && caller != address(away.council));
        bytes32 id = announce(1, 1);
        uint256 until = nowAt() + 1;
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_NotAllowed.selector, caller));
        hold(caller, id, until);
    }

    function test_fuzz_BRIDGE_05_whatIsNotAnnouncedIsNotHeld(bytes32 id) external {
        address council = address(away.council);
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_Unknown.selector, id));
        hold(council, id, nowAt() + 1);
    }

    /* TIME */

    function test_fuzz_BRIDGE_05_aJumpOfTimeNeverLetsMoreThanTheCapArrive(uint256 jump) external {
        announce(CAP, 1);
        announce(CAP, 2);
        vm.warp(nowAt() + bound(jump, 1 days, 1_000 * 365 days));
        mint(CAP, 1);
        vm.expectRevert(
            abi.encodeWithSelector(IBridgeGuard.Bridge_Route.selector, home.chain, address(away.token), CAP)
        );
        mint(CAP, 2);
    }
}

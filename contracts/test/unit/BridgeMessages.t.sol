// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BridgeGuard} from "../../src/BridgeGuard.sol";
import {IAccountable} from "../../src/interfaces/IAccountable.sol";
import {BridgeConfig, IBridgeGuard, Route, Side, Transfer} from "../../src/interfaces/IBridgeGuard.sol";
import {Lane} from "../../src/libraries/BridgeTypes.sol";
import {MockWallet} from "../../src/mocks/MockWallet.sol";
import {BridgeSetup} from "../BridgeSetup.t.sol";

/// Attestations and the ids that they sign.
contract BridgeMessagesTest is BridgeSetup {
    uint256 internal constant CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    function badSignature(uint256 index) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IBridgeGuard.Bridge_BadSignature.selector, index);
    }

    function mintWith(Transfer memory t, bytes[] memory sigs) internal {
        vm.chainId(away.chain);
        away.bridge.mint(t, sigs);
    }

    function two(bytes memory a, bytes memory b) internal pure returns (bytes[] memory sigs) {
        sigs = new bytes[](2);
        (sigs[0], sigs[1]) = (a, b);
    }

    /* QUORUM */

    function test_fuzz_BRIDGE_02_theQuorumIsAtLeastTwo(uint256 quorum, uint256 count) external {
        BridgeConfig memory c = guardConfig(home);
        quorum = bound(quorum, 0, 9);
        address[] memory attestors = new address[](bound(count, 0, 9));
        for (uint256 i; i < attestors.length; ++i) attestors[i] = address(uint160(i + 1));
        c.quorum = quorum;
        if (quorum >= 2 && attestors.length >= quorum && attestors.length <= 7) {
            eq(new BridgeGuard(c, attestors).quorum(), quorum, "quorum");
            return;
        }
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_BadQuorum.selector, attestors.length, quorum));
        new BridgeGuard(c, attestors);
    }

    function test_BRIDGE_02_anAttestorCountsOnce() external {
        BridgeConfig memory c = guardConfig(home);
        address[] memory attestors = new address[](2);
        (attestors[0], attestors[1]) = (ALICE, ALICE);
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_BadAttestor.selector, ALICE));
        new BridgeGuard(c, attestors);
        attestors[1] = address(0);
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_BadAttestor.selector, address(0)));
        new BridgeGuard(c, attestors);
    }

    function test_fuzz_BRIDGE_02_oneAttestorAloneMovesNothing(uint256 which, uint256 amount) external {
        Transfer memory t = toAway(bound(amount, 1, CAP), 1);
        bytes[] memory sigs = new bytes[](1);
        sigs[0] = signOne(attestorKeys[which % 3], digestAt(away, t));
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_Attestors.selector, 1, 2));
        mintWith(t, sigs);
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_Attestors.selector, 0, 2));
        mintWith(t, new bytes[](0));
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_Attestors.selector, 1, 2));
        away.guard.announce(t, sigs);
    }

    function test_fuzz_BRIDGE_02_anyTwoAttestorsSuffice(uint256 without, bool all) external {
        Transfer memory t = toAway(1, 1);
        without %= 3;
        bytes32 digest = digestAt(away, t);
        bytes[] memory sigs = all
            ? signAll(attestorKeys, 3, digest)
            : two(
                signOne(attestorKeys[without == 0 ? 1 : 0], digest), signOne(attestorKeys[without == 2 ? 1 : 2], digest)
            );
        mintWith(t, sigs);
        eq(away.token.balanceOf(ALICE), 1, "minted");
    }

    function test_fuzz_BRIDGE_02_copiesOfOneSignatureNeverCountTwice(uint256 form) external {
        Transfer memory t = toAway(1, 1);
        bytes32 digest = digestAt(away, t);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(attestorKeys[0], digest);
        bytes memory sig = abi.encodePacked(r, s, v);
        form %= 5;
        bytes memory copy = sig;
        if (form == 1) copy = abi.encodePacked(r, CURVE_ORDER - uint256(s), v == 27 ? uint8(28) : uint8(27));
        if (form == 2) copy = abi.encodePacked(r, bytes32(uint256(s) | (uint256(v - 27) << 255)));
        if (form == 3) copy = abi.encodePacked(sig, uint8(0));
        if (form == 4) copy = abi.encodePacked(vm.addr(attestorKeys[0]), sig);
        vm.expectRevert(
            form == 0 ? abi.encodeWithSelector(IBridgeGuard.Bridge_NotSorted.selector) : badSignature(1)
        );
        mintWith(t, two(sig, copy));
    }

    function test_BRIDGE_02_unsortedStrangeAndBrokenSignaturesAreRefused() external {
        Transfer memory t = toAway(1, 1);
        bytes32 digest = digestAt(away, t);
        bytes[] memory good = attest(away, t);
        vm.expectRevert(IBridgeGuard.Bridge_NotSorted.selector);
        mintWith(t, two(good[1], good[0]));
        vm.expectRevert(badSignature(0));
        mintWith(t, two(signOne(guardianKeys[0], digest), good[1]));
        bytes[5] memory broken;
        broken[1] = hex"00";
        broken[2] = new bytes(19);
        broken[3] = new bytes(64);
        broken[4] = new bytes(65);
        for (uint256 i; i < broken.length; ++i) {
            vm.expectRevert(badSignature(1));
            mintWith(t, two(good[0], broken[i]));
        }
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_BadLength.selector, 8, 7));
        mintWith(t, new bytes[](8));
    }

    function test_fuzz_BRIDGE_02_signaturesBindChainAndGuard(uint64 chain, address guard) external {
        vm.assume(chain != away.chain && guard != address(away.guard));
        Transfer memory t = toAway(1, 1);
        bytes32 id = idAt(away, t);
        // Another digest recovers to some other account.
        bytes32 digest = digestFor(id, address(away.guard), chain);
        vm.expectRevert(badSignature(0));
        mintWith(t, signAll(attestorKeys, 2, digest));
        digest = digestFor(id, guard, away.chain);
        vm.expectRevert(badSignature(0));
        mintWith(t, signAll(attestorKeys, 2, digest));
    }

    function test_fuzz_BRIDGE_02_afterAChainSplitOldSignaturesFail(uint64 chain) external {
        vm.assume(chain != 0 && chain != away.chain);
        Transfer memory t = toAway(1, 1);
        bytes[] memory sigs = attest(away, t);
        vm.chainId(chain);
        vm.expectRevert(badSignature(0));
        away.bridge.mint(t, sigs);
    }

    /* CONTRACTS THAT ATTEST */

    function withWallet(bytes32 digest, MockWallet.Mode mode) internal returns (MockWallet wallet) {
        wallet = new MockWallet();
        wallet.set(mode, digest, 0);
        address[] memory add = new address[](1);
        add[0] = address(wallet);
        vm.prank(timelock);
        away.guard.rotateAttestors(add, new address[](0), why());
    }

    function sorted(address a, bytes memory sigA, address b, bytes memory sigB) internal pure returns (bytes[] memory) {
        return a < b ? two(sigA, sigB) : two(sigB, sigA);
    }

    function test_BRIDGE_02_aContractAttests() external {
        Transfer memory t = toAway(1, 1);
        MockWallet wallet = withWallet(digestAt(away, t), MockWallet.Mode.VALID);
        bytes memory sig = signOne(attestorKeys[0], digestAt(away, t));
        bytes memory contractSig = abi.encodePacked(wallet, hex"01");
        mintWith(t, sorted(vm.addr(attestorKeys[0]), sig, address(wallet), contractSig));
        eq(away.token.balanceOf(ALICE), 1, "minted");
    }

    function test_fuzz_BRIDGE_02_aBrokenContractLosesOnlyItsVote(uint8 mode) external {
        MockWallet.Mode bad = MockWallet.Mode(uint8(bound(mode, 1, 5)));
        Transfer memory t = toAway(1, 1);
        bytes32 digest = digestAt(away, t);
        MockWallet wallet = withWallet(digest, bad);
        bytes memory contractSig = abi.encodePacked(wallet, hex"01");
        bytes memory sig = signOne(attestorKeys[0], digest);
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_Attestors.selector, 1, 2));
        mintWith(t, sorted(vm.addr(attestorKeys[0]), sig, address(wallet), contractSig));
        bytes[] memory sigs = new bytes[](3);
        uint256 place;
        while (place < 2 && vm.addr(attestorKeys[place]) < address(wallet)) ++place;
        for ((uint256 i, uint256 k) = (0, 0); i < 3; ++i) {
            sigs[i] = i == place ? contractSig : signOne(attestorKeys[k++], digest);
        }
        mintWith(t, sigs);
    }

    function test_fuzz_BRIDGE_02_aStrangersContractIsNotAsked(uint256 gasLimit) external {
        MockWallet wallet = new MockWallet();
        wallet.set(MockWallet.Mode.BURNS, 0, 0);
        Transfer memory t = toAway(1, 1);
        bytes[] memory sigs = new bytes[](1);
        sigs[0] = abi.encodePacked(wallet, hex"01");
        vm.chainId(away.chain);
        gasLimit = bound(gasLimit, 100_000, 1_000_000);
        vm.expectRevert(badSignature(0));
        away.guard.announce{gas: gasLimit}(t, sigs);
    }

    function test_BRIDGE_02_aRelayerCannotStarveAContractOfGas() external {
        Transfer memory t = toAway(1, 1);
        MockWallet wallet = withWallet(digestAt(away, t), MockWallet.Mode.VALID);
        bytes[] memory sigs = new bytes[](1);
        sigs[0] = abi.encodePacked(wallet, hex"01");
        vm.chainId(away.chain);
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_GasTooLow.selector, 159_375));
        away.guard.announce{gas: 160_000}(t, sigs);
    }

    /* ROTATION */

    function rotate(address add, address drop) internal {
        address[] memory adds = new address[](add == address(0) ? 0 : 1);
        address[] memory drops = new address[](drop == address(0) ? 0 : 1);
        if (adds.length > 0) adds[0] = add;
        if (drops.length > 0) drops[0] = drop;
        vm.prank(timelock);
        away.guard.rotateAttestors(adds, drops, why());
    }

    function test_BRIDGE_02_aDroppedAttestorNoLongerCounts() external {
        Transfer memory t = toAway(1, 1);
        bytes[] memory sigs = attest(away, t);
        rotate(address(0), vm.addr(attestorKeys[0]));
        vm.expectRevert(badSignature(0));
        mintWith(t, sigs);
        eq(away.guard.attestors().length, 2, "attestors");
    }

    function test_BRIDGE_02_noRotationGoesBelowTheQuorumOrAboveSeven() external {
        rotate(address(0), vm.addr(attestorKeys[0]));
        address second = vm.addr(attestorKeys[1]);
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_BadQuorum.selector, 1, 2));
        rotate(address(0), second);
        rotate(STRANGER, second);
        for (uint160 i = 1; i <= 5; ++i) rotate(address(i), address(0));
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_BadQuorum.selector, 8, 2));
        rotate(address(6), address(0));
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_BadAttestor.selector, ALICE));
        rotate(address(0), ALICE);
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_BadAttestor.selector, STRANGER));
        rotate(STRANGER, address(0));
        eq(away.guard.quorum(), 2, "quorum");
    }

    function test_SYS_02_aRotationIsTold() external {
        address[] memory add = new address[](1);
        add[0] = STRANGER;
        vm.expectEmit(address(away.guard));
        emit IBridgeGuard.AttestorsRotated(add, new address[](0));
        vm.expectEmit(address(away.guard));
        emit IAccountable.Loosened(timelock, bytes32(bytes20(address(away.guard))), "test", EVIDENCE);
        rotate(STRANGER, address(0));
        vm.expectEmit(address(away.guard));
        emit IAccountable.Tightened(timelock, bytes32(bytes20(address(away.guard))), "test", EVIDENCE);
        rotate(address(0), STRANGER);
    }

    /* MESSAGES */

    function test_fuzz_BRIDGE_03_bothEndsAgreeOnTheId(uint256 amount, uint8 before) external {
        amount = bound(amount, 1, 1e30);
        for (uint256 i; i < before % 4; ++i) lock(1);
        uint64 nonce = uint64(before % 4) + 1;
        bytes32 want = idAt(away, toAway(amount, nonce));
        vm.expectEmit(address(home.guard));
        emit IBridgeGuard.Sent(want, away.chain, address(home.token), amount, ALICE, nonce);
        eq(lock(amount), want, "lock");
        eq(away.guard.messageId(toAway(amount, nonce)), want, "at the other end");
        (, uint64 last) = home.guard.bookOf(away.chain, address(home.token));
        eq(last, nonce, "last nonce");
    }

    function test_fuzz_BRIDGE_03_bothEndsAgreeOnTheWayBack(uint256 amount) external {
        amount = bound(amount, 1, CAP);
        mint(amount, 7);
        bytes32 want = idAt(home, toHome(amount, 1));
        vm.expectEmit(address(away.guard));
        emit IBridgeGuard.Sent(want, home.chain, address(away.token), amount, ALICE, 1);
        eq(burn(amount), want, "burn");
        eq(home.guard.messageId(toHome(amount, 1)), want, "at the other end");
    }

    function test_fuzz_BRIDGE_03_aMessageIsProcessedOnce(uint256 amount, uint64 nonce) external {
        amount = bound(amount, 1, CAP / 2);
        lock(2 * amount);
        bytes32 id = idAt(away, toAway(amount, nonce));
        vm.expectEmit(address(away.guard));
        emit IBridgeGuard.Relayed(id, home.chain, address(away.token), amount);
        mint(amount, nonce);
        yes(away.guard.isSeen(home.chain, address(away.token), nonce), "seen");
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_Seen.selector, id));
        mint(amount, nonce);
        id = idAt(home, toHome(amount, nonce));
        vm.expectEmit(address(home.guard));
        emit IBridgeGuard.Relayed(id, away.chain, address(home.token), amount);
        release(amount, nonce);
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_Seen.selector, id));
        release(amount, nonce);
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_Seen.selector, idAt(away, toAway(amount, nonce))));
        announce(amount, nonce);
    }

    function test_fuzz_BRIDGE_03_noncesDoNotTouchEachOther(uint64 a, uint64 b) external {
        vm.assume(a != b);
        mint(1, a);
        no(away.guard.isSeen(home.chain, address(away.token), b), "other nonce");
        mint(1, b);
    }

    /// Any change of what was attested makes it a message that nobody signed.
    function test_fuzz_BRIDGE_03_theIdBindsEveryField(uint256 field, uint256 amount, address receiver, uint64 nonce)
        external
    {
        Transfer memory t = toAway(5, 5);
        bytes[] memory sigs = attest(away, t);
        field %= 3;
        if (field == 0) t.amount = bound(amount, 6, CAP);
        else if (field == 1) t.receiver = receiver == ALICE ? STRANGER : receiver;
        else t.nonce = nonce == 5 ? 6 : nonce;
        vm.expectRevert(badSignature(0));
        mintWith(t, sigs);
    }

    function test_fuzz_BRIDGE_03_theIdBindsBothEnds(uint256 field, address other, uint64 chain) external {
        vm.assume(other != address(0) && chain != 0);
        Lane memory l = laneTo(away, home);
        field %= 6;
        if (field == 0) l.source = chain;
        else if (field == 1) l.destination = chain;
        else if (field == 2) l.sourceGuard = other;
        else if (field == 3) l.destinationGuard = other;
        else if (field == 4) l.sourceToken = other;
        else l.destinationToken = other;
        bytes32 id = idOf(l, 5, ALICE, 5);
        vm.assume(id != idAt(away, toAway(5, 5)));
        vm.expectRevert(badSignature(0));
        mintWith(toAway(5, 5), signAll(attestorKeys, 2, digestFor(id, address(away.guard), away.chain)));
    }

    function test_BRIDGE_03_aMessageCannotTurnBack() external {
        lock(10);
        mint(10, 1);
        Transfer memory t = toAway(10, 2);
        bytes[] memory sigs = attest(away, t);
        vm.chainId(home.chain);
        vm.expectRevert(badSignature(0));
        home.bridge.release(toHome(10, 2), sigs);
    }

    function test_BRIDGE_03_aNewPeerHasNoncesOfItsOwn() external {
        mint(1, 1);
        Route memory route = routeTo(home, Side.REMOTE, CAP, WINDOW, noTiers());
        route.peer = STRANGER;
        setRoute(away, home.chain, route);
        no(away.guard.isSeen(home.chain, address(away.token), 1), "seen");
        bytes32 id = away.guard.messageId(toAway(1, 1));
        mintWith(toAway(1, 1), signAll(attestorKeys, 2, digestFor(id, address(away.guard), away.chain)));
        route.peer = address(home.guard);
        setRoute(away, home.chain, route);
        yes(away.guard.isSeen(home.chain, address(away.token), 1), "still seen from the old one");
    }
}

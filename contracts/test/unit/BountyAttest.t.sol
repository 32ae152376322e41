// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BountyVault} from "../../src/BountyVault.sol";
import {Attestation, IBountyVault, Report, ReportState} from "../../src/interfaces/IBountyVault.sol";
import {Terms} from "../../src/interfaces/IBountyRules.sol";
import {BountyMath} from "../../src/libraries/BountyMath.sol";
import {Panel} from "../../src/libraries/Panel.sol";
import {BountySetup} from "../BountySetup.t.sol";

/// Signatures, roots and the price.
contract BountyAttestTest is BountySetup {
    uint256 internal constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    function badSignature(uint256 index) internal pure returns (bytes memory) {
        return with(Panel.Panel_BadSignature.selector, index);
    }

    /* SIGNATURES */

    function test_BOUNTY_08_enoughMembersDecide(uint8 subset) external {
        (bytes32 id, Attestation memory a) = ready();
        uint256 count;
        for (uint256 i; i < 5; ++i) if (subset & (1 << i) != 0) ++count;
        bytes[] memory sigs = new bytes[](count);
        uint256 next;
        for (uint256 i; i < 5; ++i) if (subset & (1 << i) != 0) sigs[next++] = signOne(keys[i], digestOf(a));
        if (count < 3) refuse(abi.encodeWithSelector(Panel.Panel_TooFew.selector, count, 3));
        vault.attest(a, sigs);
        isState(id, count < 3 ? ReportState.REVEALED : ReportState.ATTESTED);
    }

    function test_fuzz_BOUNTY_08_aSignatureCountsOnce(uint256 twice, uint256 place) external {
        (, Attestation memory a) = ready();
        bytes[] memory sigs = signAll(3, digestOf(a));
        (twice, place) = (twice % 3, place % 2);
        if (twice == place) place = 2;
        if (twice > place) (twice, place) = (place, twice);
        sigs[place] = sigs[twice];
        refuse(with(Panel.Panel_NotSorted.selector, place));
        vault.attest(a, sigs);
    }

    function test_fuzz_BOUNTY_08_aMalleatedSignatureDoesNotCount(uint256 index) external {
        (, Attestation memory a) = ready();
        index %= 3;
        bytes[] memory sigs = signAll(3, digestOf(a));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keys[index], digestOf(a));
        sigs[index] = abi.encodePacked(r, bytes32(ORDER - uint256(s)), v == 27 ? uint8(28) : uint8(27));
        refuse(badSignature(index));
        vault.attest(a, sigs);
    }

    function test_fuzz_BOUNTY_08_aShortOrCompactSignatureDoesNotCount(uint256 index, uint256 size) external {
        (, Attestation memory a) = ready();
        index %= 3;
        bytes[] memory sigs = signAll(3, digestOf(a));
        bytes memory sig = sigs[index];
        size = bound(size, 0, 64);
        assembly {
            mstore(sig, size)
        }
        refuse(badSignature(index));
        vault.attest(a, sigs);
    }

    function test_fuzz_BOUNTY_08_aStrangersSignatureDoesNotCount(uint256 key, uint256 index) external {
        (, Attestation memory a) = ready();
        bytes[] memory sigs = signAll(3, digestOf(a));
        key = bound(key, 1, 2 ** 200);
        index %= 3;
        sigs[index] = signOne(key, digestOf(a));
        refuse(badSignature(index));
        vault.attest(a, sigs);
    }

    function test_fuzz_BOUNTY_08_anotherChainOrVaultDoesNotCount(uint64 chain, address other) external {
        (, Attestation memory a) = ready();
        vm.assume(chain != block.chainid && other != address(vault));
        bytes[] memory sigs = signAll(3, digestFor(a, chain, address(vault)));
        vm.expectRevert();
        vault.attest(a, sigs);
        sigs = signAll(3, digestFor(a, block.chainid, other));
        vm.expectRevert();
        vault.attest(a, sigs);
        vault.attest(a, signAll(3, digestOf(a)));
    }

    function test_fuzz_BOUNTY_08_everyFieldIsSigned(uint256 field) external {
        (bytes32 id, Attestation memory a) = ready();
        bytes[] memory sigs = signAll(3, digestOf(a));
        field %= 6;
        if (field == 0) a.reportId = report("other", BOB);
        if (field == 1) a.rootId = report("other", BOB);
        if (field == 2) a.severity = 2;
        if (field == 3) a.fundsAtRisk += 1;
        if (field == 4) a.awardBps -= 1;
        if (field == 5) a.deadline += 1;
        vm.expectRevert();
        vault.attest(a, sigs);
        isState(id, ReportState.REVEALED);
    }

    function test_fuzz_BOUNTY_08_anOldOrFarDeadlineIsRefused(uint32 late, uint32 far) external {
        (bytes32 id, Attestation memory a) = ready();
        a.deadline = nowAt() + 7 days + bound(far, 1, 3_650 days);
        bytes[] memory sigs = signAll(3, digestOf(a));
        uint256 max = nowAt() + 7 days;
        refuse(abi.encodeWithSelector(IBountyVault.Bounty_TooFar.selector, a.deadline, max));
        vault.attest(a, sigs);
        a.deadline = nowAt() + 1 days;
        sigs = signAll(3, digestOf(a));
        wait(1 days + bound(late, 1, 365 days));
        refuse(with(IBountyVault.Bounty_Expired.selector, a.deadline));
        vault.attest(a, sigs);
        isState(id, ReportState.REVEALED);
    }

    function test_fuzz_BOUNTY_08_aDismissedAttestorDoesNotCount(uint256 key) external {
        (, Attestation memory a) = ready();
        bytes[] memory sigs = signAll(3, digestOf(a));
        address[] memory list = memberList();
        list[1] = vm.addr(bound(key, 1, 2 ** 200));
        vm.prank(timelock);
        rules.setAttestors(list, 3, why());
        refuse(badSignature(1));
        vault.attest(a, sigs);
    }

    function test_fuzz_BOUNTY_02_anAttestationCountsOnce(uint16 bps) external {
        (bytes32 id, Attestation memory a) = ready();
        a.awardBps = uint16(bound(bps, 0, 10_000));
        bytes[] memory sigs = signAll(3, digestOf(a));
        vault.attest(a, sigs);
        refuse(stateError(id, ReportState.ATTESTED));
        vault.attest(a, sigs);
    }

    /* TIMES */

    function test_fuzz_BOUNTY_01_nothingIsAttestedInTheBlindWindow(uint256 time) external {
        bytes32 id = report(REPORT, ALICE);
        uint256 openAt = nowAt() + 72 hours;
        time = bound(time, 0, 72 hours - 1);
        wait(time);
        Attestation memory a = attestation(id, id, 10_000);
        bytes[] memory sigs = signAll(3, digestOf(a));
        refuse(with(IBountyVault.Bounty_TooEarly.selector, openAt));
        vault.attest(a, sigs);
        vm.warp(openAt);
        attest(attestation(id, id, 10_000));
    }

    /* PRICE */

    function test_BOUNTY_04_theExampleOfTheSpecification() external {
        bytes32 id = attested();
        eq(vault.rootOf(id).base, 320_000e18, "base");
        eq(vault.awardOf(id), 320_000e18, "award");
    }

    function test_fuzz_BOUNTY_04_theBaseStaysWithinTierAndShare(uint256 risk, uint8 severity, uint256 free) external {
        severity %= 4;
        free = bound(free, 10, 1e30);
        token.burn(address(vault), 2 * MILLION);
        token.mint(address(vault), free);
        bytes32 id = report(REPORT, ALICE);
        wait(72 hours);
        attest(Attestation(id, id, severity, risk, 10_000, nowAt()));
        Terms memory t = terms();
        uint256 base = vault.rootOf(id).base;
        uint256 share = free / 2;
        atMost(base, share, "share");
        atMost(base, t.tiers[severity].cap, "cap");
        if (base < share) atMost(t.tiers[severity].floor, base, "floor");
        uint256 max = risk < 1e60 ? risk * t.tiers[severity].bps / 10_000 : type(uint256).max;
        bool isInside = base < share && base < t.tiers[severity].cap && base > t.tiers[severity].floor;
        if (isInside) eq(base, max, "share of risk");
        eq(vault.funds().reserved, base, "reserved");
    }

    function test_BOUNTY_02_nothingIsPromisedWithoutFunds() external {
        token.burn(address(vault), 2 * MILLION);
        (, Attestation memory a) = ready();
        bytes[] memory sigs = signAll(3, digestOf(a));
        refuse(with(IBountyVault.Bounty_Reserved.selector, 0));
        vault.attest(a, sigs);
    }

    function test_fuzz_BOUNTY_02_badAwardsAreRefused(uint8 severity, uint16 bps) external {
        (bytes32 id, Attestation memory a) = ready();
        (a.severity, a.awardBps) = (severity, bps);
        bytes[] memory sigs = signAll(3, digestOf(a));
        bool bad = severity > 3 || bps > 10_000;
        if (bad) refuse(abi.encodeWithSelector(IBountyVault.Bounty_BadAward.selector, severity, bps));
        vault.attest(a, sigs);
        isState(id, bad ? ReportState.REVEALED : ReportState.ATTESTED);
    }

    /* ROOTS */

    function test_fuzz_BOUNTY_02_theSharesOfARootSumUpTo10000(uint16[4] calldata bps) external {
        bytes32[4] memory ids;
        for (uint256 i; i < 4; ++i) ids[i] = report(bytes32(i + 1), address(uint160(i + 1)));
        wait(72 hours);
        uint256 sum;
        for (uint256 i; i < 4; ++i) {
            uint256 part = bound(bps[i], 1, 10_000);
            Attestation memory a = attestation(ids[i], ids[0], part);
            bytes[] memory sigs = signAll(3, digestOf(a));
            bool over = sum + part > 10_000;
            if (over) refuse(abi.encodeWithSelector(IBountyVault.Bounty_ShareSpent.selector, ids[0], 10_000 - sum));
            else sum += part;
            vault.attest(a, sigs);
        }
        eq(vault.rootOf(ids[0]).awardedBps, sum, "given");
        eq(vault.funds().reserved, vault.rootOf(ids[0]).base, "reserved once");
        uint256 awards;
        for (uint256 i; i < 4; ++i) awards += vault.awardOf(ids[i]);
        atMost(awards, vault.rootOf(ids[0]).base, "awards");
    }

    function test_BOUNTY_01_noReportJoinsARootOfALaterOne() external {
        bytes32 early = report(REPORT, ALICE);
        bytes32 late = report("other", BOB);
        wait(72 hours);
        attest(attestation(late, late, 5_000));
        Attestation memory a = attestation(early, late, 4_545);
        bytes[] memory sigs = signAll(3, digestOf(a));
        refuse(abi.encodeWithSelector(IBountyVault.Bounty_BadRoot.selector, late));
        vault.attest(a, sigs);
    }

    function test_fuzz_BOUNTY_01_aRootIsAReportThatWasPriced(bytes32 root) external {
        (bytes32 id, Attestation memory a) = ready();
        vm.assume(root != id);
        a.rootId = root;
        bytes[] memory sigs = signAll(3, digestOf(a));
        refuse(abi.encodeWithSelector(IBountyVault.Bounty_BadRoot.selector, root));
        vault.attest(a, sigs);
    }

    function test_fuzz_BOUNTY_02_whatNobodyGotIsFreeAfter60Days(uint16 bps) external {
        bps = uint16(bound(bps, 1, 10_000));
        (bytes32 id, Attestation memory a) = ready();
        a.awardBps = bps;
        attest(a);
        uint256 until = nowAt() + 60 days;
        wait(60 days - 1);
        refuse(with(IBountyVault.Bounty_TooEarly.selector, until));
        vault.closeRoot(id);
        wait(1);
        vault.closeRoot(id);
        uint256 base = 320_000e18;
        eq(vault.funds().reserved, base - base * (10_000 - bps) / 10_000, "reserved");
        vault.closeRoot(id);
        eq(vault.funds().reserved, base - base * (10_000 - bps) / 10_000, "freed once");
        bytes32 late = report("late", BOB);
        wait(72 hours);
        a = attestation(late, id, 1);
        bytes[] memory sigs = signAll(3, digestOf(a));
        refuse(abi.encodeWithSelector(IBountyVault.Bounty_ShareSpent.selector, id, 0));
        vault.attest(a, sigs);
        vault.payout(id);
        eq(vault.reportOf(id).award, base * bps / 10_000, "award");
    }

    function test_fuzz_BOUNTY_02_noRootNothingToClose(bytes32 root) external {
        refuse(abi.encodeWithSelector(IBountyVault.Bounty_BadRoot.selector, root));
        vault.closeRoot(root);
    }

    /* PROVERS */

    function test_fuzz_BOUNTY_09_aProofReservesTheFloor(uint8 severity, bytes32 id) external {
        severity %= 4;
        vm.prank(prover);
        uint256 reserved = vault.reserveProven(id, ALICE, severity);
        eq(reserved, terms().tiers[severity].floor, "floor");
        eq(vault.funds().reserved, reserved, "reserved");
        eq(vault.awardOf(id), reserved, "award");
        Report memory r = vault.reportOf(id);
        eq(r.severity, severity, "severity");
        eq(r.committedAt, nowAt(), "place");
        refuse(stateError(id, ReportState.REVEALED));
        vm.prank(prover);
        vault.reserveProven(id, ALICE, severity);
    }

    function test_fuzz_BOUNTY_09_onlyProversReserve(address caller, uint8 severity) external {
        vm.assume(caller != prover);
        refuse(abi.encodeWithSelector(IBountyVault.Bounty_NotAllowed.selector, caller));
        vm.prank(caller);
        vault.reserveProven("id", ALICE, 3);
        vm.prank(timelock);
        rules.setProver(prover, false, why());
        refuse(abi.encodeWithSelector(IBountyVault.Bounty_NotAllowed.selector, prover));
        vm.prank(prover);
        vault.reserveProven("id", ALICE, 3);
        vm.prank(timelock);
        rules.setProver(prover, true, why());
        severity = uint8(bound(severity, 4, 255));
        refuse(abi.encodeWithSelector(IBountyVault.Bounty_BadAward.selector, severity, 0));
        vm.prank(prover);
        vault.reserveProven("id", ALICE, severity);
        refuse(abi.encodeWithSelector(IBountyVault.Bounty_BadAward.selector, 3, 0));
        vm.prank(prover);
        vault.reserveProven("id", address(0), 3);
    }

    function test_fuzz_BOUNTY_09_aDecisionGivesAProvenReportNoLessThanItsFloor(uint256 balance, uint256 risk) external {
        vm.prank(prover);
        uint256 floor = vault.reserveProven("id", ALICE, 3);
        // All but the floor is gone: half of what is free then would be less.
        token.burn(address(vault), 2 * MILLION);
        token.mint(address(vault), bound(balance, floor, 3 * floor));
        wait(72 hours);
        attest(Attestation("id", "id", 3, bound(risk, 0, 1e30), 10_000, nowAt()));
        atMost(floor, vault.awardOf("id"), "award");
        eq(vault.funds().reserved, vault.awardOf("id"), "the floor is in it");
        atMost(vault.funds().reserved, token.balanceOf(address(vault)), "held");
    }

    function test_BOUNTY_09_aRejectedProofFreesItsFloor() external {
        vm.prank(prover);
        uint256 floor = vault.reserveProven("id", ALICE, 3);
        wait(72 hours);
        attest(attestation("id", "id", 0));
        eq(vault.funds().reserved, floor, "until it is final");
        wait(3 days);
        vault.payout("id");
        isState("id", ReportState.REJECTED);
        eq(vault.funds().reserved, 0, "freed");
        eq(vault.owed(ALICE), 0, "nothing");
    }

    /* SHARES */

    function test_fuzz_BOUNTY_02_theSharesOfDuplicatesFitInto10000(uint256 count) external pure {
        count = bound(count, 1, 40);
        uint256 first = BountyMath.shareBpsDown(count, true);
        uint256 other = BountyMath.shareBpsDown(count, false);
        atMost(first + (count - 1) * other, 10_000, "sum");
        atMost(other, first, "the first gets most");
        // Splitting oneself up never pays: j of m + j others' shares are no more than one of m + 1.
        for (uint256 j = 1; j < 6; ++j) {
            uint256 later = BountyMath.shareBpsDown(count + j - 1, false);
            atMost(BountyMath.shareBpsDown(count + j - 1, true) + (j - 1) * later, first, "splitting the first");
        }
    }
}

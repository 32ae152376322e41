// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Attestation, IBountyVault, Report, ReportState, Ruling} from "../../src/interfaces/IBountyVault.sol";
import {Why} from "../../src/libraries/Why.sol";
import {BountySetup} from "../BountySetup.t.sol";

/// Challenges, silence, rulings, vesting.
contract BountyDisputeTest is BountySetup {
    function expired(uint256 at_) internal pure returns (bytes memory) {
        return with(IBountyVault.Bounty_Expired.selector, at_);
    }

    function early(uint256 at_) internal pure returns (bytes memory) {
        return with(IBountyVault.Bounty_TooEarly.selector, at_);
    }

    /* SEVERITY */

    function test_fuzz_BOUNTY_05_nobodyButTheArbitratorChangesADecision(address caller, uint8 severity) external {
        vm.assume(caller != arbitrator);
        bytes32 id = attested();
        Attestation memory a = attestation(id, id, 5_000);
        a.severity = severity % 4;
        bytes[] memory sigs = signAll(5, digestOf(a));
        refuse(stateError(id, ReportState.ATTESTED));
        vault.attest(a, sigs);
        challenge(id, ALICE);
        refuse(abi.encodeWithSelector(IBountyVault.Bounty_NotAllowed.selector, caller));
        vm.prank(caller);
        vault.rule(id, ruling(id, 0), why());
        eq(vault.reportOf(id).severity, 3, "severity");
        eq(vault.awardOf(id), 320_000e18, "award");
    }

    function test_fuzz_BOUNTY_05_theArbitratorsWordIsFinal(uint8 severity, uint256 risk, uint16 bps) external {
        bytes32 id = attested();
        challenge(id, owner);
        Ruling memory r = Ruling(id, severity % 4, bound(risk, 0, 1e30), uint16(bound(bps, 0, 10_000)), 0);
        rule(id, r);
        eq(vault.reportOf(id).severity, r.severity, "severity");
        uint256 award = vault.awardOf(id);
        eq(award, uint256(vault.rootOf(id).base) * r.awardBps / 10_000, "award");
        refuse(stateError(id, ReportState.RULED));
        rule(id, ruling(id, 10_000));
        vault.payout(id);
        isState(id, award == 0 ? ReportState.REJECTED : ReportState.PAID);
        eq(vault.reportOf(id).award, award, "paid");
    }

    function test_BOUNTY_05_aRulingSaysWhyAndWhatExists() external {
        bytes32 id = attested();
        refuse(stateError(id, ReportState.ATTESTED));
        rule(id, ruling(id, 10_000));
        challenge(id, owner);
        vm.prank(arbitrator);
        refuse(abi.encodeWithSelector(IBountyVault.Bounty_NoEvidence.selector));
        vault.rule(id, ruling(id, 0), Why("test", 0));
        Ruling memory r = ruling(id, 1);
        r.severity = 4;
        refuse(abi.encodeWithSelector(IBountyVault.Bounty_BadAward.selector, 4, 1));
        rule(id, r);
        vm.expectEmit(address(vault));
        emit IBountyVault.Ruled(id, ruling(id, 1), "test", EVIDENCE);
        rule(id, ruling(id, 1));
    }

    function test_fuzz_BOUNTY_02_aRulingMovesAReportToAnotherRoot(uint16 bps) external {
        bytes32 first = report(REPORT, ALICE);
        bytes32 second = report("other", BOB);
        wait(72 hours);
        attest(attestation(first, first, 5_000));
        attest(attestation(second, first, 4_545));
        challenge(second, BOB);
        bps = uint16(bound(bps, 1, 10_000));
        rule(second, ruling(second, bps));
        eq(vault.rootOf(first).awardedBps, 5_000, "the old root");
        eq(vault.rootOf(second).awardedBps, bps, "its own root");
        eq(vault.funds().reserved, uint256(vault.rootOf(first).base) + vault.rootOf(second).base, "reserved");
        vault.payout(second);
        eq(vault.reportOf(second).award, uint256(vault.rootOf(second).base) * bps / 10_000, "award");
    }

    function test_BOUNTY_02_aRootThatNobodyHasAShareOfIsFree() external {
        bytes32 id = attested();
        challenge(id, owner);
        rule(id, ruling(id, 0));
        eq(vault.funds().reserved, 0, "reserved");
        eq(vault.rootOf(id).base, 0, "base");
    }

    function test_fuzz_BOUNTY_02_aPaidSiblingKeepsTheBase(uint256 risk) external {
        bytes32 first = report(REPORT, ALICE);
        bytes32 second = report("other", BOB);
        wait(72 hours);
        attest(attestation(first, first, 5_000));
        attest(attestation(second, first, 4_545));
        challenge(first, ALICE);
        wait(3 days);
        vault.payout(second);
        Ruling memory r = ruling(first, 5_455);
        r.fundsAtRisk = risk;
        rule(first, r);
        eq(vault.rootOf(first).base, 320_000e18, "base");
        vault.payout(first);
        uint256 sum = uint256(vault.reportOf(first).award) + vault.reportOf(second).award;
        atMost(sum, 320_000e18, "paid");
    }

    /* BONDS */

    function test_fuzz_BOUNTY_11_theBondGoesToWhoWasRight(uint16 bps, bool byOwner) external {
        bytes32 id = report(REPORT, ALICE);
        wait(72 hours);
        attest(attestation(id, id, 5_000));
        challenge(id, byOwner ? owner : ALICE);
        // A third of the time the award stays as it was, and the challenger loses.
        bps = bps % 3 == 0 ? 5_000 : uint16(bound(bps, 0, 10_000));
        rule(id, ruling(id, bps));
        bool ownerWins = byOwner ? bps < 5_000 : bps <= 5_000;
        eq(vault.bondsOwed(owner), ownerWins ? 0.1 ether : 0, "owner");
        eq(vault.bondsOwed(ALICE), ownerWins ? 0 : 0.1 ether, "beneficiary");
        address winner = ownerWins ? owner : ALICE;
        vm.prank(winner);
        vault.withdrawBonds();
        eq(winner.balance, 0.1 ether, "paid");
        vm.prank(winner);
        vault.withdrawBonds();
        eq(winner.balance, 0.1 ether, "once");
    }

    function test_fuzz_BOUNTY_11_onlyOwnerAndBeneficiaryChallenge(address caller, uint256 value) external {
        vm.assume(caller != owner && caller != ALICE && caller != address(vm));
        bytes32 id = attested();
        refuse(abi.encodeWithSelector(IBountyVault.Bounty_NotAllowed.selector, caller));
        vm.prank(caller);
        vault.challenge(id);
        value = bound(value, 0, 1 ether);
        vm.deal(ALICE, value);
        vm.prank(ALICE);
        if (value != 0.1 ether) refuse(abi.encodeWithSelector(IBountyVault.Bounty_Bond.selector, value, 0.1 ether));
        vault.challenge{value: value}(id);
    }

    function test_fuzz_BOUNTY_11_aChallengeComesWithin3Days(uint32 time) external {
        bytes32 id = attested();
        uint256 end = nowAt() + 3 days;
        wait(bound(time, 3 days, 365 days));
        vm.deal(ALICE, 0.1 ether);
        vm.prank(ALICE);
        refuse(expired(end));
        vault.challenge{value: 0.1 ether}(id);
        vm.warp(end - 1);
        refuse(early(end));
        vault.payout(id);
        challenge(id, ALICE);
        refuse(stateError(id, ReportState.CHALLENGED));
        vm.prank(ALICE);
        vault.challenge(id);
    }

    /* SILENCE */

    function test_fuzz_BOUNTY_06_silenceOfTheAttestorsLeadsToTheArbitrator(uint32 time) external {
        bytes32 id = report(REPORT, ALICE);
        uint256 end = nowAt() + 15 days;
        wait(bound(time, 0, 15 days - 1));
        refuse(early(end));
        vault.timeoutEscalate(id);
        refuse(stateError(id, ReportState.REVEALED));
        vault.payout(id);
        vm.warp(end);
        vault.timeoutEscalate(id);
        isState(id, ReportState.ESCALATED);
        rule(id, ruling(id, 10_000));
        vault.payout(id);
        eq(vault.reportOf(id).award, 320_000e18, "award");
    }

    function test_BOUNTY_06_withEverybodySilentAReportWithoutProofEndsUnpaid() external {
        bytes32 id = report(REPORT, ALICE);
        uint256 begin = nowAt();
        wait(15 days);
        vault.timeoutEscalate(id);
        wait(30 days - 1);
        refuse(early(begin + 45 days));
        vault.payout(id);
        wait(1);
        vault.payout(id);
        isState(id, ReportState.REJECTED);
        eq(vault.funds().reserved, 0, "reserved");
        eq(vault.funds().openReports, 0, "open");
        eq(nowAt(), begin + 45 days, "time");
    }

    function test_BOUNTY_06_withEverybodySilentAProofIsPaidItsFloor() external {
        vm.prank(prover);
        vault.reserveProven("id", ALICE, 3);
        wait(15 days);
        vault.timeoutEscalate("id");
        wait(30 days);
        vault.payout("id");
        isState("id", ReportState.PAID);
        eq(vault.owed(ALICE), 35_000e18, "at once");
        eq(vault.reportOf("id").rest, 15_000e18, "vests");
        eq(vault.funds().reserved, 50_000e18, "reserved");
    }

    function test_fuzz_BOUNTY_06_aSilentArbitratorLeavesTheAttestationStanding(uint16 bps, bool byOwner) external {
        bps = uint16(bound(bps, 0, 10_000));
        bytes32 id = report(REPORT, ALICE);
        uint256 begin = nowAt();
        wait(15 days);
        attest(attestation(id, id, bps));
        wait(3 days - 1);
        challenge(id, byOwner ? owner : ALICE);
        uint256 end = nowAt() + 30 days;
        wait(30 days);
        refuse(expired(end));
        rule(id, ruling(id, 0));
        vault.payout(id);
        isState(id, bps == 0 ? ReportState.REJECTED : ReportState.PAID);
        eq(vault.reportOf(id).award, uint256(320_000e18) * bps / 10_000, "award");
        eq(vault.bondsOwed(byOwner ? owner : ALICE), 0.1 ether, "bond");
        atMost(nowAt(), begin + 48 days, "time");
    }

    function test_BOUNTY_06_nothingIsPaidBeforeItsTime() external {
        refuse(stateError("none", ReportState.NONE));
        vault.payout("none");
        refuse(stateError("none", ReportState.NONE));
        vault.timeoutEscalate("none");
        bytes32 id = attested();
        uint256 end = nowAt() + 3 days;
        refuse(early(end));
        vault.payout(id);
        challenge(id, owner);
        end = nowAt() + 30 days;
        refuse(early(end));
        vault.payout(id);
        rule(id, ruling(id, 0));
        vault.payout(id);
        refuse(stateError(id, ReportState.REJECTED));
        vault.payout(id);
    }

    /* VESTING */

    function test_fuzz_BOUNTY_10_aPartOfTheAwardVests(uint32[5] calldata times) external {
        bytes32 id = attested();
        wait(3 days);
        vault.payout(id);
        (uint256 start, uint256 rest) = (nowAt(), 96_000e18);
        eq(vault.owed(ALICE), 224_000e18, "at once");
        for (uint256 i; i < 5; ++i) {
            wait(bound(times[i], 0, 30 days));
            vault.payout(id);
            uint256 passed = nowAt() - start;
            uint256 want = passed >= 90 days ? rest : rest * passed / 90 days;
            uint256 have = vault.owed(ALICE) - 224_000e18;
            atMost(have, want, "not ahead");
            atMost(want, have + 5, "rounded down");
            eq(vault.reportOf(id).rest, rest - have, "rest");
        }
        wait(90 days);
        vault.payout(id);
        eq(vault.owed(ALICE), 320_000e18, "all of it");
        vault.payout(id);
        eq(vault.owed(ALICE), 320_000e18, "once");
    }

    function test_fuzz_BOUNTY_10_theArbitratorTakesBackWhatHasNotVested(uint32 time, uint16 bps) external {
        bytes32 id = attested();
        wait(3 days);
        vault.payout(id);
        time = uint32(bound(time, 0, 100 days));
        bps = uint16(bound(bps, 0, 10_000));
        wait(time);
        Ruling memory r = ruling(0, 0);
        r.clawbackBps = bps;
        rule(id, r);
        uint256 vested = time >= 90 days ? 96_000e18 : uint256(96_000e18) * time / 90 days;
        uint256 taken = (96_000e18 - vested) * bps / 10_000;
        eq(vault.owed(ALICE), 224_000e18 + vested, "what had vested");
        eq(vault.funds().reserved, 320_000e18 - taken, "reserved");
        wait(90 days);
        vault.payout(id);
        eq(vault.owed(ALICE), 320_000e18 - taken, "the rest");
        withdraw(ALICE);
        eq(vault.funds().reserved, 0, "nothing left");
        r.clawbackBps = 10_001;
        refuse(abi.encodeWithSelector(IBountyVault.Bounty_BadAward.selector, 3, 10_001));
        rule(id, r);
    }

    function test_fuzz_BOUNTY_10_nobodyElseTakesBack(address caller) external {
        vm.assume(caller != arbitrator);
        bytes32 id = attested();
        wait(3 days);
        vault.payout(id);
        Ruling memory r = ruling(id, 0);
        r.clawbackBps = 10_000;
        refuse(abi.encodeWithSelector(IBountyVault.Bounty_NotAllowed.selector, caller));
        vm.prank(caller);
        vault.rule(id, r, why());
        eq(vault.reportOf(id).rest, 96_000e18, "rest");
    }
}

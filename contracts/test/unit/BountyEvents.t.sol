// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBountyRules, Terms} from "../../src/interfaces/IBountyRules.sol";
import {Attestation, IBountyVault, Ruling} from "../../src/interfaces/IBountyVault.sol";
import {BountySetup} from "../BountySetup.t.sol";

/// Whoever reads the log knows where each report stands, and what was paid to whom.
contract BountyEventsTest is BountySetup {
    function told() internal {
        vm.expectEmit(address(vault));
    }

    function test_fuzz_BOUNTY_14_aCommitAndItsRevealAreTold(bytes32 hash, address to, uint8 before) external {
        vm.assume(to != address(0));
        for (uint256 i; i < before % 4; ++i) commit(keccak256(abi.encode("before", i)), ALICE);
        uint40 index = before % 4 + 1;
        bytes32 id = vault.commitOf(hash, SALT, to);
        told();
        emit IBountyVault.Committed(id, index, 1);
        vault.commitReport(id);
        told();
        emit IBountyVault.Revealed(id, hash, to, index, 0);
        vault.reveal(hash, SALT, to);
    }

    function test_fuzz_BOUNTY_14_aDecisionItsDoubtAndItsPaymentAreTold(uint16 bps) external {
        bytes32 id = report(REPORT, ALICE);
        wait(72 hours);
        Attestation memory a = attestation(id, id, bound(bps, 1, 10_000));
        uint256 award = 320_000e18 * uint256(a.awardBps) / 10_000;
        bytes[] memory sigs = signAll(3, digestOf(a));
        told();
        emit IBountyVault.Attested(id, id, 3, a.fundsAtRisk, a.awardBps, award);
        vault.attest(a, sigs);
        vm.deal(ALICE, 0.1 ether);
        told();
        emit IBountyVault.Challenged(id, ALICE);
        vm.prank(ALICE);
        vault.challenge{value: 0.1 ether}(id);
        rule(id, ruling(id, a.awardBps));
        uint256 rest = award * 3_000 / 10_000;
        told();
        emit IBountyVault.Paid(id, ALICE, award - rest, rest);
        vault.payout(id);
        wait(45 days);
        told();
        emit IBountyVault.Paid(id, ALICE, rest / 2, rest - rest / 2);
        vault.payout(id);
        told();
        emit IBountyVault.Withdrawn(ALICE, award - rest + rest / 2);
        withdraw(ALICE);
    }

    function test_fuzz_BOUNTY_14_whatIsTakenBackIsTold(uint16 bps) external {
        bytes32 id = attested();
        wait(3 days);
        vault.payout(id);
        Ruling memory r = ruling(id, 0);
        r.clawbackBps = uint16(bound(bps, 0, 10_000));
        told();
        emit IBountyVault.ClawedBack(id, uint256(96_000e18) * r.clawbackBps / 10_000);
        rule(id, r);
    }

    function test_BOUNTY_14_silenceAndItsEndAreTold() external {
        bytes32 id = report(REPORT, ALICE);
        wait(15 days);
        told();
        emit IBountyVault.Escalated(id);
        vault.timeoutEscalate(id);
        wait(30 days);
        told();
        emit IBountyVault.Rejected(id);
        vault.payout(id);
    }

    function test_fuzz_BOUNTY_14_aProofIsToldAsAReport(address to, uint8 severity) external {
        vm.assume(to != address(0));
        severity %= 4;
        uint256 floor = [uint256(1_000e18), 5_000e18, 20_000e18, 50_000e18][severity];
        told();
        emit IBountyVault.Revealed(REPORT, 0, to, 1, 0);
        told();
        emit IBountyVault.Proven(REPORT, to, severity, floor);
        vm.prank(prover);
        vault.reserveProven(REPORT, to, severity);
    }

    function test_fuzz_BOUNTY_14_whatIsFreedOrTakenByTheOwnerIsTold(uint16 bps, uint256 amount) external {
        bytes32 id = report(REPORT, ALICE);
        wait(72 hours);
        bps = uint16(bound(bps, 1, 10_000));
        attest(attestation(id, id, bps));
        wait(180 days);
        told();
        emit IBountyVault.RootClosed(id, 320_000e18 * uint256(10_000 - bps) / 10_000);
        vault.closeRoot(id);
        amount = bound(amount, 1, MILLION);
        vm.prank(owner);
        vault.requestWithdrawal(amount);
        wait(60 days);
        told();
        emit IBountyVault.OwnerWithdrew(BOB, amount);
        vm.prank(owner);
        vault.withdrawFree(amount, BOB);
    }

    function test_fuzz_BOUNTY_14_newTermsAreTold(bytes32 termsHash, uint16 share) external {
        Terms memory t = terms();
        (t.termsHash, t.shareBps) = (termsHash == 0 ? bytes32("terms") : termsHash, uint16(bound(share, 1, 10_000)));
        vm.expectEmit(address(rules));
        emit IBountyRules.TermsSet(2, t);
        setTerms(t);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BountyVault} from "../../src/BountyVault.sol";
import {Commit, IBountyVault, Report, ReportState} from "../../src/interfaces/IBountyVault.sol";
import {Terms} from "../../src/interfaces/IBountyRules.sol";
import {BountySetup} from "../BountySetup.t.sol";

/// Commits, batches and reveals.
contract BountyRevealTest is BountySetup {
    function leafOf(bytes32 id, uint32 seq) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(id, seq))));
    }

    function pairOf(bytes32 a, bytes32 b) internal pure returns (bytes32) {
        return a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
    }

    function one(bytes32 a) internal pure returns (bytes32[] memory proof) {
        proof = new bytes32[](1);
        proof[0] = a;
    }

    function test_fuzz_BOUNTY_01_theCommitBindsReportSaltBeneficiaryChainAndVault(
        bytes32 hash,
        bytes32 salt,
        address to,
        uint64 chain
    ) external {
        bytes32 typeHash =
            keccak256("Commit(bytes32 reportHash,bytes32 salt,address beneficiary,uint256 chainId,address vault)");
        bytes32 want = keccak256(abi.encode(typeHash, hash, salt, to, block.chainid, address(vault)));
        eq(vault.commitOf(hash, salt, to), want, "commit");
        yes(vault.commitOf(~hash, salt, to) != want, "report");
        yes(vault.commitOf(hash, ~salt, to) != want, "salt");
        yes(vault.commitOf(hash, salt, address(~uint160(to))) != want, "beneficiary");
        BountyVault other = new BountyVault(owner, rules, address(token));
        yes(other.commitOf(hash, salt, to) != want, "vault");
        if (chain == block.chainid || chain == 0) return;
        vm.chainId(chain);
        yes(vault.commitOf(hash, salt, to) != want, "chain");
    }

    function test_fuzz_BOUNTY_01_aCopiedRevealCannotRedirectTheBeneficiary(address thief, bytes32 salt) external {
        vm.assume(thief != ALICE);
        commit(REPORT, ALICE);
        bytes32 stolen = vault.commitOf(REPORT, SALT, thief);
        refuse(abi.encodeWithSelector(IBountyVault.Bounty_Unknown.selector, stolen));
        vault.reveal(REPORT, SALT, thief);
        // Sending the author's own reveal pays the author.
        vm.prank(thief);
        bytes32 id = vault.reveal(REPORT, SALT, ALICE);
        eq(vault.reportOf(id).beneficiary, ALICE, "beneficiary");
        // A commit of the copy's own comes too late.
        bytes32 late = vault.commitOf(REPORT, salt, thief);
        vault.commitReport(late);
        if (thief != address(0)) refuse(abi.encodeWithSelector(IBountyVault.Bounty_Copy.selector, id));
        else refuse(abi.encodeWithSelector(IBountyVault.Bounty_Unknown.selector, late));
        vault.reveal(REPORT, salt, thief);
    }

    function test_fuzz_BOUNTY_01_aCopyThatIsRevealedFirstMakesWay(bytes32 salt) external {
        commit(REPORT, ALICE);
        // Bob saw Alice's reveal on its way, commits to the same and is faster.
        bytes32 copy = vault.commitOf(REPORT, salt, BOB);
        vault.commitReport(copy);
        vault.reveal(REPORT, salt, BOB);
        isState(copy, ReportState.REVEALED);
        bytes32 id = vault.reveal(REPORT, SALT, ALICE);
        isState(copy, ReportState.REJECTED);
        isState(id, ReportState.REVEALED);
        eq(vault.funds().openReports, 1, "open");
    }

    function test_fuzz_BOUNTY_01_aCopiedCommitChangesNothing(address thief, uint32 later) external {
        bytes32 id = commit(REPORT, ALICE);
        Commit memory first = vault.commits(id);
        eq(first.index, 1, "index");
        eq(first.at, nowAt(), "time");
        eq(first.blockNumber, vm.getBlockNumber(), "block");
        wait(bound(later, 0, 7 days - 1));
        vm.prank(thief);
        vault.commitReport(id);
        eq(abi.encode(vault.commits(id)), abi.encode(first), "commit");
    }

    function test_fuzz_BOUNTY_01_anUnrevealedCommitExpires(uint32 later) external {
        bytes32 id = commit(REPORT, ALICE);
        uint256 end = nowAt() + 7 days;
        wait(bound(later, 7 days, 3_650 days));
        refuse(with(IBountyVault.Bounty_Expired.selector, end));
        vault.reveal(REPORT, SALT, ALICE);
        // Whoever sat on it commits anew, behind all others.
        commit("other", BOB);
        vault.commitReport(id);
        vault.reveal(REPORT, SALT, ALICE);
        eq(vault.reportOf(id).index, 3, "index");
        eq(vault.reportOf(id).committedAt, nowAt(), "time");
    }

    function test_BOUNTY_01_revealsUntilTheLastSecond() external {
        commit(REPORT, ALICE);
        wait(7 days - 1);
        vault.reveal(REPORT, SALT, ALICE);
    }

    function test_fuzz_BOUNTY_01_nobodyIsNoBeneficiary(bytes32 hash) external {
        bytes32 id = commit(hash, address(0));
        refuse(abi.encodeWithSelector(IBountyVault.Bounty_Unknown.selector, id));
        vault.reveal(hash, SALT, address(0));
    }

    function test_fuzz_BOUNTY_01_aReportIsRevealedOnce(bytes32 hash) external {
        bytes32 id = report(hash, ALICE);
        refuse(stateError(id, ReportState.REVEALED));
        vault.reveal(hash, SALT, ALICE);
    }

    /* BATCHES */

    function test_fuzz_BOUNTY_01_aBatchGivesThePlaceOfItsAnchor(bytes32 other, uint32 seq) external {
        bytes32 id = vault.commitOf(REPORT, SALT, ALICE);
        bytes32 root = pairOf(leafOf(id, seq), other);
        vault.anchor("COMMITS", root);
        uint48 blockNumber = uint48(vm.getBlockNumber());
        wait(1 days);
        vm.roll(vm.getBlockNumber() + 100);
        refuse(abi.encodeWithSelector(IBountyVault.Bounty_Unknown.selector, id));
        vault.revealBatched(REPORT, SALT, ALICE, one(other), seq ^ 1);
        vault.revealBatched(REPORT, SALT, ALICE, one(other), seq);
        Report memory r = vault.reportOf(id);
        eq(r.index, 1, "index");
        eq(r.seq, seq, "seq");
        eq(r.blockNumber, blockNumber, "block");
        eq(r.committedAt, nowAt() - 1 days, "time");
    }

    function test_fuzz_BOUNTY_01_withinABatchTheSequenceDecides(uint32 a, uint32 b) external {
        (a, b) = (uint32(bound(a, 0, 1e9)), uint32(bound(b, 1e9 + 1, 2e9)));
        bytes32 first = leafOf(vault.commitOf(REPORT, SALT, ALICE), a);
        bytes32 second = leafOf(vault.commitOf(REPORT, SALT, BOB), b);
        vault.anchor("COMMITS", pairOf(first, second));
        bytes32 copy = vault.revealBatched(REPORT, SALT, BOB, one(first), b);
        bytes32 id = vault.revealBatched(REPORT, SALT, ALICE, one(second), a);
        isState(copy, ReportState.REJECTED);
        isState(id, ReportState.REVEALED);
    }

    function test_BOUNTY_01_anInnerNodeIsNoCommit() external {
        // A node over two leaves, taken for the hash of a commit, would need a double hash.
        bytes32 id = vault.commitOf(REPORT, SALT, ALICE);
        vault.anchor("COMMITS", keccak256(abi.encode(id, uint32(0))));
        bytes32[] memory none;
        refuse(abi.encodeWithSelector(IBountyVault.Bounty_Unknown.selector, id));
        vault.revealBatched(REPORT, SALT, ALICE, none, 0);
    }

    function test_fuzz_BOUNTY_01_anotherKindOfAnchorIsNoBatch(bytes32 kind) external {
        vm.assume(kind != "COMMITS");
        bytes32 id = vault.commitOf(REPORT, SALT, ALICE);
        bytes32 root = leafOf(id, 0);
        vm.expectEmit(address(vault));
        emit IBountyVault.Anchored(kind, root, address(this), 1, 1);
        vault.anchor(kind, root);
        eq(vault.anchors(kind, root).index, 1, "anchored");
        bytes32[] memory none;
        refuse(abi.encodeWithSelector(IBountyVault.Bounty_Unknown.selector, id));
        vault.revealBatched(REPORT, SALT, ALICE, none, 0);
    }

    function test_BOUNTY_01_aRevealByALaterRouteCannotLowerThePlace() external {
        bytes32 id = commit(REPORT, ALICE);
        // A thief batches Alice's own commit later, and reveals it there before she does.
        bytes32 root = leafOf(id, 7);
        vault.anchor("COMMITS", root);
        bytes32[] memory none;
        vault.revealBatched(REPORT, SALT, ALICE, none, 7);
        eq(vault.reportOf(id).index, 2, "lowered");
        vault.reveal(REPORT, SALT, ALICE);
        eq(vault.reportOf(id).index, 1, "lifted");
        eq(vault.reportOf(id).seq, 0, "seq");
        eq(vault.funds().openReports, 1, "open once");
        refuse(stateError(id, ReportState.REVEALED));
        vault.revealBatched(REPORT, SALT, ALICE, none, 7);
    }

    /* TERMS */

    function test_fuzz_BOUNTY_04_theTermsAreThoseOfTheCommit(uint256 floor) external {
        commit(REPORT, ALICE);
        Terms memory t = terms();
        t.tiers[3].floor = uint128(bound(floor, t.tiers[2].floor, t.tiers[3].cap));
        t.tiers[3].bps = 0;
        t.arbitrator = BOB;
        setTerms(t);
        bytes32 id = vault.reveal(REPORT, SALT, ALICE);
        bytes32 later = report("other", BOB);
        eq(vault.reportOf(id).version, 1, "version");
        eq(vault.reportOf(later).version, 2, "later version");
        wait(72 hours);
        attest(attestation(id, id, 10_000));
        eq(vault.awardOf(id), 320_000e18, "award");
        attest(attestation(later, later, 10_000));
        uint256 half = (2 * MILLION - 320_000e18) / 2;
        eq(vault.awardOf(later), t.tiers[3].floor < half ? t.tiers[3].floor : half, "later award");
        // The arbitrator stays, too.
        challenge(id, ALICE);
        refuse(abi.encodeWithSelector(IBountyVault.Bounty_NotAllowed.selector, BOB));
        vm.prank(BOB);
        vault.rule(id, ruling(id, 0), why());
        rule(id, ruling(id, 10_000));
    }
}

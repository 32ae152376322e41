// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BeforeAfterVerifier} from "../../src/adapters/BeforeAfterVerifier.sol";
import {IAccountable} from "../../src/interfaces/IAccountable.sol";
import {Claim, ClaimProgram, IBeforeAfterVerifier} from "../../src/interfaces/IBeforeAfterVerifier.sol";
import {IBountyVault, Report} from "../../src/interfaces/IBountyVault.sol";
import {ICircuitBreaker} from "../../src/interfaces/ICircuitBreaker.sol";
import {Bucket} from "../../src/interfaces/IExploitProofHook.sol";
import {Why} from "../../src/libraries/Why.sol";
import {MockBurner} from "../../src/mocks/MockClock.sol";
import {MockExploit} from "../../src/mocks/MockExploit.sol";
import {ClaimSetup} from "../ClaimSetup.t.sol";

/// forge-config: default.fuzz.runs = 100
contract BeforeAfterVerifierTest is ClaimSetup {
    function boundLoss(uint256 loss) internal pure returns (uint256) {
        return bound(loss, LEAST, MOST);
    }

    function boundCheck(uint8 check) internal pure returns (uint8) {
        return check % 3;
    }

    /* WHAT A CLAIM DOES */

    function test_fuzz_COL_68_aClaimPausesReservesAndLeavesNothingOfTheExploit(
        uint8 check,
        uint256 loss,
        address sender,
        address author
    ) external {
        vm.assume(author != address(0));
        loss = boundLoss(loss);
        Claim memory c = hole(boundCheck(check), loss);
        c.beneficiary = author;
        bytes32 before = fingerprint();
        vm.prank(sender);
        bytes32 id = verifier.claim(PROGRAM, c);
        eq(fingerprint(), before, "the bank moved");
        eq(breaker.pausedUntil(address(bank), bank.leak.selector), nowAt() + 6 hours, "paused");
        eq(breaker.pausedUntil(address(vault), WITHDRAW), 0, "not in the group");
        Report memory r = bounties.reportOf(id);
        eq(r.beneficiary, author, "beneficiary");
        eq(r.severity, severityOf(loss), "severity");
        eq(r.award, 1_000e18 * (uint256(r.severity) + 1), "floor");
        eq(bounties.funds().reserved, r.award, "reserved");
        eq(verifier.claimOf(PROGRAM), id, "claim");
    }

    function test_fuzz_COL_68_itTellsWhatWasShown(uint8 check, uint256 loss) external {
        loss = boundLoss(loss);
        Claim memory c = hole(boundCheck(check), loss);
        bytes32 id = keccak256(abi.encode(address(verifier), PROGRAM, uint256(1)));
        uint256 atLeast = loss >= 100e18 ? 100e18 : loss >= 10e18 ? 10e18 : LEAST;
        bytes32 impact = [bytes32("D01"), "D02", "D12"][c.check];
        vm.expectEmit(address(verifier));
        emit IBeforeAfterVerifier.ExploitShown(PROGRAM, impact, id, atLeast);
        vm.expectEmit(address(verifier));
        uint256 floor = 1_000e18 * (uint256(severityOf(loss)) + 1);
        emit IBeforeAfterVerifier.ClaimOpened(PROGRAM, id, c.beneficiary, floor);
        verifier.claim(PROGRAM, c);
    }

    /// With everybody silent the floor is paid: nobody had to say yes.
    function test_fuzz_COL_68_silencePaysTheFloor(uint8 check, uint256 loss) external {
        bytes32 id = verifier.claim(PROGRAM, hole(boundCheck(check), boundLoss(loss)));
        vm.warp(nowAt() + 15 days);
        bounties.timeoutEscalate(id);
        vm.warp(nowAt() + 30 days);
        bounties.payout(id);
        uint256 floor = bounties.reportOf(id).award;
        vm.prank(ALICE);
        bounties.withdraw();
        eq(token.balanceOf(ALICE), floor, "paid");
    }

    /* NO LOSS, NO CLAIM */

    function test_fuzz_COL_68_aLossBelowTheSmallestIsNone(uint8 check, uint256 loss) external {
        loss = bound(loss, 0, LEAST - 1);
        refused(hole(boundCheck(check), loss), noLoss(loss));
    }

    function test_fuzz_CLAIM_02_whatIsTakenAndPutBackIsNoLoss(uint256 amount) external {
        amount = bound(amount, 1, 800e18);
        bytes memory deposit = abi.encodeCall(bank.deposit, (amount));
        refused(twoSteps(D01, deposit, abi.encodeCall(bank.withdraw, (amount))), noLoss(0));
        refused(twoSteps(D12, deposit, abi.encodeCall(bank.withdraw, (amount))), noLoss(0));
    }

    /// A donation moves what the checks read and costs nobody: no check takes it for a loss.
    function test_fuzz_CLAIM_02_aDonationIsNoLoss(uint8 check, uint256 amount) external {
        amount = bound(amount, 0, 1e30);
        refused(oneStep(boundCheck(check), abi.encodeCall(bank.donate, (amount))), noLoss(0));
    }

    function test_fuzz_CLAIM_02_aGiftFromAccountToAccountIsNoFreeCollateral(uint256 amount) external {
        amount = bound(amount, 1, 1e24);
        bank.deposit(amount);
        MockExploit.Step[] memory none = new MockExploit.Step[](0);
        bytes memory gift = abi.encodeCall(bank.give, (address(0xb0b), amount));
        Claim memory c = twoSteps(D12, abi.encodeCall(bank.deposit, (amount)), gift);
        c.subject = address(0xb0b);
        refused(c, noLoss(0));
        refused(claimFor(D12, none), noLoss(0));
    }

    /// Whoever only pushes the mark has paid for it; whoever takes a gain without it has not manipulated it.
    function test_fuzz_CLAIM_02_aMarkAwayWithoutGainIsNoLossNorGainWithinTheBand(uint256 wad, uint256 gain) external {
        refused(oneStep(D02, abi.encodeCall(bank.push, (bound(wad, 0, 1e30)))), noLoss(0));
        int256 amount = int256(bound(gain, 0, MOST));
        bytes memory near = abi.encodeCall(bank.push, (bound(wad, 100e18 + 1, 101e18)));
        refused(twoSteps(D02, near, abi.encodeCall(bank.cash, (amount))), noLoss(0));
    }

    /// Nor has a maker who leaves meanwhile taken what is not his.
    function test_fuzz_CLAIM_02_aMakerWhoLeavesIsNoClaim(uint256 wad, uint256 amount) external {
        bytes memory push = abi.encodeCall(bank.push, (bound(wad, 101e18 + 1, 1e30)));
        amount = bound(amount, LEAST, 500e18);
        Claim memory c = twoSteps(D02, push, abi.encodeCall(bank.leave, (amount)));
        refused(c, IBeforeAfterVerifier.BeforeAfter_Moved.selector);
    }

    /// A market that falls in the same transaction, by a price that anyone may bring, is nobody's exploit.
    function test_fuzz_CLAIM_03_aPriceThatComesInIsNoExploit(uint8 check, uint256 wad, uint256 loss) external {
        wad = bound(wad, 1, 1e30);
        vm.assume(wad != 100e18);
        loss = bound(loss, 200e18, 1e24);
        bytes memory bring = abi.encodeCall(bank.bring, (wad, loss));
        refused(oneStep(boundCheck(check), bring), IBeforeAfterVerifier.BeforeAfter_Moved.selector);
    }

    /// What was due before is booked before the first look.
    function test_fuzz_CLAIM_03_whatTimeHasDoneIsNoExploit(uint256 due) external {
        due = bound(due, 0, 1e24);
        bank.setDue(due);
        Claim memory c = oneStep(D01, abi.encodeCall(bank.settle, ()));
        if (due > 100e18) refused(c, IBeforeAfterVerifier.BeforeAfter_Broken.selector);
        else refused(c, noLoss(0));
    }

    function test_fuzz_CLAIM_03_whatIsBrokenAlreadyIsNoClaim(uint8 check, uint256 broken, uint256 loss) external {
        check = boundCheck(check);
        broken = bound(broken, 1, 100e18);
        Claim memory c = hole(check, boundLoss(loss) % 100e18);
        if (check == D01) bank.leak(100e18 + broken);
        if (check == D02) bank.push(101e18 + broken);
        vm.prank(address(exploit));
        if (check == D12) bank.recurse(broken);
        refused(c, IBeforeAfterVerifier.BeforeAfter_Broken.selector);
    }

    function test_fuzz_COL_68_anExploitThatRevertsShowsNothing(uint256 tooMuch) external {
        tooMuch = bound(tooMuch, 1_000e18 + 1, type(uint256).max - 100e18);
        Claim memory c = oneStep(D01, abi.encodeCall(bank.leak, (tooMuch)));
        refused(c, IBeforeAfterVerifier.BeforeAfter_Failed.selector);
    }

    function test_fuzz_COL_68_anExploitWithoutCodeShowsNothing(uint8 check, address nobody) external {
        vm.assume(nobody.code.length == 0 && uint160(nobody) > 0xffff);
        Claim memory c = hole(boundCheck(check), MOST);
        c.exploit = nobody;
        refused(c, noLoss(0));
    }

    /* ONCE */

    function test_fuzz_CLAIM_04_aProgramHasOneClaimByWhicheverCheck(uint8 first, uint8 second, uint256 loss) external {
        bytes32 id = verifier.claim(PROGRAM, hole(boundCheck(first), boundLoss(loss)));
        Claim memory c = hole(boundCheck(second), boundLoss(loss));
        c.beneficiary = address(0xb0b);
        vm.expectRevert(abi.encodeWithSelector(IBeforeAfterVerifier.BeforeAfter_Claimed.selector, id));
        verifier.claim(PROGRAM, c);
        vm.warp(nowAt() + 6 hours);
        vm.expectRevert(abi.encodeWithSelector(IBeforeAfterVerifier.BeforeAfter_Claimed.selector, id));
        verifier.claim(PROGRAM, c);
    }

    function test_fuzz_CLAIM_04_theTimelockLetsItBeClaimedAnew(uint8 first, uint8 second, uint256 loss) external {
        bytes32 id = verifier.claim(PROGRAM, hole(boundCheck(first), boundLoss(loss)));
        vm.warp(nowAt() + 6 hours);
        set(programData());
        yes(verifier.claim(PROGRAM, hole(boundCheck(second), boundLoss(loss))) != id, "another report");
        eq(verifier.claimCount(), 2, "claims");
    }

    function test_fuzz_CLAIM_04_aRejectedClaimLeavesTheProgramOpen(uint256 loss) external {
        token.burn(address(bounties), 1e24);
        bytes32 id = verifier.claim(PROGRAM, hole(D01, boundLoss(loss)));
        eq(bounties.awardOf(id), 0, "nothing to reserve");
        vm.warp(nowAt() + 15 days);
        bounties.timeoutEscalate(id);
        vm.warp(nowAt() + 30 days);
        bounties.payout(id);
        yes(verifier.claim(PROGRAM, hole(D12, boundLoss(loss))) != id, "open again");
    }

    /* THE PAUSE */

    /// The exploit is public from here on: what the pause does not shut must not be shown.
    function test_fuzz_CLAIM_05_aHoleThatThePauseDoesNotShutIsNotShown(uint256 loss) external {
        loss = boundLoss(loss);
        Claim memory c = oneStep(D01, abi.encodeCall(bank.leakUnguarded, (loss + 100e18)));
        refused(c, abi.encodeWithSelector(IBeforeAfterVerifier.BeforeAfter_StillOpen.selector, loss));
    }

    function test_fuzz_CLAIM_05_aBreakerThatRefusesRefusesTheClaim(uint8 check, uint256 loss) external {
        vm.prank(address(timelock));
        breaker.dismissTripper(address(verifier), BANK_GROUP, why());
        Claim memory c = hole(boundCheck(check), boundLoss(loss));
        refused(c, abi.encodeWithSelector(ICircuitBreaker.Breaker_NotAllowed.selector, address(verifier)));
    }

    /// No pause without the report that goes with it.
    function test_fuzz_COL_68_aVaultThatRefusesRefusesTheClaim(uint8 check, uint256 loss) external {
        Claim memory c = hole(boundCheck(check), boundLoss(loss));
        c.beneficiary = address(0);
        bytes4 noAward = IBountyVault.Bounty_BadAward.selector;
        refused(c, abi.encodeWithSelector(noAward, severityOf(boundLoss(loss)), 0));
        c.beneficiary = ALICE;
        vm.prank(address(timelock));
        rules.setProver(address(verifier), false, why());
        refused(c, abi.encodeWithSelector(IBountyVault.Bounty_NotAllowed.selector, address(verifier)));
    }

    /* SETTINGS */

    function test_fuzz_CLAIM_06_onlyTheTimelockSetsPrograms(address caller) external {
        vm.assume(caller != address(timelock));
        ClaimProgram memory p = programData();
        vm.expectRevert(abi.encodeWithSelector(IBeforeAfterVerifier.BeforeAfter_NotAllowed.selector, caller));
        vm.prank(caller);
        verifier.setProgram(PROGRAM, p, why());
        vm.expectRevert(IBeforeAfterVerifier.BeforeAfter_NoEvidence.selector);
        vm.prank(address(timelock));
        verifier.setProgram(PROGRAM, p, Why("test", 0));
    }

    function test_fuzz_CLAIM_06_settingTellsWhetherItLoosens(bytes32 programId) external {
        ClaimProgram memory p = programData();
        vm.expectEmit(address(verifier));
        emit IBeforeAfterVerifier.ProgramSet(programId, p);
        vm.expectEmit(address(verifier));
        emit IAccountable.Loosened(address(timelock), programId, "test", EVIDENCE);
        vm.prank(address(timelock));
        verifier.setProgram(programId, p, why());
        eq(abi.encode(verifier.programOf(programId)), abi.encode(p), "program");
        p.checks = new address[](0);
        vm.expectEmit(address(verifier));
        emit IBeforeAfterVerifier.ProgramSet(programId, p);
        vm.expectEmit(address(verifier));
        emit IAccountable.Tightened(address(timelock), programId, "test", EVIDENCE);
        vm.prank(address(timelock));
        verifier.setProgram(programId, p, why());
        Claim memory c = hole(D01, MOST);
        vm.expectRevert(abi.encodeWithSelector(IBeforeAfterVerifier.BeforeAfter_Unknown.selector, programId, 0));
        verifier.claim(programId, c);
    }

    function test_fuzz_CLAIM_06_anUnknownCheckIsRefused(uint8 check, bytes32 programId) external {
        Claim memory c = hole(D01, MOST);
        c.check = uint8(bound(check, 4, 255));
        refused(c, abi.encodeWithSelector(IBeforeAfterVerifier.BeforeAfter_Unknown.selector, PROGRAM, c.check));
        vm.assume(programId != PROGRAM);
        vm.expectRevert(abi.encodeWithSelector(IBeforeAfterVerifier.BeforeAfter_Unknown.selector, programId, c.check));
        verifier.claim(programId, c);
    }

    function badProgram(ClaimProgram memory p, bytes32 field) internal {
        vm.prank(address(timelock));
        vm.expectRevert(abi.encodeWithSelector(IBeforeAfterVerifier.BeforeAfter_BadProgram.selector, field));
        verifier.setProgram(PROGRAM, p, why());
    }

    function ascending(uint256 count) internal pure returns (Bucket[] memory buckets) {
        buckets = new Bucket[](count);
        for (uint256 i; i < count; ++i) buckets[i] = Bucket(uint128(i + 1), 0);
    }

    function test_fuzz_CLAIM_06_aProgramIsWithinItsLimits(uint256 pause, uint256 tooMany, uint256 least) external {
        ClaimProgram memory p = programData();
        p.pauseSeconds = uint32(bound(pause, 72 hours + 1, type(uint32).max));
        badProgram(p, "pauseSeconds");
        p.pauseSeconds = 0;
        badProgram(p, "pauseSeconds");
        p.pauseSeconds = 72 hours;
        set(p);
        p.checks = new address[](bound(tooMany, 8, 20));
        badProgram(p, "checks");
        p.checks = new address[](7);
        set(p);
        p.buckets[1].lossLowerBound = uint128(bound(least, 0, LEAST));
        badProgram(p, "buckets");
        p.buckets[1] = Bucket(10e18, uint8(bound(tooMany, 4, 255)));
        badProgram(p, "buckets");
        p.buckets[1].severity = 0;
        badProgram(p, "buckets");
        p.buckets[1].severity = 1;
        set(p);
        p.buckets[0].lossLowerBound = 0;
        badProgram(p, "buckets");
        p.buckets = ascending(bound(tooMany, 9, 20));
        badProgram(p, "buckets");
        p.buckets = new Bucket[](0);
        badProgram(p, "buckets");
        p.buckets = ascending(8);
        set(p);
    }

    /* HEALTH */

    function test_SYS_12_healthTellsWhatIsMissing() external {
        ill(address(0xdead), address(bounties), address(timelock), "breaker has no code");
        ill(address(breaker), address(0xdead), address(timelock), "vault has no code");
        ill(address(breaker), address(bounties), address(0xdead), "timelock has no code");
        ill(address(breaker), address(new MockBurner()), address(timelock), "vault has no rules");
        ill(address(breaker), address(bounties), address(timelock), "not a prover of the vault");
        (bool ok, bytes32 cause) = verifier.healthy();
        yes(ok && cause == 0, "healthy");
    }

    function ill(address breaker_, address vault_, address timelock_, bytes32 want) internal {
        (bool ok, bytes32 cause) = new BeforeAfterVerifier(breaker_, vault_, timelock_).healthy();
        yes(!ok && cause == want, "ill");
    }
}

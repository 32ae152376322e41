// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BountyVault} from "../../src/BountyVault.sol";
import {Attestation, IBountyVault} from "../../src/interfaces/IBountyVault.sol";
import {IBountyRules, Terms} from "../../src/interfaces/IBountyRules.sol";
import {MockBurner} from "../../src/mocks/MockClock.sol";
import {MockOddToken} from "../../src/mocks/MockOddToken.sol";
import {BountySetup} from "../BountySetup.t.sol";

/// The owner's withdrawals, the beneficiary's, and odd tokens.
contract BountyMoneyTest is BountySetup {
    bool internal refuses;

    receive() external payable {
        require(!refuses, "no ether");
    }

    function request(uint256 amount) internal {
        vm.prank(owner);
        vault.requestWithdrawal(amount);
    }

    function take(uint256 amount) internal {
        vm.prank(owner);
        vault.withdrawFree(amount, owner);
    }

    function paid(address to) internal returns (bytes32 id) {
        id = report(REPORT, to);
        wait(72 hours);
        attest(attestation(id, id, 10_000));
        wait(3 days);
        vault.payout(id);
    }

    /* THE OWNER */

    function test_fuzz_BOUNTY_03_theOwnerWaits60DaysAndHas7(uint256 amount, uint32 time) external {
        amount = bound(amount, 1, 2 * MILLION);
        uint256 from = nowAt() + 60 days;
        vm.expectEmit(address(vault));
        emit IBountyVault.WithdrawalRequested(amount, uint40(from), uint40(from + 7 days));
        request(amount);
        eq(vault.funds().noticed, amount, "noticed");
        eq(vault.funds().from, from, "from");
        wait(bound(time, 0, 60 days - 1));
        refuse(with(IBountyVault.Bounty_TooEarly.selector, from));
        take(1);
        vm.warp(from + 7 days);
        refuse(with(IBountyVault.Bounty_Expired.selector, from + 7 days));
        take(1);
        vm.warp(from + bound(time, 0, 7 days - 1));
        take(amount);
        eq(token.balanceOf(owner), amount, "taken");
        refuse(with(IBountyVault.Bounty_Reserved.selector, 0));
        take(1);
    }

    function test_fuzz_BOUNTY_03_onlyTheOwnerTakes(address caller) external {
        vm.assume(caller != owner);
        bytes memory no_ = abi.encodeWithSelector(IBountyVault.Bounty_NotAllowed.selector, caller);
        refuse(no_);
        vm.prank(caller);
        vault.requestWithdrawal(1);
        request(1);
        wait(60 days);
        refuse(no_);
        vm.prank(caller);
        vault.withdrawFree(1, caller);
    }

    function test_fuzz_BOUNTY_03_withoutNoticeNothingIsTaken(uint256 amount) external {
        refuse(with(IBountyVault.Bounty_Expired.selector, 7 days));
        take(bound(amount, 1, 2 * MILLION));
        refuse(with(IBountyVault.Bounty_Reserved.selector, type(uint128).max));
        request(bound(amount, uint256(type(uint128).max) + 1, type(uint256).max));
    }

    function test_fuzz_BOUNTY_03_theOwnerLeavesWhatIsReservedOwedAndOpen(uint256 open, uint256 reserve) external {
        Terms memory t = terms();
        t.reserve = uint128(bound(reserve, 0, MILLION / 2));
        setTerms(t);
        request(2 * MILLION);
        wait(50 days);
        paid(ALICE);
        open = bound(open, 0, 12);
        for (uint256 i; i < open; ++i) report(bytes32(i + 1), BOB);
        vm.warp(nowAt() + 5 days);
        uint256 held = (open < 7 ? open : 7) * 50_000e18;
        uint256 most = 2 * MILLION - 320_000e18 - held - t.reserve;
        eq(vault.funds().takeable, most, "takeable");
        eq(vault.funds().openReports, open, "open");
        refuse(with(IBountyVault.Bounty_Reserved.selector, most));
        take(most + 1);
        take(most);
        withdraw(ALICE);
        atMost(vault.funds().reserved, token.balanceOf(address(vault)), "held");
    }

    function test_fuzz_BOUNTY_03_aReportIsOpenWhileItWaitsForADecision(bool byOwner, bool ruled) external {
        bytes32 id = report(REPORT, ALICE);
        eq(vault.funds().openReports, 1, "revealed");
        wait(72 hours);
        attest(attestation(id, id, 0));
        eq(vault.funds().openReports, 0, "attested");
        challenge(id, byOwner ? owner : ALICE);
        eq(vault.funds().openReports, 1, "challenged");
        if (ruled) rule(id, ruling(id, 1));
        else wait(30 days);
        if (ruled) eq(vault.funds().openReports, 0, "ruled");
        vault.payout(id);
        eq(vault.funds().openReports, 0, "ended");
        id = report("other", ALICE);
        wait(15 days);
        vault.timeoutEscalate(id);
        eq(vault.funds().openReports, 1, "escalated");
        if (ruled) rule(id, ruling(id, 1));
        else wait(30 days);
        vault.payout(id);
        eq(vault.funds().openReports, 0, "ended again");
    }

    function test_fuzz_BOUNTY_03_aNoticeAfterACommitCannotForestallItsReport(uint256 second, bool bySilence) external {
        // Every clock runs to its end, and the notice is given in the second of the commit.
        commit(REPORT, ALICE);
        request(2 * MILLION);
        wait(7 days - 1);
        bytes32 id = vault.reveal(REPORT, SALT, ALICE);
        if (bySilence) {
            wait(15 days);
            vault.timeoutEscalate(id);
        } else {
            wait(bound(second, 72 hours, 15 days));
            attest(attestation(id, id, 10_000));
            wait(3 days - 1);
            challenge(id, owner);
        }
        wait(30 days - 1);
        rule(id, ruling(id, 10_000));
        vault.payout(id);
        eq(vault.reportOf(id).award, 320_000e18, "award");
        refuse(with(IBountyVault.Bounty_TooEarly.selector, vault.funds().from));
        take(1);
    }

    /* THE BENEFICIARY */

    function test_fuzz_BOUNTY_07_theBeneficiaryPullsOnce(address caller) external {
        vm.assume(caller != ALICE && caller != address(0) && caller != address(vault));
        paid(ALICE);
        withdraw(caller);
        eq(token.balanceOf(caller), 0, "a stranger");
        withdraw(ALICE);
        eq(token.balanceOf(ALICE), 224_000e18, "paid");
        withdraw(ALICE);
        eq(token.balanceOf(ALICE), 224_000e18, "once");
        eq(vault.funds().reserved, 96_000e18, "reserved");
    }

    function test_fuzz_BOUNTY_07_aCallBackFindsTheMoneyGone(uint256 which, bool before) external {
        bytes32 id = report(REPORT, address(token));
        bytes32 other = report("other", ALICE);
        wait(72 hours);
        attest(attestation(id, id, 10_000));
        wait(3 days);
        vault.payout(id);
        Attestation memory a = attestation(other, other, 1);
        bytes[3] memory calls = [
            abi.encodeCall(vault.withdraw, ()),
            abi.encodeCall(vault.attest, (a, signAll(3, digestOf(a)))),
            abi.encodeCall(vault.funds, ())
        ];
        token.setHook(address(vault), address(vault), calls[which % 3], before);
        vm.expectRevert(bytes("hook failed"));
        withdraw(address(token));
        token.setHook(address(0), address(0), "", before);
        withdraw(address(token));
        eq(token.balanceOf(address(token)), 224_000e18, "paid");
    }

    function test_fuzz_BOUNTY_07_aRefusedBeneficiaryHarmsNobodyElse(uint16 bps) external {
        bps = uint16(bound(bps, 1, 9_999));
        bytes32 first = report(REPORT, ALICE);
        bytes32 second = report("other", BOB);
        wait(72 hours);
        attest(attestation(first, first, bps));
        attest(attestation(second, first, 10_000 - bps));
        wait(3 days);
        token.refuse(ALICE);
        vault.payout(first);
        vault.payout(second);
        vm.expectRevert(bytes("refused"));
        withdraw(ALICE);
        withdraw(BOB);
        eq(token.balanceOf(BOB), vault.reportOf(second).award - vault.reportOf(second).rest, "the other");
        token.refuse(address(0));
        withdraw(ALICE);
        eq(token.balanceOf(ALICE), vault.reportOf(first).award - vault.reportOf(first).rest, "later");
    }

    function test_BOUNTY_07_whoRefusesEtherStillGetsHisTokens() external {
        bytes32 id = report(REPORT, address(this));
        wait(72 hours);
        attest(attestation(id, id, 5_000));
        vault.challenge{value: 0.1 ether}(id);
        rule(id, ruling(id, 10_000));
        vault.payout(id);
        refuses = true;
        vm.expectRevert(bytes("no ether"));
        vault.withdrawBonds();
        vault.withdraw();
        eq(token.balanceOf(address(this)), 224_000e18, "tokens");
        refuses = false;
        vault.withdrawBonds();
        eq(vault.bondsOwed(address(this)), 0, "bond");
    }

    /* TOKENS */

    function test_fuzz_BOUNTY_12_aFeeIsTheReceiversLoss(uint256 fee) external {
        fee = bound(fee, 0, 10_000);
        token.setFee(fee);
        paid(ALICE);
        withdraw(ALICE);
        eq(token.balanceOf(ALICE), 224_000e18 - uint256(224_000e18) * fee / 10_000, "got");
        eq(token.balanceOf(address(vault)), 2 * MILLION - 224_000e18, "gone");
    }

    function test_BOUNTY_12_aTokenMayAnswerNothing() external {
        token.setSilent(true);
        paid(ALICE);
        withdraw(ALICE);
        eq(token.balanceOf(ALICE), 224_000e18, "got");
    }

    function test_fuzz_BOUNTY_12_aTokenThatTakesMoreThanWasSentIsRefused(uint256 bps) external {
        bps = bound(bps, 1, 10_000);
        token.setPayerFee(bps);
        paid(ALICE);
        uint256 gone = uint256(224_000e18) * (10_000 + bps) / 10_000;
        refuse(abi.encodeWithSelector(IBountyVault.Bounty_Token.selector, gone, 224_000e18));
        withdraw(ALICE);
        eq(token.balanceOf(address(vault)), 2 * MILLION, "nothing left");
    }

    function test_fuzz_BOUNTY_12_anyDecimalsAreUnitsAlone(bool many, uint128 balance) external {
        token = new MockOddToken(many ? 36 : 0);
        vault = new BountyVault(owner, rules, address(token));
        token.mint(address(vault), bound(balance, 2, type(uint128).max));
        Terms memory t = terms();
        for (uint256 i; i < 4; ++i) (t.tiers[i].floor, t.tiers[i].cap) = (1, type(uint128).max);
        (t.shareBps, t.vestBps) = (10_000, 0);
        setTerms(t);
        bytes32 id = report(REPORT, ALICE);
        wait(72 hours);
        attest(attestation(id, id, 10_000));
        uint256 held = token.balanceOf(address(vault));
        uint256 want = uint256(32 * MILLION / 10) / 10;
        eq(vault.awardOf(id), want < held ? want : held, "award");
        wait(3 days);
        vault.payout(id);
        withdraw(ALICE);
        eq(token.balanceOf(ALICE), want < held ? want : held, "paid");
    }

    function test_BOUNTY_12_anAwardEndsBelow2To128() external {
        Terms memory t = terms();
        (t.tiers[3].cap, t.tiers[3].bps, t.shareBps) = (type(uint128).max, 10_000, 10_000);
        setTerms(t);
        token.mint(address(vault), 1e60);
        bytes32 id = report(REPORT, ALICE);
        wait(72 hours);
        attest(Attestation(id, id, 3, type(uint256).max, 10_000, nowAt()));
        eq(vault.awardOf(id), type(uint128).max, "award");
    }

    /* HEALTH */

    function test_SYS_12_theVaultTellsWhatIsWrong() external {
        (bool ok, bytes32 cause) = vault.healthy();
        yes(ok && cause == 0, "healthy");
        attested();
        token.burn(address(vault), 2 * MILLION - 320_000e18);
        (, cause) = vault.healthy();
        eq(cause, "free below the largest floor", "free");
        token.burn(address(vault), 1);
        (, cause) = vault.healthy();
        eq(cause, "owes more than it holds", "owes");
        token.setBlind(true);
        (, cause) = vault.healthy();
        eq(cause, "balance cannot be read", "blind");
        BountyVault made = new BountyVault(owner, rules, address(0xdead));
        (, cause) = made.healthy();
        eq(cause, "asset has no code", "asset");
        made = new BountyVault(owner, IBountyRules(address(0xdead)), address(token));
        (, cause) = made.healthy();
        eq(cause, "rules have no code", "rules");
        made = new BountyVault(owner, IBountyRules(address(new MockBurner())), address(token));
        token.setBlind(false);
        (ok, cause) = made.healthy();
        eq(cause, "rules cannot be read", "burning rules");
        made = new BountyVault(owner, rules, address(new MockBurner()));
        uint256 before = gasleft();
        (ok, cause) = made.healthy();
        atMost(before - gasleft(), 50_000, "gas");
        eq(cause, "balance cannot be read", "burner");
    }

    function test_BOUNTY_08_theDomainIsTheVaults() external view {
        bytes32 typeHash =
            keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
        bytes32 name = keccak256("Testudo Bounty Vault");
        bytes32 want = keccak256(abi.encode(typeHash, name, keccak256("1"), block.chainid, address(vault)));
        eq(vault.domainSeparator(), want, "domain");
    }
}

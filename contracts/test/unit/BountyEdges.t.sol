// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Terms} from "../../src/interfaces/IBountyRules.sol";
import {Attestation, IBountyVault, Ruling} from "../../src/interfaces/IBountyVault.sol";
import {BountySetup} from "../BountySetup.t.sol";

/// What is allowed up to a limit is allowed at the limit.
contract BountyEdgesTest is BountySetup {
    function test_fuzz_BOUNTY_03_aNoticeMayNameAllThatFits(uint256 amount) external {
        uint256 max = type(uint128).max;
        amount = around(amount, max);
        if (amount > max) refuse(with(IBountyVault.Bounty_Reserved.selector, max));
        vm.prank(owner);
        vault.requestWithdrawal(amount);
        eq(vault.funds().noticed, amount > max ? 0 : amount, "noticed");
    }

    function test_fuzz_SYS_12_theLargestFloorFreeIsEnough(uint256 free) external {
        free = bound(around(free, 50_000e18), 0, 2 * MILLION);
        vm.prank(address(vault));
        token.transfer(BOB, 2 * MILLION - free);
        (bool ok, bytes32 reason) = vault.healthy();
        eq(ok ? 1 : 0, free >= 50_000e18 ? 1 : 0, "healthy");
        eq(reason, ok ? bytes32(0) : bytes32("free below the largest floor"), "why");
    }

    function test_fuzz_BOUNTY_10_allOfWhatHasNotVestedMayBeTakenBack(uint16 bps) external {
        bytes32 id = attested();
        wait(3 days);
        vault.payout(id);
        Ruling memory r = ruling(id, 0);
        r.clawbackBps = bps = uint16(around(bps, 10_000));
        if (bps > 10_000) refuse(abi.encodeWithSelector(IBountyVault.Bounty_BadAward.selector, 3, bps));
        rule(id, r);
        uint256 left = bps > 10_000 ? 10_000 : 10_000 - bps;
        eq(vault.reportOf(id).rest, 96_000e18 * left / 10_000, "left");
    }

    function test_fuzz_BOUNTY_08_aDeadlineIsNowToSevenDaysAhead(uint256 ahead) external {
        bytes32 id = report(REPORT, ALICE);
        wait(72 hours);
        Attestation memory a = attestation(id, id, 10_000);
        ahead = ahead % 3 == 0 ? 0 : bound(around(ahead, 7 days), 0, 30 days);
        a.deadline = nowAt() + ahead;
        bytes[] memory sigs = signAll(3, digestOf(a));
        uint256 max = nowAt() + 7 days;
        if (ahead > 7 days) {
            refuse(abi.encodeWithSelector(IBountyVault.Bounty_TooFar.selector, a.deadline, max));
        }
        vault.attest(a, sigs);
    }

    function test_BOUNTY_10_whatVestsInNoTimeHasVestedAtOnce() external {
        Terms memory t = terms();
        t.vestSeconds = 0;
        setTerms(t);
        bytes32 id = attested();
        wait(3 days);
        vault.payout(id);
        vault.payout(id);
        eq(vault.owed(ALICE), 320_000e18, "owed");
        eq(vault.reportOf(id).rest, 0, "rest");
    }
}

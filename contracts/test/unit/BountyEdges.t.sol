// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBountyVault, Ruling} from "../../src/interfaces/IBountyVault.sol";
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
}

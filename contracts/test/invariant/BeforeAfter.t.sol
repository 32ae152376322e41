// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReportState} from "../../src/interfaces/IBountyVault.sol";
import {Claim} from "../../src/interfaces/IBeforeAfterVerifier.sol";
import {MockBank} from "../../src/mocks/MockBank.sol";
import {MockExploit} from "../../src/mocks/MockExploit.sol";
import {ClaimSetup} from "../ClaimSetup.t.sol";
import {Aimed} from "./Aimed.t.sol";

/// Claimants with and without an exploit, a bank that lives on, a timelock that sets the program again, and a vault whose
/// people are silent. A claim begins with the program's own state, so this contract is the setup itself.
/// forge-config: default.invariant.runs = 8
contract BeforeAfterInvariants is ClaimSetup, Aimed {
    uint256 public accepted;
    uint256 public paid;
    uint256 public movedTheBank;
    uint256 public twoAtOnce;
    uint256 public unpaused;
    uint256 public settings = 1;
    bytes32[] internal reports;
    mapping(uint256 setting => uint256) public claimsOf;

    function setUp() public override {
        super.setUp();
        bytes4 claims = this.claim.selector;
        bytes memory rest =
            abi.encodePacked(this.live.selector, this.setAgain.selector, this.end.selector, this.wait.selector);
        aim(address(this), abi.encodePacked(claims, claims, rest));
    }

    /* WHAT HAPPENS */

    function claim(uint8 check, uint256 loss, bool second, uint256 more) external {
        Claim memory c = hole(check % 3, bound(loss, 0, 300e18));
        if (second) c.data = withGift(c.data, bound(more, 0, 1e18));
        bytes32 before = fingerprint();
        bytes32 was = verifier.claimOf(PROGRAM);
        bool open = was == 0 || bounties.stateOf(was) == ReportState.REJECTED;
        (bool ok, bytes memory answer) = address(verifier).call(abi.encodeCall(verifier.claim, (PROGRAM, c)));
        if (fingerprint() != before) ++movedTheBank;
        if (!ok) return;
        ++accepted;
        ++claimsOf[settings];
        if (!open) ++twoAtOnce;
        if (!isPaused()) ++unpaused;
        reports.push(abi.decode(answer, (bytes32)));
    }

    function live(uint256 amount, uint8 what) external {
        amount = bound(amount, 0, 50e18);
        if (what % 4 == 0) bank.deposit(amount);
        if (what % 4 == 1) bank.donate(amount);
        if (what % 4 == 2) bring(1 + amount);
        if (what % 4 == 3) bank.setDue(amount / 100);
    }

    /// A price comes in, and the mark with it.
    function bring(uint256 wad) internal {
        bank.bring(wad, 0);
        bank.push(wad);
    }

    function setAgain() external {
        set(programData());
        ++settings;
    }

    function end(uint256 which) external {
        if (reports.length == 0) return;
        bytes32 id = reports[which % reports.length];
        (bool ok,) = address(bounties).call(abi.encodeCall(bounties.timeoutEscalate, (id)));
        bool wasPaid = bounties.stateOf(id) == ReportState.PAID;
        (ok,) = address(bounties).call(abi.encodeCall(bounties.payout, (id)));
        if (!wasPaid && bounties.stateOf(id) == ReportState.PAID) ++paid;
    }

    function wait(uint256 time) external {
        vm.warp(vm.getBlockTimestamp() + bound(time, 1, 20 days));
    }

    /// The same exploit after something that helps the bank.
    function withGift(bytes memory data, uint256 amount) internal view returns (bytes memory) {
        MockExploit.Step[] memory steps = abi.decode(data, (MockExploit.Step[]));
        MockExploit.Step[] memory all = new MockExploit.Step[](steps.length + 1);
        all[0] = step(abi.encodeCall(MockBank.donate, (amount)));
        for (uint256 i; i < steps.length; ++i) all[i + 1] = steps[i];
        return abi.encode(all);
    }

    /* WHAT HOLDS */

    function invariant_COL_68_noExploitLeavesATraceAndEveryClaimPauses() external view {
        eq(movedTheBank, 0, "moved");
        eq(unpaused, 0, "not paused");
        eq(verifier.claimCount(), accepted, "claims");
    }

    function invariant_CLAIM_04_oneClaimStandsAndOneIsPaidASetting() external view {
        eq(twoAtOnce, 0, "two at once");
        atMost(paid, settings, "paid");
        for (uint256 i = 1; i <= settings; ++i) atMost(claimsOf[i], 1, "claims of a setting");
    }

    function invariant_BOUNTY_02_whatClaimsReserveIsThere() external view {
        atMost(bounties.funds().reserved, token.balanceOf(address(bounties)), "reserved");
    }
}

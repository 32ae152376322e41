// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BeforeAfterVerifier} from "../src/adapters/BeforeAfterVerifier.sol";
import {CollateralCheck} from "../src/adapters/CollateralCheck.sol";
import {MarkCheck} from "../src/adapters/MarkCheck.sol";
import {SolvencyCheck} from "../src/adapters/SolvencyCheck.sol";
import {BountyRules} from "../src/BountyRules.sol";
import {BountyVault} from "../src/BountyVault.sol";
import {Claim, ClaimProgram, IBeforeAfterVerifier} from "../src/interfaces/IBeforeAfterVerifier.sol";
import {Terms, Tier} from "../src/interfaces/IBountyRules.sol";
import {Config, Group, Target, Tripper} from "../src/interfaces/ICircuitBreaker.sol";
import {Bucket} from "../src/interfaces/IExploitProofHook.sol";
import {MockBank} from "../src/mocks/MockBank.sol";
import {MockExploit, MockImpactCheck} from "../src/mocks/MockExploit.sol";
import {MockOddToken} from "../src/mocks/MockOddToken.sol";
import {Setup} from "./Setup.t.sol";

/// A bank whose holes can be shown, and a bounty vault with a million tokens.
abstract contract ClaimSetup is Setup {
    bytes32 internal constant PROGRAM = "bank";
    bytes32 internal constant BANK_GROUP = "bank outflow";
    address internal constant ALICE = address(0xa11ce);
    uint256 internal constant LEAST = 1e18;
    uint256 internal constant MOST = 800e18;
    uint8 internal constant D01 = 0;
    uint8 internal constant D02 = 1;
    uint8 internal constant D12 = 2;
    uint8 internal constant ODD = 3;

    MockOddToken internal token;
    BountyRules internal rules;
    BountyVault internal bounties;
    BeforeAfterVerifier internal verifier;
    MockBank internal bank;
    MockExploit internal exploit;
    MockImpactCheck internal oddCheck;

    function setUp() public virtual override {
        super.setUp();
        token = new MockOddToken(18);
        rules = new BountyRules(address(timelock), address(0), memberList(), 2, terms());
        bounties = new BountyVault(address(0x0e4), rules, address(token));
        verifier = new BeforeAfterVerifier(address(breaker), address(bounties), address(timelock));
        (bank, exploit, oddCheck) = (new MockBank(address(breaker)), new MockExploit(), new MockImpactCheck());
        token.mint(address(bounties), 1e24);
        vm.prank(address(timelock));
        breaker.register(bankConfig(), why());
        vm.prank(address(timelock));
        rules.setProver(address(verifier), true, why());
        set(programData());
    }

    /* INPUTS */

    function terms() internal pure returns (Terms memory t) {
        (t.arbitrator, t.shareBps, t.termsHash) = (address(0xa4b), 5_000, "terms");
        for (uint256 i; i < 4; ++i) {
            t.tiers[i] = Tier(uint128(1_000e18 * (i + 1)), uint128(100_000e18 * (i + 1)), 1_000);
        }
    }

    function bankConfig() internal view returns (Config memory c) {
        bytes4[] memory selectors = new bytes4[](4);
        (selectors[0], selectors[1]) = (MockBank.leak.selector, MockBank.cash.selector);
        (selectors[2], selectors[3]) = (MockBank.recurse.selector, MockBank.withdraw.selector);
        address[] memory targets = new address[](4);
        for (uint256 i; i < 4; ++i) targets[i] = address(bank);
        c.targets = new Target[](1);
        c.targets[0] = Target(address(bank), true, selectors, list(MockBank.deposit.selector));
        c.groups = new Group[](1);
        c.groups[0] = Group(BANK_GROUP, targets, selectors);
        c.trippers = new Tripper[](1);
        c.trippers[0] = Tripper(address(verifier), BANK_GROUP);
    }

    function programData() internal returns (ClaimProgram memory p) {
        (p.group, p.pauseSeconds) = (BANK_GROUP, 6 hours);
        p.checks = new address[](4);
        (p.checks[D01], p.checks[D02]) = (address(new SolvencyCheck(bank)), address(new MarkCheck(bank, 100)));
        (p.checks[D12], p.checks[ODD]) = (address(new CollateralCheck(bank)), address(oddCheck));
        p.buckets = new Bucket[](3);
        (p.buckets[0], p.buckets[1]) = (Bucket(uint128(LEAST), 1), Bucket(10e18, 2));
        p.buckets[2] = Bucket(100e18, 3);
    }

    /// What a loss is worth by `programData`.
    function severityOf(uint256 loss) internal pure returns (uint8) {
        return loss >= 100e18 ? 3 : loss >= 10e18 ? 2 : 1;
    }

    function set(ClaimProgram memory p) internal {
        vm.prank(address(timelock));
        verifier.setProgram(PROGRAM, p, why());
    }

    /* CLAIMS */

    function step(bytes memory data) internal view returns (MockExploit.Step memory) {
        return MockExploit.Step(address(bank), data);
    }

    function claimFor(uint8 check, MockExploit.Step[] memory steps) internal view returns (Claim memory) {
        return Claim(check, address(exploit), address(exploit), abi.encode(steps), ALICE);
    }

    /// An exploit of one call of the bank.
    function oneStep(uint8 check, bytes memory data) internal view returns (Claim memory) {
        MockExploit.Step[] memory steps = new MockExploit.Step[](1);
        steps[0] = step(data);
        return claimFor(check, steps);
    }

    function twoSteps(uint8 check, bytes memory a, bytes memory b) internal view returns (Claim memory) {
        MockExploit.Step[] memory steps = new MockExploit.Step[](2);
        (steps[0], steps[1]) = (step(a), step(b));
        return claimFor(check, steps);
    }

    /// A claim by the hole of `check` that costs the bank `loss`.
    function hole(uint8 check, uint256 loss) internal view returns (Claim memory) {
        if (check == D01) return oneStep(D01, abi.encodeCall(bank.leak, (loss + 100e18)));
        if (check == D12) return oneStep(D12, abi.encodeCall(bank.recurse, (loss)));
        return twoSteps(D02, abi.encodeCall(bank.push, (102e18)), abi.encodeCall(bank.cash, (int256(loss))));
    }

    function isPaused() internal view returns (bool) {
        return breaker.pausedUntil(address(bank), MockBank.leak.selector) > nowAt();
    }

    /// All that a claim or its exploit could change.
    function fingerprint() internal view returns (bytes32) {
        bytes memory books = abi.encode(bank.assets(), bank.claims(), bank.pool(), bank.markWad(), bank.referenceWad());
        bytes memory accounts = abi.encode(bank.free(address(exploit)), bank.worth(address(exploit)), bank.due());
        return keccak256(bytes.concat(books, accounts));
    }

    /// Refused with `cause`, and nothing happened.
    function refused(Claim memory c, bytes memory cause) internal {
        bytes32 before = fingerprint();
        vm.expectRevert(cause);
        verifier.claim(PROGRAM, c);
        eq(fingerprint(), before, "the bank moved");
        no(isPaused(), "paused");
        eq(bounties.funds().reserved, 0, "reserved");
        eq(verifier.claimOf(PROGRAM), bytes32(0), "claim");
    }

    function refused(Claim memory c, bytes4 cause) internal {
        refused(c, abi.encodeWithSelector(cause));
    }

    function noLoss(uint256 loss) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IBeforeAfterVerifier.BeforeAfter_NoLoss.selector, loss, LEAST);
    }
}

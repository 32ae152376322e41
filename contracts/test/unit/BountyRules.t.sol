// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BountyRules} from "../../src/BountyRules.sol";
import {IBountyRules, Price, Terms} from "../../src/interfaces/IBountyRules.sol";
import {BountyTerms, ChildContractScope, IdentityRequirements} from "../../src/interfaces/ISafeHarborAgreement.sol";
import {IAccountable} from "../../src/interfaces/IAccountable.sol";
import {Panel} from "../../src/libraries/Panel.sol";
import {Why} from "../../src/libraries/Why.sol";
import {MockAgreement} from "../../src/mocks/MockAgreement.sol";
import {BountySetup} from "../BountySetup.t.sol";

/// Terms, attestors, provers, and SEAL's agreements.
contract BountyRulesTest is BountySetup {
    function badTerms(bytes32 field) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IBountyRules.Bounty_BadTerms.selector, field);
    }

    function refuseTerms(Terms memory t, bytes32 field) internal {
        vm.prank(timelock);
        refuse(badTerms(field));
        rules.setTerms(t, why());
    }

    function members(uint256 count) internal pure returns (address[] memory list) {
        list = new address[](count);
        for (uint256 i; i < count; ++i) list[i] = address(uint160(i + 1));
    }

    /* ACCESS */

    function test_fuzz_BOUNTY_13_onlyTheTimelockSets(address caller) external {
        vm.assume(caller != timelock);
        bytes memory no_ = abi.encodeWithSelector(IBountyRules.Bounty_NotAllowed.selector, caller);
        vm.prank(caller);
        refuse(no_);
        rules.setTerms(terms(), why());
        vm.prank(caller);
        refuse(no_);
        rules.setAttestors(members(3), 2, why());
        vm.prank(caller);
        refuse(no_);
        rules.setProver(caller, true, why());
    }

    function test_SYS_03_settingNeedsEvidence() external {
        bytes memory no_ = abi.encodeWithSelector(IBountyRules.Bounty_NoEvidence.selector);
        Why memory none = Why("test", 0);
        vm.prank(timelock);
        refuse(no_);
        rules.setTerms(terms(), none);
        vm.prank(timelock);
        refuse(no_);
        rules.setAttestors(members(3), 2, none);
        vm.prank(timelock);
        refuse(no_);
        rules.setProver(ALICE, true, none);
    }

    function test_fuzz_SYS_02_settingTellsWhetherItLoosens(address who) external {
        vm.expectEmit(address(rules));
        emit IBountyRules.ProverSet(who, true);
        vm.expectEmit(address(rules));
        emit IAccountable.Loosened(timelock, bytes32(bytes20(who)), "test", EVIDENCE);
        vm.prank(timelock);
        rules.setProver(who, true, why());
        yes(rules.isProver(who), "prover");
        vm.expectEmit(address(rules));
        emit IAccountable.Tightened(timelock, bytes32(bytes20(who)), "test", EVIDENCE);
        vm.prank(timelock);
        rules.setProver(who, false, why());
        no(rules.isProver(who), "no prover");
        vm.expectEmit(address(rules));
        emit IAccountable.Loosened(timelock, bytes32(uint256(2)), "test", EVIDENCE);
        setTerms(terms());
        vm.expectEmit(address(rules));
        emit IBountyRules.AttestorsSet(members(3), 2);
        vm.expectEmit(address(rules));
        emit IAccountable.Loosened(timelock, bytes32(bytes20(address(rules))), "test", EVIDENCE);
        vm.prank(timelock);
        rules.setAttestors(members(3), 2, why());
    }

    /* ATTESTORS */

    function test_fuzz_BOUNTY_08_twoToSevenDifferentAttestors(uint256 count, uint8 need) external {
        count = bound(count, 0, 9);
        bool bad = count > 7 || need < 2 || need > count;
        vm.prank(timelock);
        if (bad) refuse(abi.encodeWithSelector(Panel.Panel_BadMembers.selector, count, need));
        rules.setAttestors(members(count), need, why());
        (address[] memory list, uint8 have) = rules.attestors();
        eq(list.length, bad ? 5 : count, "members");
        eq(have, bad ? 3 : need, "need");
    }

    function test_fuzz_BOUNTY_08_nobodyIsListedTwice(uint256 a, uint256 b) external {
        address[] memory list = members(5);
        (a, b) = (a % 5, b % 5);
        if (a == b) list[a] = address(0);
        else list[a] = list[b];
        vm.prank(timelock);
        refuse(abi.encodeWithSelector(Panel.Panel_BadMembers.selector, a > b || a == b ? a : b, 2));
        rules.setAttestors(list, 2, why());
    }

    function test_BOUNTY_08_moreThanSevenSignaturesAreRefused() external {
        bytes[] memory sigs = new bytes[](8);
        refuse(abi.encodeWithSelector(Panel.Panel_BadMembers.selector, 8, 3));
        rules.requireQuorum("digest", sigs);
    }

    /* TERMS */

    function test_fuzz_BOUNTY_13_termsAreWrittenWholeAndKept(Terms calldata given) external {
        Terms memory t = given;
        if (t.arbitrator == address(0)) t.arbitrator = ALICE;
        if (t.termsHash == 0) t.termsHash = "terms";
        (t.safeHarborAgreement, t.shareBps) = (address(0), uint16(bound(t.shareBps, 1, 10_000)));
        (t.vestBps, t.vestSeconds) = (uint16(bound(t.vestBps, 0, 5_000)), uint32(bound(t.vestSeconds, 0, 180 days)));
        (uint128 floor, uint128 cap) = (0, 0);
        for (uint256 i; i < 4; ++i) {
            cap = uint128(bound(t.tiers[i].cap, cap, type(uint128).max));
            floor = uint128(bound(t.tiers[i].floor, floor, cap));
            (t.tiers[i].floor, t.tiers[i].cap) = (floor, cap);
            t.tiers[i].bps = uint16(bound(t.tiers[i].bps, 0, 10_000));
        }
        setTerms(t);
        eq(rules.termsVersion(), 2, "version");
        eq(abi.encode(rules.termsOf(2)), abi.encode(t), "terms");
        eq(abi.encode(rules.termsOf(1)), abi.encode(terms()), "the old ones");
        for (uint8 i; i < 4; ++i) {
            Price memory want = Price(t.tiers[i].floor, t.tiers[i].cap, t.tiers[i].bps, t.shareBps);
            eq(abi.encode(rules.priceOf(2, i)), abi.encode(want), "price");
        }
        (address arbitrator_, uint96 bond) = rules.arbitrationOf(2);
        yes(arbitrator_ == t.arbitrator && bond == t.bond, "arbitration");
        (uint16 vestBps, uint32 vestSeconds) = rules.vestingOf(2);
        yes(vestBps == t.vestBps && vestSeconds == t.vestSeconds, "vesting");
        (uint128 reserve, uint128 largest) = rules.holds();
        eq(reserve, t.reserve, "reserve");
        eq(largest, floor, "largest floor");
    }

    function test_fuzz_BOUNTY_13_termsOutOfRangeAreRefused(uint256 x) external {
        Terms memory t = terms();
        t.arbitrator = address(0);
        refuseTerms(t, "arbitrator");
        t = terms();
        t.termsHash = 0;
        refuseTerms(t, "termsHash");
        t = terms();
        t.shareBps = uint16(bound(x, 10_001, type(uint16).max));
        refuseTerms(t, "shareBps");
        t.shareBps = 0;
        refuseTerms(t, "shareBps");
        t = terms();
        t.vestBps = uint16(bound(x, 5_001, type(uint16).max));
        refuseTerms(t, "vesting");
        t = terms();
        t.vestSeconds = uint32(bound(x, 180 days + 1, type(uint32).max));
        refuseTerms(t, "vesting");
        uint256 i = x % 4;
        t = terms();
        t.tiers[i].bps = uint16(bound(x, 10_001, type(uint16).max));
        refuseTerms(t, "tiers");
        t = terms();
        t.tiers[i].floor = t.tiers[i].cap + 1;
        refuseTerms(t, "tiers");
        if (i == 0) return;
        t = terms();
        t.tiers[i].floor = t.tiers[i - 1].floor - 1;
        refuseTerms(t, "tiers");
        t = terms();
        (t.tiers[i].floor, t.tiers[i].cap) = (t.tiers[i - 1].floor, t.tiers[i - 1].cap - 1);
        refuseTerms(t, "tiers");
    }

    /* SAFE HARBOUR */

    function test_fuzz_BOUNTY_13_theAgreementIsTheOneThatWasAgreed(uint256 percentage, uint256 cap) external {
        MockAgreement agreement = new MockAgreement("eip155:31337", "0x00");
        Terms memory t = terms();
        (, t.termsHash) = reader.termsOf(address(agreement));
        (, bytes memory answer) = address(agreement).staticcall(abi.encodeCall(agreement.getDetails, ()));
        eq(t.termsHash, keccak256(answer), "hash");
        t.safeHarborAgreement = address(agreement);
        BountyTerms memory rescue =
            BountyTerms(10, 5_000_000, false, IdentityRequirements.Named, "sanctions list", 0);
        vm.expectEmit(address(rules));
        emit IBountyRules.SafeHarborRead(2, address(agreement), rescue);
        setTerms(t);
        vm.assume(percentage != 10 || cap != 5_000_000);
        agreement.set(percentage, cap, false, 0);
        (, bytes32 have) = reader.termsOf(address(agreement));
        vm.prank(timelock);
        refuse(abi.encodeWithSelector(IBountyRules.Bounty_TermsChanged.selector, have, t.termsHash));
        rules.setTerms(t, why());
    }

    function test_fuzz_BOUNTY_13_anAgreementThatContradictsItselfIsRefused(uint256 percentage, bool keep, uint256 all)
        external
    {
        MockAgreement agreement = new MockAgreement("eip155:31337", "0x00");
        percentage = bound(percentage, 0, 200);
        all = bound(all, 0, 1);
        agreement.set(percentage, 1, keep, all);
        Terms memory t = terms();
        t.safeHarborAgreement = address(agreement);
        (, t.termsHash) = reader.termsOf(address(agreement));
        if (percentage > 100 || (keep && all > 0)) refuseTerms(t, "safe harbour");
        else setTerms(t);
    }

    function test_fuzz_BOUNTY_13_theScopeOfAnAddressIsReadInAnySpelling(uint8 spelling, address other) external {
        string[3] memory spellings = [
            "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045",
            "0xd8da6bf26964af9d7eed9e03e53415d37aa96045",
            "0xD8DA6BF26964AF9D7EED9E03E53415D37AA96045"
        ];
        address account = 0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045;
        MockAgreement agreement = new MockAgreement("eip155:31337", spellings[spelling % 3]);
        (bool listed, ChildContractScope scope) = reader.scopeOf(address(agreement), account);
        yes(listed && scope == ChildContractScope.FutureOnly, "this chain");
        vm.assume(other != account);
        (listed, scope) = reader.scopeOf(address(agreement), other);
        yes(!listed && scope == ChildContractScope.None, "another address");
        vm.chainId(1);
        (listed,) = reader.scopeOf(address(agreement), account);
        no(listed, "another chain");
        vm.chainId(424242424242);
        (listed, scope) = reader.scopeOf(address(agreement), account);
        yes(listed && scope == ChildContractScope.ExistingOnly, "the other chain");
    }

    function test_SYS_12_theRulesTellWhatIsWrong() external {
        (bool ok,) = rules.healthy();
        yes(ok, "healthy");
        BountyRules made = new BountyRules(address(0xdead), address(reader), memberList(), 3, terms());
        (, bytes32 cause) = made.healthy();
        eq(cause, "timelock has no code", "timelock");
        MockAgreement agreement = new MockAgreement("eip155:31337", "0x00");
        Terms memory t = terms();
        t.safeHarborAgreement = address(agreement);
        (, t.termsHash) = reader.termsOf(address(agreement));
        setTerms(t);
        (ok,) = rules.healthy();
        yes(ok, "healthy with an agreement");
        vm.etch(address(agreement), "");
        (, cause) = rules.healthy();
        eq(cause, "agreement has no code", "agreement");
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccountable} from "../../src/interfaces/IAccountable.sol";
import {IFlowLimiter} from "../../src/interfaces/IFlowLimiter.sol";
import {IGuardianCouncil} from "../../src/interfaces/IGuardianCouncil.sol";
import {IInsuranceFund} from "../../src/interfaces/IInsuranceFund.sol";
import {IRiskSteward} from "../../src/interfaces/IRiskSteward.sol";
import {CouncilSetup} from "../CouncilSetup.t.sol";

/// What the council does in the limiter, the fund and the steward: five messages, each one function of the module it names.
contract CouncilModulesTest is CouncilSetup {
    function refused(bytes memory data, bytes memory cause, string memory what) internal {
        (bool ok, bytes memory have) = tryCall(data);
        no(ok, what);
        eq(have, cause, what);
    }

    function fails(bytes memory data, string memory what) internal {
        (bool ok,) = tryCall(data);
        no(ok, what);
    }

    function passes(bytes memory data, string memory what) internal {
        (bool ok,) = tryCall(data);
        yes(ok, what);
    }

    function signedBy(uint256 k, bytes memory words, uint256 subset) internal view returns (bytes memory) {
        return callOf(k, words, signSome(digestOfWords(k, words), subset));
    }

    /* WHO */

    function test_fuzz_COUNCIL_10_anyM1MembersAct(uint256 k, uint256 subset, uint256 nonce) external {
        k = bound(k, 0, KINDS - 1);
        subset = bound(subset, 0, 31);
        bytes memory words = wordsOf(k, moduleOf(k), nonce, nowAt() + 1 hours);
        uint256 count;
        for (uint256 i; i < 5; ++i) count += (subset >> i) & 1;
        bytes memory data = signedBy(k, words, subset);
        if (count < 2) {
            refused(data, abi.encodeWithSelector(IGuardianCouncil.Council_Threshold.selector, count, 2), "too few");
            no(isDone(k), "nothing changed");
            return;
        }
        vm.expectEmit(address(council));
        emit IGuardianCouncil.CouncilActed(kindOf(k), nonce, digestOfWords(k, words), subset);
        vm.expectEmit(moduleOf(k));
        emit IAccountable.Tightened(address(council), subjectOf(k), "test", EVIDENCE);
        passes(data, "m1 members");
        yes(isDone(k), "done");
    }

    function subjectOf(uint256 k) internal view returns (bytes32) {
        if (k == 0) return bytes32(bytes20(address(token)));
        if (k == 1) return bytes32(uint256(1));
        if (k == 2) return LOSS;
        return k == 3 ? PARAM : bytes32(bytes20(KEY));
    }

    function test_fuzz_COUNCIL_05_oneStolenKeyDoesNothingInAModule(uint256 k, uint256 which, uint256 nonce) external {
        k = bound(k, 0, KINDS - 1);
        bytes memory words = wordsOf(k, moduleOf(k), nonce, nowAt() + 1 hours);
        bytes memory data = signedBy(k, words, 1 << bound(which, 0, 4));
        refused(data, abi.encodeWithSelector(IGuardianCouncil.Council_Threshold.selector, 1, 2), "one key");
    }

    function test_fuzz_COUNCIL_10_everySignedFieldCounts(uint256 k, uint256 field, uint256 flip) external {
        k = bound(k, 0, KINDS - 1);
        bytes memory words = wordsOf(k, moduleOf(k), 1, nowAt() + 1 hours);
        bytes memory data = signedBy(k, words, 3);
        uint256 at = 4 + 32 * bound(field, 0, words.length / 32 - 1) + 31;
        data[at] = bytes1(uint8(data[at]) ^ uint8(bound(flip, 1, 255)));
        fails(data, "a changed field");
        no(isDone(k), "nothing changed");
    }

    function test_fuzz_COUNCIL_10_noKindsSignaturesServeAnother(uint256 a, uint256 b) external {
        a = bound(a, 0, KINDS - 1);
        b = bound(b, 0, KINDS - 1);
        vm.assume(a != b);
        bytes memory words = wordsOf(b, moduleOf(b), 1, nowAt() + 1 hours);
        bytes[] memory sigs = signAll(3, digestOfWords(a, words));
        refused(
            callOf(b, words, sigs), abi.encodeWithSelector(IGuardianCouncil.Council_BadSignature.selector, 0), "kind"
        );
    }

    /* NONCES AND DEADLINES */

    function test_fuzz_COUNCIL_02_aModulesNonceIsUsedOnce(uint256 k, uint256 nonce) external {
        k = bound(k, 0, KINDS - 1);
        passes(signedCall(k, moduleOf(k), nonce, 2), "first");
        refused(
            signedCall(k, moduleOf(k), nonce, 3),
            abi.encodeWithSelector(IGuardianCouncil.Council_NonceUsed.selector, nonce),
            "second"
        );
        for (uint256 i; i < KINDS; ++i) yes(council.isNonceUsed(kindOf(i), nonce) == (i == k), "of its kind alone");
    }

    function test_fuzz_COUNCIL_02_aModulesMessageHasItsDeadline(uint256 k, uint256 late, uint256 ahead) external {
        k = bound(k, 0, KINDS - 1);
        uint256 deadline = nowAt() + 7 days + bound(ahead, 1, 3650 days);
        bytes memory words = wordsOf(k, moduleOf(k), 1, deadline);
        refused(
            signedBy(k, words, 3),
            abi.encodeWithSelector(IGuardianCouncil.Council_TooFar.selector, deadline, nowAt() + 7 days),
            "far"
        );
        deadline = nowAt() + 1 hours;
        words = wordsOf(k, moduleOf(k), 1, deadline);
        bytes memory data = signedBy(k, words, 3);
        vm.warp(deadline + bound(late, 1, 3650 days));
        refused(data, abi.encodeWithSelector(IGuardianCouncil.Council_Expired.selector, deadline), "late");
    }

    function test_fuzz_SYS_03_aModuleIsToldWhy(uint256 k) external {
        k = bound(k, 0, KINDS - 1);
        bytes memory words = wordsOf(k, moduleOf(k), 1, nowAt() + 1 hours);
        for (uint256 i; i < 32; ++i) words[words.length - 96 + i] = 0;
        bytes4[5] memory causes = [
            IFlowLimiter.Flow_NoEvidence.selector,
            IFlowLimiter.Flow_NoEvidence.selector,
            IInsuranceFund.Fund_NoEvidence.selector,
            IRiskSteward.Steward_NoEvidence.selector,
            IRiskSteward.Steward_NoEvidence.selector
        ];
        refused(signedBy(k, words, 3), abi.encodePacked(causes[k]), "no evidence");
        no(council.isNonceUsed(kindOf(k), 1), "the nonce stays");
    }

    /* WHAT A MODULE REFUSES */

    function test_fuzz_COUNCIL_11_noCapRises(uint128 capAbs, uint16 bps, uint256 count) external {
        bytes memory head = abi.encode(limiter, token, capAbs, bps, uint256(nowAt()) + 1 hours);
        bytes memory words = bytes.concat(head, endOf(1, nowAt() + 1 hours));
        (bool ok,) = tryCall(callOf(0, words, signAll(bound(count, 2, 5), digestOfWords(0, words))));
        bool lower = capAbs <= CAP && bps <= 5_000 && bps > 0 && (capAbs < CAP || bps < 5_000);
        yes(ok == lower, "all keys lower a cap and never raise one");
        atMost(limiter.limitOf(address(token)).capAbs, CAP, "cap");
        atMost(limiter.limitOf(address(token)).capBpsOfTvl, 5_000, "share");
        yes(council.isNonceUsed(kindOf(0), 1) == lower, "a refused act keeps its nonce");
    }

    function test_fuzz_COUNCIL_11_aLoweredCapIsBackWithin72h(uint128 capAbs, uint40 until, uint256 count) external {
        bytes memory head = abi.encode(limiter, token, bound(capAbs, 0, CAP), 4_000, bound(until, nowAt() + 1, 2 ** 40 - 1));
        bytes memory words = bytes.concat(head, endOf(1, nowAt() + 1 hours));
        passes(callOf(0, words, signAll(bound(count, 2, 5), digestOfWords(0, words))), "lowered");
        vm.warp(nowAt() + 72 hours);
        eq(limiter.limitOf(address(token)).capAbs, CAP, "cap");
        eq(limiter.limitOf(address(token)).capBpsOfTvl, 5_000, "share");
    }

    function test_fuzz_COUNCIL_11_aHoldOnlyLengthensAndEnds(uint256 first, uint256 second) external {
        uint256 max = limiter.entryOf(1).readyAt + 72 hours;
        uint256[2] memory ends = [bound(first, 1, max + 6 days), bound(second, 1, max + 6 days)];
        uint256 held;
        for (uint256 i; i < 2; ++i) {
            bytes memory words = bytes.concat(abi.encode(limiter, 1, ends[i]), endOf(i, nowAt() + 1 hours));
            (bool ok,) = tryCall(callOf(1, words, signAll(2, digestOfWords(1, words))));
            yes(ok == (ends[i] > held && ends[i] <= max), "later, and within 72 h of being ready");
            if (ok) held = ends[i];
            eq(limiter.entryOf(1).heldUntil, held, "held until");
        }
    }

    function test_COUNCIL_11_aRevertThatLoosensIsRefused() external {
        setParam(50e18);
        refused(
            signedCall(3, address(steward), 1, 5),
            abi.encodeWithSelector(IRiskSteward.Steward_Loosens.selector, PARAM),
            "105 is looser than 50"
        );
        eq(steward.valueOf(PARAM), 50e18, "value");
    }

    function test_fuzz_COUNCIL_11_lossesHoldRedemptionsSevenDaysOfThirty(uint256 wait) external {
        uint40 start = nowAt();
        passes(signedCall(2, address(fund), 1, 2), "first loss");
        eq(fund.lossOf(LOSS).until, start + 7 days, "seven days");
        vm.warp(start + bound(wait, 7 days, 30 days - 1));
        bytes memory words = bytes.concat(abi.encode(fund, bytes32("second"), PERP, 1), endOf(2, nowAt() + 1 hours));
        refused(
            callOf(2, words, signAll(5, digestOfWords(2, words))),
            abi.encodeWithSelector(IInsuranceFund.Fund_TooSoon.selector, start + 30 days),
            "a second row"
        );
    }

    function test_fuzz_COUNCIL_11_noOtherContractTakesSuchACall(uint256 k, uint256 which) external {
        k = bound(k, 0, KINDS - 1);
        address[7] memory others = [
            address(breaker), address(timelock), address(council), address(vault), address(market), address(0xe0a), KEY
        ];
        address target = others[bound(which, 0, 6)];
        fails(signedCall(k, target, 1, 5), "another contract");
        no(council.isNonceUsed(kindOf(k), 1), "the nonce stays");
    }

    function test_fuzz_SYS_01_theModulesTakeNoCallOfAStranger(uint256 k, address caller) external {
        k = bound(k, 0, KINDS - 1);
        vm.assume(caller != address(council) && caller != address(timelock) && caller != address(this) && caller != KEY);
        vm.prank(caller);
        bool ok;
        if (k == 0) (ok,) = address(limiter).call(abi.encodeCall(limiter.lowerCap, (address(token), 1, 1, nowAt() + 1, why())));
        if (k == 1) (ok,) = address(limiter).call(abi.encodeCall(limiter.hold, (1, nowAt() + 1 days, why())));
        if (k == 2) (ok,) = address(fund).call(abi.encodeCall(fund.openLoss, (LOSS, PERP, 1, why())));
        if (k == 3) (ok,) = address(steward).call(abi.encodeCall(steward.revertToLastGood, (PARAM, why())));
        if (k == 4) (ok,) = address(steward).call(abi.encodeCall(steward.dismissSteward, (KEY, why())));
        no(ok, "a stranger");
    }
}

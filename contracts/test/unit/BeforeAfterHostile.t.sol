// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Claim, IBeforeAfterVerifier} from "../../src/interfaces/IBeforeAfterVerifier.sol";
import {Look} from "../../src/interfaces/IImpactCheck.sol";
import {MockExploit} from "../../src/mocks/MockExploit.sol";
import {ClaimSetup} from "../ClaimSetup.t.sol";

/// Claimants, banks and checks that lie.
/// forge-config: default.fuzz.runs = 100
contract BeforeAfterHostileTest is ClaimSetup {
    function boundLoss(uint256 loss) internal pure returns (uint256) {
        return bound(loss, LEAST, MOST);
    }

    /// An exploit of one call of whomever.
    function calls(address to, bytes memory data) internal view returns (Claim memory) {
        MockExploit.Step[] memory steps = new MockExploit.Step[](1);
        steps[0] = MockExploit.Step(to, data);
        return claimFor(D01, steps);
    }

    function outcome(uint256 loss) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IBeforeAfterVerifier.BeforeAfter_Outcome.selector, true, loss);
    }

    function noAnswer(uint8 check) internal view returns (bytes memory) {
        address named = verifier.programOf(PROGRAM).checks[check];
        return abi.encodeWithSelector(IBeforeAfterVerifier.BeforeAfter_NoAnswer.selector, named);
    }

    /* WORDS THAT LOOK LIKE AN OUTCOME */

    function test_fuzz_CLAIM_01_anExploitCannotRevertWithAnOutcome(uint256 loss) external {
        Claim memory c = calls(address(exploit), abi.encodeCall(exploit.say, (outcome(loss))));
        refused(c, IBeforeAfterVerifier.BeforeAfter_Failed.selector);
    }

    /// The exploit brings the bank to answer the second look with the words of an outcome.
    function test_fuzz_CLAIM_01_aBankCannotAnswerWithAnOutcome(uint256 loss) external {
        refused(oneStep(D01, abi.encodeCall(bank.setWords, (outcome(loss), 0))), noAnswer(D01));
    }

    /// Nor, by failing, with the three words of a look that has lost.
    function test_fuzz_CLAIM_01_aFailingBankShowsNoLook(int256 level) external {
        bytes memory words = abi.encode(bytes32(0), uint256(0), bound(level));
        refused(oneStep(D01, abi.encodeCall(bank.setWords, (words, 0))), noAnswer(D01));
    }

    function bound(int256 level) internal pure returns (int256) {
        return -int256(boundLoss(uint256(level)));
    }

    function test_fuzz_CLAIM_01_onlyTheVerifierOpensTheInnerFrame(address caller, uint256 loss) external {
        vm.assume(caller != address(verifier));
        Claim memory c = hole(D01, boundLoss(loss));
        address check = verifier.programOf(PROGRAM).checks[D01];
        vm.expectRevert(abi.encodeWithSelector(IBeforeAfterVerifier.BeforeAfter_NotAllowed.selector, caller));
        vm.prank(caller);
        verifier.attempt(check, c);
        // Nor does an exploit, which the verifier calls.
        bytes memory inner = abi.encodeCall(verifier.attempt, (check, c));
        refused(calls(address(verifier), inner), IBeforeAfterVerifier.BeforeAfter_Failed.selector);
    }

    function test_fuzz_CLAIM_01_noClaimWithinAClaim(uint256 loss) external {
        bytes memory inner = abi.encodeCall(verifier.claim, (PROGRAM, hole(D01, boundLoss(loss))));
        refused(calls(address(verifier), inner), IBeforeAfterVerifier.BeforeAfter_Failed.selector);
    }

    /// A program that the exploit may set within its frame is gone with it, and the check is the one that looked before.
    function test_fuzz_CLAIM_01_settingsWithinTheFrameAreUndone(uint256 loss, bytes calldata answer) external {
        oddCheck.set(abi.encode(Look(0, true, 0)), false, false);
        MockExploit.Step[] memory steps = new MockExploit.Step[](2);
        steps[0] = MockExploit.Step(address(oddCheck), abi.encodeCall(oddCheck.set, (answer, false, false)));
        steps[1] = step(abi.encodeCall(bank.leak, (boundLoss(loss) + 100e18)));
        verifier.claim(PROGRAM, claimFor(D01, steps));
        Look memory now_ = abi.decode(ask(address(oddCheck)), (Look));
        yes(now_.holds, "as it was");
    }

    function ask(address check) internal view returns (bytes memory answer) {
        (, answer) = check.staticcall(abi.encodeWithSignature("look(address)", ALICE));
    }

    /* CHECKS THAT DO NOT ANSWER */

    /// forge-config: default.fuzz.runs = 100
    function test_fuzz_CLAIM_01_aCheckThatDoesNotAnswerAsItShouldShowsNothing(bytes calldata answer, uint8 how)
        external
    {
        vm.assume(answer.length != 96);
        how %= 3;
        oddCheck.set(how == 0 ? answer : abi.encode(Look(0, true, 0)), how == 1, how == 2);
        MockExploit.Step[] memory none = new MockExploit.Step[](0);
        refused(claimFor(ODD, none), noAnswer(ODD));
    }

    function test_fuzz_CLAIM_01_aTruthIsZeroOrOne(uint256 holds) external {
        oddCheck.set(abi.encode(bytes32(0), bound(holds, 2, type(uint256).max), int256(0)), false, false);
        MockExploit.Step[] memory none = new MockExploit.Step[](0);
        refused(claimFor(ODD, none), noAnswer(ODD));
    }

    /// Whatever a check says of before and after: the loss is what the level fell by, or the claim is refused.
    function test_fuzz_CLAIM_01_levelsOfAnySizeNeverMakeALossOfARise(int256 before, int256 afterwards) external {
        oddCheck.set(abi.encode(Look(0, true, before)), false, false);
        bytes memory answer = abi.encode(Look(0, false, afterwards));
        Claim memory c = calls(address(oddCheck), abi.encodeCall(oddCheck.set, (answer, false, false)));
        c.check = ODD;
        (bool ok,) = address(verifier).call(abi.encodeCall(verifier.claim, (PROGRAM, c)));
        no(ok, "this exploit is not shut by the pause, so it is never shown");
        if (afterwards >= before) refused(c, noLoss(0));
    }

    /* GAS */

    /// The exploit decides how much gas is left for the second look. A bank that takes a source for dead for want of gas
    /// must not be seen so.
    /// forge-config: default.fuzz.runs = 100
    function test_fuzz_CLAIM_01_theExploitCannotStarveTheSecondLook(uint256 left, uint256 given) external {
        bank.setWords("", 900_000);
        Claim memory c = calls(address(exploit), abi.encodeCall(exploit.burn, (bound(left, 1_000, 1_200_000))));
        address check = verifier.programOf(PROGRAM).checks[D01];
        given = bound(given, 1_100_000, 4_000_000);
        vm.prank(address(verifier));
        (, bytes memory cause) = address(verifier).call{gas: given}(abi.encodeCall(verifier.attempt, (check, c)));
        yes(keccak256(cause) == keccak256(outcome(0)) || bytes4(cause) != bytes4(outcome(0)), "a loss for want of gas");
    }

    function test_fuzz_CLAIM_01_theSendersGasDecidesNothing(uint256 given, uint256 loss) external {
        bytes memory call = abi.encodeCall(verifier.claim, (PROGRAM, hole(D01, boundLoss(loss))));
        (bool ok,) = address(verifier).call{gas: bound(given, 100_000, 4_000_000)}(call);
        yes(ok == isPaused(), "paused");
        yes(ok == (bounties.funds().reserved > 0), "reserved");
        yes(ok == (verifier.claimOf(PROGRAM) != 0), "claim");
    }

    /* WHAT IS LEFT BEHIND */

    /// Tokens that the exploit took in its frame are where they were.
    function test_fuzz_COL_68_theFrameKeepsNoGain(uint256 gain, uint256 loss) external {
        gain = bound(gain, 0, 1e24);
        MockExploit.Step[] memory steps = new MockExploit.Step[](2);
        steps[0] = MockExploit.Step(address(token), abi.encodeCall(token.mint, (address(exploit), gain)));
        steps[1] = step(abi.encodeCall(bank.leak, (boundLoss(loss) + 100e18)));
        uint256 supply = token.totalSupply();
        verifier.claim(PROGRAM, claimFor(D01, steps));
        eq(token.balanceOf(address(exploit)), 0, "gain");
        eq(token.totalSupply(), supply, "supply");
    }

    /// What is not kept private can be copied: the contract does not pretend otherwise.
    function test_fuzz_COL_68_aCopyOfAnUnminedClaimNamesItsThief(address thief, uint256 loss) external {
        vm.assume(thief != address(0));
        Claim memory c = hole(D01, boundLoss(loss));
        c.beneficiary = thief;
        vm.prank(thief);
        bytes32 id = verifier.claim(PROGRAM, c);
        eq(bounties.reportOf(id).beneficiary, thief, "only a private relay keeps it from him");
    }
}

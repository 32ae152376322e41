// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ClaimProgram, IBeforeAfterVerifier} from "../interfaces/IBeforeAfterVerifier.sol";
import {Bucket} from "../interfaces/IExploitProofHook.sol";
import {IImpactCheck, Look} from "../interfaces/IImpactCheck.sol";

/// @notice What is asked of an impact check, and what a program of claims has to be.
library ClaimCheck {
    uint256 internal constant MAX_CHECKS = 7;
    uint256 internal constant MAX_BUCKETS = 8;
    uint32 internal constant MAX_PAUSE = 72 hours;
    uint8 internal constant CRITICAL = 3;
    uint256 internal constant LOOK_GAS = 1_000_000;
    /// With this much left LOOK_GAS reaches the check (EIP-150), with the call's own setup. A look that gets less could
    /// see another price, and the exploit decides how much is left for the second.
    uint256 internal constant LOOK_NEED = 1_030_000;

    /// @dev Lets the check bring its protocol to now.
    function settle(address check) internal {
        requireGas(LOOK_NEED);
        bytes memory call = abi.encodeCall(IImpactCheck.settle, ());
        (bool ok,) = check.call{gas: LOOK_GAS}(call);
        if (!ok || check.code.length == 0) revert IBeforeAfterVerifier.BeforeAfter_NoAnswer(check);
    }

    /// @dev What the check sees. Nothing of what a failing one says comes back: a protocol that an exploit had its hand in
    /// could answer with the words by which the inner frame tells of a loss.
    function look(address check, address subject) internal view returns (Look memory) {
        requireGas(LOOK_NEED);
        (bool ok, bytes memory data) = check.staticcall{gas: LOOK_GAS}(abi.encodeCall(IImpactCheck.look, (subject)));
        bool sound = ok && data.length == 96;
        if (!sound) revert IBeforeAfterVerifier.BeforeAfter_NoAnswer(check);
        (bytes32 pinned, uint256 holds, int256 level) = abi.decode(data, (bytes32, uint256, int256));
        if (holds > 1) revert IBeforeAfterVerifier.BeforeAfter_NoAnswer(check);
        return Look(pinned, holds == 1, level);
    }

    /// @dev What an invariant that is broken now has cost since `before`.
    function lossSince(Look memory before, Look memory afterwards) internal pure returns (uint256) {
        if (afterwards.holds || afterwards.level >= before.level) return 0;
        return uint256(before.level - afterwards.level);
    }

    /// @dev The largest bucket whose bound `loss` reaches.
    function bucketOf(ClaimProgram storage p, uint256 loss) internal view returns (Bucket memory bucket) {
        uint256 length = p.buckets.length;
        uint256 least = p.buckets[0].lossLowerBound;
        if (loss < least) revert IBeforeAfterVerifier.BeforeAfter_NoLoss(loss, least);
        for (uint256 i; i < length && p.buckets[i].lossLowerBound <= loss; ++i) {
            bucket = p.buckets[i];
        }
    }

    function requireGas(uint256 need) internal view {
        if (gasleft() < need) revert IBeforeAfterVerifier.BeforeAfter_GasTooLow(need);
    }

    function requireSane(ClaimProgram calldata p) internal pure {
        if (p.pauseSeconds == 0 || p.pauseSeconds > MAX_PAUSE) {
            revert IBeforeAfterVerifier.BeforeAfter_BadProgram("pauseSeconds");
        }
        if (p.checks.length > MAX_CHECKS) revert IBeforeAfterVerifier.BeforeAfter_BadProgram("checks");
        uint256 length = p.buckets.length;
        bool sane = length != 0 && length <= MAX_BUCKETS && p.buckets[0].lossLowerBound != 0;
        for (uint256 i; sane && i < length; ++i) {
            sane = p.buckets[i].severity <= CRITICAL
                && (i == 0
                    || (p.buckets[i].lossLowerBound > p.buckets[i - 1].lossLowerBound
                        && p.buckets[i].severity >= p.buckets[i - 1].severity));
        }
        if (!sane) revert IBeforeAfterVerifier.BeforeAfter_BadProgram("buckets");
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bytes} from "@openzeppelin/contracts/utils/Bytes.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IAccountable} from "../interfaces/IAccountable.sol";
import {Claim, ClaimProgram, IBeforeAfterVerifier} from "../interfaces/IBeforeAfterVerifier.sol";
import {IBountyVault, ReportState} from "../interfaces/IBountyVault.sol";
import {ICircuitBreaker} from "../interfaces/ICircuitBreaker.sol";
import {IExploit} from "../interfaces/IExploit.sol";
import {Bucket} from "../interfaces/IExploitProofHook.sol";
import {IImpactCheck, Look} from "../interfaces/IImpactCheck.sol";
import {ClaimCheck} from "../libraries/ClaimCheck.sol";
import {ProverHealth} from "../libraries/ProverHealth.sol";
import {Why} from "../libraries/Why.sol";

/// @title BeforeAfterVerifier
contract BeforeAfterVerifier is IBeforeAfterVerifier, ReentrancyGuardTransient {
    using Bytes for bytes;
    using ClaimCheck for address;
    using ClaimCheck for Look;
    using ClaimCheck for ClaimProgram;

    /* IMMUTABLES */

    /// @inheritdoc IBeforeAfterVerifier
    address public immutable breaker;
    /// @inheritdoc IBeforeAfterVerifier
    address public immutable vault;
    /// @inheritdoc IBeforeAfterVerifier
    address public immutable timelock;

    /* STORAGE */

    mapping(bytes32 programId => ClaimProgram) private _programs;
    /// @inheritdoc IBeforeAfterVerifier
    mapping(bytes32 programId => bytes32) public claimOf;
    /// @inheritdoc IBeforeAfterVerifier
    uint256 public claimCount;

    /* CONSTRUCTOR */

    /// @param breaker_ Has to know this contract as a tripper of the programs' groups.
    /// @param vault_ Has to know it as a prover. @param timelock_ The TimelockController.
    constructor(address breaker_, address vault_, address timelock_) {
        (breaker, vault, timelock) = (breaker_, vault_, timelock_);
    }

    /* TIMELOCK FUNCTIONS */

    /// @inheritdoc IBeforeAfterVerifier
    function setProgram(bytes32 programId, ClaimProgram calldata program, Why calldata why) external {
        if (msg.sender != timelock) revert BeforeAfter_NotAllowed(msg.sender);
        if (why.evidence == 0) revert BeforeAfter_NoEvidence();
        ClaimCheck.requireSane(program);
        _programs[programId] = program;
        delete claimOf[programId];
        emit ProgramSet(programId, program);
        if (program.checks.length == 0) emit Tightened(msg.sender, programId, why.reason, why.evidence);
        else emit Loosened(msg.sender, programId, why.reason, why.evidence);
    }

    /* FUNCTIONS FOR ALL */

    /// @inheritdoc IBeforeAfterVerifier
    function claim(bytes32 programId, Claim calldata c) external nonReentrant returns (bytes32 reportId) {
        ClaimProgram storage p = _programs[programId];
        if (c.check >= p.checks.length) revert BeforeAfter_Unknown(programId, c.check);
        _requireUnclaimed(claimOf[programId]);
        address check = p.checks[c.check];
        uint256 gasBefore = gasleft();
        (bool ran, uint256 loss) = _attempt(check, c);
        uint256 used = gasBefore - gasleft();
        if (!ran) revert BeforeAfter_Failed();
        Bucket memory bucket = p.bucketOf(loss);
        reportId = keccak256(abi.encode(address(this), programId, ++claimCount));
        claimOf[programId] = reportId;
        emit ExploitShown(programId, IImpactCheck(check).impact(), reportId, bucket.lossLowerBound);
        _trip(programId, p, c);
        _requireShut(check, c, used, p.buckets[0].lossLowerBound);
        uint256 reserved = IBountyVault(vault).reserveProven(reportId, c.beneficiary, bucket.severity);
        emit ClaimOpened(programId, reportId, c.beneficiary, reserved);
    }

    /// @inheritdoc IBeforeAfterVerifier
    function attempt(address check, Claim calldata c) external {
        if (msg.sender != address(this)) revert BeforeAfter_NotAllowed(msg.sender);
        check.settle();
        Look memory before = check.look(c.subject);
        if (!before.holds) revert BeforeAfter_Broken();
        // What the exploit answers or reverts with could be taken for this frame's own words.
        bool ran = LowLevelCall.callNoReturn(c.exploit, abi.encodeCall(IExploit.run, (c.data)));
        if (!ran) revert BeforeAfter_Outcome(false, 0);
        Look memory afterwards = check.look(c.subject);
        if (afterwards.pinned != before.pinned) revert BeforeAfter_Moved();
        revert BeforeAfter_Outcome(true, before.lossSince(afterwards));
    }

    /* VIEWS */

    /// @inheritdoc IBeforeAfterVerifier
    function programOf(bytes32 programId) external view returns (ClaimProgram memory) {
        return _programs[programId];
    }

    /// @inheritdoc IAccountable
    function healthy() external view returns (bool, bytes32 why) {
        why = ProverHealth.illness(timelock, breaker, vault);
        return (why == 0, why);
    }

    /* INTERNAL */

    /// @dev The frame that this opens ends by its own error, in which all that the exploit did is gone.
    function _attempt(address check, Claim calldata c) private returns (bool ran, uint256 loss) {
        try this.attempt(check, c) {}
        catch (bytes memory cause) {
            bool ended = cause.length == 68 && bytes4(cause) == BeforeAfter_Outcome.selector;
            if (ended) return abi.decode(cause.slice(4), (bool, uint256));
            // Out of gas, which says nothing.
            if (cause.length == 0) revert BeforeAfter_NoAnswer(check);
            LowLevelCall.bubbleRevert(cause);
        }
    }

    // The breaker's refusal is the claim's: what it could not shut would be shown to all.
    function _trip(bytes32 programId, ClaimProgram storage p, Claim calldata c) private {
        uint40 until = uint40(block.timestamp) + p.pauseSeconds;
        bytes32 evidence = keccak256(abi.encode(programId, c, c.exploit.codehash));
        ICircuitBreaker(breaker).tripGroup(p.group, until, Why("EXPLOIT_SHOWN", evidence));
    }

    // An exploit may know that it runs again and lie low: this keeps an honest author from a mistake, nobody from a crime.
    function _requireShut(address check, Claim calldata c, uint256 used, uint256 least) private {
        ClaimCheck.requireGas(used + used / 32);
        (, uint256 loss) = _attempt(check, c);
        if (loss >= least) revert BeforeAfter_StillOpen(loss);
    }

    function _requireUnclaimed(bytes32 reportId) private view {
        if (reportId == 0) return;
        if (IBountyVault(vault).stateOf(reportId) != ReportState.REJECTED) revert BeforeAfter_Claimed(reportId);
    }
}

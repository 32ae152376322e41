// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {Why} from "../libraries/Why.sol";
import {IAccountable} from "./IAccountable.sol";
import {Bucket} from "./IExploitProofHook.sol";

/// @notice A protocol whose holes can be shown.
/// @param group The breaker's group that a claim trips. @param pauseSeconds For how long, at most 72 h.
/// @param checks What can be claimed, at most 7; none refuses all claims.
/// @param buckets Which loss is of which severity, at most 8, rising.
struct ClaimProgram {
    bytes32 group;
    uint32 pauseSeconds;
    address[] checks;
    Bucket[] buckets;
}

/// @notice What a claimant sends.
/// @param check Place in the program's checks. @param subject The account that the check looks at.
/// @param exploit An IExploit, which may be deployed in the same transaction. @param data What it is given.
/// @param beneficiary Who is paid.
struct Claim {
    uint8 check;
    address subject;
    address exploit;
    bytes data;
    address beneficiary;
}

/// @title BeforeAfterVerifier: an exploit of one transaction is its own proof.
/// @notice Looks at an invariant, runs the claimant's exploit, looks again and reverts all of it; where the invariant
/// broke, pauses the program's group and opens a report with a reserved floor in the bounty vault. Nobody decides
/// whether the hole is there. What is paid beyond the floor is decided in the vault, as of any report.
/// @dev Send a claim by a private relay only: whoever sees it before it is mined can copy the exploit and name himself
/// as the beneficiary, or use it. It is public once it is mined, so a claim whose exploit still works under the pause that
/// it caused reverts, as does one that the breaker refuses to pause for. A program has one claim until its report is
/// rejected or the timelock sets the program again, so that nobody claims by the same exploit what another check sees of it.
interface IBeforeAfterVerifier is IAccountable {
    /// @notice An exploit broke the invariant of `impact` with a loss of at least `lossLowerBound`.
    event ExploitShown(
        bytes32 indexed programId, bytes32 indexed impact, bytes32 indexed reportId, uint256 lossLowerBound
    );

    /// @notice The report in the vault for that exploit, and what is reserved for it.
    event ClaimOpened(
        bytes32 indexed programId, bytes32 indexed reportId, address indexed beneficiary, uint256 reserved
    );

    /// @notice `programId` is now `program`, and has no claim.
    event ProgramSet(bytes32 indexed programId, ClaimProgram program);

    /// @notice How the inner frame ends: whether the exploit returned, and what it cost the protocol.
    error BeforeAfter_Outcome(bool ran, uint256 loss);

    /// @notice The exploit reverted.
    error BeforeAfter_Failed();

    /// @notice The invariant is broken before the exploit.
    error BeforeAfter_Broken();

    /// @notice What no exploit may move has moved: a price came in, say.
    error BeforeAfter_Moved();

    /// @notice The loss is below the program's smallest.
    error BeforeAfter_NoLoss(uint256 loss, uint256 least);

    /// @notice The exploit works under the pause, too: report it by a commit instead, which shows nothing.
    error BeforeAfter_StillOpen(uint256 loss);

    /// @notice The check does not answer as it should.
    error BeforeAfter_NoAnswer(address check);

    /// @notice So much gas is needed, lest the sender decide what fails.
    error BeforeAfter_GasTooLow(uint256 need);

    /// @notice The program has a claim already.
    error BeforeAfter_Claimed(bytes32 reportId);

    /// @notice The program is not there, or has no such check.
    error BeforeAfter_Unknown(bytes32 programId, uint8 check);

    /// @notice A field of the program is out of range: `field` names it.
    error BeforeAfter_BadProgram(bytes32 field);

    /// @notice The caller lacks the role.
    error BeforeAfter_NotAllowed(address caller);

    /// @notice `evidence` is zero.
    error BeforeAfter_NoEvidence();

    /// @notice The CircuitBreaker that is tripped.
    function breaker() external view returns (address);

    /// @notice The BountyVault in which reports are opened.
    function vault() external view returns (address);

    /// @notice Registers programs.
    function timelock() external view returns (address);

    /// @notice Runs the exploit, undoes it, trips and reserves. Pays the beneficiary, whoever sends it. Anyone.
    function claim(bytes32 programId, Claim calldata c) external returns (bytes32 reportId);

    /// @notice The inner frame: looks, runs, looks, and reverts with the outcome, always. This contract alone.
    function attempt(address check, Claim calldata c) external;

    /// @notice Registers `programId`, or puts `program` in its place and lets it be claimed anew; without checks it refuses
    /// all claims. Timelock.
    function setProgram(bytes32 programId, ClaimProgram calldata program, Why calldata why) external;

    /// @notice The program `programId`.
    function programOf(bytes32 programId) external view returns (ClaimProgram memory);

    /// @notice The report that was opened last for the program as it is; zero if none was.
    function claimOf(bytes32 programId) external view returns (bytes32);

    /// @notice How many claims succeeded, in all programs.
    function claimCount() external view returns (uint256);
}

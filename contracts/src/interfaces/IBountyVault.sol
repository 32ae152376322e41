// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {Why} from "../libraries/Why.sol";
import {IAccountable} from "./IAccountable.sol";
import {IBountyRules} from "./IBountyRules.sol";

/// @notice Where a report stands. REVEALED waits for the attestors, ATTESTED for the end of the challenge period,
/// CHALLENGED and ESCALATED for the arbitrator, RULED for its payment; PAID and REJECTED are the ends.
enum ReportState {
    NONE,
    REVEALED,
    ATTESTED,
    CHALLENGED,
    ESCALATED,
    RULED,
    PAID,
    REJECTED
}

/// @notice A commit or an anchored batch: when, in which order, under which terms.
struct Commit {
    uint40 at;
    uint40 index;
    uint48 blockNumber;
    uint16 version;
}

/// @notice A report. `since` is when the state began, or when a paid report's vesting was settled last. `award` is what
/// a proof has reserved, then what was paid; `rest` the part that has not vested. `rootId` is zero for a root of its
/// own.
struct Report {
    address beneficiary;
    ReportState state;
    uint8 severity;
    uint16 awardBps;
    uint40 since;
    bool byOwner;
    uint16 version;
    uint40 committedAt;
    uint40 index;
    uint32 seq;
    uint48 blockNumber;
    uint40 vestEnd;
    uint128 award;
    uint128 rest;
    bytes32 rootId;
}

/// @notice A root cause, named by its first report: what all its reports get, which part of it is given, and when it
/// was fixed.
struct Root {
    uint128 base;
    uint16 awardedBps;
    uint40 at;
}

/// @notice What m of the attestors sign. `rootId` is the report's own id, or that of the first report of the same
/// cause; `awardBps` is the part of the root's base; zero rejects the report.
struct Attestation {
    bytes32 reportId;
    bytes32 rootId;
    uint8 severity;
    uint256 fundsAtRisk;
    uint16 awardBps;
    uint256 deadline;
}

/// @notice What the arbitrator says. `clawbackBps` counts for a paid report alone, the rest for an open one alone.
struct Ruling {
    bytes32 rootId;
    uint8 severity;
    uint256 fundsAtRisk;
    uint16 awardBps;
    uint16 clawbackBps;
}

/// @notice Proof of funds: what the vault holds, what of it is reserved or owed, what the owner could take were its
/// notice over, how many reports wait for a decision, and the notice that runs: how much, and from when.
struct Funds {
    uint256 balance;
    uint256 reserved;
    uint256 takeable;
    uint256 openReports;
    uint256 noticed;
    uint40 from;
}

/// @title BountyVault: a price that beats the exploit, paid without favour.
/// @notice A reporter commits to a hash, reveals it, and is paid what the attestors, or on dispute or silence the
/// arbitrator, find that the report is worth under the terms of its commit.
/// @dev Roles: the owner takes back what is free, after a notice, and challenges; provers (ExploitProofHook) reserve a
/// floor; the timelock sets terms, attestors and provers in BountyRules. Clocks: reveal within 7 d of the commit; no
/// attestation within 72 h of the commit; 15 d of the attestors' silence, 3 d to challenge, 30 d for the arbitrator: 55
/// d at most from a commit to an end, 48 d from a reveal.
interface IBountyVault is IAccountable {
    /// @notice `commit` was made under the terms `version`, as number `index`.
    event Committed(bytes32 indexed commit, uint40 index, uint16 version);

    /// @notice `by` anchored `root`: a batch of commits, or whatever else `kind` says.
    event Anchored(bytes32 indexed kind, bytes32 indexed root, address indexed by, uint40 index, uint16 version);

    /// @notice A report is there, or has a better place than before.
    event Revealed(
        bytes32 indexed reportId, bytes32 indexed reportHash, address indexed beneficiary, uint40 index, uint32 seq
    );

    /// @notice A prover found `reportId` to be true and `reserved` was put aside for it.
    event Proven(bytes32 indexed reportId, address indexed beneficiary, uint8 severity, uint256 reserved);

    /// @notice The attestors decided that the report gets `award`, which is `awardBps` of its root.
    event Attested(
        bytes32 indexed reportId,
        bytes32 indexed rootId,
        uint8 severity,
        uint256 fundsAtRisk,
        uint16 awardBps,
        uint256 award
    );

    /// @notice `by` doubts the attestation.
    event Challenged(bytes32 indexed reportId, address indexed by);

    /// @notice The attestors were silent: the arbitrator decides.
    event Escalated(bytes32 indexed reportId);

    /// @notice The arbitrator decided.
    event Ruled(bytes32 indexed reportId, Ruling ruling, bytes32 reason, bytes32 evidence);

    /// @notice The arbitrator took `amount` of what had not vested.
    event ClawedBack(bytes32 indexed reportId, uint256 amount);

    /// @notice `amount` may be withdrawn by `beneficiary`; `rest` vests.
    event Paid(bytes32 indexed reportId, address indexed beneficiary, uint256 amount, uint256 rest);

    /// @notice The report ended without an award.
    event Rejected(bytes32 indexed reportId);

    /// @notice `amount` left the vault for `to`, to whom it was owed.
    event Withdrawn(address indexed to, uint256 amount);

    /// @notice The owner may take back up to `amount` of what is free then, from `from` to `until`.
    event WithdrawalRequested(uint256 amount, uint40 from, uint40 until);

    /// @notice The owner took back `amount`.
    event OwnerWithdrew(address indexed to, uint256 amount);

    /// @notice What nobody was given of a root is free again.
    event RootClosed(bytes32 indexed rootId, uint256 freed);

    /// @notice The report is in a state in which this cannot be done.
    error Bounty_State(bytes32 id, ReportState state);

    /// @notice Too little is free.
    error Bounty_Reserved(uint256 free);

    /// @notice Nobody committed to this.
    error Bounty_Unknown(bytes32 id);

    /// @notice The commit, the attestation or the arbitrator's time is over since `at`.
    error Bounty_Expired(uint256 at);

    /// @notice Not before `at`.
    error Bounty_TooEarly(uint256 at);

    /// @notice An attestation may not hold for longer than until `max`.
    error Bounty_TooFar(uint256 deadline, uint256 max);

    /// @notice The same report was committed before as `first`.
    error Bounty_Copy(bytes32 first);

    /// @notice The severity is above 3 or the share above 10,000.
    error Bounty_BadAward(uint8 severity, uint16 awardBps);

    /// @notice `rootId` has no base, or the report was committed before the root's own.
    error Bounty_BadRoot(bytes32 rootId);

    /// @notice The root has `left` of 10,000 to give.
    error Bounty_ShareSpent(bytes32 rootId, uint256 left);

    /// @notice The bond is `want` wei.
    error Bounty_Bond(uint256 have, uint256 want);

    /// @notice The token took more from the vault than was sent.
    error Bounty_Token(uint256 gone, uint256 sent);

    /// @notice The caller lacks the role.
    error Bounty_NotAllowed(address caller);

    /// @notice `evidence` is zero.
    error Bounty_NoEvidence();

    /// @notice The protocol: takes back what is free and challenges.
    function owner() external view returns (address);

    /// @notice Terms, attestors and provers.
    function rules() external view returns (IBountyRules);

    /// @notice The one ERC-20 of all amounts. Whoever sends it to the vault funds it.
    function asset() external view returns (address);

    /// @notice Commits to `commit`, the value of `commitOf`, once; again only after it expired unrevealed. Anyone may
    /// send it, a copy changes nothing. Anyone.
    function commitReport(bytes32 commit) external;

    /// @notice Anchors `root` under `kind`; "COMMITS" is a Merkle batch of commits. A copy changes nothing. Anyone.
    function anchor(bytes32 kind, bytes32 root) external;

    /// @notice Reveals a committed report. A second reveal by an earlier commit of the same report gives it that place.
    /// @return reportId Equal to the commit.
    function reveal(bytes32 reportHash, bytes32 salt, address beneficiary) external returns (bytes32 reportId);

    /// @notice Reveals a report of an anchored batch whose leaves are keccak256(keccak256(abi.encode(commit, seq))),
    /// pairs sorted.
    function revealBatched(bytes32 reportHash, bytes32 salt, address beneficiary, bytes32[] calldata proof, uint32 seq)
        external
        returns (bytes32 reportId);

    /// @notice Opens the report `reportId` for `beneficiary` and reserves its tier's floor, as far as the terms allow.
    /// Provers.
    function reserveProven(bytes32 reportId, address beneficiary, uint8 severity) external returns (uint256 reserved);

    /// @notice Decides on a revealed report with the signatures of enough attestors, ascending by signer. Anyone.
    function attest(Attestation calldata attestation, bytes[] calldata sigs) external;

    /// @notice Takes an attested report to the arbitrator within 3 d, for the terms' bond: it comes back if the award
    /// changes in the challenger's favour or nobody rules, else it is the other side's. Owner, beneficiary.
    function challenge(bytes32 reportId) external payable;

    /// @notice Takes a report that waited 15 d for the attestors to the arbitrator. Anyone.
    function timeoutEscalate(bytes32 reportId) external;

    /// @notice Decides on a challenged or escalated report within 30 d, or takes back a part of what a paid one has not
    /// vested. The arbitrator of the report's terms.
    function rule(bytes32 reportId, Ruling calldata ruling, Why calldata why) external;

    /// @notice Ends a report that is due, and later pays what has vested since. Where the arbitrator was silent the
    /// attestation stands; without one the floor that a proof reserved is paid; without either nothing. Anyone.
    function payout(bytes32 reportId) external;

    /// @notice Sends the caller what it is owed.
    function withdraw() external;

    /// @notice Sends the caller the bonds that it won or got back, wei.
    function withdrawBonds() external;

    /// @notice Frees what nobody was given of a root, 60 d after its base was fixed. Anyone.
    function closeRoot(bytes32 rootId) external;

    /// @notice Gives notice of a withdrawal of `amount`, possible from 60 d on for 7 d; zero takes it back. Owner.
    function requestWithdrawal(uint256 amount) external;

    /// @notice Takes `amount` of what is free out to `to`; of the reports that wait for a decision as many as seven
    /// keep a Critical floor each. Owner.
    function withdrawFree(uint256 amount, address to) external;

    /// @notice The commit of a report: binds the beneficiary, the chain and this vault.
    function commitOf(bytes32 reportHash, bytes32 salt, address beneficiary) external view returns (bytes32);

    /// @notice The commit `commit`, all zero if there is none.
    function commits(bytes32 commit) external view returns (Commit memory);

    /// @notice What was anchored as `root` under `kind`.
    function anchors(bytes32 kind, bytes32 root) external view returns (Commit memory);

    /// @notice The report `reportId`.
    function reportOf(bytes32 reportId) external view returns (Report memory);

    /// @notice The state of `reportId`.
    function stateOf(bytes32 reportId) external view returns (ReportState);

    /// @notice The root `rootId`.
    function rootOf(bytes32 rootId) external view returns (Root memory);

    /// @notice What `reportId` gets by the decision that stands; zero without one.
    function awardOf(bytes32 reportId) external view returns (uint256);

    /// @notice Proof of funds.
    function funds() external view returns (Funds memory);

    /// @notice What `account` may withdraw.
    function owed(address account) external view returns (uint256);

    /// @notice The bonds that `account` may withdraw, wei.
    function bondsOwed(address account) external view returns (uint256);

    /// @notice The EIP-712 domain separator.
    function domainSeparator() external view returns (bytes32);
}

// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {Why} from "../libraries/Why.sol";
import {IAccountable} from "./IAccountable.sol";

/// @notice What the council acted on. Each kind has nonces of its own, so that no kind can burn another's.
enum ActKind {
    PAUSE,
    FULL_HALT,
    VETO,
    GUARD_RULE,
    CLEAR_RULE,
    HEARTBEAT,
    LOWER_CAP,
    HOLD,
    OPEN_LOSS,
    REVERT_TO_LAST_GOOD,
    DISMISS_STEWARD
}

/// @title GuardianCouncil: three thresholds, keys that can only tighten.
/// @notice m1 members pause, set guard rules and clear a program's, lower caps, hold queued outflows, open losses, take
/// parameters back and dismiss stewards; m2 extend, halt and veto; m3 veto a declared rotation.
/// m3 is also the threshold that the slow wallet (a Safe, proposer of the timelock) must have: releasing and rotating go
/// through it and the timelock.
/// @dev Signatures are EIP-712 with domain name "Testudo Council", version "1", and stand in ascending order of their
/// signers. A signature of 65 bytes is an ECDSA one; a longer one is a member contract's address (20 bytes) followed
/// by its ERC-1271 signature (any length but 45). Anyone may relay. The deadline of a message is at most 7 days away when
/// it is sent, that of a heartbeat one day.
interface IGuardianCouncil is IAccountable {
    /// @notice Pause `selectors` (1 to 16) of `target` until `until`, each as far as its own bounds reach.
    struct Pause {
        address target;
        bytes4[] selectors;
        uint40 until;
        bytes32 reason;
        bytes32 evidence;
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice With `selectors` empty: halt all of `target`. Else: extend the running pauses of `selectors`, each as far
    /// as its halt budget reaches.
    struct FullHalt {
        address target;
        bytes4[] selectors;
        uint40 until;
        bytes32 reason;
        bytes32 evidence;
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice Cancel the timelock operation `opId`.
    struct Veto {
        bytes32 opId;
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice Put a guard rule on a selector; `kind`, `argIndex` and `bound` are those of `Rule`.
    struct GuardRule {
        address target;
        bytes4 selector;
        uint8 kind;
        uint8 argIndex;
        uint256 bound;
        uint40 until;
        bytes32 reason;
        bytes32 evidence;
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice Clear a guard rule that a program set.
    struct ClearRule {
        address target;
        bytes4 selector;
        bytes32 reason;
        bytes32 evidence;
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice Lower the caps of `asset` in the FlowLimiter `target` until `until`, or as far as its bounds reach.
    struct LowerCap {
        address target;
        address asset;
        uint128 capAbs;
        uint16 capBpsOfTvl;
        uint40 until;
        bytes32 reason;
        bytes32 evidence;
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice Keep the queued outflow `queueId` of `target`, a FlowLimiter or what holds in the same way, until `until`.
    struct Hold {
        address target;
        uint256 queueId;
        uint40 until;
        bytes32 reason;
        bytes32 evidence;
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice Hold the redemptions of the InsuranceFund `target` for the loss `lossId` of about `estimate`.
    struct OpenLoss {
        address target;
        bytes32 lossId;
        bytes32 market;
        uint256 estimate;
        bytes32 reason;
        bytes32 evidence;
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice Take `group` of the RiskSteward `target` back to the values before its last change, where that tightens.
    struct RevertToLastGood {
        address target;
        bytes32 group;
        bytes32 reason;
        bytes32 evidence;
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice Dismiss `steward` from the RiskSteward `target`.
    struct DismissSteward {
        address target;
        address steward;
        bytes32 reason;
        bytes32 evidence;
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice A member says that its key is there. `deadline` is at most one day away.
    struct Heartbeat {
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice Members whose bits stand in `signers` (bit = member index) acted.
    event CouncilActed(ActKind indexed kind, uint256 indexed nonce, bytes32 digest, uint256 signers);

    /// @notice `member` has been silent since `since`.
    event MemberSilent(address indexed member, uint40 since);

    /// @notice The members or thresholds changed.
    event Rotated(address[] added, address[] dropped, uint8 m1, uint8 m2, uint8 m3);

    /// @notice The timelock operation `opId`, a call of `rotate` with `data` under `salt`, can be vetoed by m3 only.
    event RotationDeclared(bytes32 indexed opId, bytes data, bytes32 salt);

    /// @notice Signature `index` is not a member's valid signature.
    error Council_BadSignature(uint256 index);

    /// @notice The signers are not strictly ascending.
    error Council_NotSorted();

    /// @notice `have` valid signatures, `need` required.
    error Council_Threshold(uint256 have, uint256 need);

    /// @notice The message's deadline has passed.
    error Council_Expired(uint256 deadline);

    /// @notice A message may not be signed further ahead than `max`.
    error Council_TooFar(uint256 deadline, uint256 max);

    /// @notice The nonce was used for this kind of message.
    error Council_NonceUsed(uint256 nonce);

    /// @notice The list of selectors is empty or longer than `max`.
    error Council_BadLength(uint256 have, uint256 max);

    /// @notice Not 1 <= m1 < m2 <= m3 <= live.
    error Council_BadThresholds(uint8 m1, uint8 m2, uint8 m3, uint256 live);

    /// @notice The address is not a member.
    error Council_NotMember(address account);

    /// @notice The address is a member already, or zero.
    error Council_BadMember(address account);

    /// @notice More than `max` members.
    error Council_Full(uint256 max);

    /// @notice Only the timelock may call.
    error Council_NotTimelock(address caller);

    /// @notice What was declared is a call of `selector`, not of `rotate`.
    error Council_NotRotation(bytes4 selector);

    /// @notice `evidence` is zero.
    error Council_NoEvidence();

    /// @notice Too little gas to ask a member contract; the call needs at least `need` more at that point.
    error Council_GasTooLow(uint256 need);

    /// @notice The member was heard of at `lastSeen`, less than 30 days ago.
    error Council_NotSilent(address member, uint40 lastSeen);

    /// @notice The CircuitBreaker.
    function breaker() external view returns (address);

    /// @notice The TimelockController: may rotate; the council vetoes in it, as canceller.
    function timelock() external view returns (address);

    /// @notice The Safe that proposes to the timelock.
    function slowWallet() external view returns (address);

    /// @notice Pauses selectors, each as far as its own bounds reach: 72 h from its first second, its budget, `until`.
    /// One that cannot be paused further counts as done while it is paused, and else leaves the others paused; the
    /// Tripped events tell each end. Reverts when none is paused then, or one is exempt or unknown. m1.
    function pauseBySig(Pause calldata message, bytes[] calldata sigs) external;

    /// @notice Halts a target, or extends running pauses, each as far as its halt budget reaches. Reverts when none of
    /// the selectors is paused, or one is exempt or unknown. m2.
    function haltBySig(FullHalt calldata message, bytes[] calldata sigs) external;

    /// @notice Cancels a timelock operation. m2; m3 if it was declared as a rotation.
    function vetoBySig(Veto calldata message, bytes[] calldata sigs) external;

    /// @notice Sets a guard rule. m1.
    function ruleBySig(GuardRule calldata message, bytes[] calldata sigs) external;

    /// @notice Clears a guard rule that a program set. m1.
    function clearRuleBySig(ClearRule calldata message, bytes[] calldata sigs) external;

    /// @notice Lowers the caps of an asset, for 72 h at most and, as pauses, 84 h over 30 days. m1.
    function lowerCapBySig(LowerCap calldata message, bytes[] calldata sigs) external;

    /// @notice Keeps a queued outflow. m1.
    function holdBySig(Hold calldata message, bytes[] calldata sigs) external;

    /// @notice Holds the redemptions of a fund for a loss. m1.
    function openLossBySig(OpenLoss calldata message, bytes[] calldata sigs) external;

    /// @notice Takes parameters back, where that tightens. m1.
    function revertToLastGoodBySig(RevertToLastGood calldata message, bytes[] calldata sigs) external;

    /// @notice Dismisses a steward. m1.
    function dismissStewardBySig(DismissSteward calldata message, bytes[] calldata sigs) external;

    /// @notice Records that the signer is alive. One member; its nonces are its own.
    function heartbeat(Heartbeat calldata message, bytes calldata sig) external;

    /// @notice Records that the timelock operation with the one call `data` of `rotate`, no predecessor and `salt` is a
    /// rotation: m2 stolen keys could else veto their own removal for ever. To be called before the operation is
    /// scheduled. Anyone, as it only states what the id is the hash of.
    function declareRotation(bytes calldata data, bytes32 salt) external returns (bytes32 opId);

    /// @notice Emits MemberSilent for a member not heard of for 30 days. Anyone.
    function reportSilent(address member) external;

    /// @notice Drops, then adds members and sets the thresholds. Timelock.
    function rotate(
        address[] calldata add,
        address[] calldata drop,
        uint8 m1,
        uint8 m2,
        uint8 m3,
        Why calldata why
    ) external;

    /// @notice The thresholds.
    function thresholds() external view returns (uint8 m1, uint8 m2, uint8 m3);

    /// @notice How many members cancel the timelock operation `opId`.
    function vetoQuorum(bytes32 opId) external view returns (uint8);

    /// @notice The members; the place of each is its bit in `signers`, and a free place is zero.
    function members() external view returns (address[7] memory);

    /// @notice Whether `account` is a member, its place, and when it was last heard of (refreshed at most daily).
    function memberOf(address account) external view returns (bool isMember, uint8 index, uint40 lastSeen);

    /// @notice The members heard of within the last 30 days.
    function liveMembers() external view returns (uint256);

    /// @notice Whether `nonce` was used for `kind`, HEARTBEAT excluded.
    function isNonceUsed(ActKind kind, uint256 nonce) external view returns (bool);

    /// @notice Whether `member` used `nonce` in a heartbeat.
    function isHeartbeatUsed(address member, uint256 nonce) external view returns (bool);

    /// @notice The EIP-712 domain separator of this chain.
    function domainSeparator() external view returns (bytes32);
}

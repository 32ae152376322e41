// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IAccountable} from "./interfaces/IAccountable.sol";
import {ICircuitBreaker} from "./interfaces/ICircuitBreaker.sol";
import {IFlowLimiter} from "./interfaces/IFlowLimiter.sol";
import {ActKind, IGuardianCouncil} from "./interfaces/IGuardianCouncil.sol";
import {IInsuranceFund} from "./interfaces/IInsuranceFund.sol";
import {IRiskSteward} from "./interfaces/IRiskSteward.sol";
import {Rule, RuleKind} from "./interfaces/ISelectorBreaker.sol";
import {ISlowWallet} from "./interfaces/ISlowWallet.sol";
import {CouncilTypes} from "./libraries/CouncilTypes.sol";
import {EachAsFar} from "./libraries/EachAsFar.sol";
import {NonceBits} from "./libraries/NonceBits.sol";
import {Office, OfficeLib} from "./libraries/Office.sol";
import {Quorum} from "./libraries/Quorum.sol";
import {Seats, SeatsLib} from "./libraries/Seats.sol";
import {Why} from "./libraries/Why.sol";

/// @title GuardianCouncil
contract GuardianCouncil is IGuardianCouncil, EIP712 {
    using Quorum for Seats;

    /* IMMUTABLES */

    /// @inheritdoc IGuardianCouncil
    address public immutable breaker;
    /// @inheritdoc IGuardianCouncil
    address public immutable timelock;
    /// @inheritdoc IGuardianCouncil
    address public immutable slowWallet;

    /// The ranks of the thresholds m1, m2 and m3.
    uint256 private constant M1 = 1;
    uint256 private constant M2 = 2;
    uint256 private constant M3 = 3;
    uint256 private constant MAX_SELECTORS = 16;
    uint256 private constant MAX_HEARTBEAT_AHEAD = 1 days;
    /// A signature counts as a sign of life, so it may not be kept for long.
    uint256 private constant MAX_ACT_AHEAD = 7 days;
    /// A Safe answers `getThreshold` for about 7,500 gas, all cold.
    uint256 private constant HEALTH_GAS = 8_500;

    /* STORAGE */

    Seats private _seats;
    NonceBits private _nonces;
    mapping(bytes32 opId => bool) private _rotations;

    /* CONSTRUCTOR */

    /// @param breaker_ The CircuitBreaker. @param timelock_ The TimelockController. @param slowWallet_ The Safe.
    constructor(
        address breaker_,
        address timelock_,
        address slowWallet_,
        address[] memory members_,
        uint8 m1,
        uint8 m2,
        uint8 m3
    ) EIP712("Testudo Council", "1") {
        breaker = breaker_;
        timelock = timelock_;
        slowWallet = slowWallet_;
        _seats.rotate(members_, new address[](0), m1, m2, m3);
        emit Rotated(members_, new address[](0), m1, m2, m3);
    }

    /* TIMELOCK FUNCTIONS */

    /// @inheritdoc IGuardianCouncil
    function rotate(
        address[] calldata add,
        address[] calldata drop,
        uint8 m1,
        uint8 m2,
        uint8 m3,
        Why calldata why
    ) external {
        if (msg.sender != timelock) revert Council_NotTimelock(msg.sender);
        if (why.evidence == 0) revert Council_NoEvidence();
        _seats.rotate(add, drop, m1, m2, m3);
        emit Rotated(add, drop, m1, m2, m3);
        emit Loosened(msg.sender, bytes32(bytes20(address(this))), why.reason, why.evidence);
    }

    /* GUARDIAN FUNCTIONS */

    /// @inheritdoc IGuardianCouncil
    function pauseBySig(Pause calldata message, bytes[] calldata sigs) external {
        bytes4[] calldata selectors = message.selectors;
        bytes32 structHash = CouncilTypes.hash(message, selectors);
        _act(ActKind.PAUSE, message.nonce, message.deadline, structHash, sigs, M1);
        uint256 length = selectors.length;
        if (length == 0 || length > MAX_SELECTORS) revert Council_BadLength(length, MAX_SELECTORS);
        Why memory why = Why(message.reason, message.evidence);
        EachAsFar.trip(breaker, message.target, selectors, message.until, why);
    }

    /// @inheritdoc IGuardianCouncil
    function haltBySig(FullHalt calldata message, bytes[] calldata sigs) external {
        _act(ActKind.FULL_HALT, message.nonce, message.deadline, CouncilTypes.hash(message), sigs, M2);
        bytes4[] calldata selectors = message.selectors;
        uint256 length = selectors.length;
        if (length > MAX_SELECTORS) revert Council_BadLength(length, MAX_SELECTORS);
        Why memory why = Why(message.reason, message.evidence);
        if (length == 0) return ICircuitBreaker(breaker).fullHalt(message.target, message.until, why);
        EachAsFar.extend(breaker, message.target, selectors, message.until, why);
    }

    /// @inheritdoc IGuardianCouncil
    function vetoBySig(Veto calldata message, bytes[] calldata sigs) external {
        uint256 rank = _vetoRank(message.opId);
        bytes32 digest = _act(ActKind.VETO, message.nonce, message.deadline, CouncilTypes.hash(message), sigs, rank);
        TimelockController(payable(timelock)).cancel(message.opId);
        emit Tightened(address(this), message.opId, "VETO", digest);
    }

    /// @inheritdoc IGuardianCouncil
    function ruleBySig(GuardRule calldata message, bytes[] calldata sigs) external {
        _act(ActKind.GUARD_RULE, message.nonce, message.deadline, CouncilTypes.hash(message), sigs, M1);
        Rule memory rule = Rule(RuleKind(message.kind), message.argIndex, message.bound);
        Why memory why = Why(message.reason, message.evidence);
        ICircuitBreaker(breaker).setRule(message.target, message.selector, rule, message.until, why);
    }

    /// @inheritdoc IGuardianCouncil
    function clearRuleBySig(ClearRule calldata message, bytes[] calldata sigs) external {
        _act(ActKind.CLEAR_RULE, message.nonce, message.deadline, CouncilTypes.hash(message), sigs, M1);
        ICircuitBreaker(breaker).clearRule(message.target, message.selector, Why(message.reason, message.evidence));
    }

    /* GUARDIAN FUNCTIONS ON OTHER MODULES: the message names the module, the function is fixed */

    /// @inheritdoc IGuardianCouncil
    function lowerCapBySig(LowerCap calldata m, bytes[] calldata sigs) external {
        _act(ActKind.LOWER_CAP, m.nonce, m.deadline, CouncilTypes.hash(m), sigs, M1);
        IFlowLimiter(m.target).lowerCap(m.asset, m.capAbs, m.capBpsOfTvl, m.until, Why(m.reason, m.evidence));
    }

    /// @inheritdoc IGuardianCouncil
    function holdBySig(Hold calldata m, bytes[] calldata sigs) external {
        _act(ActKind.HOLD, m.nonce, m.deadline, CouncilTypes.hash(m), sigs, M1);
        IFlowLimiter(m.target).hold(m.queueId, m.until, Why(m.reason, m.evidence));
    }

    /// @inheritdoc IGuardianCouncil
    function openLossBySig(OpenLoss calldata m, bytes[] calldata sigs) external {
        _act(ActKind.OPEN_LOSS, m.nonce, m.deadline, CouncilTypes.hash(m), sigs, M1);
        IInsuranceFund(m.target).openLoss(m.lossId, m.market, m.estimate, Why(m.reason, m.evidence));
    }

    /// @inheritdoc IGuardianCouncil
    function revertToLastGoodBySig(RevertToLastGood calldata m, bytes[] calldata sigs) external {
        _act(ActKind.REVERT_TO_LAST_GOOD, m.nonce, m.deadline, CouncilTypes.hash(m), sigs, M1);
        IRiskSteward(m.target).revertToLastGood(m.group, Why(m.reason, m.evidence));
    }

    /// @inheritdoc IGuardianCouncil
    function dismissStewardBySig(DismissSteward calldata m, bytes[] calldata sigs) external {
        _act(ActKind.DISMISS_STEWARD, m.nonce, m.deadline, CouncilTypes.hash(m), sigs, M1);
        IRiskSteward(m.target).dismissSteward(m.steward, Why(m.reason, m.evidence));
    }

    /* MEMBER FUNCTIONS */

    /// @inheritdoc IGuardianCouncil
    function heartbeat(Heartbeat calldata message, bytes calldata sig) external {
        _requireInTime(message.deadline, MAX_HEARTBEAT_AHEAD);
        bytes32 digest = _hashTypedDataV4(CouncilTypes.hash(message));
        (address signer, uint256 place) = _seats.one(digest, sig);
        _nonces.use(_heartbeatScope(signer), message.nonce);
        _seats.office = _seats.office.seenNow(OfficeLib.fieldOf(place));
        emit CouncilActed(ActKind.HEARTBEAT, message.nonce, digest, 1 << (place - 1));
    }

    /* USER FUNCTIONS */

    /// @inheritdoc IGuardianCouncil
    function declareRotation(bytes calldata data, bytes32 salt) external returns (bytes32 opId) {
        if (bytes4(data) != this.rotate.selector) revert Council_NotRotation(bytes4(data));
        opId = TimelockController(payable(timelock)).hashOperation(address(this), 0, data, 0, salt);
        _rotations[opId] = true;
        emit RotationDeclared(opId, data, salt);
    }

    /// @inheritdoc IGuardianCouncil
    function reportSilent(address account) external {
        Office office = _seats.office;
        uint40 lastSeen = office.lastSeen(SeatsLib.known(office, account));
        if (!SeatsLib.isSilent(lastSeen)) revert Council_NotSilent(account, lastSeen);
        emit MemberSilent(account, lastSeen);
    }

    /* VIEWS */

    /// @inheritdoc IGuardianCouncil
    function thresholds() external view returns (uint8 m1, uint8 m2, uint8 m3) {
        Office office = _seats.office;
        return (office.m1(), office.m2(), office.m3());
    }

    /// @inheritdoc IGuardianCouncil
    function vetoQuorum(bytes32 opId) external view returns (uint8) {
        return uint8(_seats.office.threshold(_vetoRank(opId)));
    }

    /// @inheritdoc IGuardianCouncil
    function members() external view returns (address[7] memory) {
        return SeatsLib.members(_seats.office);
    }

    /// @inheritdoc IGuardianCouncil
    function memberOf(address account) external view returns (bool isMember, uint8 index, uint40 lastSeen) {
        Office office = _seats.office;
        uint256 place = SeatsLib.placeOf(SeatsLib.members(office), account);
        if (place != 0) return (true, uint8(place - 1), office.lastSeen(place));
    }

    /// @inheritdoc IGuardianCouncil
    function liveMembers() external view returns (uint256 live) {
        (, live) = SeatsLib.count(_seats.office);
    }

    /// @inheritdoc IGuardianCouncil
    function isNonceUsed(ActKind kind, uint256 nonce) external view returns (bool) {
        return _nonces.isUsed(uint256(kind), nonce);
    }

    /// @inheritdoc IGuardianCouncil
    function isHeartbeatUsed(address member, uint256 nonce) external view returns (bool) {
        return _nonces.isUsed(_heartbeatScope(member), nonce);
    }

    /// @inheritdoc IGuardianCouncil
    function domainSeparator() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    /// @inheritdoc IAccountable
    function healthy() external view returns (bool, bytes32) {
        if (timelock.code.length == 0) return (false, "timelock has no code");
        (bool ok, uint256 answer) = _ask(breaker, ICircuitBreaker.council.selector);
        if (!ok || answer != uint160(address(this))) return (false, "breaker has another council");
        Office office = _seats.office;
        uint8 m3 = office.m3();
        // What m3 is for, release and rotate, passes through this wallet: its own threshold must not be lower.
        (ok, answer) = _ask(slowWallet, ISlowWallet.getThreshold.selector);
        if (!ok || answer < m3) return (false, "slow wallet below m3");
        (uint256 total, uint256 live) = SeatsLib.count(office);
        if (live < m3) return (false, "live members below m3");
        if (live < total) return (false, "a member is silent");
        return (true, 0);
    }

    /* INTERNAL: SIGNATURES */

    function _act(
        ActKind kind,
        uint256 nonce,
        uint256 deadline,
        bytes32 structHash,
        bytes[] calldata sigs,
        uint256 rank
    ) private returns (bytes32 digest) {
        _requireInTime(deadline, MAX_ACT_AHEAD);
        _nonces.use(uint256(kind), nonce);
        digest = _hashTypedDataV4(structHash);
        uint256 signers = _seats.demand(digest, sigs, rank);
        emit CouncilActed(kind, nonce, digest, signers);
    }

    function _vetoRank(bytes32 opId) private view returns (uint256) {
        return _rotations[opId] ? M3 : M2;
    }

    function _requireInTime(uint256 deadline, uint256 ahead) private view {
        if (block.timestamp > deadline) revert Council_Expired(deadline);
        uint256 max = block.timestamp + ahead;
        if (deadline > max) revert Council_TooFar(deadline, max);
    }

    // One stolen key could else burn the nonce of a pause that it sees in the mempool.
    function _heartbeatScope(address member) private pure returns (uint256) {
        return (uint256(uint160(member)) << 8) | uint256(ActKind.HEARTBEAT);
    }

    /// @dev `ok` only if `account` answered with one word. An address without code answers nothing.
    function _ask(address account, bytes4 selector) private view returns (bool ok, uint256 answer) {
        bytes memory data;
        (ok, data) = account.staticcall{gas: HEALTH_GAS}(abi.encodePacked(selector));
        ok = ok && data.length == 32;
        if (ok) answer = uint256(bytes32(data));
    }
}

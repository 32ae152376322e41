// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {IAccountable} from "./interfaces/IAccountable.sol";
import {ICircuitBreaker} from "./interfaces/ICircuitBreaker.sol";
import {ActKind, IGuardianCouncil} from "./interfaces/IGuardianCouncil.sol";
import {Rule, RuleKind} from "./interfaces/ISelectorBreaker.sol";
import {ISlowWallet} from "./interfaces/ISlowWallet.sol";
import {CouncilTypes} from "./libraries/CouncilTypes.sol";
import {Office, OfficeLib} from "./libraries/Office.sol";
import {Why} from "./libraries/Why.sol";

/// @title GuardianCouncil
contract GuardianCouncil is IGuardianCouncil, EIP712 {
    using OfficeLib for Office;

    /* IMMUTABLES */

    /// @inheritdoc IGuardianCouncil
    address public immutable breaker;
    /// @inheritdoc IGuardianCouncil
    address public immutable timelock;
    /// @inheritdoc IGuardianCouncil
    address public immutable slowWallet;

    uint256 private constant MAX_MEMBERS = 7;
    uint256 private constant MAX_SELECTORS = 16;
    uint256 private constant SILENCE = 30 days;
    uint256 private constant MAX_HEARTBEAT_AHEAD = 1 days;
    /// A signature counts as a sign of life, so it may not be kept for long.
    uint256 private constant MAX_ACT_AHEAD = 7 days;
    /// A heard member is written at most this often, to spare an urgent pause the write.
    uint256 private constant SEEN_EVERY = 1 days;
    /// A Safe answers `getThreshold` for about 7,500 gas, all cold.
    uint256 private constant HEALTH_GAS = 8_500;
    /// A Safe with 3 owners checks its signatures for about 30,000 gas.
    uint256 private constant ERC1271_GAS = 150_000;

    /* STORAGE */

    Office private _office;
    address[7] private _members;
    mapping(address account => uint8) private _placeOf; // index + 1; zero is no member
    mapping(uint256 scope => mapping(uint256 word => uint256 bits)) private _nonces;
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
        for (uint256 i; i < members_.length; ++i) _add(members_[i]);
        _setThresholds(m1, m2, m3);
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
        for (uint256 i; i < drop.length; ++i) _drop(drop[i]);
        for (uint256 i; i < add.length; ++i) _add(add[i]);
        _setThresholds(m1, m2, m3);
        emit Rotated(add, drop, m1, m2, m3);
        emit Loosened(msg.sender, bytes32(bytes20(address(this))), why.reason, why.evidence);
    }

    /* GUARDIAN FUNCTIONS */

    /// @inheritdoc IGuardianCouncil
    function pauseBySig(Pause calldata message, bytes[] calldata sigs) external {
        _act(ActKind.PAUSE, message.nonce, message.deadline, CouncilTypes.hash(message), sigs, _office.m1());
        uint256 length = message.selectors.length;
        if (length == 0 || length > MAX_SELECTORS) revert Council_BadLength(length, MAX_SELECTORS);
        Why memory why = Why(message.reason, message.evidence);
        bytes memory refusal;
        bool paused;
        for (uint256 i; i < length; ++i) {
            bytes memory cause = _tripAsFar(message.target, message.selectors[i], message.until, why);
            if (cause.length == 0) paused = true;
            else refusal = cause;
        }
        if (!paused) LowLevelCall.bubbleRevert(refusal);
    }

    /// @inheritdoc IGuardianCouncil
    function haltBySig(FullHalt calldata message, bytes[] calldata sigs) external {
        _act(ActKind.FULL_HALT, message.nonce, message.deadline, CouncilTypes.hash(message), sigs, _office.m2());
        uint256 length = message.selectors.length;
        if (length > MAX_SELECTORS) revert Council_BadLength(length, MAX_SELECTORS);
        Why memory why = Why(message.reason, message.evidence);
        if (length == 0) return ICircuitBreaker(breaker).fullHalt(message.target, message.until, why);
        bytes memory refusal;
        bool paused;
        for (uint256 i; i < length; ++i) {
            bytes memory cause = _extendAsFar(message.target, message.selectors[i], message.until, why);
            if (cause.length == 0) paused = true;
            else refusal = cause;
        }
        if (!paused) LowLevelCall.bubbleRevert(refusal);
    }

    /// @inheritdoc IGuardianCouncil
    function vetoBySig(Veto calldata message, bytes[] calldata sigs) external {
        uint256 need = vetoQuorum(message.opId);
        bytes32 digest = _act(ActKind.VETO, message.nonce, message.deadline, CouncilTypes.hash(message), sigs, need);
        TimelockController(payable(timelock)).cancel(message.opId);
        emit Tightened(address(this), message.opId, "VETO", digest);
    }

    /// @inheritdoc IGuardianCouncil
    function ruleBySig(GuardRule calldata message, bytes[] calldata sigs) external {
        _act(ActKind.GUARD_RULE, message.nonce, message.deadline, CouncilTypes.hash(message), sigs, _office.m1());
        Rule memory rule = Rule(RuleKind(message.kind), message.argIndex, message.bound);
        Why memory why = Why(message.reason, message.evidence);
        ICircuitBreaker(breaker).setRule(message.target, message.selector, rule, message.until, why);
    }

    /// @inheritdoc IGuardianCouncil
    function clearRuleBySig(ClearRule calldata message, bytes[] calldata sigs) external {
        _act(ActKind.CLEAR_RULE, message.nonce, message.deadline, CouncilTypes.hash(message), sigs, _office.m1());
        ICircuitBreaker(breaker).clearRule(message.target, message.selector, Why(message.reason, message.evidence));
    }

    /// @inheritdoc IGuardianCouncil
    function heartbeat(Heartbeat calldata message, bytes calldata sig) external {
        _requireInTime(message.deadline, MAX_HEARTBEAT_AHEAD);
        bytes32 digest = _hashTypedDataV4(CouncilTypes.hash(message));
        (address signer, bool valid) = _signer(digest, sig);
        uint8 place = _placeOf[signer];
        if (!valid || place == 0) revert Council_BadSignature(0);
        _useNonce(_heartbeatScope(signer), message.nonce);
        _office = _office.seenNow(place);
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
        uint8 place = _placeOf[account];
        if (place == 0) revert Council_NotMember(account);
        uint40 lastSeen = _office.lastSeen(place);
        if (!_silent(lastSeen)) revert Council_NotSilent(account, lastSeen);
        emit MemberSilent(account, lastSeen);
    }

    /* VIEWS */

    /// @inheritdoc IGuardianCouncil
    function isContractSignature(address member, bytes32 digest, bytes calldata sig) external view returns (bool) {
        return SignatureChecker.isValidERC1271SignatureNowCalldata(member, digest, sig);
    }

    /// @inheritdoc IGuardianCouncil
    function thresholds() external view returns (uint8 m1, uint8 m2, uint8 m3) {
        Office office = _office;
        return (office.m1(), office.m2(), office.m3());
    }

    /// @inheritdoc IGuardianCouncil
    function vetoQuorum(bytes32 opId) public view returns (uint8) {
        return _rotations[opId] ? _office.m3() : _office.m2();
    }

    /// @inheritdoc IGuardianCouncil
    function members() external view returns (address[7] memory) {
        return _members;
    }

    /// @inheritdoc IGuardianCouncil
    function memberOf(address account) external view returns (bool isMember, uint8 index, uint40 lastSeen) {
        uint8 place = _placeOf[account];
        if (place != 0) return (true, place - 1, _office.lastSeen(place));
    }

    /// @inheritdoc IGuardianCouncil
    function liveMembers() external view returns (uint256 live) {
        (, live) = _count(_office);
    }

    /// @inheritdoc IGuardianCouncil
    function isNonceUsed(ActKind kind, uint256 nonce) external view returns (bool) {
        return _isUsed(uint256(kind), nonce);
    }

    /// @inheritdoc IGuardianCouncil
    function isHeartbeatUsed(address member, uint256 nonce) external view returns (bool) {
        return _isUsed(_heartbeatScope(member), nonce);
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
        Office office = _office;
        uint8 m3 = office.m3();
        // What m3 is for, release and rotate, passes through this wallet: its own threshold must not be lower.
        (ok, answer) = _ask(slowWallet, ISlowWallet.getThreshold.selector);
        if (!ok || answer < m3) return (false, "slow wallet below m3");
        (uint256 total, uint256 live) = _count(office);
        if (live < m3) return (false, "live members below m3");
        if (live < total) return (false, "a member is silent");
        return (true, 0);
    }

    /* INTERNAL: PAUSES */

    // One selector whose time or budget is spent must not keep the others of the message open: each is paused as far as
    // its own bounds reach. Empty when it is paused; else what refused it.
    function _tripAsFar(address target, bytes4 selector, uint40 until, Why memory why)
        private
        returns (bytes memory)
    {
        try ICircuitBreaker(breaker).trip(target, selector, until, why) {}
        catch (bytes memory cause) {
            _requireBound(cause);
            (uint40 end,) = ICircuitBreaker(breaker).reach(target, selector);
            if (end <= block.timestamp) return cause;
            ICircuitBreaker(breaker).trip(target, selector, end, why);
        }
        return "";
    }

    function _extendAsFar(address target, bytes4 selector, uint40 until, Why memory why)
        private
        returns (bytes memory)
    {
        try ICircuitBreaker(breaker).extend(target, selector, until, why) {}
        catch (bytes memory cause) {
            if (bytes4(cause) == ICircuitBreaker.Breaker_NotPaused.selector) return cause;
            _requireBound(cause);
            (, uint40 end) = ICircuitBreaker(breaker).reach(target, selector);
            ICircuitBreaker(breaker).extend(target, selector, end, why);
        }
        return "";
    }

    // Anything but a bound, an exempt selector first of all, is a mistake in the message and refuses all of it.
    function _requireBound(bytes memory cause) private pure {
        bytes4 kind = bytes4(cause);
        if (kind == ICircuitBreaker.Breaker_TooLong.selector) return;
        if (kind == ICircuitBreaker.Breaker_BudgetSpent.selector) return;
        LowLevelCall.bubbleRevert(cause);
    }

    /* INTERNAL: SIGNATURES */

    function _act(
        ActKind kind,
        uint256 nonce,
        uint256 deadline,
        bytes32 structHash,
        bytes[] calldata sigs,
        uint256 need
    ) private returns (bytes32 digest) {
        _requireInTime(deadline, MAX_ACT_AHEAD);
        _useNonce(uint256(kind), nonce);
        digest = _hashTypedDataV4(structHash);
        uint256 signers = _requireQuorum(digest, sigs, need);
        emit CouncilActed(kind, nonce, digest, signers);
    }

    // An ECDSA signature that is not a member's reverts. A member contract's answer may change between signing and
    // sending, so its refusal costs only its own vote.
    function _requireQuorum(bytes32 digest, bytes[] calldata sigs, uint256 need) private returns (uint256 signers) {
        if (sigs.length > MAX_MEMBERS) revert Council_BadLength(sigs.length, MAX_MEMBERS);
        Office office = _office;
        Office seen = office;
        address last;
        uint256 have;
        for (uint256 i; i < sigs.length; ++i) {
            (address signer, bool valid) = _signer(digest, sigs[i]);
            uint8 place = _placeOf[signer];
            if (place == 0) revert Council_BadSignature(i);
            if (signer <= last) revert Council_NotSorted();
            last = signer;
            if (!valid) continue;
            ++have;
            signers |= 1 << (place - 1);
            if (block.timestamp - office.lastSeen(place) >= SEEN_EVERY) seen = seen.seenNow(place);
        }
        if (have < need) revert Council_Threshold(have, need);
        if (Office.unwrap(seen) != Office.unwrap(office)) _office = seen;
    }

    /// @dev Zero when `sig` has no possible signer. OpenZeppelin refuses an upper-half `s`, so a signature has one form.
    function _signer(bytes32 digest, bytes calldata sig) private view returns (address signer, bool valid) {
        if (sig.length == 65) {
            ECDSA.RecoverError err;
            (signer, err,) = ECDSA.tryRecoverCalldata(digest, sig);
            return (signer, err == ECDSA.RecoverError.NoError);
        }
        if (sig.length < 20) return (address(0), false);
        signer = address(bytes20(sig[:20]));
        // Only a member is asked: a stranger's code never runs here.
        if (_placeOf[signer] != 0 && signer.code.length > 0) valid = _askContract(signer, digest, sig[20:]);
        else signer = address(0);
    }

    function _askContract(address member, bytes32 digest, bytes calldata sig) private view returns (bool) {
        // 1/64 stays here at each of the two calls; a relayer may not starve a member out of its vote.
        uint256 need = ERC1271_GAS + ERC1271_GAS / 16;
        if (gasleft() < need) revert Council_GasTooLow(need);
        try this.isContractSignature{gas: ERC1271_GAS}(member, digest, sig) returns (bool valid) {
            return valid;
        } catch {
            return false;
        }
    }

    function _requireInTime(uint256 deadline, uint256 ahead) private view {
        if (block.timestamp > deadline) revert Council_Expired(deadline);
        uint256 max = block.timestamp + ahead;
        if (deadline > max) revert Council_TooFar(deadline, max);
    }

    /* INTERNAL: NONCES */

    function _useNonce(uint256 scope, uint256 nonce) private {
        uint256 bits = _nonces[scope][nonce >> 8];
        uint256 bit = 1 << (nonce & 0xff);
        if (bits & bit != 0) revert Council_NonceUsed(nonce);
        _nonces[scope][nonce >> 8] = bits | bit;
    }

    function _isUsed(uint256 scope, uint256 nonce) private view returns (bool) {
        return _nonces[scope][nonce >> 8] & (1 << (nonce & 0xff)) != 0;
    }

    // One stolen key could else burn the nonce of a pause that it sees in the mempool.
    function _heartbeatScope(address member) private pure returns (uint256) {
        return (uint256(uint160(member)) << 8) | uint256(ActKind.HEARTBEAT);
    }

    /* INTERNAL: MEMBERS */

    function _add(address account) private {
        if (account == address(0) || account == address(this) || _placeOf[account] != 0) {
            revert Council_BadMember(account);
        }
        for (uint256 i; i < MAX_MEMBERS; ++i) {
            if (_members[i] != address(0)) continue;
            _members[i] = account;
            _placeOf[account] = uint8(i + 1);
            _office = _office.seenNow(i + 1);
            return;
        }
        revert Council_Full(MAX_MEMBERS);
    }

    function _drop(address account) private {
        uint8 place = _placeOf[account];
        if (place == 0) revert Council_NotMember(account);
        delete _members[place - 1];
        delete _placeOf[account];
        _office = _office.vacate(place);
    }

    function _setThresholds(uint8 m1, uint8 m2, uint8 m3) private {
        Office office = _office;
        (, uint256 live) = _count(office);
        if (m1 == 0 || m1 >= m2 || m2 > m3 || m3 > live) revert Council_BadThresholds(m1, m2, m3, live);
        _office = office.withThresholds(m1, m2, m3);
    }

    function _count(Office office) private view returns (uint256 total, uint256 live) {
        for (uint256 place = 1; place <= MAX_MEMBERS; ++place) {
            uint40 lastSeen = office.lastSeen(place);
            if (lastSeen == 0) continue;
            ++total;
            if (!_silent(lastSeen)) ++live;
        }
    }

    function _silent(uint40 lastSeen) private view returns (bool) {
        return block.timestamp - lastSeen > SILENCE;
    }

    /// @dev `ok` only if `account` answered with one word. An address without code answers nothing.
    function _ask(address account, bytes4 selector) private view returns (bool ok, uint256 answer) {
        bytes memory data;
        (ok, data) = account.staticcall{gas: HEALTH_GAS}(abi.encodePacked(selector));
        ok = ok && data.length == 32;
        if (ok) answer = uint256(bytes32(data));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAccountable} from "./interfaces/IAccountable.sol";
import {Config, Group, ICircuitBreaker, Kind} from "./interfaces/ICircuitBreaker.sol";
import {Rule, RuleKind} from "./interfaces/ISelectorBreaker.sol";
import {PauseBudget} from "./libraries/PauseBudget.sol";
import {PauseStorage} from "./libraries/PauseStorage.sol";
import {Pause, PauseWord, PauseWordLib} from "./libraries/PauseWord.sol";
import {Protected, Register} from "./libraries/Register.sol";
import {TargetHealth} from "./libraries/TargetHealth.sol";
import {TargetWord} from "./libraries/TargetWord.sol";
import {Why} from "./libraries/Why.sol";

/// @title CircuitBreaker
/// @dev The state of an inline selector, budgets included, is the word in its target, so a pause writes one slot.
contract CircuitBreaker is ICircuitBreaker {
    using PauseBudget for Pause;
    using PauseStorage for bytes32;
    using PauseWordLib for Pause;
    using TargetWord for address;

    /* IMMUTABLES */

    /// @inheritdoc ICircuitBreaker
    address public immutable council;
    /// @inheritdoc ICircuitBreaker
    address public immutable timelock;

    /// What `healthy` may have spent when it looks at one more target; that look costs at most 12,000, all cold.
    uint256 private constant HEALTH_SPENT = 37_000;
    /// A member behind a proxy is read and written for about 40,000 gas; 16 that burn all of theirs cost 1.6 million.
    uint256 private constant MEMBER_GAS = 100_000;

    /* STORAGE */

    Register private _register;
    mapping(address target => mapping(bytes4 selector => bool)) private _ruleByProgram;

    /* CONSTRUCTOR */

    /// @param council_ The GuardianCouncil. @param timelock_ The TimelockController.
    /// @param config What is protected. Addresses may be predicted: none is called here; `healthy` tells of a wrong one.
    constructor(address council_, address timelock_, Config memory config) {
        council = council_;
        timelock = timelock_;
        _register.add(config);
    }

    /* MODIFIERS */

    modifier onlyWith(address caller, Why calldata why) {
        if (msg.sender != caller) revert Breaker_NotAllowed(msg.sender);
        _requireEvidence(why);
        _;
    }

    /* TIMELOCK FUNCTIONS */

    /// @inheritdoc ICircuitBreaker
    function release(address target, bytes4 selector, Why calldata why) external onlyWith(timelock, why) {
        Kind kind = _register.known(target, selector);
        Pause memory p = target.read(selector, kind).unpack();
        if (block.timestamp >= p.until) revert Breaker_NotPaused(selector);
        p.until = 0;
        p.startedAt = 0;
        // What was paid for is given up: pausing again must pay again.
        p.paidUntil = p.ruleUntil;
        target.write(selector, kind, p.pack());
        emit Released(target, selector);
        emit Loosened(msg.sender, _subject(target, selector), why.reason, why.evidence);
    }

    /// @inheritdoc ICircuitBreaker
    function register(Config calldata config, Why calldata why) external onlyWith(timelock, why) {
        _register.add(config);
        emit Tightened(msg.sender, bytes32(bytes20(address(this))), why.reason, why.evidence);
    }

    /// @inheritdoc ICircuitBreaker
    function dismissTripper(address caller, bytes32 group, Why calldata why) external onlyWith(timelock, why) {
        if (!_register.trippers[group][caller]) revert Breaker_UnknownGroup(group);
        delete _register.trippers[group][caller];
        emit Loosened(msg.sender, group, why.reason, why.evidence);
    }

    /// @inheritdoc ICircuitBreaker
    function dismissProgram(address caller, address target, bytes4 selector, Why calldata why)
        external
        onlyWith(timelock, why)
    {
        if (!_register.programs[target][selector][caller]) revert Breaker_Unknown(target, selector);
        delete _register.programs[target][selector][caller];
        emit Loosened(msg.sender, _subject(target, selector), why.reason, why.evidence);
    }

    /* GUARDIAN FUNCTIONS */

    /// @inheritdoc ICircuitBreaker
    function trip(address target, bytes4 selector, uint40 until, Why calldata why) external onlyWith(council, why) {
        Kind kind = _register.guarded(target, selector);
        Pause memory p = target.read(selector, kind).unpack();
        _settle(p, until);
        uint40 max = _tripMax(p);
        if (until > p.until) {
            if (until > max) revert Breaker_TooLong(until, max);
            if (until > p.fastReach()) revert Breaker_BudgetSpent(selector, p.fastLeft());
        }
        _lengthenFast(target, selector, kind, p, until);
        _emitTripped(target, selector, p.until, why);
    }

    /// @inheritdoc ICircuitBreaker
    function extend(address target, bytes4 selector, uint40 until, Why calldata why) external onlyWith(council, why) {
        Kind kind = _register.guarded(target, selector);
        Pause memory p = target.read(selector, kind).unpack();
        _settle(p, until);
        if (block.timestamp >= p.until) revert Breaker_NotPaused(selector);
        if (until > p.haltReach()) revert Breaker_BudgetSpent(selector, p.haltLeft());
        _pauseHalt(target, selector, kind, p, until, why);
    }

    /// @inheritdoc ICircuitBreaker
    function fullHalt(address target, uint40 until, Why calldata why) external onlyWith(council, why) {
        bytes4[] memory selectors = _register.selectors[target];
        if (selectors.length == 0) revert Breaker_Unknown(target, 0);
        bool paused;
        for (uint256 i; i < selectors.length; ++i) {
            Kind kind = _register.kinds[target][selectors[i]];
            Pause memory p = target.read(selectors[i], kind).unpack();
            _settle(p, until);
            uint40 end = uint40(Math.min(until, p.haltReach()));
            if (end <= block.timestamp) continue;
            _pauseHalt(target, selectors[i], kind, p, end, why);
            paused = true;
        }
        if (!paused) revert Breaker_BudgetSpent(selectors[0], 0);
    }

    /// @inheritdoc ICircuitBreaker
    function clearRule(address target, bytes4 selector, Why calldata why) external {
        _requireEvidence(why);
        bool byProgram = _ruleByProgram[target][selector];
        if (msg.sender != timelock && msg.sender != council) revert Breaker_NotAllowed(msg.sender);
        Kind kind = _register.known(target, selector);
        Pause memory p = target.read(selector, kind).unpack();
        if (block.timestamp >= p.ruleUntil) revert Breaker_NoRule(selector);
        if (msg.sender == council && !byProgram) revert Breaker_RuleRunning(selector, p.ruleUntil);
        p.ruleUntil = 0;
        target.write(selector, kind, p.pack());
        emit RuleCleared(target, selector);
        emit Loosened(msg.sender, _subject(target, selector), why.reason, why.evidence);
    }

    /* GUARDIAN AND PROGRAM FUNCTIONS */

    /// @inheritdoc ICircuitBreaker
    function tripGroup(bytes32 group, uint40 until, Why calldata why) external {
        if (!_register.trippers[group][msg.sender]) revert Breaker_NotAllowed(msg.sender);
        _requireEvidence(why);
        _requireWithin72h(until);
        Group storage members = _register.groups[group];
        uint256 length = members.selectors.length;
        bool paused;
        bool failed;
        for (uint256 i; i < length; ++i) {
            (bool ok, uint40 end) = _tryMember(members.targets[i], members.selectors[i], until, why);
            if (!ok) failed = true;
            else if (end > block.timestamp) paused = true;
        }
        if (paused) return;
        if (failed) revert Breaker_GroupFailed(group);
        revert Breaker_BudgetSpent(members.selectors[0], 0);
    }

    /// @inheritdoc ICircuitBreaker
    function tripMember(address target, bytes4 selector, uint40 until) external returns (uint40) {
        if (msg.sender != address(this)) revert Breaker_NotAllowed(msg.sender);
        Kind kind = _register.kinds[target][selector];
        Pause memory p = target.read(selector, kind).unpack();
        _settle(p, until);
        uint40 end = uint40(Math.min(Math.min(until, _tripMax(p)), p.fastReach()));
        if (end > block.timestamp) _lengthenFast(target, selector, kind, p, end);
        return p.until;
    }

    /// @inheritdoc ICircuitBreaker
    function setRule(address target, bytes4 selector, Rule calldata rule, uint40 until, Why calldata why) external {
        bool byProgram = msg.sender != council;
        if (byProgram && !_register.programs[target][selector][msg.sender]) revert Breaker_NotAllowed(msg.sender);
        _requireEvidence(why);
        Kind kind = _register.guarded(target, selector);
        if (rule.kind == RuleKind.NO_SAME_BLOCK && kind != Kind.INLINE) revert Breaker_RuleNeedsInline(selector);
        Pause memory p = target.read(selector, kind).unpack();
        _settle(p, until);
        // A second rule could be weaker than the first: replacing one would loosen.
        bool replaces = block.timestamp < p.ruleUntil;
        if (replaces && (byProgram || !_ruleByProgram[target][selector])) {
            revert Breaker_RuleRunning(selector, p.ruleUntil);
        }
        _requirePayable(selector, p, until, byProgram);
        p.chargeFast(until);
        p.ruleUntil = until;
        _ruleByProgram[target][selector] = byProgram;
        target.writeRule(selector, kind, p.pack(), rule);
        emit RuleSet(target, selector, rule, until);
        if (replaces) emit Loosened(msg.sender, _subject(target, selector), why.reason, why.evidence);
        emit Tightened(msg.sender, _subject(target, selector), why.reason, why.evidence);
    }

    /* USER FUNCTIONS */

    /// @inheritdoc ICircuitBreaker
    function arm(address target) external {
        bytes4[] memory selectors = _register.selectors[target];
        if (selectors.length == 0) revert Breaker_Unknown(target, 0);
        for (uint256 i; i < selectors.length; ++i) {
            Kind kind = _register.kinds[target][selectors[i]];
            // Only an untouched word: what a budget has spent may not be forgotten.
            if (PauseWord.unwrap(target.read(selectors[i], kind)) != 0) continue;
            target.write(selectors[i], kind, PauseWordLib.idle());
        }
    }

    /* VIEWS */

    /// @inheritdoc ICircuitBreaker
    function isClear(bytes4 selector) external view returns (bool) {
        uint256 raw = PauseWord.unwrap(msg.sender.readOwn(selector));
        // Written out for the hot path, as in `PauseStorage.enforce`.
        return raw != 0 && block.timestamp >= uint40(raw) && block.timestamp >= uint40(raw >> 40);
    }

    /// @inheritdoc ICircuitBreaker
    function check(address target, bytes4 selector, bytes calldata data) external view {
        PauseWord word = target.readOwn(selector);
        if (PauseWord.unwrap(word) == 0) revert Breaker_Unknown(target, selector);
        PauseStorage.requireNotPaused(word, selector);
        if (block.timestamp < word.ruleUntil()) PauseStorage.requireRule(target.root().readRule(selector), selector, data);
    }

    /// @inheritdoc ICircuitBreaker
    function kindOf(address target, bytes4 selector) external view returns (Kind) {
        return _register.kinds[target][selector];
    }

    /// @inheritdoc ICircuitBreaker
    function pausedUntil(address target, bytes4 selector) external view returns (uint40) {
        return target.read(selector, _register.known(target, selector)).until();
    }

    /// @inheritdoc ICircuitBreaker
    function ruleOf(address target, bytes4 selector) external view returns (Rule memory, uint40) {
        return target.readRule(selector, _register.known(target, selector));
    }

    /// @inheritdoc ICircuitBreaker
    function reach(address target, bytes4 selector) external view returns (uint40 fast, uint40 halt) {
        Pause memory p = target.read(selector, _register.known(target, selector)).unpack();
        p.settle(uint40(block.timestamp));
        fast = uint40(Math.max(p.until, Math.min(p.fastReach(), _tripMax(p))));
        halt = uint40(Math.min(p.haltReach(), block.timestamp + PauseBudget.MAX_PAUSE));
    }

    /// @inheritdoc ICircuitBreaker
    function budget(address target, bytes4 selector) external view returns (uint256 fastLeft, uint256 haltLeft) {
        Pause memory p = target.read(selector, _register.known(target, selector)).unpack();
        p.settle(uint40(block.timestamp));
        return (p.fastLeft(), p.haltLeft());
    }

    /// @inheritdoc ICircuitBreaker
    function selectorsOf(address target) external view returns (bytes4[] memory) {
        return _register.selectors[target];
    }

    /// @inheritdoc ICircuitBreaker
    function targets() external view returns (address[] memory all) {
        all = new address[](_register.targets.length);
        for (uint256 i; i < all.length; ++i) all[i] = _register.targets[i].target;
    }

    /// @inheritdoc ICircuitBreaker
    function groupOf(bytes32 group) external view returns (address[] memory, bytes4[] memory) {
        return (_register.groups[group].targets, _register.groups[group].selectors);
    }

    /// @inheritdoc ICircuitBreaker
    function isTripper(address caller, bytes32 group) external view returns (bool) {
        return _register.trippers[group][caller];
    }

    /// @inheritdoc ICircuitBreaker
    function isProgram(address caller, address target, bytes4 selector) external view returns (bool) {
        return _register.programs[target][selector][caller];
    }

    /// @inheritdoc IAccountable
    function healthy() external view returns (bool, bytes32) {
        uint256 before = gasleft();
        if (council.code.length == 0) return (false, "council has no code");
        if (timelock.code.length == 0) return (false, "timelock has no code");
        uint256 length = _register.targets.length;
        // Seven cold targets behind proxies do not fit into 50,000 gas, so each block begins with another one.
        for (uint256 i; i < length && before - gasleft() < HEALTH_SPENT; ++i) {
            Protected memory p = _register.targets[(block.number + i) % length];
            bytes32 why = TargetHealth.illness(p.target, p.inlined);
            if (why != 0) return (false, why);
        }
        return (true, 0);
    }

    /// @inheritdoc ICircuitBreaker
    function targetHealthy(address target) external view returns (bool, bytes32 why) {
        if (_register.selectors[target].length == 0) return (false, "target is not registered");
        why = TargetHealth.illness(target, TargetWord.isInline(_register.kinds[target][_register.selectors[target][0]]));
        return (why == 0, why);
    }

    /* INTERNAL: PAUSES */

    // A member that has no code, reverts or burns its gas must not keep the others open, nor may the caller bring that
    // about by sending little gas.
    function _tryMember(address target, bytes4 selector, uint40 until, Why calldata why)
        private
        returns (bool ok, uint40 end)
    {
        uint256 need = MEMBER_GAS + MEMBER_GAS / 32;
        if (gasleft() < need) revert Breaker_GasTooLow(need);
        try this.tripMember{gas: MEMBER_GAS}(target, selector, until) returns (uint40 reached) {
            if (reached > block.timestamp) _emitTripped(target, selector, reached, why);
            return (true, reached);
        } catch {
            emit TripFailed(target, selector, why.reason, why.evidence);
        }
    }

    // Only a pause that becomes longer is written, so a caller who trips again and again costs nobody a refill.
    function _lengthenFast(address target, bytes4 selector, Kind kind, Pause memory p, uint40 until) private {
        if (until <= p.until) return;
        if (block.timestamp >= p.until) p.startedAt = uint40(block.timestamp);
        p.chargeFast(until);
        p.until = until;
        target.write(selector, kind, p.pack());
    }

    function _pauseHalt(address target, bytes4 selector, Kind kind, Pause memory p, uint40 until, Why calldata why)
        private
    {
        if (until > p.until) {
            if (block.timestamp >= p.until) p.startedAt = uint40(block.timestamp);
            p.chargeHalt(until);
            p.until = until;
            target.write(selector, kind, p.pack());
        }
        _emitTripped(target, selector, p.until, why);
    }

    function _emitTripped(address target, bytes4 selector, uint40 until, Why calldata why) private {
        emit Tripped(target, selector, until, why.reason, why.evidence);
        emit Tightened(msg.sender, _subject(target, selector), why.reason, why.evidence);
    }

    // Given and not returned: a struct that is returned is made twice.
    function _settle(Pause memory p, uint40 until) private view {
        _requireWithin72h(until);
        p.settle(uint40(block.timestamp));
    }

    function _requireWithin72h(uint40 until) private view {
        uint40 nowAt = uint40(block.timestamp);
        uint40 max = nowAt + PauseBudget.MAX_PAUSE;
        if (until <= nowAt) revert Breaker_TooShort(until, nowAt);
        if (until > max) revert Breaker_TooLong(until, max);
    }

    // A program that could spend all would leave the council nothing to pause with.
    function _requirePayable(bytes4 selector, Pause memory p, uint40 until, bool byProgram) private pure {
        if (byProgram && until > p.programReach()) revert Breaker_BudgetSpent(selector, p.programLeft());
        if (until > p.fastReach()) revert Breaker_BudgetSpent(selector, p.fastLeft());
    }

    // The fast quorum cannot keep a pause running by tripping again: that is `extend`, for the larger quorum.
    function _tripMax(Pause memory p) private view returns (uint40) {
        return (block.timestamp < p.until ? p.startedAt : uint40(block.timestamp)) + PauseBudget.MAX_PAUSE;
    }

    function _subject(address target, bytes4 selector) private pure returns (bytes32) {
        return bytes32(bytes20(target)) | (bytes32(selector) >> 160);
    }

    function _requireEvidence(Why calldata why) private pure {
        if (why.evidence == 0) revert Breaker_NoEvidence();
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {Time} from "@openzeppelin/contracts/utils/types/Time.sol";
import {IAccountable} from "./interfaces/IAccountable.sol";
import {IGuardianCouncil} from "./interfaces/IGuardianCouncil.sol";
import {IPostCheck} from "./interfaces/IPostCheck.sol";
import {ITimelock, PostCheck, SelectorDelay} from "./interfaces/ITimelock.sol";
import {Why} from "./libraries/Why.sol";

/// @title Timelock
contract Timelock is ITimelock, TimelockController {
    using Time for *;

    // One slot, so that scheduling and executing read one word a call.
    struct Rule {
        Time.Delay delay;
        bool checked;
    }

    /* IMMUTABLES */

    /// @inheritdoc ITimelock
    address public immutable council;
    /// @inheritdoc ITimelock
    uint32 public immutable grace;

    uint256 private constant MAX_DELAY = 30 days;
    uint256 private constant MIN_GRACE = 1 days;
    uint256 private constant MAX_GRACE = 30 days;
    uint256 private constant MAX_CALLS = 16;
    /// The council answers `timelock` from its code for about 300 gas.
    uint256 private constant HEALTH_GAS = 10_000;

    /* STORAGE */

    Time.Delay private _delay;
    mapping(bytes32 key => Rule) private _rules;
    mapping(bytes32 key => IPostCheck) private _checks;
    mapping(bytes32 id => bool) private _vetoed;

    /* CONSTRUCTOR */

    /// @param minDelay Seconds that every operation waits. @param grace_ 1 to 30 days. @param council_ The
    /// GuardianCouncil, which may be deployed later at this address. @param proposers The slow wallet. @param executors
    /// Never open.
    constructor(
        uint32 minDelay,
        uint32 grace_,
        address council_,
        address[] memory proposers,
        address[] memory executors,
        SelectorDelay[] memory delays,
        PostCheck[] memory checks
    ) TimelockController(minDelay, proposers, executors, address(0)) {
        _requireTime(minDelay, 0, MAX_DELAY);
        _requireTime(grace_, MIN_GRACE, MAX_GRACE);
        (council, grace, _delay) = (council_, grace_, minDelay.toDelay());
        _grantRole(CANCELLER_ROLE, council_);
        for (uint256 i; i < delays.length; ++i) {
            address target = delays[i].target == address(0) ? address(this) : delays[i].target;
            _setDelay(target, delays[i].selector, delays[i].delay);
        }
        for (uint256 i; i < checks.length; ++i) _setCheck(checks[i].target, checks[i].selector, checks[i].check);
    }

    /* MODIFIERS */

    modifier onlySelf() {
        if (msg.sender != address(this)) revert TimelockUnauthorizedCaller(msg.sender);
        _;
    }

    /* TIMELOCK FUNCTIONS */

    /// @inheritdoc ITimelock
    function setSelectorDelay(address target, bytes4 selector, uint32 delay, Why calldata why) external onlySelf {
        _requireEvidence(why);
        bool longer = _setDelay(target, selector, delay);
        _emitChange(longer, _key(target, selector), why.reason, why.evidence);
    }

    /// @inheritdoc ITimelock
    function setPostCheck(address target, bytes4 selector, IPostCheck check, Why calldata why) external onlySelf {
        _requireEvidence(why);
        bool first = _setCheck(target, selector, check);
        _emitChange(first, _key(target, selector), why.reason, why.evidence);
    }

    /// @notice Sets the delay of every operation, at most 30 days; a shorter one holds after as many seconds as it is
    /// shorter. The timelock itself.
    function updateDelay(uint256 newDelay) public override onlySelf {
        _requireTime(newDelay, 0, MAX_DELAY);
        uint32 old = _delay.get();
        (_delay,) = _delay.withUpdate(uint32(newDelay), 0);
        emit MinDelayChange(old, newDelay);
        // OpenZeppelin's signature has no room for a Why; the call itself is what was announced.
        _emitChange(newDelay >= old, bytes32(bytes20(address(this))), "MIN_DELAY", keccak256(msg.data));
    }

    /* PROPOSER FUNCTIONS */

    /// @notice As OpenZeppelin's; `delay` also reaches that of (target, selector), and the id was never vetoed.
    function schedule(
        address target,
        uint256 value,
        bytes calldata data,
        bytes32 predecessor,
        bytes32 salt,
        uint256 delay
    ) public override {
        _requireDelay(target, data, delay);
        super.schedule(target, value, data, predecessor, salt, delay);
    }

    /// @notice As OpenZeppelin's, with at most 16 calls; `delay` also reaches the longest of the calls.
    function scheduleBatch(
        address[] calldata targets,
        uint256[] calldata values,
        bytes[] calldata payloads,
        bytes32 predecessor,
        bytes32 salt,
        uint256 delay
    ) public override {
        if (targets.length > MAX_CALLS) revert Timelock_TooManyCalls(targets.length, MAX_CALLS);
        uint256 length = _pairs(targets, payloads);
        for (uint256 i; i < length; ++i) _requireDelay(targets[i], payloads[i], delay);
        super.scheduleBatch(targets, values, payloads, predecessor, salt, delay);
    }

    /* CANCELLER FUNCTIONS */

    /// @notice Vetoes a pending operation, for ever.
    /// @dev The time of a vetoed id is kept, not deleted as OpenZeppelin does: scheduling an id without one is then
    /// free of a second read.
    function cancel(bytes32 id) public override onlyRole(CANCELLER_ROLE) {
        if (!isOperationPending(id)) {
            bytes32 pending = _encodeStateBitmap(OperationState.Waiting) | _encodeStateBitmap(OperationState.Ready);
            revert TimelockUnexpectedOperationState(id, pending);
        }
        _vetoed[id] = true;
        emit Cancelled(id);
        emit Tightened(msg.sender, id, "VETO", id);
    }

    /* EXECUTOR FUNCTIONS */

    /// @notice As OpenZeppelin's, and the check on the call holds afterwards.
    function execute(address target, uint256 value, bytes calldata payload, bytes32 predecessor, bytes32 salt)
        public
        payable
        override
    {
        IPostCheck check = _checkOf(target, payload);
        super.execute(target, value, payload, predecessor, salt);
        _requireCheck(check, target, payload);
    }

    /// @notice As OpenZeppelin's, and all checks on the calls hold at the end.
    function executeBatch(
        address[] calldata targets,
        uint256[] calldata values,
        bytes[] calldata payloads,
        bytes32 predecessor,
        bytes32 salt
    ) public payable override {
        uint256 length = _pairs(targets, payloads);
        // Read before the first call: a batch cannot take away the check that it has to pass.
        IPostCheck[] memory checks = new IPostCheck[](length);
        for (uint256 i; i < length; ++i) checks[i] = _checkOf(targets[i], payloads[i]);
        super.executeBatch(targets, values, payloads, predecessor, salt);
        for (uint256 i; i < length; ++i) _requireCheck(checks[i], targets[i], payloads[i]);
    }

    /* VIEWS */

    /// @notice When the operation may run; 1 once it ran; zero when unknown, vetoed or past its grace.
    function getTimestamp(bytes32 id) public view override returns (uint256 at) {
        at = super.getTimestamp(id);
        if (at <= DONE_TIMESTAMP) return at;
        if (_vetoed[id]) return _refuseAgain(id);
        if (block.timestamp > at && block.timestamp - at > grace) return 0;
    }

    /// @notice Seconds that every operation waits.
    function getMinDelay() public view override returns (uint256) {
        return _inForce(_delay);
    }

    /// @inheritdoc ITimelock
    function selectorDelay(address target, bytes4 selector) external view returns (uint32, uint32, uint48) {
        return _rules[_key(target, selector)].delay.getFull();
    }

    /// @inheritdoc ITimelock
    function postCheck(address target, bytes4 selector) external view returns (IPostCheck) {
        return _checks[_key(target, selector)];
    }

    /// @inheritdoc ITimelock
    function isVetoed(bytes32 id) external view returns (bool) {
        return _vetoed[id];
    }

    /// @inheritdoc IAccountable
    function healthy() external view returns (bool, bytes32) {
        if (!hasRole(CANCELLER_ROLE, council)) return (false, "council cannot veto");
        (bool ok, bytes memory data) =
            council.staticcall{gas: HEALTH_GAS}(abi.encodeCall(IGuardianCouncil.timelock, ()));
        bool named = ok && data.length == 32 && bytes32(data) == bytes32(uint256(uint160(address(this))));
        return named ? (true, bytes32(0)) : (false, bytes32("council has another timelock"));
    }

    /* INTERNAL: OPERATIONS */

    /// @dev Zero, but for OpenZeppelin's question whether an operation that is being scheduled is known: asked from there,
    /// it saves hashing the operation twice.
    function _refuseAgain(bytes32 id) private pure returns (uint256) {
        if (msg.sig == this.schedule.selector || msg.sig == this.scheduleBatch.selector) revert Timelock_Vetoed(id);
        return 0;
    }

    function _requireDelay(address target, bytes calldata data, uint256 delay) private view {
        uint32 need = _inForce(_rules[_key(target, bytes4(data))].delay);
        if (delay < need) revert Timelock_SelectorDelay(target, bytes4(data), need);
    }

    function _checkOf(address target, bytes calldata data) private view returns (IPostCheck) {
        bytes32 key = _key(target, bytes4(data));
        return _rules[key].checked ? _checks[key] : IPostCheck(address(0));
    }

    function _requireCheck(IPostCheck check, address target, bytes calldata data) private view {
        if (address(check) == address(0)) return;
        (bool ok, bytes32 why) = check.check(target, data);
        if (!ok) revert Timelock_PostCheck(target, bytes4(data), why);
    }

    /// @dev Lists of different lengths are left to OpenZeppelin, which refuses them.
    function _pairs(address[] calldata targets, bytes[] calldata payloads) private pure returns (uint256) {
        return targets.length == payloads.length ? targets.length : 0;
    }

    /// @dev As `Time.Delay.get`, without the values that it makes and drops: 32 bits of the new delay, 32 of the old one,
    /// 48 of the time from which the new one holds.
    function _inForce(Time.Delay delay) private view returns (uint32) {
        uint256 raw = Time.Delay.unwrap(delay);
        return raw >> 64 <= block.timestamp ? uint32(raw) : uint32(raw >> 32);
    }

    /* INTERNAL: SETTINGS */

    function _setDelay(address target, bytes4 selector, uint32 delay) private returns (bool longer) {
        _requireTime(delay, 0, MAX_DELAY);
        Rule storage rule = _rules[_key(target, selector)];
        uint32 old = rule.delay.get();
        uint48 effect;
        (rule.delay, effect) = rule.delay.withUpdate(delay, 0);
        emit SelectorDelaySet(target, selector, old, delay, effect);
        return delay >= old;
    }

    function _setCheck(address target, bytes4 selector, IPostCheck check) private returns (bool first) {
        if (address(check) != address(0) && address(check).code.length == 0) revert Timelock_NoCode(address(check));
        bytes32 key = _key(target, selector);
        first = !_rules[key].checked && address(check) != address(0);
        _rules[key].checked = address(check) != address(0);
        _checks[key] = check;
        emit PostCheckSet(target, selector, address(check));
    }

    // An open executor would let anybody choose the moment, an outside administrator skip the delay.
    function _grantRole(bytes32 role, address account) internal override returns (bool) {
        if (account == address(0)) revert Timelock_OpenRole(role);
        if (role == DEFAULT_ADMIN_ROLE && account != address(this)) revert Timelock_OutsideAdmin(account);
        return super._grantRole(role, account);
    }

    function _emitChange(bool tighter, bytes32 subject, bytes32 reason, bytes32 evidence) private {
        if (tighter) emit Tightened(msg.sender, subject, reason, evidence);
        else emit Loosened(msg.sender, subject, reason, evidence);
    }

    function _requireTime(uint256 time, uint256 min, uint256 max) private pure {
        if (time < min || time > max) revert Timelock_BadTime(time, min, max);
    }

    function _requireEvidence(Why calldata why) private pure {
        if (why.evidence == 0) revert Timelock_NoEvidence();
    }

    function _key(address target, bytes4 selector) private pure returns (bytes32) {
        return bytes32(bytes20(target)) | (bytes32(selector) >> 160);
    }
}

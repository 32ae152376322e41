// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SelectorBreaker} from "./SelectorBreaker.sol";
import {IAccountable} from "./interfaces/IAccountable.sol";
import {IRiskInvariant} from "./interfaces/IRiskInvariant.sol";
import {Bounds, IRiskSteward} from "./interfaces/IRiskSteward.sol";
import {Param, Parameter} from "./libraries/Parameter.sol";
import {StewardMath} from "./libraries/StewardMath.sol";
import {Why} from "./libraries/Why.sol";

/// @title RiskSteward
contract RiskSteward is IRiskSteward, SelectorBreaker {
    using Parameter for *;

    // The first item of a batch also tells how many there are and when they were proposed.
    struct Item {
        uint128 value;
        uint8 place;
        uint8 count;
        uint40 proposedAt;
    }

    struct Batch {
        Item[7] items;
        bytes32 modelHash;
        bytes32 inputsHash;
    }

    /* IMMUTABLES */

    /// @inheritdoc IRiskSteward
    address public immutable timelock;
    /// @inheritdoc IRiskSteward
    address public immutable council;

    uint256 private constant MAX_BATCH = 7;
    uint256 private constant MAX_INVARIANTS = 7;
    uint256 private constant MAX_PARAMS = 255;
    uint256 private constant MAX_AGE = 1 days;

    /* STORAGE */

    bytes32[] private _ids;
    IRiskInvariant[] private _invariants;
    mapping(bytes32 id => Param) private _params;
    mapping(bytes20 group => bytes32[]) private _members;
    mapping(bytes32 batch => Batch) private _batches;
    mapping(address account => bool) private _stewards;

    /* CONSTRUCTOR */

    /// @param controller The CircuitBreaker. @param timelock_ The timelock. @param council_ The guardian.
    constructor(address controller, address timelock_, address council_) SelectorBreaker(controller) {
        timelock = timelock_;
        council = council_;
    }

    /* MODIFIERS */

    modifier onlyWith(address caller, Why calldata why) {
        if (msg.sender != caller) revert Steward_NotAllowed(msg.sender);
        if (why.evidence == 0) revert Steward_NoEvidence();
        _;
    }

    modifier onlySteward() {
        if (!_stewards[msg.sender]) revert Steward_NotAllowed(msg.sender);
        _;
    }

    /* TIMELOCK FUNCTIONS */

    /// @inheritdoc IRiskSteward
    function setBounds(bytes32 paramId, Bounds calldata b, Why calldata why) external onlyWith(timelock, why) {
        Param storage p = _params[paramId];
        if (paramId == 0 || !b.isSane()) revert Steward_BadBounds(paramId);
        bool tighter = p.place != 0 && p.bounds().isTighter(b);
        if (p.place == 0) _register(paramId, b.coupledGroup);
        else if (bytes20(b.coupledGroup) != p.group) revert Steward_BadBounds(paramId);
        p.write(b);
        if (p.changedAt != 0) {
            _requireRange(paramId, p, p.value);
            _requireRange(paramId, p, p.valueNow());
        }
        emit BoundsSet(paramId, b);
        _emitChange(!tighter, paramId, why.reason, why.evidence);
    }

    /// @inheritdoc IRiskSteward
    function setValues(bytes32[] calldata ids, uint256[] calldata values, Why calldata why)
        external
        onlyWith(timelock, why)
    {
        _requireList(ids, values);
        _write(ids, values, false, why.reason, why.evidence);
    }

    /// @inheritdoc IRiskSteward
    function setInvariants(IRiskInvariant[] calldata list, Why calldata why) external onlyWith(timelock, why) {
        if (list.length > MAX_INVARIANTS) revert Steward_BadLength(list.length, MAX_INVARIANTS);
        for (uint256 i; i < list.length; ++i) {
            if (address(list[i]).code.length == 0) revert Steward_NoCode(address(list[i]));
        }
        bool first = _invariants.length == 0;
        _invariants = list;
        emit InvariantsSet(list);
        // Whether other invariants are tighter cannot be told from here.
        _emitChange(!first, bytes32(bytes20(address(this))), why.reason, why.evidence);
    }

    /// @inheritdoc IRiskSteward
    function setSteward(address steward, bool allowed, Why calldata why) external onlyWith(timelock, why) {
        _setSteward(steward, allowed, why);
    }

    /* GUARDIAN FUNCTIONS */

    /// @inheritdoc IRiskSteward
    function dismissSteward(address steward, Why calldata why) external onlyWith(council, why) {
        _setSteward(steward, false, why);
    }

    /// @inheritdoc IRiskSteward
    function revertToLastGood(bytes32 group, Why calldata why) external whenLive {
        bool guardian = msg.sender == council;
        if (!guardian && !_stewards[msg.sender]) revert Steward_NotAllowed(msg.sender);
        if (why.evidence == 0) revert Steward_NoEvidence();
        bytes32[] memory ids = _groupIds(group);
        uint256[] memory values = new uint256[](ids.length);
        for (uint256 i; i < ids.length; ++i) {
            Param storage p = _params[ids[i]];
            if (p.changedAt == 0) revert Steward_Unset(ids[i]);
            values[i] = p.previous;
            if (guardian && p.isLooser(values[i], p.value)) revert Steward_Loosens(ids[i]);
        }
        _write(ids, values, !guardian, why.reason, why.evidence);
        emit RevertedToLastGood(group, msg.sender);
    }

    /* STEWARD FUNCTIONS */

    /// @inheritdoc IRiskSteward
    function propose(bytes32[] calldata ids, uint256[] calldata values, bytes32 modelHash, bytes32 inputsHash)
        external
        whenLive
        onlySteward
        returns (bytes32 batch)
    {
        if (modelHash == 0 || inputsHash == 0) revert Steward_NoEvidence();
        _requireList(ids, values);
        batch = keccak256(abi.encode(ids, values, modelHash, inputsHash, block.timestamp));
        Batch storage b = _batches[batch];
        if (b.items[0].count != 0) revert Steward_Proposed(batch);
        for (uint256 i; i < ids.length; ++i) {
            uint8 place = _params[ids[i]].place;
            if (place == 0) revert Steward_Unset(ids[i]);
            b.items[i] = Item(_toValue(ids[i], values[i]), place, uint8(ids.length), uint40(block.timestamp));
        }
        (b.modelHash, b.inputsHash) = (modelHash, inputsHash);
        emit Proposed(batch, ids, values, modelHash, inputsHash);
    }

    /// @inheritdoc IRiskSteward
    function applyBatch(bytes32 batch) external whenLive onlySteward {
        Batch storage b = _batches[batch];
        Item memory item = b.items[0];
        uint256 count = item.count;
        if (count == 0) revert Steward_UnknownBatch(batch);
        if (block.timestamp - item.proposedAt > MAX_AGE) revert Steward_Expired(batch, item.proposedAt);
        bytes32[] memory ids = new bytes32[](count);
        uint256[] memory values = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            if (i > 0) item = b.items[i];
            (ids[i], values[i]) = (_ids[item.place - 1], item.value);
        }
        delete b.items[0];
        (bytes32 modelHash, bytes32 inputsHash) = (b.modelHash, b.inputsHash);
        _write(ids, values, true, modelHash, inputsHash);
        emit Applied(batch, modelHash, inputsHash);
    }

    /* VIEWS */

    /// @inheritdoc IRiskSteward
    function valueOf(bytes32 id) external view returns (uint256) {
        Param storage p = _params[id];
        if (p.changedAt == 0) revert Steward_Unset(id);
        return p.valueNow();
    }

    /// @inheritdoc IRiskSteward
    function parameter(bytes32 id) external view returns (uint128, uint128, uint40, uint40, uint40) {
        Param storage p = _params[id];
        return (p.value, p.previous, p.changedAt, p.loosenedAt, p.rampEnd);
    }

    /// @inheritdoc IRiskSteward
    function boundsOf(bytes32 id) external view returns (Bounds memory) {
        return _params[id].bounds();
    }

    /// @inheritdoc IRiskSteward
    function groupOf(bytes32 group) external view returns (bytes32[] memory) {
        return _members[bytes20(group)];
    }

    /// @inheritdoc IRiskSteward
    function invariants() external view returns (IRiskInvariant[] memory) {
        return _invariants;
    }

    /// @inheritdoc IRiskSteward
    function isSteward(address account) external view returns (bool) {
        return _stewards[account];
    }

    /// @inheritdoc IRiskSteward
    function loosestAfter(bytes32 id, uint256 time) external view returns (uint256 value) {
        Param storage p = _params[id];
        if (p.changedAt == 0) revert Steward_Unset(id);
        bool up = !p.isTightUp();
        value = p.valueNow();
        value = up ? Math.max(value, p.value) : Math.min(value, p.value);
        uint256 count = time / p.cooldown + 1;
        return StewardMath.loosest(value, up, count, p.maxStepBps, p.isRelative(), p.floor, p.ceil);
    }

    /// @inheritdoc IAccountable
    function healthy() external view returns (bool, bytes32) {
        if (selectorBreaker.code.length == 0) return (false, "breaker has no code");
        if (timelock.code.length == 0) return (false, "timelock has no code");
        if (council.code.length == 0) return (false, "guardian has no code");
        uint256 length = _invariants.length;
        if (length == 0) return (false, "no invariant");
        for (uint256 i; i < length; ++i) {
            if (address(_invariants[i]).code.length == 0) return (false, "invariant has no code");
        }
        return (true, 0);
    }

    /* INTERNAL: WRITING */

    /// @dev Writes whole groups, and holds the result to the invariants. `bounded`: within step and cooldown.
    function _write(
        bytes32[] memory ids,
        uint256[] memory values,
        bool bounded,
        bytes32 reason,
        bytes32 evidence
    ) private {
        _requireWhole(ids);
        uint256[] memory old = new uint256[](ids.length);
        for (uint256 i; i < ids.length; ++i) {
            Param storage p = _params[ids[i]];
            if (p.place == 0 || (bounded && p.changedAt == 0)) revert Steward_Unset(ids[i]);
            old[i] = p.valueNow();
            _requireRange(ids[i], p, values[i]);
            if (bounded) _requireStep(ids[i], p, values[i]);
            _set(ids[i], p, old[i], values[i], reason, evidence);
        }
        _requireInvariants(abi.encode(ids, old), abi.encode(ids, values));
    }

    function _set(bytes32 id, Param storage p, uint256 old, uint256 value, bytes32 reason, bytes32 evidence)
        private
    {
        bool fresh = p.changedAt == 0;
        // Nothing new: a ramp under way goes on, and no cooldown starts.
        if (!fresh && value == p.value) return;
        bool looser = fresh || p.isLooser(value, p.value);
        uint40 nowAt = uint40(block.timestamp);
        uint40 rampEnd = nowAt + (fresh || p.isLooser(value, old) ? 0 : p.ramp);
        (p.value, p.previous) = (uint128(value), uint128(fresh ? value : old));
        (p.changedAt, p.loosenedAt, p.rampEnd) = (nowAt, looser && !fresh ? nowAt : p.loosenedAt, rampEnd);
        emit ValueSet(id, old, value, rampEnd);
        _emitChange(looser, id, reason, evidence);
    }

    /* INTERNAL: CHECKS */

    /// @dev Loosening is bound in size and pace, and so is a tightening that reaches open positions. Both are measured
    /// from where the parameter was last sent to: a ramp only tightens, so that is the tightest value accepted so far.
    function _requireStep(bytes32 id, Param storage p, uint256 value) private view {
        if (value == p.value) return;
        bool looser = p.isLooser(value, p.value);
        if (!looser && p.ramp == 0) return;
        uint256 readyAt = uint256(looser ? p.loosenedAt : p.changedAt) + p.cooldown;
        if (block.timestamp < readyAt) revert Steward_Cooldown(id, readyAt);
        uint256 bps = StewardMath.stepBpsUp(p.value, value, p.isRelative(), p.ceil);
        if (bps > p.maxStepBps) revert Steward_Step(id, bps, p.maxStepBps);
    }

    function _requireWhole(bytes32[] memory ids) private view {
        bytes20[] memory groups = new bytes20[](ids.length);
        for (uint256 i; i < ids.length; ++i) groups[i] = _params[ids[i]].group;
        for (uint256 i; i < ids.length; ++i) {
            if (groups[i] == 0) continue;
            uint256 have;
            for (uint256 j; j < ids.length; ++j) if (groups[j] == groups[i]) ++have;
            // No id stands twice in a list, so each member was counted once.
            if (have != _members[groups[i]].length) revert Steward_PartialGroup(groups[i]);
        }
    }

    function _requireInvariants(bytes memory before, bytes memory afterwards) private view {
        uint256 length = _invariants.length;
        for (uint256 i; i < length; ++i) {
            (bool ok, bytes32 why) = _invariants[i].check(before, afterwards);
            if (!ok) revert Steward_PostCondition(why);
        }
    }

    function _requireRange(bytes32 id, Param storage p, uint256 value) private view {
        if (value < p.floor || value > p.ceil) revert Steward_Range(id, value);
    }

    function _requireList(bytes32[] calldata ids, uint256[] calldata values) private pure {
        uint256 length = ids.length;
        if (length == 0 || length > MAX_BATCH) revert Steward_BadLength(length, MAX_BATCH);
        if (values.length != length) revert Steward_BadLength(values.length, length);
        for (uint256 i = 1; i < length; ++i) if (ids[i] <= ids[i - 1]) revert Steward_NotSorted();
    }

    function _toValue(bytes32 id, uint256 value) private pure returns (uint128) {
        if (value > type(uint128).max) revert Steward_Range(id, value);
        return uint128(value);
    }

    /* INTERNAL: REGISTER */

    function _register(bytes32 id, bytes32 group) private {
        if (_ids.length == MAX_PARAMS) revert Steward_BadLength(MAX_PARAMS + 1, MAX_PARAMS);
        _ids.push(id);
        (_params[id].place, _params[id].group) = (uint8(_ids.length), bytes20(group));
        if (group == 0) return;
        bytes32[] storage members = _members[bytes20(group)];
        members.push(id);
        if (members.length > MAX_BATCH) revert Steward_BadLength(members.length, MAX_BATCH);
    }

    function _groupIds(bytes32 group) private view returns (bytes32[] memory ids) {
        if (bytes32(bytes20(group)) == group) ids = _members[bytes20(group)];
        if (ids.length > 0) return ids;
        Param storage p = _params[group];
        if (p.place == 0 || p.group != 0) revert Steward_UnknownGroup(group);
        ids = new bytes32[](1);
        ids[0] = group;
    }

    function _setSteward(address steward, bool allowed, Why calldata why) private {
        _stewards[steward] = allowed;
        emit StewardSet(steward, allowed);
        _emitChange(allowed, bytes32(bytes20(steward)), why.reason, why.evidence);
    }

    function _emitChange(bool looser, bytes32 subject, bytes32 reason, bytes32 evidence) private {
        if (looser) emit Loosened(msg.sender, subject, reason, evidence);
        else emit Tightened(msg.sender, subject, reason, evidence);
    }
}

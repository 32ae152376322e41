// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SelectorBreaker} from "./SelectorBreaker.sol";
import {IAccountable} from "./interfaces/IAccountable.sol";
import {IRiskInvariant} from "./interfaces/IRiskInvariant.sol";
import {Bounds, IRiskSteward} from "./interfaces/IRiskSteward.sol";
import {Param, Parameter, Range} from "./libraries/Parameter.sol";
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

    struct Group {
        bytes20 name;
        bytes32[] members;
    }

    // The first also tells how many there are.
    struct Listed {
        IRiskInvariant invariant;
        uint8 count;
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

    uint8 private _places;
    /// The id at each place. Not a list: its length would be a slot more to read.
    bytes32[MAX_PARAMS + 1] private _ids;
    Listed[MAX_INVARIANTS] private _invariants;
    mapping(bytes32 id => Param) private _params;
    mapping(bytes32 id => Range) private _ranges;
    mapping(bytes20 name => uint8) private _groupNumbers;
    mapping(uint8 number => Group) private _groups;
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
        Bounds memory before = boundsOf(paramId);
        bool tighter = p.place != 0 && before.isTighter(b);
        if (p.place == 0) _register(paramId, b.coupledGroup);
        else if (b.coupledGroup != before.coupledGroup) revert Steward_BadBounds(paramId);
        p.write(b);
        _ranges[paramId] = Range(b.floor, b.ceil);
        if (p.changedAt != 0) {
            _requireRange(paramId, _ranges[paramId], p.value);
            _requireRange(paramId, _ranges[paramId], p.valueNow());
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
        bool first = _invariants[0].count == 0;
        delete _invariants[0];
        for (uint256 i; i < list.length; ++i) _invariants[i] = Listed(list[i], uint8(list.length));
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
            Param memory p = _params[ids[i]];
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
            ids[i] = _ids[item.place];
            values[i] = item.value;
        }
        delete b.items[0];
        (bytes32 modelHash, bytes32 inputsHash) = (b.modelHash, b.inputsHash);
        _write(ids, values, true, modelHash, inputsHash);
        emit Applied(batch, modelHash, inputsHash);
    }

    /* VIEWS */

    /// @inheritdoc IRiskSteward
    function valueOf(bytes32 id) external view returns (uint256) {
        Param memory p = _params[id];
        if (p.changedAt == 0) revert Steward_Unset(id);
        return p.valueNow();
    }

    /// @inheritdoc IRiskSteward
    function parameter(bytes32 id) external view returns (uint128, uint128, uint40, uint40, uint40) {
        Param memory p = _params[id];
        return (p.value, p.previous, p.changedAt, p.loosenedAt, p.rampEnd);
    }

    /// @inheritdoc IRiskSteward
    function boundsOf(bytes32 id) public view returns (Bounds memory) {
        Param memory p = _params[id];
        return p.bounds(_ranges[id], _groups[p.group].name);
    }

    /// @inheritdoc IRiskSteward
    function groupOf(bytes32 group) external view returns (bytes32[] memory) {
        return _groups[_groupNumbers[bytes20(group)]].members;
    }

    /// @inheritdoc IRiskSteward
    function invariants() external view returns (IRiskInvariant[] memory list) {
        list = new IRiskInvariant[](_invariants[0].count);
        for (uint256 i; i < list.length; ++i) list[i] = _invariants[i].invariant;
    }

    /// @inheritdoc IRiskSteward
    function isSteward(address account) external view returns (bool) {
        return _stewards[account];
    }

    /// @inheritdoc IRiskSteward
    function loosestAfter(bytes32 id, uint256 time) external view returns (uint256 value) {
        Param memory p = _params[id];
        Range memory range = _ranges[id];
        if (p.changedAt == 0) revert Steward_Unset(id);
        bool up = !p.isTightUp();
        value = p.valueNow();
        value = up ? Math.max(value, p.value) : Math.min(value, p.value);
        uint256 count = time / p.cooldown + 1;
        return StewardMath.loosest(value, up, count, p.maxStepBps, p.isRelative(), range.floor, range.ceil);
    }

    /// @inheritdoc IAccountable
    function healthy() external view returns (bool, bytes32) {
        if (selectorBreaker.code.length == 0) return (false, "breaker has no code");
        if (timelock.code.length == 0) return (false, "timelock has no code");
        if (council.code.length == 0) return (false, "guardian has no code");
        uint256 count = _invariants[0].count;
        if (count == 0) return (false, "no invariant");
        for (uint256 i; i < count; ++i) {
            if (address(_invariants[i].invariant).code.length == 0) return (false, "invariant has no code");
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
        uint256[] memory old = new uint256[](ids.length);
        for (uint256 i; i < ids.length; ++i) {
            (bytes32 id, uint256 value) = (ids[i], values[i]);
            Param memory p = _params[id];
            if ((bounded ? p.changedAt : p.place) == 0) revert Steward_Unset(id);
            if (p.group != 0) _requireWhole(ids, p.group);
            Range memory range = _ranges[id];
            _requireRange(id, range, value);
            if (bounded) _requireStep(id, p, range.ceil, value);
            _set(id, p, old[i] = p.valueNow(), value, reason, evidence);
        }
        _requireInvariants(abi.encode(ids, old), abi.encode(ids, values));
    }

    /// @dev `p` is the parameter as it stands.
    function _set(bytes32 id, Param memory p, uint256 old, uint256 value, bytes32 reason, bytes32 evidence) private {
        bool fresh = p.changedAt == 0;
        // Nothing new: a ramp under way goes on, and no cooldown starts.
        if (!fresh && value == p.value) return;
        bool looser = fresh || p.isLooser(value, p.value);
        uint40 nowAt = uint40(block.timestamp);
        uint40 rampEnd = nowAt + (fresh || p.isLooser(value, old) ? 0 : p.ramp);
        uint40 loosenedAt = looser && !fresh ? nowAt : p.loosenedAt;
        uint128 previous = uint128(fresh ? value : old);
        Param storage stored = _params[id];
        (stored.value, stored.previous) = (uint128(value), previous);
        (stored.changedAt, stored.loosenedAt, stored.rampEnd) = (nowAt, loosenedAt, rampEnd);
        emit ValueSet(id, old, value, rampEnd);
        _emitChange(looser, id, reason, evidence);
    }

    /* INTERNAL: CHECKS */

    /// @dev Loosening is bound in size and pace, and so is a tightening that reaches open positions. Both are measured
    /// from where the parameter was last sent to: a ramp only tightens, so that is the tightest value accepted so far.
    function _requireStep(bytes32 id, Param memory p, uint256 ceil, uint256 value) private view {
        if (value == p.value) return;
        bool looser = p.isLooser(value, p.value);
        if (!looser && p.ramp == 0) return;
        uint256 readyAt = looser ? p.loosenedAt : p.changedAt;
        unchecked {
            // A time of 40 bits and a cooldown of 32.
            readyAt += p.cooldown;
        }
        if (block.timestamp < readyAt) revert Steward_Cooldown(id, readyAt);
        uint256 bps = StewardMath.stepBpsUp(p.value, value, p.isRelative(), ceil);
        if (bps > p.maxStepBps) revert Steward_Step(id, bps, p.maxStepBps);
    }

    /// @dev No id stands twice in `ids`, so each member is counted once.
    function _requireWhole(bytes32[] memory ids, uint8 group) private view {
        uint256 have;
        for (uint256 i; i < ids.length; ++i) if (_params[ids[i]].group == group) ++have;
        if (have != _groups[group].members.length) revert Steward_PartialGroup(_groups[group].name);
    }

    function _requireInvariants(bytes memory before, bytes memory afterwards) private view {
        Listed memory listed = _invariants[0];
        uint256 count = listed.count;
        for (uint256 i; i < count; ++i) {
            if (i > 0) listed = _invariants[i];
            (bool ok, bytes32 why) = listed.invariant.check(before, afterwards);
            if (!ok) revert Steward_PostCondition(why);
        }
    }

    function _requireRange(bytes32 id, Range memory range, uint256 value) private pure {
        if (value < range.floor || value > range.ceil) revert Steward_Range(id, value);
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
        if (_places == MAX_PARAMS) revert Steward_BadLength(MAX_PARAMS + 1, MAX_PARAMS);
        uint8 place = ++_places;
        _ids[place] = id;
        _params[id].place = place;
        if (group != 0) _couple(id, place, bytes20(group));
    }

    function _couple(bytes32 id, uint8 place, bytes20 name) private {
        uint8 number = _groupNumbers[name];
        if (number == 0) {
            number = place;
            (_groupNumbers[name], _groups[number].name) = (number, name);
        }
        bytes32[] storage members = _groups[number].members;
        members.push(id);
        if (members.length > MAX_BATCH) revert Steward_BadLength(members.length, MAX_BATCH);
        _params[id].group = number;
    }

    function _groupIds(bytes32 group) private view returns (bytes32[] memory ids) {
        if (bytes32(bytes20(group)) == group) ids = _groups[_groupNumbers[bytes20(group)]].members;
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

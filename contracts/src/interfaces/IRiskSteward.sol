// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {Why} from "../libraries/Why.sol";
import {IAccountable} from "./IAccountable.sol";
import {IRiskInvariant} from "./IRiskInvariant.sol";

/// @notice How far and how often a steward may move a parameter.
struct Bounds {
    /// Largest step in 1/10,000: of the present value if `relative`, else of `ceil`. Not zero.
    uint16 maxStepBps;
    /// A relative step is measured on the smaller of the two values, so that up and down are the same distance.
    bool relative;
    /// Seconds between two loosenings, and between any change and a tightening that ramps. Not zero.
    uint32 cooldown;
    uint128 floor;
    uint128 ceil;
    /// 0: a lower value is tighter (a cap); 1: a higher value is tighter (a margin).
    uint8 tightDirection;
    /// Parameters of one group are written together; zero: alone. The low 12 bytes must be zero.
    bytes32 coupledGroup;
    /// Seconds over which a tightening takes hold, for a parameter that touches open positions; at most the cooldown.
    /// Zero: the parameter touches new risk alone, and tightening is instant, of any size and at any time.
    uint32 ramp;
}

/// @title RiskSteward: automation on a short leash.
/// @notice Holds a protocol's risk parameters; the protocol reads `valueOf`. A steward (a program with a key) moves
/// them within bounds that the timelock set; every change must satisfy the registered invariants.
/// @dev `apply` is a reserved word, hence `applyBatch`. `propose`, `applyBatch` and
/// `revertToLastGood` can be paused one by one by the CircuitBreaker, which is how the GuardianCouncil acts here;
/// `council` is a guardian address (a Safe, say) that may also act directly. Register an invariant after the first
/// values are set: the values before those are zero.
interface IRiskSteward is IAccountable {
    /// @notice The bounds of a parameter are set.
    event BoundsSet(bytes32 indexed id, Bounds bounds);

    /// @notice The parameter goes from `from` to `to`, linearly until `rampEnd` (now, if instant).
    event ValueSet(bytes32 indexed id, uint256 from, uint256 to, uint40 rampEnd);

    /// @notice The batch can be applied for one day.
    event Proposed(bytes32 indexed batch, bytes32[] ids, uint256[] values, bytes32 modelHash, bytes32 inputsHash);

    /// @notice The batch was applied.
    event Applied(bytes32 indexed batch, bytes32 modelHash, bytes32 inputsHash);

    /// @notice The group's parameters go back to what they were before their last change.
    event RevertedToLastGood(bytes32 indexed group, address indexed actor);

    /// @notice The invariants were replaced.
    event InvariantsSet(IRiskInvariant[] invariants);

    /// @notice The account became a steward, or is none any more.
    event StewardSet(address indexed steward, bool allowed);

    /// @notice The step of `bps` is larger than `max`.
    error Steward_Step(bytes32 id, uint256 bps, uint256 max);

    /// @notice The parameter may be moved this way again at `readyAt`.
    error Steward_Cooldown(bytes32 id, uint256 readyAt);

    /// @notice The value lies outside floor and ceil.
    error Steward_Range(bytes32 id, uint256 value);

    /// @notice The batch holds a part of the group only.
    error Steward_PartialGroup(bytes32 group);

    /// @notice An invariant refused the change.
    error Steward_PostCondition(bytes32 why);

    /// @notice The guardian may not loosen the parameter.
    error Steward_Loosens(bytes32 id);

    /// @notice No such parameter, or it has no value yet.
    error Steward_Unset(bytes32 id);

    /// @notice No such group, or a parameter that belongs to one.
    error Steward_UnknownGroup(bytes32 group);

    /// @notice No such batch, or it was applied.
    error Steward_UnknownBatch(bytes32 batch);

    /// @notice The same batch was proposed in this second.
    error Steward_Proposed(bytes32 batch);

    /// @notice The batch was proposed more than a day ago, at `proposedAt`.
    error Steward_Expired(bytes32 batch, uint40 proposedAt);

    /// @notice The ids are not strictly ascending.
    error Steward_NotSorted();

    /// @notice A list has `have` elements where 1 to `max` of equal number are allowed.
    error Steward_BadLength(uint256 have, uint256 max);

    /// @notice The bounds contradict themselves, or would move the parameter to another group.
    error Steward_BadBounds(bytes32 id);

    /// @notice `caller` may not do this.
    error Steward_NotAllowed(address caller);

    /// @notice `account` has no code.
    error Steward_NoCode(address account);

    /// @notice `evidence`, `modelHash` or `inputsHash` is zero.
    error Steward_NoEvidence();

    /// @notice The timelock: sets bounds, values, invariants and stewards.
    function timelock() external view returns (address);

    /// @notice May dismiss stewards and revert what a revert tightens.
    function council() external view returns (address);

    /// @notice Sets the bounds of a parameter; a value that it has must lie within. Its group is fixed for good.
    function setBounds(bytes32 paramId, Bounds calldata bounds, Why calldata why) external;

    /// @notice Sets values within floor and ceil, whole groups and under the invariants, without step and cooldown.
    /// What tightens a parameter that has a value and a ramp still ramps.
    function setValues(bytes32[] calldata ids, uint256[] calldata values, Why calldata why) external;

    /// @notice Replaces the invariants, 0 to 7.
    function setInvariants(IRiskInvariant[] calldata invariants, Why calldata why) external;

    /// @notice Makes or dismisses a steward.
    function setSteward(address steward, bool allowed, Why calldata why) external;

    /// @notice Dismisses a steward. The guardian.
    function dismissSteward(address steward, Why calldata why) external;

    /// @notice Proposes values for 1 to 7 parameters, ids ascending. A steward.
    /// @param modelHash Hash of the model that found them. @param inputsHash Hash of what the model read.
    function propose(bytes32[] calldata ids, uint256[] calldata values, bytes32 modelHash, bytes32 inputsHash)
        external
        returns (bytes32 batch);

    /// @notice Applies a proposed batch, all of it or nothing. A steward.
    function applyBatch(bytes32 batch) external;

    /// @notice Takes a group, or a parameter without one, back to the values before its last change. The guardian where
    /// no parameter is loosened by it; a steward within step and cooldown.
    function revertToLastGood(bytes32 group, Why calldata why) external;

    /// @notice The value in force now.
    function valueOf(bytes32 id) external view returns (uint256);

    /// @notice The value that the parameter is or ramps to, the one before, and when it changed, loosened, and arrives.
    function parameter(bytes32 id)
        external
        view
        returns (uint128 value, uint128 previous, uint40 changedAt, uint40 loosenedAt, uint40 rampEnd);

    /// @notice The bounds of a parameter.
    function boundsOf(bytes32 id) external view returns (Bounds memory);

    /// @notice The parameters of a group.
    function groupOf(bytes32 group) external view returns (bytes32[] memory ids);

    /// @notice The invariants.
    function invariants() external view returns (IRiskInvariant[] memory);

    /// @notice Whether the account is a steward.
    function isSteward(address account) external view returns (bool);

    /// @notice The loosest value that stewards can bring the parameter to within `time` seconds from now.
    function loosestAfter(bytes32 id, uint256 time) external view returns (uint256);
}

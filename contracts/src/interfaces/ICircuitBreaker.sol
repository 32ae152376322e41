// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {Why} from "../libraries/Why.sol";
import {IAccountable} from "./IAccountable.sol";
import {Rule} from "./ISelectorBreaker.sol";

/// @notice What the breaker knows of a selector. INLINE: the word lies in the target (mixin or GateProxy). EXTERNAL:
/// the word lies here and the target asks `check`. The exempt ones answer under every pause but `fullHalt`.
enum Kind {
    UNKNOWN,
    INLINE,
    INLINE_EXEMPT,
    EXTERNAL,
    EXTERNAL_EXEMPT
}

/// @notice A protected contract with its selectors that may be paused (`guarded`) and those that reduce risk
/// (`exempt`); together at most 32.
struct Target {
    address target;
    bool inlined;
    bytes4[] guarded;
    bytes4[] exempt;
}

/// @notice Guarded selectors that fall together: `selectors[i]` of `targets[i]`, at most 16.
struct Group {
    bytes32 id;
    address[] targets;
    bytes4[] selectors;
}

/// @notice A contract or key that may trip `group` by itself.
struct Tripper {
    address caller;
    bytes32 group;
}

/// @notice A contract or key that may set guard rules on one guarded selector.
struct Program {
    address caller;
    address target;
    bytes4 selector;
}

/// @notice Everything that can be registered. Registering adds and never replaces.
struct Config {
    Target[] targets;
    Group[] groups;
    Tripper[] trippers;
    Program[] programs;
}

/// @title CircuitBreaker: pauses one function, briefly.
/// @notice Roles: the council trips, extends and halts, within budgets; registered callers trip their groups;
/// registered programs set guard rules on their selectors; only the timelock releases.
/// @dev Budgets per (target, selector): 84 h over 30 d for trips and guard rules together, of which guard rules of
/// programs leave 48 h; 24 h over 30 d more for `extend` and `fullHalt`; all refilling linearly.
interface ICircuitBreaker is IAccountable {
    /// @notice `selector` of `target` is paused until `until`.
    event Tripped(address indexed target, bytes4 indexed selector, uint40 until, bytes32 reason, bytes32 evidence);

    /// @notice `selector` of `target` stayed as it was in a group trip, as the target could not be read or written.
    event TripFailed(address indexed target, bytes4 indexed selector, bytes32 reason, bytes32 evidence);

    /// @notice `selector` of `target` was released before its pause ended.
    event Released(address indexed target, bytes4 indexed selector);

    /// @notice A guard rule is in force on `selector` until `until`.
    event RuleSet(address indexed target, bytes4 indexed selector, Rule rule, uint40 until);

    /// @notice The guard rule on `selector` was cleared before its end.
    event RuleCleared(address indexed target, bytes4 indexed selector);

    /// @notice `target` is protected from now on; its exempt list is fixed for ever.
    event Registered(address indexed target, bool inlined, bytes4[] guarded, bytes4[] exempt);

    /// @notice An exempt selector can only be reached by `fullHalt`.
    error Breaker_Exempt(bytes4 selector);

    /// @notice The end is beyond what this call may reach: 72 h from now, and for a trip 72 h from the pause's start.
    error Breaker_TooLong(uint40 until, uint40 max);

    /// @notice The end is not in the future.
    error Breaker_TooShort(uint40 until, uint40 nowAt);

    /// @notice The budget of the selector has `left` seconds, fewer than the call needs.
    error Breaker_BudgetSpent(bytes4 selector, uint256 left);

    /// @notice No member of the group could be paused, and one at least could not be read or written.
    error Breaker_GroupFailed(bytes32 group);

    /// @notice Too little gas to pause a member of a group; the call needs at least `need` more at that point.
    error Breaker_GasTooLow(uint256 need);

    /// @notice `extend` lengthens a running pause only.
    error Breaker_NotPaused(bytes4 selector);

    /// @notice A guard rule already runs and this caller may not replace it.
    error Breaker_RuleRunning(bytes4 selector, uint40 until);

    /// @notice No guard rule runs, or this caller may not clear it.
    error Breaker_NoRule(bytes4 selector);

    /// @notice NO_SAME_BLOCK keeps a mark for each caller, which `check` (a view) cannot do.
    error Breaker_RuleNeedsInline(bytes4 selector);

    /// @notice The caller lacks the role.
    error Breaker_NotAllowed(address caller);

    /// @notice `evidence` is zero.
    error Breaker_NoEvidence();

    /// @notice The selector or the mode does not stand in the register.
    error Breaker_Unknown(address target, bytes4 selector);

    /// @notice The group, or its (caller, group) or (caller, selector) entry, does not stand in the register.
    error Breaker_UnknownGroup(bytes32 group);

    /// @notice The target, selector or group is registered already; what is registered cannot be changed.
    error Breaker_Registered(address target, bytes4 selector);

    /// @notice A list is empty, too long or of unequal lengths.
    error Breaker_BadLength(uint256 have, uint256 max);

    /// @notice The council: the only caller of `trip`, `extend` and `fullHalt`.
    function council() external view returns (address);

    /// @notice The timelock: the only caller of what loosens.
    function timelock() external view returns (address);

    /// @notice Pauses `selector` of `target` until `until`, at most 72 h from now and from the start of a running
    /// pause. A running pause is never shortened. Council (m1).
    function trip(address target, bytes4 selector, uint40 until, Why calldata why) external;

    /// @notice Pauses every selector of `group` until `until`, each as far as its own budget reaches. A caller
    /// registered for the group. A target that fails is told by TripFailed and leaves the others paused. Reverts when
    /// no selector's pause would be lengthened and none is running.
    function tripGroup(bytes32 group, uint40 until, Why calldata why) external;

    /// @notice Pauses one member of a group. Called by the breaker itself, with bounded gas, so that a member that fails
    /// is undone alone. Returns the end of the member's pause.
    function tripMember(address target, bytes4 selector, uint40 until) external returns (uint40);

    /// @notice Lengthens a running pause out of the halt budget, to at most 72 h from now. Council (m2).
    function extend(address target, bytes4 selector, uint40 until, Why calldata why) external;

    /// @notice Pauses every registered selector of `target`, exempt ones too, each as far as its halt budget reaches.
    /// Council (m2).
    function fullHalt(address target, uint40 until, Why calldata why) external;

    /// @notice Ends a pause early. Timelock.
    function release(address target, bytes4 selector, Why calldata why) external;

    /// @notice Puts a guard rule on a guarded selector until `until`; its time is paid like a pause. Council (m1), or
    /// a program registered for the selector, which must leave 48 h of the fast budget. The council may replace a
    /// program's rule, nobody else a running one; a replacement emits Loosened too, as the new rule may be the weaker.
    function setRule(address target, bytes4 selector, Rule calldata rule, uint40 until, Why calldata why) external;

    /// @notice Ends a guard rule early. Timelock; council (m1) if a program set it.
    function clearRule(address target, bytes4 selector, Why calldata why) external;

    /// @notice Adds targets, groups, trippers and programs. Timelock.
    function register(Config calldata config, Why calldata why) external;

    /// @notice Takes a tripper off its group. Timelock.
    function dismissTripper(address caller, bytes32 group, Why calldata why) external;

    /// @notice Takes a program off its selector. Timelock.
    function dismissProgram(address caller, address target, bytes4 selector, Why calldata why) external;

    /// @notice Writes an idle word where an inline selector of `target` was never paused, so that its first pause finds
    /// a slot in use and costs 17,100 gas less. Changes nothing else. Anyone: best right after the deployment.
    function arm(address target) external;

    /// @notice Whether neither a pause nor a rule of `selector` of the caller, an external-mode target, is running: `check`
    /// would pass whatever the call. False of what is not registered.
    function isClear(bytes4 selector) external view returns (bool);

    /// @notice Reverts unless `selector` of the external-mode `target` is live for the call `data`.
    function check(address target, bytes4 selector, bytes calldata data) external view;

    /// @notice What is registered of a selector.
    function kindOf(address target, bytes4 selector) external view returns (Kind);

    /// @notice The end of the pause, in both modes; in the past or zero when live.
    function pausedUntil(address target, bytes4 selector) external view returns (uint40);

    /// @notice The guard rule last set, in both modes, in force until `until`.
    function ruleOf(address target, bytes4 selector) external view returns (Rule memory rule, uint40 until);

    /// @notice The furthest ends of a pause that `trip` and `extend`/`fullHalt` could bring about now, in Unix seconds;
    /// at least that of a running pause, and not ahead when the selector can be paused no further.
    function reach(address target, bytes4 selector) external view returns (uint40 fast, uint40 halt);

    /// @notice The seconds left in the two budgets.
    function budget(address target, bytes4 selector) external view returns (uint256 fastLeft, uint256 haltLeft);

    /// @notice All registered selectors of `target`, guarded ones first.
    function selectorsOf(address target) external view returns (bytes4[] memory);

    /// @notice The registered targets.
    function targets() external view returns (address[] memory);

    /// @notice The members of a group.
    function groupOf(bytes32 group) external view returns (address[] memory targets, bytes4[] memory selectors);

    /// @notice Whether `caller` may trip `group`.
    function isTripper(address caller, bytes32 group) external view returns (bool);

    /// @notice Whether `caller` may set guard rules on `selector` of `target`.
    function isProgram(address caller, address target, bytes4 selector) external view returns (bool);

    /// @notice Whether `target` has code and, inline, names this breaker. `healthy` looks at as many targets as fit into
    /// its 50,000 gas, three at least, and begins with another one in each block; this tells of one without waiting.
    function targetHealthy(address target) external view returns (bool, bytes32 why);
}

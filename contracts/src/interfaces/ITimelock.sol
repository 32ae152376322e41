// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {Why} from "../libraries/Why.sol";
import {IAccountable} from "./IAccountable.sol";
import {IPostCheck} from "./IPostCheck.sol";

/// @notice Calls of `selector` on `target` wait at least `delay` seconds. In a constructor, `target` zero is the
/// timelock.
struct SelectorDelay {
    address target;
    bytes4 selector;
    uint32 delay;
}

/// @notice After a call of `selector` on `target`, `check` must hold.
struct PostCheck {
    address target;
    bytes4 selector;
    IPostCheck check;
}

/// @title Timelock: OpenZeppelin's TimelockController with four more rules.
/// @notice A delay for each (target, selector); a veto that is final for its id; a time after which an operation is
/// void; a check that must hold after a listing. Everything else is OpenZeppelin's, its tools included.
/// @dev Delays go by the outer selector: a target that has a `multicall` of its own needs a delay on that too. Roles
/// and `updateDelay` are OpenZeppelin's functions and take no Why: the evidence for those is the operation's id.
interface ITimelock is IAccountable {
    /// @notice The delay of (target, selector) goes from `from` to `to` seconds at time `effect`.
    event SelectorDelaySet(
        address indexed target, bytes4 indexed selector, uint32 from, uint32 to, uint48 effect
    );

    /// @notice After calls of (target, selector) `check` must hold; zero: nothing.
    event PostCheckSet(address indexed target, bytes4 indexed selector, address check);

    /// @notice The operation's delay is below the `need` seconds of (target, selector).
    error Timelock_SelectorDelay(address target, bytes4 selector, uint256 need);

    /// @notice The operation was vetoed. The same calls under another salt start anew.
    error Timelock_Vetoed(bytes32 id);

    /// @notice What the operation leaves behind fails the check on (target, selector).
    error Timelock_PostCheck(address target, bytes4 selector, bytes32 why);

    /// @notice A delay, or the grace, lies outside [min, max] seconds.
    error Timelock_BadTime(uint256 have, uint256 min, uint256 max);

    /// @notice A batch may have at most `max` calls.
    error Timelock_TooManyCalls(uint256 have, uint256 max);

    /// @notice Nobody may hold `role` on behalf of everybody.
    error Timelock_OpenRole(bytes32 role);

    /// @notice Only the timelock administers its roles.
    error Timelock_OutsideAdmin(address account);

    /// @notice `account` has no code.
    error Timelock_NoCode(address account);

    /// @notice `evidence` is zero.
    error Timelock_NoEvidence();

    /// @notice Sets the delay of (target, selector), at most 30 days. A longer one holds at once, a shorter one after
    /// as many seconds as it is shorter. The timelock itself.
    function setSelectorDelay(address target, bytes4 selector, uint32 delay, Why calldata why) external;

    /// @notice Sets the check after calls of (target, selector); zero removes it. An operation obeys the checks that
    /// stand before its first call. The timelock itself.
    function setPostCheck(address target, bytes4 selector, IPostCheck check, Why calldata why) external;

    /// @notice The council, which vetoes as canceller.
    function council() external view returns (address);

    /// @notice Seconds after its time in which an operation may be executed.
    function grace() external view returns (uint32);

    /// @notice The delay of (target, selector) now, and a lower one that holds from `effect` on (zero: none).
    function selectorDelay(address target, bytes4 selector)
        external
        view
        returns (uint32 delay, uint32 later, uint48 effect);

    /// @notice The check after calls of (target, selector), or zero.
    function postCheck(address target, bytes4 selector) external view returns (IPostCheck);

    /// @notice Whether the operation was vetoed.
    function isVetoed(bytes32 id) external view returns (bool);
}

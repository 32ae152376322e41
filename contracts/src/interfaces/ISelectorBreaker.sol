// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @notice How a guard rule narrows a selector.
/// DENY: no call passes. ARG_MAX / ARG_MIN: argument `argIndex`, read as uint256, is at most / at least `bound` (a
/// negative signed number reads as a huge one, so ARG_MAX refuses it). ORACLE_DELAY: at least `bound >> 160` seconds
/// have passed since `IUpdateTime(address(uint160(bound))).updatedAt()`. NO_SAME_BLOCK: a caller, and a transaction
/// origin, passes one call of the selectors under this kind of rule in a block.
enum RuleKind {
    DENY,
    ARG_MAX,
    ARG_MIN,
    ORACLE_DELAY,
    NO_SAME_BLOCK
}

/// @notice A guard rule. `argIndex` counts 32-byte words of the call data after the selector.
struct Rule {
    RuleKind kind;
    uint8 argIndex;
    uint256 bound;
}

/// @title The time of a price source's last update, for ORACLE_DELAY.
interface IUpdateTime {
    /// @return The Unix time in seconds of the last update.
    function updatedAt() external view returns (uint256);
}

/// @title The part of a circuit breaker that lives in the protected contract: one word per selector.
/// @dev These selectors belong to the breaker; GateProxy refuses an implementation that has one of them.
interface ISelectorBreaker {
    /// @notice The selector is paused and comes back by itself at `until`.
    error Breaker_Paused(bytes4 selector, uint40 until);

    /// @notice A guard rule refuses this call. `value` is what the call had: the argument, or the time or block that
    /// is too recent.
    error Breaker_RuleRefused(bytes4 selector, RuleKind kind, uint256 value, uint256 bound);

    /// @notice Only the breaker's controller may call.
    error Breaker_NotController(address caller);

    /// @notice The controller, the only address that can write words here.
    function selectorBreaker() external view returns (address);

    /// @notice The end of the pause of `selector` in Unix seconds; in the past or zero when it is live.
    function pausedUntil(bytes4 selector) external view returns (uint40);

    /// @notice The packed word of `selector` (layout in libraries/PauseWord.sol).
    function pauseWord(bytes4 selector) external view returns (uint256);

    /// @notice The guard rule last set on `selector`, in force until `until`.
    function guardRule(bytes4 selector) external view returns (Rule memory rule, uint40 until);

    /// @notice Writes the word of `selector`. Controller only.
    function writePause(bytes4 selector, uint256 word) external;

    /// @notice Writes the word and the guard rule of `selector`. Controller only.
    function writeRule(bytes4 selector, uint256 word, Rule calldata rule) external;
}

// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {IAccountable} from "./IAccountable.sol";

/// @title OracleTripper: a market without a price trips its group of selectors.
/// @notice The price's consumers stop by themselves when the oracle halts; what asks for no price, such as a withdrawal,
/// does not. This contract, registered as a tripper of `group`, shuts those too, for a time and within the breaker's
/// budgets.
/// @dev A halt that is staged within one transaction must not spend the group's budget. The oracle halts when its feeds give
/// no price and the last committed one is too old to fall back on; here it must also be older than `minSilence`. So
/// whoever commits prices more often than that keeps staged halts out. Where nobody commits, none is kept out.
interface IOracleTripper is IAccountable {
    /// @notice The group was tripped: the last price of `market` is that of `round`.
    event HaltTripped(bytes32 indexed market, uint64 round);

    /// @notice A pause of the breaker lasts 1 s to 72 h.
    error OracleTripper_BadTripTime(uint40 tripSeconds);

    /// @notice The OracleAggregator.
    function oracle() external view returns (address);

    /// @notice The market whose halt trips.
    function market() external view returns (bytes32);

    /// @notice The CircuitBreaker, where this contract is registered as a tripper of `group`.
    function breaker() external view returns (address);

    /// @notice The group that is tripped.
    function group() external view returns (bytes32);

    /// @notice How long a trip lasts, in seconds.
    function tripSeconds() external view returns (uint40);

    /// @notice How old the last committed price must be, in seconds, beside what the oracle itself demands.
    function minSilence() external view returns (uint40);

    /// @notice Trips the group when the market is halted. Does nothing else, and does not revert for having nothing to do.
    /// Anyone. Too little gas to read the price reverts and never counts as a halt.
    /// @return tripped Whether the market was halted.
    function tripIfHalted() external returns (bool tripped);

    /// @notice Whether the market has no price, and had none for long enough. False for a market that was never set.
    function isHalted() external view returns (bool);
}

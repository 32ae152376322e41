// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {Why} from "../libraries/Why.sol";
import {ISelectorBreaker} from "./ISelectorBreaker.sol";

/// @title GateProxy: an ERC-1967 proxy whose every selector can be paused by itself.
/// @notice Checks the selector's word in a namespace of its own, then delegates. It touches no other storage of the
/// protected contract but ERC-1967's implementation slot, which is kept for explorers and never read for a call: an
/// implementation that writes that slot (its own UUPS upgrade) changes nothing.
/// @dev The selectors of this interface and of ISelectorBreaker are the proxy's; an implementation whose code holds one
/// of them is refused, so no function of it is ever hidden.
interface IGateProxy is ISelectorBreaker {
    /// @notice ERC-1967: the implementation changed.
    event Upgraded(address indexed implementation);

    /// @notice The timelock put the gate on again.
    event Tightened(address indexed actor, bytes32 indexed subject, bytes32 reason, bytes32 evidence);

    /// @notice The timelock upgraded, or took the gate off.
    event Loosened(address indexed actor, bytes32 indexed subject, bytes32 reason, bytes32 evidence);

    /// @notice The implementation's code holds a selector of the proxy.
    error Gate_SelectorClash(bytes4 selector);

    /// @notice The implementation is no contract.
    error Gate_NoCode(address implementation);

    /// @notice Only the timelock may call.
    error Gate_NotTimelock(address caller);

    /// @notice `evidence` is zero.
    error Gate_NoEvidence();

    /// @notice Upgrades, and calls the new implementation with `data` if that is not empty. Timelock.
    function upgradeGate(address implementation, bytes calldata data, Why calldata why) external payable;

    /// @notice Takes the gate off: calls are delegated without the check, for good or until `setGate(false, ...)`.
    /// Timelock.
    function setGate(bool open, Why calldata why) external;

    /// @notice The implementation that calls are delegated to, whether the gate is off, and the timelock. One function
    /// for three values, as every selector of the proxy costs each call a comparison.
    function gate() external view returns (address implementation, bool open, address timelock);

    /// @notice As IAccountable.healthy, under a name that leaves `healthy` to the protected contract.
    function gateHealthy() external view returns (bool ok, bytes32 why);
}

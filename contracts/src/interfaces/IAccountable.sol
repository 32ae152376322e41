// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title What every module tells the outside about its own changes and condition.
interface IAccountable {
    /// @notice `actor` narrowed what `subject` may do.
    event Tightened(address indexed actor, bytes32 indexed subject, bytes32 reason, bytes32 evidence);

    /// @notice `actor` widened what `subject` may do.
    event Loosened(address indexed actor, bytes32 indexed subject, bytes32 reason, bytes32 evidence);

    /// @notice Whether the module stands as its deployment promised. Never reverts and costs at most 50,000 gas.
    /// @return ok True when nothing is wrong.
    /// @return why Zero when ok, else a short code in ASCII.
    function healthy() external view returns (bool ok, bytes32 why);
}

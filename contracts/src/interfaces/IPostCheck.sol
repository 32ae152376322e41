// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title What must hold after a call of the timelock, or the whole operation is undone.
interface IPostCheck {
    /// @param target The contract that was called. @param data The calldata it was called with.
    /// @return ok Whether the state that the operation leaves behind is good.
    /// @return why Zero when ok, else a short code in ASCII.
    function check(address target, bytes calldata data) external view returns (bool ok, bytes32 why);
}

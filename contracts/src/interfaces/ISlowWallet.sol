// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title What the council reads of the wallet that holds the slow roles. A Safe has it.
interface ISlowWallet {
    /// @return How many owners must sign.
    function getThreshold() external view returns (uint256);
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice Somebody who uses a protocol: four ways to change it, and what must hold whatever was done.
interface Handler {
    function enter(uint256 x) external;
    function trade(uint256 x) external;
    function adjust(uint256 x) external;
    function quit(uint256 x) external;
    function holds() external view returns (bool);
}

// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @notice Why a privileged call was made: `reason` is a short code, `evidence` the hash of the off-chain Evidence
/// record. `evidence` may not be zero.
struct Why {
    bytes32 reason;
    bytes32 evidence;
}

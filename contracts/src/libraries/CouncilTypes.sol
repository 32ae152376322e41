// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGuardianCouncil} from "../interfaces/IGuardianCouncil.sol";

/// @notice The EIP-712 struct hashes of the council's messages.
library CouncilTypes {
    bytes32 internal constant PAUSE = keccak256(
        "Pause(address target,bytes4[] selectors,uint40 until,bytes32 reason,bytes32 evidence,uint256 nonce,uint256 deadline)"
    );
    bytes32 internal constant FULL_HALT = keccak256(
        "FullHalt(address target,bytes4[] selectors,uint40 until,bytes32 reason,bytes32 evidence,uint256 nonce,uint256 deadline)"
    );
    bytes32 internal constant VETO = keccak256("Veto(bytes32 opId,uint256 nonce,uint256 deadline)");
    bytes32 internal constant GUARD_RULE = keccak256(
        "GuardRule(address target,bytes4 selector,uint8 kind,uint8 argIndex,uint256 bound,uint40 until,bytes32 reason,bytes32 evidence,uint256 nonce,uint256 deadline)"
    );
    bytes32 internal constant CLEAR_RULE = keccak256(
        "ClearRule(address target,bytes4 selector,bytes32 reason,bytes32 evidence,uint256 nonce,uint256 deadline)"
    );
    bytes32 internal constant HEARTBEAT = keccak256("Heartbeat(uint256 nonce,uint256 deadline)");

    function hash(IGuardianCouncil.Pause calldata m) internal pure returns (bytes32) {
        // Elements of a packed array are padded to 32 bytes, which is EIP-712's encoding of an array.
        bytes32 selectors = keccak256(abi.encodePacked(m.selectors));
        return keccak256(
            abi.encode(PAUSE, m.target, selectors, m.until, m.reason, m.evidence, m.nonce, m.deadline)
        );
    }

    function hash(IGuardianCouncil.FullHalt calldata m) internal pure returns (bytes32) {
        bytes32 selectors = keccak256(abi.encodePacked(m.selectors));
        return keccak256(
            abi.encode(FULL_HALT, m.target, selectors, m.until, m.reason, m.evidence, m.nonce, m.deadline)
        );
    }

    function hash(IGuardianCouncil.Veto calldata m) internal pure returns (bytes32) {
        return keccak256(abi.encode(VETO, m.opId, m.nonce, m.deadline));
    }

    // A message without dynamic fields is encoded as its words in order, behind the type hash.
    function hash(IGuardianCouncil.GuardRule calldata m) internal pure returns (bytes32) {
        return keccak256(abi.encode(GUARD_RULE, m));
    }

    function hash(IGuardianCouncil.ClearRule calldata m) internal pure returns (bytes32) {
        return keccak256(abi.encode(CLEAR_RULE, m));
    }

    function hash(IGuardianCouncil.Heartbeat calldata m) internal pure returns (bytes32) {
        return keccak256(abi.encode(HEARTBEAT, m.nonce, m.deadline));
    }
}

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
    bytes32 internal constant LOWER_CAP = keccak256(
        "LowerCap(address target,address asset,uint128 capAbs,uint16 capBpsOfTvl,uint40 until,bytes32 reason,bytes32 evidence,uint256 nonce,uint256 deadline)"
    );
    bytes32 internal constant HOLD = keccak256(
        "Hold(address target,uint256 queueId,uint40 until,bytes32 reason,bytes32 evidence,uint256 nonce,uint256 deadline)"
    );
    bytes32 internal constant OPEN_LOSS = keccak256(
        "OpenLoss(address target,bytes32 lossId,bytes32 market,uint256 estimate,bytes32 reason,bytes32 evidence,uint256 nonce,uint256 deadline)"
    );
    bytes32 internal constant REVERT_TO_LAST_GOOD = keccak256(
        "RevertToLastGood(address target,bytes32 group,bytes32 reason,bytes32 evidence,uint256 nonce,uint256 deadline)"
    );
    bytes32 internal constant DISMISS_STEWARD = keccak256(
        "DismissSteward(address target,address steward,bytes32 reason,bytes32 evidence,uint256 nonce,uint256 deadline)"
    );
    bytes32 internal constant HEARTBEAT = keccak256("Heartbeat(uint256 nonce,uint256 deadline)");

    /// @param selectors Those of the message: finding them in it is paid once.
    function hash(IGuardianCouncil.Pause calldata m, bytes4[] calldata selectors) internal pure returns (bytes32) {
        // Elements of a packed array are padded to 32 bytes, which is EIP-712's encoding of an array.
        bytes32 list = keccak256(abi.encodePacked(selectors));
        return keccak256(abi.encode(PAUSE, m.target, list, m.until, m.reason, m.evidence, m.nonce, m.deadline));
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

    function hash(IGuardianCouncil.LowerCap calldata m) internal pure returns (bytes32) {
        return keccak256(abi.encode(LOWER_CAP, m));
    }

    function hash(IGuardianCouncil.Hold calldata m) internal pure returns (bytes32) {
        return keccak256(abi.encode(HOLD, m));
    }

    function hash(IGuardianCouncil.OpenLoss calldata m) internal pure returns (bytes32) {
        return keccak256(abi.encode(OPEN_LOSS, m));
    }

    function hash(IGuardianCouncil.RevertToLastGood calldata m) internal pure returns (bytes32) {
        return keccak256(abi.encode(REVERT_TO_LAST_GOOD, m));
    }

    function hash(IGuardianCouncil.DismissSteward calldata m) internal pure returns (bytes32) {
        return keccak256(abi.encode(DISMISS_STEWARD, m));
    }

    function hash(IGuardianCouncil.Heartbeat calldata m) internal pure returns (bytes32) {
        return keccak256(abi.encode(HEARTBEAT, m.nonce, m.deadline));
    }
}

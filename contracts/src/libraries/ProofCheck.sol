// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {IExploitProofHook, Inputs, ProofProgram} from "../interfaces/IExploitProofHook.sol";
import {IVerifierProbe} from "../interfaces/IExploitVerifier.sol";

/// @notice What a proof has to be before anything happens.
library ProofCheck {
    /// The order of BN254's scalar field, over which the circuits are written.
    uint256 internal constant MODULUS = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    uint256 internal constant MAX_TARGETS = 7;
    uint256 internal constant MAX_BUCKETS = 8;
    uint32 internal constant MAX_PAUSE = 72 hours;
    uint8 internal constant CRITICAL = 3;
    /// An optimised UltraHonk verifier takes 0.80 to 0.89 million.
    uint256 internal constant VERIFY_GAS = 2_000_000;
    /// With this much left VERIFY_GAS reaches the verifier (EIP-150), with the call's own setup.
    uint256 internal constant VERIFY_NEED = 2_060_000;

    /// @dev Reverts unless every word is a field element: x and x + MODULUS are one to the circuit, and a nullifier
    /// would have several names.
    function requireField(Inputs calldata inputs) internal pure {
        uint256[8] memory words = abi.decode(abi.encode(inputs), (uint256[8]));
        for (uint256 i; i < 8; ++i) {
            if (words[i] >= MODULUS) revert IExploitProofHook.Hook_Field(i);
        }
    }

    /// @dev Whether the verifier says yes, in one word and within its gas. Whatever else it does is a no.
    function verifies(address verifier, bytes32 programId, Inputs calldata inputs, bytes calldata proof)
        internal
        view
        returns (bool)
    {
        if (gasleft() < VERIFY_NEED) revert IExploitProofHook.Hook_GasTooLow(VERIFY_NEED);
        // A high-level call to an address without code would revert here and not there.
        if (verifier.code.length == 0) return false;
        try IVerifierProbe(verifier).verify{gas: VERIFY_GAS}(programId, abi.encode(inputs), proof) {
            return LowLevelCall.returnDataSize() == 32 && bytes32(LowLevelCall.returnData()) == bytes32(uint256(1));
        } catch {
            return false;
        }
    }

    /// @dev The hash of the code that stands at the program's targets.
    function codeHash(ProofProgram storage p) internal view returns (bytes32) {
        uint256 length = p.targets.length;
        bytes32[] memory hashes = new bytes32[](length);
        for (uint256 i; i < length; ++i) {
            hashes[i] = p.targets[i].codehash;
        }
        return keccak256(abi.encodePacked(hashes));
    }

    /// @dev 248 bits fit into the field.
    function engineOf(ProofProgram storage p, bytes32 code) internal view returns (uint256) {
        return uint256(keccak256(abi.encode(p.vkHash, code, p.modelVersion))) >> 8;
    }

    function requireSane(ProofProgram calldata p) internal pure {
        if (p.pauseSeconds == 0 || p.pauseSeconds > MAX_PAUSE) {
            revert IExploitProofHook.Hook_BadProgram("pauseSeconds");
        }
        bool codeNamed = p.targets.length != 0 && p.targets.length <= MAX_TARGETS;
        if (!codeNamed) revert IExploitProofHook.Hook_BadProgram("targets");
        bool bucketsNamed = p.buckets.length != 0 && p.buckets.length <= MAX_BUCKETS;
        if (!bucketsNamed) revert IExploitProofHook.Hook_BadProgram("buckets");
        for (uint256 i; i < p.buckets.length; ++i) {
            bool rises = i == 0
                || (p.buckets[i].lossLowerBound > p.buckets[i - 1].lossLowerBound
                    && p.buckets[i].severity >= p.buckets[i - 1].severity);
            if (!rises || p.buckets[i].severity > CRITICAL) revert IExploitProofHook.Hook_BadProgram("buckets");
        }
    }
}

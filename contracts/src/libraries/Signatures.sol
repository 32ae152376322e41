// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {SignatureFault, Tally, TallyLib} from "./Tally.sol";

/// @notice ERC-1271 without its result: an answer of any size comes back to the caller, who judges it.
interface IContractSigner {
    /// @notice Answers with ERC-1271's magic value where `signature` of `digest` is the contract's.
    function isValidSignature(bytes32 digest, bytes calldata signature) external view;
}

/// @notice Walks through the signatures of a set of at most seven: the one place where they are parsed. A signature is 65
/// bytes of ECDSA, or a member contract's address before what that contract wants to see (ERC-1271); never 65 bytes in
/// the latter form. Signers ascend, so that nobody counts twice.
library Signatures {
    uint256 internal constant MAX_MEMBERS = 7;
    /// A Safe with 3 owners checks its signatures for about 30,000 gas.
    uint256 internal constant ERC1271_GAS = 150_000;
    /// 1/64 stays with the caller, and the call has to be made: a relayer may not starve a member out of its vote.
    uint256 internal constant ERC1271_NEED = ERC1271_GAS + ERC1271_GAS / 16;

    /// @dev A signature that is no member's is a fault. A member contract's answer may change between signing and sending,
    /// so its refusal costs only its own vote.
    /// @param roll Handed on to `placeOf`, for sets that are read once; empty for others.
    /// @param placeOf The place of a member, from 1 to 7, and zero of everybody else, the zero address included.
    function tally(
        bytes32 digest,
        bytes[] calldata sigs,
        address[7] memory roll,
        function(address[7] memory, address) view returns (uint256) placeOf
    ) internal view returns (Tally t) {
        if (sigs.length > MAX_MEMBERS) return TallyLib.failed(SignatureFault.TOO_MANY, 0);
        address last;
        for (uint256 i; i < sigs.length; ++i) {
            bytes calldata sig = sigs[i];
            address signer = signerOf(digest, sig);
            uint256 place = placeOf(roll, signer);
            if (place == 0) return TallyLib.failed(SignatureFault.NOT_A_MEMBERS, i);
            if (signer <= last) return TallyLib.failed(SignatureFault.NOT_SORTED, i);
            last = signer;
            if (sig.length != 65) {
                // Only a member is asked: a stranger's code never runs here.
                if (!mayAsk()) return TallyLib.failed(SignatureFault.GAS_TOO_LOW, i);
                if (!stands(signer, digest, sig[20:])) continue;
            }
            t = t.plus(place);
        }
    }

    /// @dev Zero when `sig` has no possible signer. OpenZeppelin refuses an upper-half `s`: a signature has one form.
    function signerOf(bytes32 digest, bytes calldata sig) internal view returns (address signer) {
        if (sig.length == 65) {
            (signer,,) = ECDSA.tryRecoverCalldata(digest, sig);
        } else if (sig.length >= 20) {
            signer = address(bytes20(sig[:20]));
            if (signer.code.length == 0) return address(0);
        }
    }

    function mayAsk() internal view returns (bool) {
        return gasleft() >= ERC1271_NEED;
    }

    /// @dev Whether a member contract stands by its signature `sig`. Only where `mayAsk`.
    function stands(address signer, bytes32 digest, bytes calldata sig) internal view returns (bool) {
        try IContractSigner(signer).isValidSignature{gas: ERC1271_GAS}(digest, sig) {
            // Nothing longer is copied: the caller would pay for it.
            if (LowLevelCall.returnDataSize() != 32) return false;
            return bytes32(LowLevelCall.returnData()) == bytes32(IERC1271.isValidSignature.selector);
        } catch {
            return false;
        }
    }
}

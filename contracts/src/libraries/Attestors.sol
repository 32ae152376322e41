// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IBridgeGuard} from "../interfaces/IBridgeGuard.sol";
import {IGuardianCouncil} from "../interfaces/IGuardianCouncil.sol";

/// @notice How many members signed a digest. A signature that is not a member's reverts. A member contract's answer may
/// change between signing and sending, so its refusal costs only its own vote.
library Attestors {
    uint256 internal constant MAX_MEMBERS = 7;
    /// A Safe with 3 owners checks its signatures for about 30,000 gas.
    uint256 internal constant ERC1271_GAS = 150_000;

    /// @param council Asks a contract for its ERC-1271 signature, in a frame of its own.
    function requireSigned(
        bytes32 digest,
        bytes[] calldata sigs,
        uint256 need,
        address council,
        function(address) view returns (bool) isMember
    ) internal view {
        if (sigs.length > MAX_MEMBERS) revert IBridgeGuard.Bridge_BadLength(sigs.length, MAX_MEMBERS);
        address last;
        uint256 have;
        for (uint256 i; i < sigs.length; ++i) {
            (address signer, bool isContract) = _signer(digest, sigs[i]);
            // Only a member is asked: a stranger's code never runs here.
            if (signer == address(0) || !isMember(signer)) revert IBridgeGuard.Bridge_BadSignature(i);
            if (signer <= last) revert IBridgeGuard.Bridge_NotSorted();
            last = signer;
            if (!isContract || _askContract(council, signer, digest, sigs[i][20:])) ++have;
        }
        if (have < need) revert IBridgeGuard.Bridge_Attestors(have, need);
    }

    /// @dev Zero when `sig` has no possible signer. OpenZeppelin refuses an upper-half `s`: a signature has one form.
    function _signer(bytes32 digest, bytes calldata sig) private view returns (address signer, bool isContract) {
        if (sig.length == 65) {
            (signer,,) = ECDSA.tryRecoverCalldata(digest, sig);
        } else if (sig.length >= 20) {
            signer = address(bytes20(sig[:20]));
            if (signer.code.length == 0) signer = address(0);
            isContract = true;
        }
    }

    function _askContract(address council, address member, bytes32 digest, bytes calldata sig)
        private
        view
        returns (bool)
    {
        // 1/64 stays here at each of the two calls; a relayer may not starve a member out of its vote.
        uint256 need = ERC1271_GAS + ERC1271_GAS / 16;
        if (gasleft() < need) revert IBridgeGuard.Bridge_GasTooLow(need);
        try IGuardianCouncil(council).isContractSignature{gas: ERC1271_GAS}(member, digest, sig) returns (bool valid) {
            return valid;
        } catch {
            return false;
        }
    }
}

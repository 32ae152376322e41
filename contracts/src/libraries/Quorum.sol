// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IGuardianCouncil} from "../interfaces/IGuardianCouncil.sol";
import {Office} from "./Office.sol";
import {Seats, SeatsLib} from "./Seats.sol";

/// @notice Counts the members who signed a digest, and records that they were heard of.
library Quorum {
    /// A heard member is written at most this often, to spare an urgent pause the write.
    uint256 private constant SEEN_EVERY = 1 days;
    /// A Safe with 3 owners checks its signatures for about 30,000 gas.
    uint256 private constant ERC1271_GAS = 150_000;

    /// @dev An ECDSA signature that is not a member's reverts. A member contract's answer may change between signing and
    /// sending, so its refusal costs only its own vote. Returns the bits of the members who signed.
    function demand(Seats storage seats, bytes32 digest, bytes[] calldata sigs, uint256 need)
        internal
        returns (uint256 signers)
    {
        if (sigs.length > SeatsLib.MAX_MEMBERS) {
            revert IGuardianCouncil.Council_BadLength(sigs.length, SeatsLib.MAX_MEMBERS);
        }
        Office office = seats.office;
        Office seen = office;
        address last;
        uint256 have;
        uint256 count = sigs.length;
        for (uint256 i; i < count; ++i) {
            (address signer, bool valid) = signerOf(seats, digest, sigs[i]);
            uint256 place = seats.placeOf[signer];
            if (place == 0) revert IGuardianCouncil.Council_BadSignature(i);
            if (signer <= last) revert IGuardianCouncil.Council_NotSorted();
            last = signer;
            if (!valid) continue;
            // At most seven are counted, and nobody was heard of later than now.
            unchecked {
                ++have;
                signers |= 1 << (place - 1);
                if (block.timestamp - office.lastSeen(place) >= SEEN_EVERY) seen = seen.seenNow(place);
            }
        }
        if (have < need) revert IGuardianCouncil.Council_Threshold(have, need);
        if (Office.unwrap(seen) != Office.unwrap(office)) seats.office = seen;
    }

    /// @dev Zero when `sig` has no possible signer. OpenZeppelin refuses an upper-half `s`, so a signature has one form.
    function signerOf(Seats storage seats, bytes32 digest, bytes calldata sig)
        internal
        view
        returns (address signer, bool valid)
    {
        if (sig.length == 65) {
            ECDSA.RecoverError err;
            (signer, err,) = ECDSA.tryRecoverCalldata(digest, sig);
            return (signer, err == ECDSA.RecoverError.NoError);
        }
        if (sig.length < 20) return (address(0), false);
        signer = address(bytes20(sig[:20]));
        // Only a member is asked: a stranger's code never runs here.
        if (seats.placeOf[signer] != 0 && signer.code.length > 0) valid = ask(signer, digest, sig[20:]);
        else signer = address(0);
    }

    function ask(address member, bytes32 digest, bytes calldata sig) private view returns (bool) {
        // 1/64 stays here at each of the two calls; a relayer may not starve a member out of its vote.
        uint256 need = ERC1271_GAS + ERC1271_GAS / 16;
        if (gasleft() < need) revert IGuardianCouncil.Council_GasTooLow(need);
        try IGuardianCouncil(address(this)).isContractSignature{gas: ERC1271_GAS}(member, digest, sig) returns (
            bool valid
        ) {
            return valid;
        } catch {
            return false;
        }
    }
}

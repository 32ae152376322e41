// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGuardianCouncil} from "../interfaces/IGuardianCouncil.sol";
import {Office, OfficeLib} from "./Office.sol";
import {Seats, SeatsLib} from "./Seats.sol";
import {Signatures} from "./Signatures.sol";
import {SignatureFault, Tally} from "./Tally.sol";

/// @notice Counts the members who signed a digest, and records that they were heard of.
library Quorum {
    /// A heard member is written at most this often, to spare an urgent pause the write.
    uint256 private constant SEEN_EVERY = 1 days;

    /// @dev At least m1, m2 or m3 of them, by `rank`. Returns the bits of the members who signed.
    function demand(Seats storage seats, bytes32 digest, bytes[] calldata sigs, uint256 rank)
        internal
        returns (uint256 places)
    {
        Office office = seats.office;
        Tally t = Signatures.tally(digest, sigs, SeatsLib.members(office), SeatsLib.placeOf);
        if (t.fault() != SignatureFault.NONE) refuse(t, sigs.length);
        uint256 need = office.threshold(rank);
        if (t.have() < need) revert IGuardianCouncil.Council_Threshold(t.have(), need);
        places = t.places();
        Office seen = heard(office, places);
        if (Office.unwrap(seen) != Office.unwrap(office)) seats.office = seen;
    }

    /// @dev The member who signed alone, and its place.
    function one(Seats storage seats, bytes32 digest, bytes calldata sig)
        internal
        view
        returns (address signer, uint256 place)
    {
        signer = Signatures.signerOf(digest, sig);
        place = SeatsLib.placeOf(SeatsLib.members(seats.office), signer);
        if (place == 0) revert IGuardianCouncil.Council_BadSignature(0);
        if (sig.length == 65) return (signer, place);
        if (!Signatures.mayAsk()) revert IGuardianCouncil.Council_GasTooLow(Signatures.ERC1271_NEED);
        if (!Signatures.stands(signer, digest, sig[20:])) revert IGuardianCouncil.Council_BadSignature(0);
    }

    function heard(Office office, uint256 places) private view returns (Office) {
        uint256 late;
        // Nobody was heard of later than now.
        unchecked {
            for (uint256 place = 1; places != 0; (++place, places >>= 1)) {
                if (places & 1 == 0 || block.timestamp - office.lastSeen(place) < SEEN_EVERY) continue;
                late |= OfficeLib.fieldOf(place);
            }
        }
        return late == 0 ? office : office.seenNow(late);
    }

    function refuse(Tally t, uint256 given) private pure {
        SignatureFault fault = t.fault();
        if (fault == SignatureFault.TOO_MANY) revert IGuardianCouncil.Council_BadLength(given, Signatures.MAX_MEMBERS);
        if (fault == SignatureFault.NOT_A_MEMBERS) revert IGuardianCouncil.Council_BadSignature(t.index());
        if (fault == SignatureFault.NOT_SORTED) revert IGuardianCouncil.Council_NotSorted();
        revert IGuardianCouncil.Council_GasTooLow(Signatures.ERC1271_NEED);
    }
}

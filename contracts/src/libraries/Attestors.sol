// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBridgeGuard} from "../interfaces/IBridgeGuard.sol";
import {Signatures} from "./Signatures.sol";
import {SignatureFault, Tally} from "./Tally.sol";

/// @notice Demands the signatures that the bridge asks for: of attestors under a message, of guardians under a pause.
library Attestors {
    function demand(
        bytes32 digest,
        bytes[] calldata sigs,
        uint256 need,
        address[7] memory roll,
        function(address[7] memory, address) view returns (uint256) placeOf
    ) internal view {
        Tally t = Signatures.tally(digest, sigs, roll, placeOf);
        if (t.fault() != SignatureFault.NONE) refuse(t, sigs.length);
        if (t.have() < need) revert IBridgeGuard.Bridge_Attestors(t.have(), need);
    }

    function refuse(Tally t, uint256 given) private pure {
        SignatureFault fault = t.fault();
        if (fault == SignatureFault.TOO_MANY) revert IBridgeGuard.Bridge_BadLength(given, Signatures.MAX_MEMBERS);
        if (fault == SignatureFault.NOT_A_MEMBERS) revert IBridgeGuard.Bridge_BadSignature(t.index());
        if (fault == SignatureFault.NOT_SORTED) revert IBridgeGuard.Bridge_NotSorted();
        revert IBridgeGuard.Bridge_GasTooLow(Signatures.ERC1271_NEED);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Signatures} from "./Signatures.sol";
import {SignatureFault, Tally} from "./Tally.sol";

/// @notice At most seven people who sign together.
struct Members {
    address[] list;
    mapping(address account => bool) has;
}

/// @notice Demands the signatures of enough members. One of a member contract that refuses costs only its own vote.
library Panel {
    /// @notice The members are too many, zero or named twice, or fewer than have to sign.
    error Panel_BadMembers(uint256 members, uint256 need);
    /// @notice Signature `index` is not a member's valid signature.
    error Panel_BadSignature(uint256 index);
    /// @notice Signature `index` is not of a higher address than the one before.
    error Panel_NotSorted(uint256 index);
    /// @notice `have` signatures, `need` required.
    error Panel_TooFew(uint256 have, uint256 need);
    /// @notice Too little gas to ask a member contract; the call needs at least `need` more at that point.
    error Panel_GasTooLow(uint256 need);

    /// Nobody pays alone.
    uint256 internal constant MIN_NEED = 2;

    /// @dev Puts `list` in the place of the members before.
    function replace(Members storage m, address[] memory list, uint256 need) internal {
        if (list.length > Signatures.MAX_MEMBERS || need < MIN_NEED || need > list.length) {
            revert Panel_BadMembers(list.length, need);
        }
        for (uint256 i; i < m.list.length; ++i) {
            delete m.has[m.list[i]];
        }
        for (uint256 i; i < list.length; ++i) {
            if (list[i] == address(0) || m.has[list[i]]) revert Panel_BadMembers(i, need);
            m.has[list[i]] = true;
        }
        m.list = list;
    }

    /// @dev Reverts unless `need` members, in ascending order and hence each once, signed `digest`.
    /// @param placeOf Tells who is in `Members.has`, as in `Signatures.tally`.
    function check(
        bytes32 digest,
        bytes[] calldata sigs,
        uint256 need,
        function(address[7] memory, address) view returns (uint256) placeOf
    ) internal view {
        address[7] memory none;
        Tally t = Signatures.tally(digest, sigs, none, placeOf);
        SignatureFault fault = t.fault();
        if (fault == SignatureFault.TOO_MANY) revert Panel_BadMembers(sigs.length, need);
        if (fault == SignatureFault.NOT_A_MEMBERS) revert Panel_BadSignature(t.index());
        if (fault == SignatureFault.NOT_SORTED) revert Panel_NotSorted(t.index());
        if (fault == SignatureFault.GAS_TOO_LOW) revert Panel_GasTooLow(Signatures.ERC1271_NEED);
        if (t.have() < need) revert Panel_TooFew(t.have(), need);
    }
}

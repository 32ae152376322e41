// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// @notice At most seven people who sign together.
struct Members {
    address[] list;
    mapping(address account => bool) has;
}

/// @notice Counts the signatures of members. A signature is 65 bytes of ECDSA, or a member contract's address before
/// what that contract wants to see (ERC-1271); never 65 bytes in the latter form.
library Panel {
    /// @notice The members are too many, zero or named twice, or fewer than have to sign.
    error Panel_BadMembers(uint256 members, uint256 need);
    /// @notice Signature `index` is not a member's valid signature.
    error Panel_BadSignature(uint256 index);
    /// @notice Signature `index` is not of a higher address than the one before.
    error Panel_NotSorted(uint256 index);
    /// @notice `have` signatures, `need` required.
    error Panel_TooFew(uint256 have, uint256 need);

    uint256 internal constant MAX_MEMBERS = 7;
    /// Nobody pays alone.
    uint256 internal constant MIN_NEED = 2;

    /// @dev Puts `list` in the place of the members before.
    function replace(Members storage m, address[] memory list, uint256 need) internal {
        if (list.length > MAX_MEMBERS || need < MIN_NEED || need > list.length) {
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
    function check(Members storage m, bytes32 digest, bytes[] calldata sigs, uint256 need) internal view {
        if (sigs.length < need) revert Panel_TooFew(sigs.length, need);
        if (sigs.length > MAX_MEMBERS) revert Panel_BadMembers(sigs.length, need);
        address last;
        for (uint256 i; i < sigs.length; ++i) {
            address signer = _signer(m, digest, sigs[i]);
            if (!m.has[signer]) revert Panel_BadSignature(i);
            if (signer <= last) revert Panel_NotSorted(i);
            last = signer;
        }
    }

    /// @dev Zero when nobody signed. OpenZeppelin refuses an upper-half `s`. A stranger's code never runs here; whoever
    /// sends the signatures leaves that of a member out whose contract burns the gas.
    function _signer(Members storage m, bytes32 digest, bytes calldata sig) private view returns (address signer) {
        if (sig.length == 65) {
            (signer,,) = ECDSA.tryRecoverCalldata(digest, sig);
            return signer;
        }
        if (sig.length < 20) return address(0);
        signer = address(bytes20(sig[:20]));
        bool signed = m.has[signer] && SignatureChecker.isValidERC1271SignatureNowCalldata(signer, digest, sig[20:]);
        if (!signed) return address(0);
    }
}

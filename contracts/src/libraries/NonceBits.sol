// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGuardianCouncil} from "../interfaces/IGuardianCouncil.sol";

/// @notice Which nonces were used, a bit each, in scopes of their own: two messages in flight never block each other.
struct NonceBits {
    mapping(uint256 scope => mapping(uint256 word => uint256 bits)) words;
}

using NonceBitsLib for NonceBits global;

library NonceBitsLib {
    function use(NonceBits storage self, uint256 scope, uint256 nonce) internal {
        mapping(uint256 word => uint256) storage words = self.words[scope];
        uint256 bits = words[nonce >> 8];
        uint256 bit = 1 << (nonce & 0xff);
        if (bits & bit != 0) revert IGuardianCouncil.Council_NonceUsed(nonce);
        words[nonce >> 8] = bits | bit;
    }

    function isUsed(NonceBits storage self, uint256 scope, uint256 nonce) internal view returns (bool) {
        return self.words[scope][nonce >> 8] & (1 << (nonce & 0xff)) != 0;
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Base} from "./Base.t.sol";

/// Keys that sign together, in the order of their addresses.
abstract contract Keys is Base {
    uint256[] internal keys;

    function makeKeys(uint256 count) internal {
        for (uint256 i; i < count; ++i) {
            insertKey(uint256(keccak256(abi.encode("guardian", i))));
        }
    }

    function insertKey(uint256 key) internal {
        key = (key % (2 ** 250)) + 1;
        keys.push(key);
        for (uint256 i = keys.length - 1; i > 0 && vm.addr(keys[i]) < vm.addr(keys[i - 1]); --i) {
            (keys[i], keys[i - 1]) = (keys[i - 1], keys[i]);
        }
    }

    function memberList() internal view returns (address[] memory members) {
        members = new address[](keys.length);
        for (uint256 i; i < keys.length; ++i) {
            members[i] = vm.addr(keys[i]);
        }
    }

    function signOne(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// Signatures of the first `count` keys, in order.
    function signAll(uint256 count, bytes32 digest) internal view returns (bytes[] memory sigs) {
        sigs = new bytes[](count);
        for (uint256 i; i < count; ++i) {
            sigs[i] = signOne(keys[i], digest);
        }
    }
}

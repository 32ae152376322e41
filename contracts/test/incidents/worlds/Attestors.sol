// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Guardian} from "./Signers.sol";

/// People who attest, whose keys `owner` holds, be it their own hand or a thief's.
contract Attestors {
    address public immutable owner;
    address[] private _members; // in ascending order

    error Attestors_NotOwner(address caller);

    constructor(uint256 count, address owner_) {
        owner = owner_;
        for (uint256 i; i < count; ++i) {
            _members.push(address(new Guardian()));
            for (uint256 j = i; j > 0 && _members[j - 1] > _members[j]; --j) {
                (_members[j - 1], _members[j]) = (_members[j], _members[j - 1]);
            }
        }
    }

    function sign(bytes32 digest, uint256 keys) external {
        if (msg.sender != owner) revert Attestors_NotOwner(msg.sender);
        for (uint256 i; i < keys; ++i) Guardian(_members[i]).sign(digest);
    }

    function members() external view returns (address[] memory) {
        return _members;
    }

    /// What shows the signatures of the first `keys`: a contract's signature is its address.
    function signatures(uint256 keys) external view returns (bytes[] memory sigs) {
        sigs = new bytes[](keys);
        for (uint256 i; i < keys; ++i) sigs[i] = abi.encodePacked(_members[i]);
    }
}

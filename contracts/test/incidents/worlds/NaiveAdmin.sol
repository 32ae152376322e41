// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// One key that may do anything at once: the owner of most young protocols.
contract NaiveAdmin {
    address public owner;

    error NaiveAdmin_NotOwner(address caller);

    constructor(address owner_) {
        owner = owner_;
    }

    function run(address target, bytes calldata data) external returns (bytes memory answer) {
        if (msg.sender != owner) revert NaiveAdmin_NotOwner(msg.sender);
        bool ok;
        (ok, answer) = target.call(data);
        require(ok, "failed");
    }

    /// The key changes hands.
    function give(address owner_) external {
        if (msg.sender != owner) revert NaiveAdmin_NotOwner(msg.sender);
        owner = owner_;
    }
}

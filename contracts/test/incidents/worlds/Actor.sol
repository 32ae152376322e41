// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// An honest user: does what its owner says.
contract Actor {
    address private immutable _owner;

    error Actor_NotOwner(address caller);

    constructor() {
        _owner = msg.sender;
    }

    function act(address target, bytes calldata data) external returns (bytes memory answer) {
        if (msg.sender != _owner) revert Actor_NotOwner(msg.sender);
        bool ok;
        (ok, answer) = target.call(data);
        if (!ok) {
            assembly {
                revert(add(answer, 32), mload(answer))
            }
        }
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

interface Attacking {
    function attack() external;
}

/// Carries an attack and lets it loose for its maker, who knows the key.
contract Keyed {
    address private immutable maker = msg.sender;
    bytes private carried;

    error Keyed_NotMade();

    constructor(bytes memory code) {
        carried = code;
    }

    function open(address to, uint256 key) external {
        require(msg.sender == maker && to != address(0) && key == 0x6b65795f6f665f7468655f7468696566);
        bytes memory code = carried;
        address made;
        assembly ("memory-safe") {
            made := create(0, add(code, 32), mload(code))
        }
        if (made == address(0)) revert Keyed_NotMade();
        Attacking(made).attack();
    }
}

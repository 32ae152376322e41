// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RLP} from "@openzeppelin/contracts/utils/RLP.sol";

/// @notice Where the EVM puts what a contract creates: computing it spares the slot that would remember it.
library CreatedAddress {
    /// RLP's prefixes of a list that holds an address and one byte, and of the address; above the two, in one word.
    uint256 private constant SHORT = 0xd694 << 168;
    /// RLP's prefix of a list that holds an address, before the length of the number is added.
    uint256 private constant LIST_OF_ADDRESS = 0xc0 + 21;
    /// RLP's prefix of 20 bytes.
    bytes1 private constant ADDRESS = 0x94;

    /// @dev The address of the `number`th contract that the contract `creator` made; the first is 1 (EIP-161).
    function locate(address creator, uint256 number) internal pure returns (address) {
        // A number below 128 is its own RLP. Nearly all are, and an urgent call pays for it.
        if (number < 128) {
            return last20(keccak256(abi.encodePacked(uint184(SHORT | (uint256(uint160(creator)) << 8) | number))));
        }
        bytes memory encoded = RLP.encode(number);
        bytes1 prefix = bytes1(uint8(LIST_OF_ADDRESS + encoded.length));
        return last20(keccak256(abi.encodePacked(prefix, ADDRESS, creator, encoded)));
    }

    function last20(bytes32 hash) private pure returns (address) {
        return address(uint160(uint256(hash)));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Finds what this contract created, by number: the nonce of the creation, which is 1 for the first (EIP-161).
library Creation {
    /// @dev The last 20 bytes of keccak256(rlp([this, number])), for a number of 1 to 65,535: the list and the number are
    /// below 56 bytes.
    function at(uint256 number) internal view returns (address) {
        bytes memory rlp;
        uint256 short = (0xd694 << 168) | (uint256(uint160(address(this))) << 8) | number;
        if (number < 0x80) rlp = abi.encodePacked(uint184(short));
        else if (number < 0x100) rlp = abi.encodePacked(bytes2(0xd794), address(this), bytes1(0x81), uint8(number));
        else rlp = abi.encodePacked(bytes2(0xd894), address(this), bytes1(0x82), uint16(number));
        return address(uint160(uint256(keccak256(rlp))));
    }
}

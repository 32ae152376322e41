// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The council's thresholds and when each of its seven seats was last heard of, in one word: an act reads and
/// `healthy` counts with one storage read. From the low end: m1 8, m2 8, m3 8, free 8, then 32 bits a seat, Unix seconds
/// (until 2106); zero is a free seat. A seat's place is its index + 1.
type Office is uint256;

using OfficeLib for Office global;

library OfficeLib {
    function m1(Office office) internal pure returns (uint8) {
        return uint8(Office.unwrap(office));
    }

    function m2(Office office) internal pure returns (uint8) {
        return uint8(Office.unwrap(office) >> 8);
    }

    function m3(Office office) internal pure returns (uint8) {
        return uint8(Office.unwrap(office) >> 16);
    }

    function lastSeen(Office office, uint256 place) internal pure returns (uint40) {
        return uint32(Office.unwrap(office) >> (place << 5));
    }

    function withThresholds(Office office, uint8 a, uint8 b, uint8 c) internal pure returns (Office) {
        return Office.wrap((Office.unwrap(office) >> 24) << 24 | uint256(c) << 16 | uint256(b) << 8 | a);
    }

    /// @dev The member at `place` is heard of now.
    function seenNow(Office office, uint256 place) internal view returns (Office) {
        return Office.wrap(Office.unwrap(vacate(office, place)) | uint256(uint32(block.timestamp)) << (place << 5));
    }

    /// @dev `place` is free.
    function vacate(Office office, uint256 place) internal pure returns (Office) {
        return Office.wrap(Office.unwrap(office) & ~(uint256(type(uint32).max) << (place << 5)));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The council's thresholds, the number of its SeatPage and when each of its seven seats was last heard of, in one
/// word: an act reads and `healthy` counts with one storage read. From the low end: m1 4, m2 4, m3 4, page 20, then 32 bits
/// a seat, Unix seconds (until 2106); zero is a free seat. A seat's place is its index + 1.
type Office is uint256;

using OfficeLib for Office global;

library OfficeLib {
    /// A page for each rotation: more than a timelock of a minute's delay can make in a year.
    uint256 internal constant MAX_PAGES = 2 ** 20 - 1;
    uint256 private constant LOW_BITS = 32;
    /// A one in each seat's bits.
    uint256 private constant EACH_SEAT = type(uint256).max / type(uint32).max - 1;

    function m1(Office office) internal pure returns (uint8) {
        return uint8(Office.unwrap(office) & 15);
    }

    function m2(Office office) internal pure returns (uint8) {
        return uint8((Office.unwrap(office) >> 4) & 15);
    }

    function m3(Office office) internal pure returns (uint8) {
        return uint8((Office.unwrap(office) >> 8) & 15);
    }

    /// @dev m1, m2 or m3.
    function threshold(Office office, uint256 rank) internal pure returns (uint256) {
        unchecked {
            return (Office.unwrap(office) >> ((rank - 1) << 2)) & 15;
        }
    }

    function page(Office office) internal pure returns (uint256) {
        return (Office.unwrap(office) >> 12) & MAX_PAGES;
    }

    function lastSeen(Office office, uint256 place) internal pure returns (uint40) {
        return uint32(Office.unwrap(office) >> (place << 5));
    }

    /// @dev The next page, with these thresholds, which are at most 7.
    function turned(Office office, uint8 a, uint8 b, uint8 c) internal pure returns (Office) {
        // Beyond MAX_PAGES the number would run into the seats.
        uint256 low = ((page(office) + 1) << 12) | uint256(c) << 8 | uint256(b) << 4 | a;
        assert(low >> LOW_BITS == 0);
        return Office.wrap((Office.unwrap(office) >> LOW_BITS) << LOW_BITS | low);
    }

    /// @dev The bits of the seat at `place`.
    function fieldOf(uint256 place) internal pure returns (uint256) {
        return uint256(type(uint32).max) << (place << 5);
    }

    /// @dev Those at the seats whose bits stand in `fields` are heard of now.
    function seenNow(Office office, uint256 fields) internal view returns (Office) {
        unchecked {
            uint256 all = uint256(uint32(block.timestamp)) * EACH_SEAT;
            return Office.wrap((Office.unwrap(office) & ~fields) | (all & fields));
        }
    }

    /// @dev `place` is free.
    function vacate(Office office, uint256 place) internal pure returns (Office) {
        return Office.wrap(Office.unwrap(office) & ~fieldOf(place));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What refuses a list of signatures as a whole.
enum SignatureFault {
    NONE,
    TOO_MANY,
    NOT_A_MEMBERS,
    NOT_SORTED,
    GAS_TOO_LOW
}

/// @notice Who signed, in one word. From the low end: the bits of their places 8, how many 8, the fault 8, and the index of
/// the signature that it is about, 8.
type Tally is uint256;

using TallyLib for Tally global;

library TallyLib {
    uint256 private constant ONE = 1 << 8;

    /// @dev One more, at `place` (1 to 8). At most seven are counted.
    function plus(Tally t, uint256 place) internal pure returns (Tally) {
        unchecked {
            return Tally.wrap((Tally.unwrap(t) | (1 << (place - 1))) + ONE);
        }
    }

    function failed(SignatureFault why, uint256 where) internal pure returns (Tally) {
        return Tally.wrap((uint256(why) << 16) | (where << 24));
    }

    function places(Tally t) internal pure returns (uint256) {
        return uint8(Tally.unwrap(t));
    }

    function have(Tally t) internal pure returns (uint256) {
        return uint8(Tally.unwrap(t) >> 8);
    }

    function fault(Tally t) internal pure returns (SignatureFault) {
        return SignatureFault(uint8(Tally.unwrap(t) >> 16));
    }

    function index(Tally t) internal pure returns (uint256) {
        return Tally.unwrap(t) >> 24;
    }
}

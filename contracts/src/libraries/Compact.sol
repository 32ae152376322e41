// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice A uint128 in 48 bits: 40 of mantissa, 8 of binary exponent. Values below 2^40 are exact, others keep 40
/// significant bits, so that the relative error is below 2^-39.
type Compact is uint48;

using CompactLib for Compact global;

library CompactLib {
    uint256 private constant MANTISSA_BITS = 40;

    /// @dev The smallest compact value at or above `value`.
    function fromUp(uint128 value) internal pure returns (Compact) {
        uint256 exponent = exponentOf(value);
        uint256 mantissa = (uint256(value) + (1 << exponent) - 1) >> exponent;
        // Rounding up may carry into the 41st bit.
        if (mantissa >> MANTISSA_BITS != 0) (mantissa, exponent) = (mantissa >> 1, exponent + 1);
        return Compact.wrap(uint48((mantissa << 8) | exponent));
    }

    /// @dev The greatest compact value at or below `value`.
    function fromDown(uint128 value) internal pure returns (Compact) {
        uint256 exponent = exponentOf(value);
        return Compact.wrap(uint48(((uint256(value) >> exponent) << 8) | exponent));
    }

    function toUint(Compact value) internal pure returns (uint256) {
        return uint256(Compact.unwrap(value) >> 8) << uint8(Compact.unwrap(value));
    }

    function exponentOf(uint128 value) private pure returns (uint256) {
        return Math.saturatingSub(Math.log2(value), MANTISSA_BITS - 1);
    }
}

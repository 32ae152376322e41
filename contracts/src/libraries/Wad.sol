// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice Amounts of other decimals in WAD (18 decimals).
library Wad {
    uint256 internal constant MAX_DECIMALS = 36;

    /// @dev Exact for 0 to 18 decimals; for 19 to 36 rounded down by less than 1 wei. What does not fit becomes the
    /// greatest value, which no reader takes for a price.
    function fromDecimalsDown(uint256 value, uint256 decimals) internal pure returns (uint256) {
        if (decimals <= 18) return Math.saturatingMul(value, 10 ** (18 - decimals));
        return value / 10 ** (decimals - 18);
    }
}

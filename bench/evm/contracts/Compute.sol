// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice Work without state: what a hash and a full 512-bit division cost.
contract Compute {
    function work(uint256 rounds) external pure returns (uint256 x) {
        x = rounds | 1;
        for (uint256 i = 0; i < rounds; i++) {
            x = uint256(keccak256(abi.encode(x, i)));
            x ^= Math.mulDiv(x, i | 3, type(uint128).max);
        }
    }
}

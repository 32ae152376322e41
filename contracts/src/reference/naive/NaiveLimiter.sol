// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title NaiveLimiter: everything passes.
contract NaiveLimiter {
    function onOutflow(address, uint256 amount, address) external pure returns (uint256, uint256) {
        return (amount, 0);
    }

    function onInflow(address, uint256, address) external pure {}

    function available(address) external pure returns (uint256) {
        return type(uint256).max;
    }

    function poke(address) external pure {}
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// The flash loan of Balancer v2; it takes no fee.
interface BalancerVault {
    function flashLoan(address receiver, address[] calldata tokens, uint256[] calldata amounts, bytes calldata data)
        external;
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// The four token calls that the attack contracts need. `approve` and `transfer` declare no return value, because
/// some real tokens return nothing and Solidity would revert on them.
interface Erc20 {
    function balanceOf(address owner) external view returns (uint256);
    function approve(address spender, uint256 amount) external;
    function transfer(address to, uint256 amount) external;
}

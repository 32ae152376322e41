// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Calls of a Uniswap v3 pool that the attack contracts need.
interface UniswapV3Pool {
    function flash(address recipient, uint256 amount0, uint256 amount1, bytes calldata data) external;
    function swap(address recipient, bool zeroForOne, int256 amount, uint160 limit, bytes calldata data)
        external
        returns (int256 amount0, int256 amount1);
}

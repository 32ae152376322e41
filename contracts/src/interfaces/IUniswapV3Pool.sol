// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title What is read of a Uniswap v3 pool (https://docs.uniswap.org/contracts/v3/reference/core/interfaces/IUniswapV3Pool).
interface IUniswapV3Pool {
    /// @notice The token with the lower address.
    function token0() external view returns (address);

    /// @notice The token with the higher address.
    function token1() external view returns (address);

    /// @notice The spot price and its tick. The pool returns more; forks differ in it, so it is not declared.
    function slot0() external view returns (uint160 sqrtPriceX96, int24 tick);

    /// @notice Sums over time of tick and of seconds per unit of liquidity (Q128), as of each of `secondsAgos`.
    function observe(uint32[] calldata secondsAgos)
        external
        view
        returns (int56[] memory tickCumulatives, uint160[] memory secondsPerLiquidityCumulativeX128s);
}

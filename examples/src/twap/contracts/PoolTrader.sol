// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

interface IPool {
    function token0() external view returns (address);
    function token1() external view returns (address);
    function mint(address to, int24 lower, int24 upper, uint128 amount, bytes calldata data)
        external
        returns (uint256, uint256);
    function swap(address to, bool zeroForOne, int256 amount, uint160 limit, bytes calldata data)
        external
        returns (int256, int256);
    function observe(uint32[] calldata ago) external view returns (int56[] memory, uint160[] memory);
}

interface IToken {
    function transfer(address to, uint256 amount) external returns (bool);
}

/// @notice Trades with a Uniswap v3 pool out of its own tokens, for whoever asks: of the example's own chain only.
contract PoolTrader {
    uint160 private constant LOWEST = 4295128740;
    uint160 private constant HIGHEST = 1461446703485210103287273052203988822378723970341;

    /// @notice Sum of ticks times seconds over the last `secondsAgo`, as the pool tells it in the block that asks.
    int56 public tickSum;

    function provide(IPool pool, int24 lower, int24 upper, uint128 amount) external {
        pool.mint(address(this), lower, upper, amount, "");
    }

    function swap(IPool pool, bool zeroForOne, uint256 amountIn) external {
        pool.swap(address(this), zeroForOne, int256(amountIn), zeroForOne ? LOWEST : HIGHEST, "");
    }

    function readSum(IPool pool, uint32 secondsAgo) external {
        uint32[] memory ago = new uint32[](2);
        ago[0] = secondsAgo;
        (int56[] memory sums,) = pool.observe(ago);
        tickSum = sums[1] - sums[0];
    }

    function uniswapV3MintCallback(uint256 amount0, uint256 amount1, bytes calldata) external {
        _pay(int256(amount0), int256(amount1));
    }

    function uniswapV3SwapCallback(int256 amount0, int256 amount1, bytes calldata) external {
        _pay(amount0, amount1);
    }

    function _pay(int256 amount0, int256 amount1) private {
        if (amount0 > 0) IToken(IPool(msg.sender).token0()).transfer(msg.sender, uint256(amount0));
        if (amount1 > 0) IToken(IPool(msg.sender).token1()).transfer(msg.sender, uint256(amount1));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

contract Coin is ERC20 {
    constructor(string memory name, address to, uint256 amount) ERC20(name, name) {
        _mint(to, amount);
    }
}

/// @notice A pool of two tokens at constant product, with a fee of 0.3 %; its shares are a token.
contract Pair is ERC20 {
    ERC20 public immutable token0;
    ERC20 public immutable token1;
    uint112 public reserve0;
    uint112 public reserve1;

    error Pair_NothingOut();
    error Pair_ProductFell();

    constructor(ERC20 a, ERC20 b) ERC20("Pair", "PAIR") {
        token0 = a;
        token1 = b;
    }

    function swap(uint256 amountIn, bool zeroForOne, address to) external returns (uint256 out) {
        (ERC20 from, ERC20 into) = zeroForOne ? (token0, token1) : (token1, token0);
        (uint256 rIn, uint256 rOut) = zeroForOne ? (reserve0, reserve1) : (reserve1, reserve0);
        uint256 paid = amountIn * 997;
        out = (paid * rOut) / (rIn * 1000 + paid);
        if (out == 0) revert Pair_NothingOut();
        from.transferFrom(msg.sender, address(this), amountIn);
        into.transfer(to, out);
        uint256 before = uint256(reserve0) * reserve1;
        _sync();
        if (uint256(reserve0) * reserve1 < before) revert Pair_ProductFell();
    }

    function join(uint256 amount0, uint256 amount1) external returns (uint256 shares) {
        uint256 supply = totalSupply();
        shares = supply == 0
            ? Math.sqrt(amount0 * amount1)
            : Math.min((amount0 * supply) / reserve0, (amount1 * supply) / reserve1);
        token0.transferFrom(msg.sender, address(this), amount0);
        token1.transferFrom(msg.sender, address(this), amount1);
        _mint(msg.sender, shares);
        _sync();
    }

    function part(uint256 shares) external {
        uint256 supply = totalSupply();
        uint256 amount0 = (shares * reserve0) / supply;
        uint256 amount1 = (shares * reserve1) / supply;
        _burn(msg.sender, shares);
        token0.transfer(msg.sender, amount0);
        token1.transfer(msg.sender, amount1);
        _sync();
    }

    function _sync() private {
        reserve0 = uint112(token0.balanceOf(address(this)));
        reserve1 = uint112(token1.balanceOf(address(this)));
    }
}

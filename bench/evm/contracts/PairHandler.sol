// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {Handler} from "./Handler.sol";
import {Coin, Pair} from "./Pair.sol";

/// @notice Keeps shares of the pool.
contract ShareVault is ERC4626 {
    constructor(ERC20 asset_) ERC4626(asset_) ERC20("Vault", "VAULT") {}
}

/// @notice Trades in the pool and keeps its shares in the vault.
contract PairHandler is Handler {
    Coin public immutable coin0 = new Coin("A", address(this), 1e30);
    Coin public immutable coin1 = new Coin("B", address(this), 1e30);
    Pair public immutable pair = new Pair(coin0, coin1);
    ShareVault public immutable vault = new ShareVault(pair);

    constructor() {
        coin0.approve(address(pair), type(uint256).max);
        coin1.approve(address(pair), type(uint256).max);
        pair.approve(address(vault), type(uint256).max);
        pair.join(1e24, 1e24);
        vault.deposit(1e23, address(this));
    }

    function enter(uint256 x) external {
        vault.deposit(pair.balanceOf(address(this)) / (10 + (x % 1000)), address(this));
    }

    function trade(uint256 x) external {
        pair.swap(1e6 + (x >> 8) % 1e22, x % 2 == 0, address(this));
    }

    function adjust(uint256 x) external {
        if (x % 2 == 0) pair.join(1e6 + (x >> 8) % 1e22, 1e6 + (x >> 8) % 1e22);
        else pair.part(pair.balanceOf(address(this)) / (10 + (x % 1000)));
    }

    function quit(uint256 x) external {
        vault.redeem(vault.balanceOf(address(this)) / (10 + (x % 1000)), address(this), address(this));
    }

    /// @notice Shares are backed by the product, and what the vault owes stands in it.
    function holds() external view returns (bool) {
        uint256 supply = pair.totalSupply();
        return uint256(pair.reserve0()) * pair.reserve1() >= supply * supply
            && vault.convertToAssets(vault.totalSupply()) <= vault.totalAssets()
            && pair.balanceOf(address(vault)) == vault.totalAssets();
    }
}

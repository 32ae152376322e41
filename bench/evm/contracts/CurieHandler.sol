// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Handler} from "./Handler.sol";

interface ClearingHouse {
    struct Open {
        address baseToken;
        bool isBaseToQuote;
        bool isExactInput;
        uint256 amount;
        uint256 oppositeAmountBound;
        uint256 deadline;
        uint160 sqrtPriceLimitX96;
        bytes32 referralCode;
    }

    struct Add {
        address baseToken;
        uint256 base;
        uint256 quote;
        int24 lowerTick;
        int24 upperTick;
        uint256 minBase;
        uint256 minQuote;
        bool useTakerBalance;
        uint256 deadline;
    }

    function openPosition(Open memory) external returns (uint256, uint256);
    function addLiquidity(Add memory) external returns (uint256, uint256, uint256, uint256);
    function getAccountValue(address) external view returns (int256);
}

interface CurieVault {
    function deposit(address token, uint256 amount) external;
    function withdraw(address token, uint256 amount) external;
}

/// @notice Trades a little on Perpetual Protocol v2, with much margin.
contract CurieHandler is Handler {
    ClearingHouse private immutable house;
    CurieVault private immutable vault;
    address private immutable usdc;
    address private immutable base;

    constructor(ClearingHouse house_, CurieVault vault_, address usdc_, address base_) {
        (house, vault, usdc, base) = (house_, vault_, usdc_, base_);
        IERC20(usdc_).approve(address(vault_), type(uint256).max);
    }

    function enter(uint256 x) external {
        vault.deposit(usdc, 1e6 + x % 1e9);
    }

    function trade(uint256 x) external {
        bool short = x % 2 == 0;
        house.openPosition(
            ClearingHouse.Open(base, short, !short, 1e17 + (x >> 8) % 1e18, 0, type(uint256).max, 0, bytes32(0))
        );
    }

    function adjust(uint256 x) external {
        house.addLiquidity(
            ClearingHouse.Add(base, 1e16, 1e18 + x % 1e18, 39_120, 53_940, 0, 0, false, type(uint256).max)
        );
    }

    function quit(uint256 x) external {
        vault.withdraw(usdc, 1 + x % 1e6);
    }

    /// @notice The account, which risks little of what it has, is worth something, and the vault holds money.
    function holds() external view returns (bool) {
        return house.getAccountValue(address(this)) > 0 && IERC20(usdc).balanceOf(address(vault)) > 0;
    }
}

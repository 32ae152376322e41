// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Handler} from "./Handler.sol";

struct MarketParams {
    address loanToken;
    address collateralToken;
    address oracle;
    address irm;
    uint256 lltv;
}

interface Morpho {
    function supply(MarketParams memory, uint256 assets, uint256 shares, address onBehalf, bytes memory data)
        external
        returns (uint256, uint256);
    function withdraw(MarketParams memory, uint256 assets, uint256 shares, address onBehalf, address to)
        external
        returns (uint256, uint256);
    function supplyCollateral(MarketParams memory, uint256 assets, address onBehalf, bytes memory data) external;
    function borrow(MarketParams memory, uint256 assets, uint256 shares, address onBehalf, address to)
        external
        returns (uint256, uint256);
    function repay(MarketParams memory, uint256 assets, uint256 shares, address onBehalf, bytes memory data)
        external
        returns (uint256, uint256);
    function market(bytes32 id) external view returns (uint128, uint128, uint128, uint128, uint128, uint128);
}

/// @notice Lends and borrows in one market of Morpho Blue.
contract MorphoHandler is Handler {
    Morpho private immutable morpho;
    MarketParams private params;

    constructor(Morpho morpho_, MarketParams memory params_) {
        (morpho, params) = (morpho_, params_);
        IERC20(params_.loanToken).approve(address(morpho_), type(uint256).max);
        IERC20(params_.collateralToken).approve(address(morpho_), type(uint256).max);
    }

    function enter(uint256 x) external {
        morpho.supplyCollateral(params, 1e18 + x % 1e20, address(this), "");
    }

    function trade(uint256 x) external {
        morpho.borrow(params, 1 + x % 5e5, 0, address(this), address(this));
    }

    function adjust(uint256 x) external {
        if (x % 2 == 0) morpho.supply(params, 1e6 + (x >> 8) % 1e9, 0, address(this), "");
        else morpho.withdraw(params, 1 + (x >> 8) % 1e6, 0, address(this), address(this));
    }

    function quit(uint256 x) external {
        morpho.repay(params, 1 + x % 1e5, 0, address(this), "");
    }

    /// @notice What was lent and not borrowed is there.
    function holds() external view returns (bool) {
        (uint128 supplied,, uint128 borrowed,,,) = morpho.market(keccak256(abi.encode(params)));
        return IERC20(params.loanToken).balanceOf(address(morpho)) >= supplied - borrowed;
    }
}

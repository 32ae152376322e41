// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Order} from "testudo/interfaces/IReferencePerp.sol";
import {ReferencePerp} from "testudo/reference/ReferencePerp.sol";
import {Handler} from "./Handler.sol";

/// @notice Trades on ReferencePerp and makes its market.
contract PerpHandler is Handler {
    bytes32 private constant MARKET = "BASE/USD";
    ReferencePerp private immutable perp;
    IERC20 private immutable usd;
    uint256 private immutable floor;

    constructor(ReferencePerp perp_, IERC20 usd_) {
        (perp, usd, floor) = (perp_, usd_, usd_.balanceOf(address(perp_)) / 2);
        usd_.approve(address(perp_), type(uint256).max);
    }

    function enter(uint256 x) external {
        perp.deposit(1e6 + x % 1e9);
        perp.addMargin(MARKET, 1e5 + x % 1e6);
    }

    function trade(uint256 x) external {
        int256 size = int256(1e14 + (x >> 8) % 1e15);
        if (x % 2 == 0) size = -size;
        uint128 limit = size > 0 ? type(uint128).max : 0;
        bytes32 id = perp.requestOrder(MARKET, int128(size), limit);
        perp.executeOrder(id, Order(address(this), MARKET, size, limit), 1);
    }

    function adjust(uint256 x) external {
        if (x % 2 == 0) perp.addLiquidity(MARKET, 1e6 + (x >> 8) % 1e7);
        else perp.settleFunding(MARKET);
    }

    function quit(uint256 x) external {
        perp.withdraw(1 + x % 1e4);
    }

    /// @notice The exchange holds what its people put in, and the makers' pool is solvent.
    function holds() external view returns (bool) {
        return usd.balanceOf(address(perp)) >= floor && perp.poolEquity(MARKET) > 0
            && perp.accountHealth(address(this), MARKET).collateral >= 0;
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IFlowLimiter} from "../interfaces/IFlowLimiter.sol";

/// A protected contract that asks its limiter, lets everyone take everything, and runs several steps in one
/// transaction.
contract MockFlowVault {
    using SafeERC20 for IERC20;

    IFlowLimiter public limiter;

    function setLimiter(IFlowLimiter limiter_) external {
        limiter = limiter_;
    }

    function approve(address asset) external {
        IERC20(asset).forceApprove(address(limiter), type(uint256).max);
    }

    function deposit(address asset, uint256 amount) public {
        IERC20 token = IERC20(asset);
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amount);
        limiter.onInflow(asset, token.balanceOf(address(this)) - before, msg.sender);
    }

    function withdraw(address asset, uint256 amount, address to) public returns (uint256 passed, uint256 queued) {
        (passed, queued) = limiter.onOutflow(asset, amount, to);
        IERC20(asset).safeTransfer(to, passed);
    }

    /// In one transaction: each amount comes in from the caller (positive) or leaves to it (negative).
    function batch(address asset, int256[] calldata amounts) external {
        for (uint256 i; i < amounts.length; ++i) {
            if (amounts[i] > 0) deposit(asset, uint256(amounts[i]));
            else withdraw(asset, uint256(-amounts[i]), msg.sender);
        }
    }

    /// Reports flows that moved nothing.
    function report(address asset, uint256 amountIn, uint256 amountOut) external returns (uint256, uint256) {
        if (amountIn > 0) limiter.onInflow(asset, amountIn, msg.sender);
        return limiter.onOutflow(asset, amountOut, msg.sender);
    }
}

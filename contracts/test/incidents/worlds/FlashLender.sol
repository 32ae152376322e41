// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Token} from "./Token.sol";

interface IFlashBorrower {
    /// Must have sent `amount` back when it returns.
    function onFlash(Token token, uint256 amount, bytes calldata data) external;
}

/// Lends what it has for the length of a call, for nothing.
contract FlashLender {
    error FlashLender_NotPaid(uint256 have, uint256 need);

    function flash(Token token, uint256 amount, bytes calldata data) external {
        uint256 held = token.balanceOf(address(this));
        token.transfer(msg.sender, amount);
        IFlashBorrower(msg.sender).onFlash(token, amount, data);
        uint256 have = token.balanceOf(address(this));
        if (have < held) revert FlashLender_NotPaid(have, held);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IReferencePerp} from "../../../src/interfaces/IReferencePerp.sol";
import {ReferencePerp} from "../../../src/reference/ReferencePerp.sol";
import {NaiveAdmin} from "./NaiveAdmin.sol";

/// One breaker for everybody, after the idea of ERC-7265: whoever shows that a tenth of the balance left within the
/// period shuts all that users may call, for three days. Liquidations go on, as keepers need them.
contract GlobalBreaker {
    uint256 public constant PERIOD = 4 hours;
    ReferencePerp public immutable perp;
    NaiveAdmin public immutable admin;
    IERC20 public immutable token;
    uint256 public highest;
    uint256 public since;

    error GlobalBreaker_Calm(uint256 balance, uint256 highest);

    constructor(ReferencePerp perp_, NaiveAdmin admin_, IERC20 token_) {
        (perp, admin, token) = (perp_, admin_, token_);
    }

    /// Remembers the highest balance of the period.
    function mark() external {
        uint256 balance = token.balanceOf(address(perp));
        if (block.timestamp < since + PERIOD && balance <= highest) return;
        (highest, since) = (balance, block.timestamp);
    }

    function trip() external {
        uint256 balance = token.balanceOf(address(perp));
        if (balance * 10 > highest * 9) revert GlobalBreaker_Calm(balance, highest);
        _pause(IReferencePerp.deposit.selector);
        _pause(IReferencePerp.withdraw.selector);
        _pause(IReferencePerp.addMargin.selector);
        _pause(IReferencePerp.removeMargin.selector);
        _pause(IReferencePerp.requestOrder.selector);
        _pause(IReferencePerp.closePosition.selector);
        _pause(IReferencePerp.addLiquidity.selector);
        _pause(IReferencePerp.removeLiquidity.selector);
    }

    function _pause(bytes4 selector) private {
        // A pause word's low field is its end.
        bytes memory word = abi.encodeCall(perp.writePause, (selector, block.timestamp + 3 days));
        admin.run(address(perp), word);
    }
}

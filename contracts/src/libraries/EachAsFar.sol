// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {ICircuitBreaker} from "../interfaces/ICircuitBreaker.sol";
import {Why} from "./Why.sol";

/// @notice Pauses or extends each selector of a message as far as its own bounds reach: one whose time or budget is spent
/// must not keep the others open. Reverts with what refused the last one when none is paused.
library EachAsFar {
    function trip(address breaker, address target, bytes4[] calldata selectors, uint40 until, Why memory why) internal {
        bytes memory refusal;
        bool paused;
        for (uint256 i; i < selectors.length; ++i) {
            try ICircuitBreaker(breaker).trip(target, selectors[i], until, why) {
                paused = true;
            } catch (bytes memory cause) {
                if (tripLess(breaker, target, selectors[i], why, cause)) paused = true;
                else refusal = cause;
            }
        }
        if (!paused) LowLevelCall.bubbleRevert(refusal);
    }

    function extend(address breaker, address target, bytes4[] calldata selectors, uint40 until, Why memory why)
        internal
    {
        bytes memory refusal;
        bool paused;
        for (uint256 i; i < selectors.length; ++i) {
            try ICircuitBreaker(breaker).extend(target, selectors[i], until, why) {
                paused = true;
            } catch (bytes memory cause) {
                if (extendLess(breaker, target, selectors[i], why, cause)) paused = true;
                else refusal = cause;
            }
        }
        if (!paused) LowLevelCall.bubbleRevert(refusal);
    }

    /// @dev False when `cause`, a bound, leaves no time to pause for.
    function tripLess(address breaker, address target, bytes4 selector, Why memory why, bytes memory cause)
        private
        returns (bool)
    {
        requireBound(cause);
        (uint40 end,) = ICircuitBreaker(breaker).reach(target, selector);
        if (end <= block.timestamp) return false;
        ICircuitBreaker(breaker).trip(target, selector, end, why);
        return true;
    }

    /// @dev False when there is no pause to extend.
    function extendLess(address breaker, address target, bytes4 selector, Why memory why, bytes memory cause)
        private
        returns (bool)
    {
        if (bytes4(cause) == ICircuitBreaker.Breaker_NotPaused.selector) return false;
        requireBound(cause);
        (, uint40 end) = ICircuitBreaker(breaker).reach(target, selector);
        ICircuitBreaker(breaker).extend(target, selector, end, why);
        return true;
    }

    // Anything but a bound, an exempt selector first of all, is a mistake in the message and refuses all of it.
    function requireBound(bytes memory cause) private pure {
        bytes4 kind = bytes4(cause);
        if (kind == ICircuitBreaker.Breaker_TooLong.selector) return;
        if (kind == ICircuitBreaker.Breaker_BudgetSpent.selector) return;
        LowLevelCall.bubbleRevert(cause);
    }
}

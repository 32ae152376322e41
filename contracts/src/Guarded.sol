// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {ICircuitBreaker} from "./interfaces/ICircuitBreaker.sol";
import {IGuarded} from "./interfaces/IGuarded.sol";
import {ISelectorBreaker} from "./interfaces/ISelectorBreaker.sol";

/// @title Mixin: asks an external CircuitBreaker before each guarded function.
abstract contract Guarded is IGuarded {
    /* IMMUTABLES */

    /// @inheritdoc IGuarded
    ICircuitBreaker public immutable circuitBreaker;

    /// `check` costs about 12,000 gas with a cold rule, and 50,000 more with a price source.
    uint256 private constant CHECK_GAS = 100_000;

    /* CONSTRUCTOR */

    constructor(ICircuitBreaker breaker) {
        circuitBreaker = breaker;
    }

    /* MODIFIERS */

    /// @dev For outflow and new risk: a breaker that is missing, reverts or burns its gas blocks the call.
    modifier whenAllowed() {
        // Only where something is running is the breaker told of the call, which costs more than the question.
        if (!circuitBreaker.isClear{gas: CHECK_GAS}(msg.sig)) _requireAllowed();
        _;
    }

    /// @dev For what reduces risk: only a pause blocks the call, a broken breaker does not.
    modifier whenNotHalted() {
        _requireNotHalted();
        _;
    }

    /* INTERNAL */

    function _requireAllowed() private view {
        circuitBreaker.check{gas: CHECK_GAS}(address(this), msg.sig, msg.data);
    }

    function _requireNotHalted() private view {
        if (address(circuitBreaker).code.length == 0) return;
        // Of the gas left, 1/64 stays here; a caller may not starve the check and so slip through a halt.
        uint256 need = CHECK_GAS + CHECK_GAS / 32;
        if (gasleft() < need) revert Guarded_GasTooLow(need);
        try circuitBreaker.check{gas: CHECK_GAS}(address(this), msg.sig, "") {}
        catch (bytes memory cause) {
            if (bytes4(cause) == ISelectorBreaker.Breaker_Paused.selector) LowLevelCall.bubbleRevert(cause);
        }
    }
}

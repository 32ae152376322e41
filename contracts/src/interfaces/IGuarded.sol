// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {ICircuitBreaker} from "./ICircuitBreaker.sol";

/// @title A contract that asks an external breaker before its guarded functions (external mode).
interface IGuarded {
    /// @notice Too little gas to ask the breaker; the call needs at least `need` more.
    error Guarded_GasTooLow(uint256 need);

    /// @notice The breaker that is asked.
    function circuitBreaker() external view returns (ICircuitBreaker);
}

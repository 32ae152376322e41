// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISelectorBreaker} from "../interfaces/ISelectorBreaker.sol";

/// @notice Whether a target still stands as it was registered.
library TargetHealth {
    /// A GateProxy answers `selectorBreaker` for about 300 gas, a mixin behind a proxy of its own for about 5,000.
    uint256 private constant HEALTH_GAS = 6_000;

    /// @dev Zero when nothing is wrong.
    function illness(address target, bool inlined) internal view returns (bytes32) {
        if (target.code.length == 0) return "target has no code";
        if (inlined && !namesThis(target)) return "target has another breaker";
        return 0;
    }

    function namesThis(address target) private view returns (bool) {
        (bool ok, bytes memory data) =
            target.staticcall{gas: HEALTH_GAS}(abi.encodeCall(ISelectorBreaker.selectorBreaker, ()));
        return ok && data.length == 32 && bytes32(data) == bytes32(uint256(uint160(address(this))));
    }
}

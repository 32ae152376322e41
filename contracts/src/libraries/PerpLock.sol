// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";
import {IReferencePerp} from "../interfaces/IReferencePerp.sol";

/// @notice The lock against reentrancy. It holds `value` while it is taken; 0 locks nothing.
library PerpLock {
    using TransientSlot for *;

    bytes32 private constant LOCK = keccak256("testudo.ReferencePerp.lock");

    function take(uint256 value) internal {
        requireFree();
        LOCK.asUint256().tstore(value);
    }

    function release() internal {
        LOCK.asUint256().tstore(0);
    }

    function requireFree() internal view {
        if (LOCK.asUint256().tload() != 0) revert IReferencePerp.Perp_Reentered();
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Health, IHealthGate} from "../interfaces/IHealthGate.sol";

/// @title HealthGate: an account ends a call with its initial margin, or with less risk than before.
contract HealthGate is IHealthGate {
    /// @inheritdoc IHealthGate
    function allows(Health calldata before, Health calldata afterwards) external pure returns (bool) {
        if (afterwards.collateral >= 0 && uint256(afterwards.collateral) >= afterwards.initial) return true;
        return afterwards.initial <= before.initial && afterwards.excess >= before.excess;
    }
}

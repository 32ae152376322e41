// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Health, IHealthGate} from "../../interfaces/IHealthGate.sol";

/// @title NaiveGate: margin is looked at where a position grows, and nowhere else.
contract NaiveGate is IHealthGate {
    /// @inheritdoc IHealthGate
    function allows(Health calldata before, Health calldata afterwards) external pure returns (bool) {
        return afterwards.initial <= before.initial || afterwards.collateral >= int256(afterwards.initial);
    }
}

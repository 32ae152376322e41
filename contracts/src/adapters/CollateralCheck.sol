// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IImpactCheck, Look} from "../interfaces/IImpactCheck.sol";
import {ICollateralModel} from "../interfaces/IImpactModel.sol";

/// @title CollateralCheck: D12, an account has more free collateral than it brought in and honestly has.
/// @dev Value that came from another account is in both, so that a gift is no fault.
contract CollateralCheck is IImpactCheck {
    using SafeCast for uint256;

    /* IMMUTABLES */

    /// The protocol's own arithmetic.
    ICollateralModel public immutable model;

    bytes32 public constant impact = "D12";

    /* CONSTRUCTOR */

    constructor(ICollateralModel model_) {
        model = model_;
    }

    /* FUNCTIONS FOR ALL */

    /// @inheritdoc IImpactCheck
    function settle() external {
        model.settle();
    }

    /* VIEWS */

    /// @inheritdoc IImpactCheck
    function look(address subject) external view returns (Look memory) {
        (uint256 free, uint256 worth) = model.collateralOf(subject);
        uint256 beyond = free > worth ? free - worth : 0;
        return Look(model.pinned(), beyond == 0, -beyond.toInt256());
    }
}

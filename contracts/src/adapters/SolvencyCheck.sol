// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IImpactCheck, Look} from "../interfaces/IImpactCheck.sol";
import {ISolvencyModel} from "../interfaces/IImpactModel.sol";

/// @title SolvencyCheck: D01, a protocol owes more than it has.
/// @dev What is lacking is the loss, not what it had to spare before.
contract SolvencyCheck is IImpactCheck {
    using SafeCast for uint256;

    /* IMMUTABLES */

    /// The protocol's own arithmetic.
    ISolvencyModel public immutable model;

    bytes32 public constant impact = "D01";

    /* CONSTRUCTOR */

    constructor(ISolvencyModel model_) {
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
        (uint256 assets, uint256 claims) = model.solvency(subject);
        uint256 lacking = claims > assets ? claims - assets : 0;
        return Look(model.pinned(), lacking == 0, -lacking.toInt256());
    }
}

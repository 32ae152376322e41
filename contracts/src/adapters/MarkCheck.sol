// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IImpactCheck, Look} from "../interfaces/IImpactCheck.sol";
import {IMarkModel} from "../interfaces/IImpactModel.sol";

/// @title MarkCheck: D02, the mark is away from its reference and others have less for it.
/// @dev Whoever moves a mark with money of his own and takes nothing has done no harm.
contract MarkCheck is IImpactCheck {
    /* IMMUTABLES */

    /// The protocol's own arithmetic.
    IMarkModel public immutable model;
    /// How far the mark may be from its reference, in 1/10,000 of it.
    uint16 public immutable bandBps;

    bytes32 public constant impact = "D02";

    /* CONSTRUCTOR */

    constructor(IMarkModel model_, uint16 bandBps_) {
        (model, bandBps) = (model_, bandBps_);
    }

    /* FUNCTIONS FOR ALL */

    /// @inheritdoc IImpactCheck
    function settle() external {
        model.settle();
    }

    /* VIEWS */

    /// @inheritdoc IImpactCheck
    function look(address subject) external view returns (Look memory) {
        (uint256 mark, uint256 reference_) = model.marks();
        uint256 apart = mark > reference_ ? mark - reference_ : reference_ - mark;
        bytes32 pinned = keccak256(abi.encode(model.pinned(), model.makerShares()));
        return Look(pinned, apart * 10_000 <= reference_ * bandBps, model.worthOfOthers(subject));
    }
}

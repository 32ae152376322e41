// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccountable} from "./interfaces/IAccountable.sol";
import {IMarginCalibrator, Inputs, Output} from "./interfaces/IMarginCalibrator.sol";
import {MarginMath} from "./libraries/MarginMath.sol";

/// @title MarginCalibrator
contract MarginCalibrator is IMarginCalibrator {
    /* IMMUTABLES */

    /// @inheritdoc IMarginCalibrator
    bytes32 public immutable modelHash;

    /* CONSTRUCTOR */

    /// @param modelHash_ Hash of the model's description; a model without one could stand for any other.
    constructor(bytes32 modelHash_) {
        if (modelHash_ == 0) revert Margin_Input("modelHash");
        modelHash = modelHash_;
    }

    /* MODIFIERS */

    modifier whenLegal(Inputs calldata inputs) {
        bytes32 field = MarginMath.faultOf(inputs);
        if (field != 0) revert Margin_Input(field);
        _;
    }

    /* VIEWS */

    /// @inheritdoc IMarginCalibrator
    function maintenanceMargin(Inputs calldata inputs) external pure whenLegal(inputs) returns (uint256) {
        return MarginMath.mmrUp(inputs);
    }

    /// @inheritdoc IMarginCalibrator
    function initialMargin(Inputs calldata inputs) external pure whenLegal(inputs) returns (uint256) {
        return MarginMath.imrUp(inputs, MarginMath.mmrUp(inputs));
    }

    /// @inheritdoc IMarginCalibrator
    function maxLeverage(Inputs calldata inputs) external pure whenLegal(inputs) returns (uint256) {
        return MarginMath.leverageDown(MarginMath.imrUp(inputs, MarginMath.mmrUp(inputs)));
    }

    /// @inheritdoc IMarginCalibrator
    function oiCap(Inputs calldata inputs) external pure whenLegal(inputs) returns (uint256) {
        return MarginMath.oiCapDown(inputs);
    }

    /// @inheritdoc IMarginCalibrator
    function calibrate(Inputs calldata inputs) external pure whenLegal(inputs) returns (Output memory) {
        return _calibrate(inputs);
    }

    /// @inheritdoc IMarginCalibrator
    function profitAsCollateral(uint256 profit, uint256 size, uint256 depth, uint256 fraction)
        external
        pure
        returns (uint256)
    {
        if (profit > MarginMath.MAX_AMOUNT) revert Margin_Input("profit");
        if (size > MarginMath.MAX_AMOUNT) revert Margin_Input("size");
        if (depth == 0 || depth > MarginMath.MAX_AMOUNT) revert Margin_Input("depth");
        if (fraction > MarginMath.WAD) revert Margin_Input("fraction");
        return MarginMath.profitDown(profit, size, depth, fraction);
    }

    /// @inheritdoc IMarginCalibrator
    function verify(bytes32 model, Inputs calldata inputs, Output calldata output) external view returns (bool) {
        if (model != modelHash || MarginMath.faultOf(inputs) != 0) return false;
        return keccak256(abi.encode(_calibrate(inputs))) == keccak256(abi.encode(output));
    }

    /// @inheritdoc IAccountable
    function healthy() external pure returns (bool, bytes32) {
        // No storage, no callee, no role: what was deployed cannot fall ill.
        return (true, 0);
    }

    /* INTERNAL */

    function _calibrate(Inputs calldata inputs) private pure returns (Output memory o) {
        o.mmr = MarginMath.mmrUp(inputs);
        o.imr = MarginMath.imrUp(inputs, o.mmr);
        o.maxLeverage = MarginMath.leverageDown(o.imr);
        o.oiCap = MarginMath.oiCapDown(inputs);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRiskInvariant, IRiskModel} from "../interfaces/IRiskInvariant.sol";

/// @title LiquidatableInvariant: a change of parameters alone makes at most so much of the notional liquidatable.
contract LiquidatableInvariant is IRiskInvariant {
    /* IMMUTABLES */

    /// The protocol's own arithmetic.
    IRiskModel public immutable model;
    /// Largest part of all open notional that may become liquidatable, in 1/10,000.
    uint16 public immutable maxPartBps;

    /* CONSTRUCTOR */

    constructor(IRiskModel model_, uint16 maxPartBps_) {
        (model, maxPartBps) = (model_, maxPartBps_);
    }

    /* VIEWS */

    /// @inheritdoc IRiskInvariant
    function check(bytes calldata before, bytes calldata afterwards) external view returns (bool, bytes32) {
        (uint256 old, uint256 total) = _liquidatable(before);
        (uint256 liquidatable,) = _liquidatable(afterwards);
        bool held = liquidatable <= old || (liquidatable - old) * 10_000 <= total * maxPartBps;
        return held ? (true, bytes32(0)) : (false, bytes32("liquidates too much"));
    }

    /* INTERNAL */

    function _liquidatable(bytes calldata state) private view returns (uint256, uint256) {
        (bytes32[] memory ids, uint256[] memory values) = abi.decode(state, (bytes32[], uint256[]));
        return model.liquidatableWith(ids, values);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRiskInvariant, IRiskModel} from "../interfaces/IRiskInvariant.sol";

/// @title OracleMoveInvariant: a change of parameters alone moves the protocol's price by at most so much.
contract OracleMoveInvariant is IRiskInvariant {
    /* IMMUTABLES */

    /// The protocol's own arithmetic.
    IRiskModel public immutable model;
    /// Largest move in 1/10,000 of the price before.
    uint16 public immutable maxMoveBps;

    /* CONSTRUCTOR */

    constructor(IRiskModel model_, uint16 maxMoveBps_) {
        (model, maxMoveBps) = (model_, maxMoveBps_);
    }

    /* VIEWS */

    /// @inheritdoc IRiskInvariant
    function check(bytes calldata before, bytes calldata afterwards) external view returns (bool, bytes32) {
        uint256 old = _price(before);
        uint256 price = _price(afterwards);
        // A price of zero is none: it makes debts look covered.
        if (old == 0 || price == 0) return (false, "no price");
        uint256 moved = old < price ? price - old : old - price;
        return moved * 10_000 <= old * maxMoveBps ? (true, bytes32(0)) : (false, bytes32("price moved too far"));
    }

    /* INTERNAL */

    function _price(bytes calldata state) private view returns (uint256) {
        (bytes32[] memory ids, uint256[] memory values) = abi.decode(state, (bytes32[], uint256[]));
        return model.priceWith(ids, values);
    }
}

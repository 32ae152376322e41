// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SpotPool} from "../../morpho/contracts/SpotPool.sol";
import {IMorphoOracle} from "../../../../contracts/src/interfaces/IMorphoOracle.sol";

/// @notice The naive source of AaveOracle: the pool's price of this moment, with 8 decimals.
contract SpotAnswer {
    SpotPool public immutable pool;

    constructor(SpotPool pool_) {
        pool = pool_;
    }

    function latestAnswer() external view returns (int256) {
        return int256(pool.spotWad() / 1e10);
    }
}

/// @notice What may be lent against by the OracleAggregator, as AaveOracle asks for it: with 8 decimals. It reverts where there is no
/// such price, and with it all that Aave does by price; supply and repay ask for none.
contract AggregatorAnswer {
    IMorphoOracle public immutable oracle;

    constructor(IMorphoOracle oracle_) {
        oracle = oracle_;
    }

    function latestAnswer() external view returns (int256) {
        return int256(oracle.price() / oracle.scale() / 1e10);
    }
}

/// @notice An asset that is worth the same for ever.
contract FixedAnswer {
    int256 public immutable latestAnswer;

    constructor(int256 answer) {
        latestAnswer = answer;
    }
}

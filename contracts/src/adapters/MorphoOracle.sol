// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/interfaces/IERC20Metadata.sol";
import {IMorphoOracle} from "../interfaces/IMorphoOracle.sol";
import {IOracleAggregator, Status} from "../interfaces/IOracleAggregator.sol";

/// @title MorphoOracle
contract MorphoOracle is IMorphoOracle {
    /* IMMUTABLES */

    /// @inheritdoc IMorphoOracle
    IOracleAggregator public immutable aggregator;
    /// @inheritdoc IMorphoOracle
    bytes32 public immutable market;
    /// @inheritdoc IMorphoOracle
    uint256 public immutable scale;
    /// @inheritdoc IMorphoOracle
    uint16 public immutable maxRiseBps;

    uint256 private constant BPS = 10_000;
    /// 2^128 * 10^36 is below 2^256, so no price overflows; below 10^0 prices would lose digits.
    uint256 private constant MAX_EXPONENT = 36;

    /* CONSTRUCTOR */

    /// @param aggregator_ The aggregator.
    /// @param market_ Its market, which must have a price now: a Morpho market keeps its oracle for ever.
    /// @param loanToken What Morpho's market lends; it tells its decimals.
    /// @param collateralToken What secures the loans; it tells its decimals.
    /// @param maxRiseBps_ The market's own `maxJumpBps` is the natural choice.
    constructor(
        IOracleAggregator aggregator_,
        bytes32 market_,
        IERC20Metadata loanToken,
        IERC20Metadata collateralToken,
        uint16 maxRiseBps_
    ) {
        (uint8 loan, uint8 collateral) = (loanToken.decimals(), collateralToken.decimals());
        uint256 above = uint256(loan) + 18;
        if (above < collateral || above - collateral > MAX_EXPONENT) revert MorphoOracle_Decimals(loan, collateral);
        (aggregator, market, maxRiseBps) = (aggregator_, market_, maxRiseBps_);
        scale = 10 ** (above - collateral);
        _requireServed(aggregator_, market_, maxRiseBps_);
    }

    /* VIEWS */

    /// @inheritdoc IMorphoOracle
    function price() external view returns (uint256) {
        return _requireServed(aggregator, market, maxRiseBps) * scale;
    }

    /* INTERNAL */

    function _requireServed(IOracleAggregator from, bytes32 id, uint256 riseBps) private view returns (uint256) {
        (, uint256 wad,, Status status) = from.tryPrice(id);
        if (status == Status.OK) return wad;
        if (status != Status.DEGRADED) revert MorphoOracle_NoPrice(status);
        (uint256 anchorWad,) = from.anchorOf(id);
        if (wad * BPS > anchorWad * (BPS + riseBps)) revert MorphoOracle_Rise(wad, anchorWad);
        return wad;
    }
}

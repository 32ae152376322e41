// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {IOracleAggregator, Status} from "./IOracleAggregator.sol";

/// @title IMorphoOracle: a market of the OracleAggregator as the oracle of a Morpho Blue market.
/// @notice The aggregator's market is the price of one whole collateral token in whole loan tokens.
/// @dev Morpho asks one question (`price`) for what opens risk (borrow, withdrawCollateral of a debtor) and for what reduces it
/// (liquidate), and does not say which. So no status can shut the one and leave the other; supply, withdraw, repay,
/// supplyCollateral and withdrawCollateral without debt never ask. What is served, and why:
/// - OK: the price.
/// - DEGRADED: the price as well. It is the median of a fit majority, which bad feeds of less than half the weight cannot
///   move out of the honest range. A refusal would hand whoever bends one weak feed a switch that stops liquidations,
///   and would stop them in every crash that the feeds confirm. But a price more than `maxRiseBps` above the anchor of
///   the jump window is refused: nobody becomes liquidatable by a rise, so all that waits is new debt on it.
/// - FALLBACK, HALTED: a revert. A past price lends too much after a fall and liquidates wrongly after a rise. Liquidation
///   then waits for the feeds; the distance between the market's `lltv` and 1 has to carry that time.
interface IMorphoOracle {
    /// @notice The aggregator has no price of now: its status is FALLBACK or HALTED.
    error MorphoOracle_NoPrice(Status status);

    /// @notice The price is DEGRADED and stands too far above the anchor of the jump window.
    error MorphoOracle_Rise(uint256 wad, uint256 anchorWad);

    /// @notice The decimals of the tokens are more than 18 apart.
    error MorphoOracle_Decimals(uint8 loanDecimals, uint8 collateralDecimals);

    /// @notice The aggregator that is asked.
    function aggregator() external view returns (IOracleAggregator);

    /// @notice Its market.
    function market() external view returns (bytes32);

    /// @notice A price in WAD times this is Morpho's: 10^(18 + loan decimals - collateral decimals).
    function scale() external view returns (uint256);

    /// @notice How far a DEGRADED price may stand above the anchor, in 1/10,000 of it.
    function maxRiseBps() external view returns (uint16);

    /// @notice The price of one unit of collateral in units of the loan token, times 1e36, exact. Reverts when there is
    /// none that may be lent against.
    function price() external view returns (uint256);
}

// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {IAccountable} from "./IAccountable.sol";

/// @notice What a market's margins depend on. WAD is 1e18 = 1; amounts are in one unit of value (USD with any
/// decimals). Every WAD field is at most 100e18, every time at most 365 days, every amount below 2^128.
struct Inputs {
    /// Volatility per square root of a year of 365 days, WAD, not zero.
    uint256 sigma;
    /// Standard deviations that maintenance margin covers, WAD, not zero.
    uint256 zM;
    /// Standard deviations that initial margin covers, WAD, not zero.
    uint256 zI;
    /// Oldest price that the exchange may act on, seconds.
    uint256 oracleDelay;
    /// Time to close a position out, for maintenance margin, seconds, not zero.
    uint256 hM;
    /// The same for initial margin, seconds, not zero.
    uint256 hI;
    /// Jump add-on, WAD: 1 - eps^(1/eta) for jumps of Exp(eta) that may exceed it with probability eps.
    uint256 jump;
    /// Notional of the position.
    uint256 size;
    /// Notional that moves the price by one unit of log price, not zero.
    uint256 depth;
    /// Largest deviation of the oracle from the market while it answers, WAD.
    uint256 oracleDev;
    /// Fee of closing, WAD.
    uint256 fee;
    /// Liquidation penalty, WAD, not zero: it keeps initial above maintenance margin.
    uint256 penalty;
    /// Expected slippage of a liquidation, WAD.
    uint256 slippage;
    /// Least maintenance margin, WAD.
    uint256 floorM;
    /// Least initial margin, WAD.
    uint256 floorI;
    /// Open interest allowed per unit of depth, WAD.
    uint256 k;
    /// What the insurance fund would pay for this market alone.
    uint256 cover;
}

/// @notice What follows from the inputs. Margins in WAD of notional and rounded up, the others rounded down.
struct Output {
    uint256 mmr;
    uint256 imr;
    /// 1 / imr in WAD; zero closes the market to new positions.
    uint256 maxLeverage;
    uint256 oiCap;
}

/// @title MarginCalibrator: margins, leverage and open interest from volatility, delay, depth and cover.
/// @notice mmr = max(floorM, zM sigma sqrt(oracleDelay + hM) + jump + size / depth + oracleDev + fee);
/// imr = max(floorI, the same sum with zI and hI, mmr + penalty + slippage). No storage: whoever reads the chain can
/// compute the same, and packages/core computes the same bit for bit.
interface IMarginCalibrator is IAccountable {
    /// @notice `field` of the inputs is zero where it may not be, or above its bound.
    error Margin_Input(bytes32 field);

    /// @notice The hash of the model's description that this calibrator stands for.
    function modelHash() external view returns (bytes32);

    /// @notice Margin below which a position may be liquidated, WAD, rounded up.
    function maintenanceMargin(Inputs calldata inputs) external pure returns (uint256);

    /// @notice Margin that a new position needs, WAD, rounded up. At 1e18 and above the market takes no new positions.
    function initialMargin(Inputs calldata inputs) external pure returns (uint256);

    /// @notice 1 / initialMargin in WAD, rounded down; zero when that margin is 1e18 or more.
    function maxLeverage(Inputs calldata inputs) external pure returns (uint256);

    /// @notice Open interest allowed: the lesser of k depth, rounded down, and cover.
    function oiCap(Inputs calldata inputs) external pure returns (uint256);

    /// @notice All four at once.
    function calibrate(Inputs calldata inputs) external pure returns (Output memory);

    /// @notice How much of an unrealised profit counts as collateral, rounded down: the lesser of `fraction` of it and
    /// what is left of it after selling `size` into `depth`, each unit at the last price reached.
    /// @param profit Unrealised profit, below 2^128. @param size Notional of the position, below 2^128.
    /// @param depth As in Inputs. @param fraction WAD, at most 1e18.
    function profitAsCollateral(uint256 profit, uint256 size, uint256 depth, uint256 fraction)
        external
        pure
        returns (uint256);

    /// @notice Whether `output` is what model `model` gives for `inputs`. False, not a revert, for illegal inputs.
    function verify(bytes32 model, Inputs calldata inputs, Output calldata output) external view returns (bool);
}

// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {Health} from "./IHealthGate.sol";

/// @notice The limits of a market. Ratios in WAD of notional, amounts in units of the collateral.
struct Limits {
    /// Most notional that traders may hold on one side.
    uint256 oiCap;
    /// Notional that moves the price by all of itself; a fill pays half the impact of its own. Not zero.
    uint256 depth;
    /// Taken from a liquidated position.
    uint256 penalty;
    /// Taken from each fill, for the makers.
    uint256 fee;
    /// Funding per day when the skew's notional is `skewScale`, which is not zero, and at most.
    uint256 fundingCap;
    uint256 skewScale;
    /// Most notional that is liquidated at once, refilling over `liquidationWindow` seconds.
    uint256 liquidationCap;
    uint256 liquidationWindow;
    /// Seconds that a maker's money stays after he added to it.
    uint256 makerDelay;
}

/// @title What a perpetuals exchange asks before it takes or keeps a risk. All revert for a market they do not know, and
/// for no other reason: a position could not be closed then.
interface IPerpParameters {
    /// @notice The limits of `market`.
    function limitsOf(bytes32 market) external view returns (Limits memory);

    /// @notice What is paid to whoever executes an order in `market`, in units of the collateral.
    function keeperFeeOf(bytes32 market) external view returns (uint256);

    /// @notice How an account stands that has `own` of margin and a position of `notional` with an unrealised `gain`, of
    /// which `drawn` was paid out already (so that `gain` is what is left). All in units of the collateral.
    function healthOf(bytes32 market, int256 own, int256 gain, uint256 drawn, uint256 notional)
        external
        view
        returns (Health memory);
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Inputs} from "../interfaces/IMarginCalibrator.sol";

/// @notice The formulas of MarginCalibrator on legal inputs. No product leaves 256 bits: the largest, of a WAD field
/// and an amount, is below 1e20 * 2^128 < 2^195.
library MarginMath {
    uint256 internal constant WAD = 1e18;
    uint256 internal constant MAX_RATIO = 100e18;
    uint256 internal constant MAX_TIME = 365 days;
    uint256 internal constant MAX_AMOUNT = type(uint128).max;
    uint256 private constant YEAR = 365 days;

    function mmrUp(Inputs calldata i) internal pure returns (uint256) {
        return Math.max(i.floorM, lossUp(i, i.zM, i.hM));
    }

    /// @dev `mmr` is `mmrUp(i)`, which the caller has.
    function imrUp(Inputs calldata i, uint256 mmr) internal pure returns (uint256) {
        return Math.max(i.floorI, Math.max(lossUp(i, i.zI, i.hI), mmr + i.penalty + i.slippage));
    }

    /// @dev A position that must be paid in full is no leveraged one: the market is closed.
    function leverageDown(uint256 imr) internal pure returns (uint256) {
        return imr >= WAD ? 0 : WAD * WAD / imr;
    }

    function oiCapDown(Inputs calldata i) internal pure returns (uint256) {
        return Math.min(i.k * i.depth / WAD, i.cover);
    }

    /// @dev Every unit is counted at the last and worst price: twice the cost of a linear impact, against the trader.
    function profitDown(uint256 profit, uint256 size, uint256 depth, uint256 fraction)
        internal
        pure
        returns (uint256)
    {
        uint256 costUp = Math.mulDiv(size, size, depth, Math.Rounding.Ceil);
        return Math.min(profit * fraction / WAD, Math.saturatingSub(profit, costUp));
    }

    /// @dev What a position of `size` may lose, relative to it, until it is closed out.
    function lossUp(Inputs calldata i, uint256 z, uint256 horizon) internal pure returns (uint256) {
        uint256 diffusion = Math.ceilDiv(z * i.sigma * sqrtYearsUp(i.oracleDelay + horizon), WAD * WAD);
        return diffusion + i.jump + Math.ceilDiv(i.size * WAD, i.depth) + i.oracleDev + i.fee;
    }

    /// @dev Square root of a time in years, WAD.
    function sqrtYearsUp(uint256 time) internal pure returns (uint256) {
        return Math.sqrt(Math.ceilDiv(time * WAD * WAD, YEAR), Math.Rounding.Ceil);
    }

    /// @dev The first field that is not legal, else zero.
    function faultOf(Inputs calldata i) internal pure returns (bytes32) {
        if (outside(i.sigma, 1, MAX_RATIO)) return "sigma";
        if (outside(i.zM, 1, MAX_RATIO)) return "zM";
        if (outside(i.zI, 1, MAX_RATIO)) return "zI";
        if (i.oracleDelay > MAX_TIME) return "oracleDelay";
        if (outside(i.hM, 1, MAX_TIME)) return "hM";
        if (outside(i.hI, 1, MAX_TIME)) return "hI";
        if (i.jump > MAX_RATIO) return "jump";
        if (i.size > MAX_AMOUNT) return "size";
        if (outside(i.depth, 1, MAX_AMOUNT)) return "depth";
        if (i.oracleDev > MAX_RATIO) return "oracleDev";
        if (i.fee > MAX_RATIO) return "fee";
        if (outside(i.penalty, 1, MAX_RATIO)) return "penalty";
        if (i.slippage > MAX_RATIO) return "slippage";
        if (i.floorM > MAX_RATIO) return "floorM";
        if (i.floorI > MAX_RATIO) return "floorI";
        if (i.k > MAX_RATIO) return "k";
        return i.cover > MAX_AMOUNT ? bytes32("cover") : bytes32(0);
    }

    function outside(uint256 value, uint256 min, uint256 max) private pure returns (bool) {
        return value < min || value > max;
    }
}

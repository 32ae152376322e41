// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/interfaces/IERC20Metadata.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Fault} from "../interfaces/IOracleAggregator.sol";
import {IPriceAdapter} from "../interfaces/IPriceAdapter.sol";
import {PriceStamp} from "../libraries/PriceStamp.sol";
import {Wad} from "../libraries/Wad.sol";

/// @title ERC4626Adapter: what one share of a vault is worth in units of its asset.
/// @notice A share price can be moved within one transaction by a donation. So a price above a line that grows from the
/// price at deployment by a fixed rate is no price, and a vault with few shares, whose price costs little to move or
/// which rounds to zero, is THIN. Falls are let through: a loss of the vault is real.
contract ERC4626Adapter is IPriceAdapter {
    /* IMMUTABLES */

    /// @notice The vault.
    IERC4626 public immutable vault;
    /// @notice One whole share, in the vault's units.
    uint256 public immutable oneShare;
    /// @notice The decimals of the asset, at most 36.
    uint8 public immutable assetDecimals;
    /// @notice The fewest shares, in the vault's units.
    uint256 public immutable minSupply;
    /// @notice The price at deployment, in WAD.
    uint256 public immutable startWad;
    /// @notice When that was.
    uint256 public immutable startedAt;
    /// @notice How much the price may grow in 365 days, in 1/10,000 of `startWad`.
    uint256 public immutable maxGrowthBps;

    /// @notice The vault has no price now, more than 36 decimals, or `minSupply` is zero or not reached.
    error ERC4626Adapter_NotReady(uint256 supply, uint256 wad);

    /* CONSTRUCTOR */

    /// @param vault_ The vault. @param minSupply_ Above zero. @param maxGrowthBps_ For 365 days.
    constructor(IERC4626 vault_, uint256 minSupply_, uint16 maxGrowthBps_) {
        uint8 decimals = IERC20Metadata(vault_.asset()).decimals();
        uint8 shareDecimals = vault_.decimals();
        vault = vault_;
        oneShare = 10 ** (shareDecimals > Wad.MAX_DECIMALS ? 0 : shareDecimals);
        assetDecimals = decimals;
        (minSupply, maxGrowthBps, startedAt) = (minSupply_, maxGrowthBps_, block.timestamp);
        startWad = Wad.fromDecimalsDown(vault_.convertToAssets(oneShare), decimals);
        bool fit = decimals <= Wad.MAX_DECIMALS && shareDecimals <= Wad.MAX_DECIMALS && startWad <= type(uint128).max;
        uint256 supply = vault_.totalSupply();
        if (!fit || minSupply_ == 0 || supply < minSupply_ || startWad == 0) {
            revert ERC4626Adapter_NotReady(supply, startWad);
        }
    }

    /* VIEWS */

    /// @inheritdoc IPriceAdapter
    function read(uint16, uint32, uint128) external view returns (uint256 wad, uint256 stamp) {
        Fault fault = vault.totalSupply() < minSupply ? Fault.THIN : Fault.NONE;
        wad = Wad.fromDecimalsDown(vault.convertToAssets(oneShare), assetDecimals);
        if (wad > maxWad()) wad = 0;
        stamp = PriceStamp.pack(uint40(block.timestamp), 0, fault);
    }

    /// @notice The highest price that is taken now, rounded down.
    function maxWad() public view returns (uint256) {
        uint256 growth = Math.mulDiv(startWad * maxGrowthBps, block.timestamp - startedAt, 10_000 * 365 days);
        return startWad + growth;
    }
}

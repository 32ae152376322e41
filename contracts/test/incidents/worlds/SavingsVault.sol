// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Fault} from "../../../src/interfaces/IOracleAggregator.sol";
import {IChainlinkFeed} from "../../../src/interfaces/IChainlinkFeed.sol";
import {IPriceAdapter} from "../../../src/interfaces/IPriceAdapter.sol";
import {PriceStamp} from "../../../src/libraries/PriceStamp.sol";

/// A vault in which nobody saves yet, without virtual shares, as older ones are.
contract SavingsVault is ERC4626 {
    using Math for uint256;

    constructor(IERC20 asset_) ERC20("Savings", "sUSD") ERC4626(asset_) {}

    function _convertToShares(uint256 assets, Math.Rounding rounding) internal view override returns (uint256) {
        uint256 supply = totalSupply();
        return supply == 0 ? assets : assets.mulDiv(supply, totalAssets(), rounding);
    }

    function _convertToAssets(uint256 shares, Math.Rounding rounding) internal view override returns (uint256) {
        uint256 supply = totalSupply();
        return supply == 0 ? shares : shares.mulDiv(totalAssets(), supply, rounding);
    }
}

/// What the base is worth in shares of a vault: the feed's answer, times what one unit of the asset is in shares. They
/// come in whole numbers, so that the rate of a vault whose share is dear is zero.
contract RateSource is IPriceAdapter {
    IChainlinkFeed public immutable feed;
    SavingsVault public immutable vault;
    uint256 private immutable one;

    constructor(IChainlinkFeed feed_, SavingsVault vault_) {
        (feed, vault, one) = (feed_, vault_, 10 ** vault_.decimals());
    }

    function read(uint16, uint32, uint128) external view returns (uint256, uint256) {
        (, int256 answer,,,) = feed.latestRoundData();
        uint256 wad = uint256(answer) * 1e10 * vault.convertToShares(one) / one;
        return (wad, PriceStamp.pack(uint40(block.timestamp), 0, Fault.NONE));
    }
}

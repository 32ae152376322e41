// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Attack, Deed} from "./Attack.sol";
import {Keepers} from "./worlds/PriceFeed.sol";
import {World} from "./worlds/World.sol";

/// The feed answers zero for half a minute: what costs nothing needs no margin. Bought for nothing, sold when the
/// price is back. Mechanism of nonsense that is taken for a price, as at Moonwell 2025 and 2026, here at its extreme.
/// Stopped by the oracle: zero, and what is below the market's floor, is no price.
contract ZeroPrice is Attack {
    bytes32 private _id;
    int128 private _size;

    constructor(World world_) Attack(world_) {}

    function naiveLoss() external pure override returns (uint256) {
        return 780_000 * USD;
    }

    function bound() external pure override returns (uint256) {
        return 0;
    }

    function capital() external pure override returns (uint256, uint256) {
        return (30_000 * USD, 0);
    }

    function steps() external pure override returns (uint256) {
        return 4;
    }

    function others(uint256 step) external view override returns (Deed[] memory deeds) {
        if (step != 0 && step != 2) return deeds;
        deeds = new Deed[](1);
        (Keepers how, int256 says) = step == 0 ? (Keepers.WRONG, answer()) : (Keepers.HONEST, int256(0));
        deeds[0] = Deed(address(world), abi.encodeCall(world.setKeepers, (world.feedA(), how, says)), false);
    }

    /// With 8 decimals.
    function answer() public view virtual returns (int256) {
        return 0;
    }

    function _step(uint256 step) internal override {
        if (step == 0) {
            _size = world.isHardened() ? int128(60e18) : int128(400e18);
            _enter(30_000 * USD);
            _id = _request(_size);
        }
        if (step < 2) _tryExecute(_id, _size);
        if (step < 3) return;
        if (perp.positionOf(address(this), MARKET).size == 0) perp.cancelOrder(_id);
        _close();
        _leave();
    }

    /// He wants it for next to nothing.
    function _limit(int128 size) internal pure override returns (uint128) {
        return size > 0 ? 1_000e18 : 0;
    }
}

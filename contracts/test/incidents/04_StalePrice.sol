// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Deed} from "./Attack.sol";
import {Crew} from "./Crew.sol";
import {Actor} from "./worlds/Actor.sol";
import {Keepers} from "./worlds/PriceFeed.sol";
import {World} from "./worlds/World.sol";

/// A feed's keepers stop while the market goes on: whoever looks at the market trades at the price of before, with the
/// one who must take it. First a move of 1.9 %, then one of 30 %. Mechanism of Venus and Blizz 2022, whose feed of
/// LUNA stood still while it fell. Stopped by the oracle, which leaves a feed out that is older than its heartbeat,
/// asks others beside it, and opens no risk where they disagree; and by the buffer, as an order gets a price of after
/// it.
contract StalePrice is Crew {
    int128 private constant SLICE = 5e18;
    Actor private _account;

    constructor(World world_) Crew(world_) {}

    function naiveLoss() external pure override returns (uint256) {
        return 250_000 * USD;
    }

    /// While the feeds are within 2 % of each other the price is OK and may be the stale one: 2 % of the most that one
    /// side may hold, half of the fund's 500,000.
    function bound() external pure override returns (uint256) {
        return 5_000 * USD;
    }

    function capital() external pure override returns (uint256, uint256) {
        return (100_000 * USD, 0);
    }

    function steps() external pure override returns (uint256) {
        return 8;
    }

    function others(uint256 step) external view override returns (Deed[] memory deeds) {
        if (step % 2 != 0) return deeds;
        bool moves = step % 4 == 0;
        deeds = new Deed[](moves ? 2 : 1);
        Keepers how = moves ? Keepers.IDLE : Keepers.HONEST;
        deeds[0] = Deed(address(world), abi.encodeCall(world.setKeepers, (world.feedA(), how, 0)), false);
        if (!moves) return deeds;
        uint256 wad = step == 0 ? calm() : 2_600e18;
        deeds[1] = Deed(address(world), abi.encodeCall(world.setHonest, (wad)), false);
    }

    /// Where the first move goes.
    function calm() public view virtual returns (uint256) {
        return 2_038e18;
    }

    /// Buys while the feed stands still, sells when it is itself again, in slices: a fill pays for its own size.
    function _step(uint256 step) internal override {
        if (step == 0) _account = _hire(100_000 * USD);
        if (step == 0) _orders(SLICE, 23);
        if (step == 2) _orders(-SLICE, 23);
        if (step == 4) _orders(world.isHardened() ? SLICE : 4 * SLICE, 23);
        if (step == 6) _cancel();
        _fill();
        if (step == 7) _closeOf(_account);
    }

    function _orders(int128 size, uint256 count) private {
        for (uint256 i; i < count; ++i) _order(_account, size);
    }
}

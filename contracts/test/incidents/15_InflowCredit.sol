// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Deed} from "./Attack.sol";
import {MakerKey} from "./MakerKey.sol";
import {World} from "./worlds/World.sol";

/// The claim of OutflowDrip, with money brought in to lift the limit: flash deposits that are taken out again in the same
/// transaction, round after round, to empty the bucket or to leave credit behind; own money that is left inside in one
/// transaction to make room in the next. Limits that count what comes in have been lifted so wherever the credit
/// outlived what paid for it; flash loans moved the balances that caps were a share of. FlowLimiter gives an inflow to
/// the level or to the credit of its own transaction, never to both.
contract InflowCredit is MakerKey {
    uint256 private constant FLASH = 2_000_000 * USD;
    uint256 private constant OWN = 50_000 * USD;
    uint256 private constant ROUNDS = 25;

    constructor(World world_) MakerKey(world_) {}

    function naiveLoss() external pure override returns (uint256) {
        return 995_000 * USD;
    }

    /// The cap, and the leak of the 24 s between the first step and the last: cap * (1 + 24 s / 24 h).
    function bound() external pure override returns (uint256) {
        return CAP + CAP * 24 / 86_400;
    }

    function capital() external pure override returns (uint256, uint256) {
        return (OWN, 0);
    }

    function steps() external pure override returns (uint256) {
        return 3;
    }

    /// Nobody pokes: the limiter holds alone.
    function others(uint256 step) external view override returns (Deed[] memory deeds) {
        if (step > 0) return deeds;
        deeds = new Deed[](1);
        deeds[0] = _theft();
    }

    function _step(uint256 step) internal override {
        if (!world.isHardened()) {
            if (step == 0) _takeAll();
            return;
        }
        if (step == 0) return lender.flash(usd, FLASH, "");
        if (step == 1) {
            _takeRoom();
            perp.deposit(OWN);
        }
        if (step == 2) lender.flash(usd, FLASH, "");
    }

    function _flashed(bytes calldata) internal override {
        for (uint256 i; i < ROUNDS; ++i) {
            _takeRoom();
            perp.deposit(FLASH);
            perp.withdraw(FLASH);
        }
    }

    /// What the limit lets out now, as far as the pool has it.
    function _takeRoom() private {
        uint256 room = limiter.available(address(usd));
        uint256 worth = perp.makerValue(address(victim), MARKET);
        if (room + 1_500 * USD > worth) room = worth > 1_500 * USD ? worth - 1_500 * USD : 0;
        if (room > 0) _take(room);
    }
}

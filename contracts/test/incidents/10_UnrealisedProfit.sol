// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Health} from "../../src/interfaces/IHealthGate.sol";
import {Attack} from "./Attack.sol";
import {World} from "./worlds/World.sol";

/// Long, pump the thin market that makes the price, and take the unrealised profit out as if it were money. When the
/// price is back the position owes all of it, and nobody is there to pay. Mechanism of Mango 2022. Stopped by the
/// oracle; where that believes the pump, by the calibrator, which counts at most half of a profit, and none that the
/// market could not pay, and asks initial margin for what the position is by then.
contract UnrealisedProfit is Attack {
    bytes32 private _id;
    int128 private _size;

    constructor(World world_) Attack(world_) {}

    function naiveLoss() external pure override returns (uint256) {
        return 860_000 * USD;
    }

    function bound() external pure override returns (uint256) {
        return 0;
    }

    function capital() external view override returns (uint256, uint256) {
        return (pump() + 31_000 * USD, 0);
    }

    function steps() external pure override returns (uint256) {
        return 4;
    }

    function pump() public view virtual returns (uint256) {
        return 200_000 * USD;
    }

    function _step(uint256 step) internal override {
        if (step == 0) {
            _size = world.isHardened() ? int128(60e18) : int128(150e18);
            _enter(31_000 * USD);
            _id = _request(_size);
        }
        if (step < 2) return _tryExecute(_id, _size);
        if (step == 2) {
            pool.buyBase(pump());
            try this.draw() {} catch {}
        } else {
            pool.sellBase(base.balanceOf(address(this)));
            uint256 balance = perp.balanceOf(address(this));
            if (balance > 0) perp.withdraw(balance);
        }
    }

    /// All that the position is worth now, beside its initial margin where that is asked for.
    function draw() external {
        require(msg.sender == address(this), "not the attacker");
        perp.settleFunding(MARKET);
        Health memory h = perp.accountHealth(address(this), MARKET);
        int256 spare = world.isHardened() ? h.collateral - int256(h.initial) : h.collateral;
        if (spare > 10) perp.removeMargin(MARKET, uint256(spare - 10));
    }
}

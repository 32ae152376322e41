// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MakerKey} from "./MakerKey.sol";
import {World} from "./worlds/World.sol";

/// A claim that holds in any world, taken out at once; where a limit stops that, hour after hour just below the level
/// at which anyone's poke pauses the exit, and at the end up to the limit. Who could take everything did so within
/// minutes: Ronin 2022, Nomad 2022, Euler 2023. FlowLimiter bounds the leak, and CircuitBreaker ends it where it goes
/// faster.
contract OutflowDrip is MakerKey {
    uint256 public constant HOURS = 72;

    constructor(World world_) MakerKey(world_) {}

    function naiveLoss() external pure override returns (uint256) {
        return 995_000 * USD;
    }

    /// Cap * (1 + t / window) from the first call to the last, t = 72 h and window = 24 h: what the drip took leaks
    /// back, and the last call takes the level from below tripBps to the cap. It is a rate: a council that sees it
    /// pauses the exit, and lowers the cap through the timelock.
    function bound() external pure override returns (uint256) {
        return CAP + CAP * HOURS / 24;
    }

    function steps() external pure override returns (uint256) {
        return HOURS + 1;
    }

    function waitBefore(uint256 step) external pure override returns (uint256) {
        return step == 0 ? 12 : 1 hours;
    }

    function _step(uint256 step) internal override {
        if (!world.isHardened()) {
            if (step == 0) _takeAll();
            return;
        }
        (uint256 level, uint256 cap) = limiter.levelOf(address(usd));
        // One unit below what trips; at the end nothing has to be left open.
        uint256 below = step == HOURS ? cap : cap * limiter.limitOf(address(usd)).tripBps / 10_000 - 1;
        if (below > level) _take(below - level);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Config, Group} from "../../../src/interfaces/ICircuitBreaker.sol";
import {IReferencePerp} from "../../../src/interfaces/IReferencePerp.sol";
import {HardenedWorld} from "./HardenedWorld.sol";

/// The hardened world without its exempt ways out: giving margin and closing can be paused, and are in the group.
contract PausableExits is HardenedWorld {
    constructor(address[] memory guardians) HardenedWorld(guardians) {}

    function _config(address perp_, address limiter_) internal override returns (Config memory c) {
        c = super._config(perp_, limiter_);
        c.targets[0].guarded = _with(c.targets[0].guarded);
        bytes4[] memory left = new bytes4[](6);
        bytes4[] memory all = c.targets[0].exempt;
        (left[0], left[1], left[2], left[3], left[4], left[5]) = (all[0], all[3], all[4], all[5], all[6], all[7]);
        c.targets[0].exempt = left;
        address[] memory targets = new address[](4);
        (targets[0], targets[1], targets[2], targets[3]) = (perp_, perp_, perp_, perp_);
        c.groups[0] = Group(GROUP, targets, _with(c.groups[0].selectors));
    }

    function _with(bytes4[] memory list) private pure returns (bytes4[] memory more) {
        more = new bytes4[](list.length + 2);
        for (uint256 i; i < list.length; ++i) more[i] = list[i];
        more[list.length] = IReferencePerp.addMargin.selector;
        more[list.length + 1] = IReferencePerp.closePosition.selector;
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {HardenedWorld} from "./HardenedWorld.sol";

/// The hardened world whose third feed asks a vault's share rate.
contract RateWorld is HardenedWorld {
    constructor(address[] memory guardians) HardenedWorld(guardians) {}

    function _thirdFeed() internal override returns (address) {
        rateSource = _rateSource();
        return address(rateSource);
    }
}

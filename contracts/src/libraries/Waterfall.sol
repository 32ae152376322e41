// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice What each layer has to give, in the asset's units.
struct Layers {
    uint256 pot;
    uint256 firstLoss;
    uint256 junior;
    uint256 senior;
}

/// @notice What each layer gives for one loss; `residual` is what nobody gives.
struct Payment {
    uint256 fromPot;
    uint256 fromProtocol;
    uint256 fromJunior;
    uint256 fromSenior;
    uint256 residual;
}

/// @notice Who pays for a loss, in which order: the market's own pot, then out of the shared fund, as far as the
/// market's cap allows, the protocol's first loss, junior, senior.
library Waterfall {
    using Math for uint256;

    uint256 internal constant BPS = 10_000;
    /// A tranche keeps this much, so that the price of its shares never reaches zero (Aave Umbrella's idea).
    uint256 internal constant MIN_ASSETS = 1e6;

    /// @dev Splits `amount`. Of the shared layers no more than `cap` is taken.
    function split(uint256 amount, uint256 cap, Layers memory l) internal pure returns (Payment memory p) {
        p.fromPot = Math.min(amount, l.pot);
        uint256 shared = Math.min(amount - p.fromPot, cap);
        p.residual = amount - p.fromPot - shared;
        p.fromProtocol = Math.min(shared, l.firstLoss);
        shared -= p.fromProtocol;
        p.fromJunior = Math.min(shared, l.junior.saturatingSub(MIN_ASSETS));
        shared -= p.fromJunior;
        p.fromSenior = Math.min(shared, l.senior.saturatingSub(MIN_ASSETS));
        p.residual += shared - p.fromSenior;
    }

    /// @dev What a market that took `taken` may still take: `capBps` of the shared fund as it was before that, rounded
    /// down.
    function capLeft(uint256 capBps, uint256 taken, Layers memory l) internal pure returns (uint256) {
        uint256 fund = l.firstLoss.saturatingAdd(l.junior).saturatingAdd(l.senior).saturatingAdd(taken);
        return fund.mulDiv(capBps, BPS).saturatingSub(taken);
    }
}

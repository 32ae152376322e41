// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Route, Side, Tier} from "../interfaces/IBridgeGuard.sol";
import {FlowMath} from "./FlowMath.sol";

/// @notice What each message of a route is held to, in one word. From the low end: side 8, tripBps 16, three tiers of
/// aboveBps 16 and delay 32.
type TermsWord is uint256;

using BridgeTerms for TermsWord global;

/// @notice The packing, the delays and the comparison of a route's terms.
library BridgeTerms {
    uint256 internal constant MAX_DELAY = 7 days;
    uint256 private constant TIERS = 3;
    uint256 private constant TIERS_AT = 24;
    uint256 private constant TIER_BITS = 48;

    function pack(Route memory route) internal pure returns (TermsWord) {
        uint256 word = uint256(route.side) | (uint256(route.tripBps) << 8);
        for (uint256 i; i < TIERS; ++i) {
            Tier memory t = route.tiers[i];
            word |= (uint256(t.aboveBps) | (uint256(t.delay) << 16)) << (TIERS_AT + TIER_BITS * i);
        }
        return TermsWord.wrap(word);
    }

    function side(TermsWord word) internal pure returns (Side) {
        return Side(uint8(TermsWord.unwrap(word)));
    }

    function tripBps(TermsWord word) internal pure returns (uint256) {
        return uint16(TermsWord.unwrap(word) >> 8);
    }

    function tier(TermsWord word, uint256 i) internal pure returns (Tier memory) {
        uint256 bits = TermsWord.unwrap(word) >> (TIERS_AT + TIER_BITS * i);
        return Tier(uint16(bits), uint32(bits >> 16));
    }

    /// @dev The delay of the highest tier that `level` reaches. The level counts and not the amount, so that a large
    /// sum cut into small ones waits as long. Both are below 2^208.
    function delayAt(TermsWord word, uint256 level, uint256 cap) internal pure returns (uint256 delay) {
        uint256 bits = TermsWord.unwrap(word) >> TIERS_AT;
        for (uint256 i; i < TIERS; ++i) {
            // Tiers ascend: the first that is not reached ends the search.
            if (level * FlowMath.BPS < cap * uint16(bits)) break;
            delay = uint32(bits >> 16);
            bits >>= TIER_BITS;
        }
    }

    /// @dev Tiers ascend, so it is that of the last one.
    function longestDelay(TermsWord word) internal pure returns (uint256) {
        return word.tier(TIERS - 1).delay;
    }

    function isPossible(Route memory route) internal pure returns (bool) {
        if (route.side == Side.NONE || route.peer == address(0) || route.remoteToken == address(0)) return false;
        if (route.window == 0 || route.tripBps > FlowMath.BPS) return false;
        Tier memory below;
        for (uint256 i; i < TIERS; ++i) {
            Tier memory t = route.tiers[i];
            if (t.aboveBps < below.aboveBps || t.delay < below.delay) return false;
            below = t;
        }
        return below.aboveBps <= FlowMath.BPS && below.delay <= MAX_DELAY;
    }

    /// @dev Whether `b` lets through nothing that `a` would not. Other ends count as looser: nobody weighs them here.
    function isTighter(Route memory a, Route memory b) internal pure returns (bool) {
        if (a.side != b.side || a.peer != b.peer || a.remoteToken != b.remoteToken) return false;
        if (b.cap > a.cap || b.window < a.window) return false;
        if (a.tripBps > 0 && (b.tripBps == 0 || b.tripBps > a.tripBps)) return false;
        for (uint256 i; i < TIERS; ++i) {
            // A tier without delay asks for nothing, whatever its bound.
            if (a.tiers[i].delay == 0) continue;
            if (b.tiers[i].aboveBps > a.tiers[i].aboveBps || b.tiers[i].delay < a.tiers[i].delay) return false;
        }
        return true;
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RateLimiter} from "@openzeppelin/contracts/utils/RateLimiter.sol";
import {IBridgeGuard, Route, Side, Transfer} from "../interfaces/IBridgeGuard.sol";
import {BridgeTerms, TermsWord} from "./BridgeTerms.sol";
import {BridgeTypes, Lane} from "./BridgeTypes.sol";

/// @notice One route. `outstanding` is locked - released, or minted - burnt: no rule needs the four totals, which the
/// events tell.
struct Book {
    bytes32 laneIn;
    bytes32 laneOut;
    TermsWord terms;
    uint192 outstanding;
    uint64 lastNonce;
    RateLimiter.RefillingBucket bucket;
    address peer;
    address remoteToken;
}

using BridgeBook for Book global;

/// @notice The accounting of one route.
library BridgeBook {
    using RateLimiter for RateLimiter.RefillingBucket;

    /// Each route has a bucket of its own, with this one entry.
    bytes32 private constant LEVEL = 0;

    /* AMOUNTS */

    function raise(Book storage book, uint256 amount) internal {
        uint256 outstanding = book.outstanding;
        if (amount == 0 || amount > type(uint192).max - outstanding) revert IBridgeGuard.Bridge_Amount(amount);
        book.outstanding = uint192(outstanding + amount);
    }

    function lower(Book storage book, uint256 amount) internal {
        uint256 outstanding = book.outstanding;
        if (amount == 0) revert IBridgeGuard.Bridge_Amount(amount);
        if (amount > outstanding) revert IBridgeGuard.Bridge_Backing(amount, outstanding);
        book.outstanding = uint192(outstanding - amount);
    }

    /// @dev Takes the amount out of the bucket. Returns the delay of the level that this brings about.
    function consume(Book storage book, Transfer calldata t, TermsWord terms) internal returns (uint256) {
        RateLimiter.RefillingBucket storage bucket = book.bucket;
        if (!bucket.tryConsume(LEVEL, t.amount)) _revertOver(book, t.remote, t.token, t.amount);
        return terms.delayAt(bucket._items[LEVEL]._lastUsed, bucket._capacity);
    }

    function delayOf(Book storage book, uint64 remote, address token, uint256 amount) internal view returns (uint256) {
        (uint256 used, uint256 room) = book.bucket.state(LEVEL);
        if (amount > room) _revertOver(book, remote, token, amount);
        return book.terms.delayAt(used + amount, book.bucket._capacity);
    }

    function levelOf(Book storage book) internal view returns (uint256 level, uint256 cap) {
        return (book.bucket.used(LEVEL), book.bucket._capacity);
    }

    function _revertOver(Book storage book, uint64 remote, address token, uint256 amount) private view {
        revert IBridgeGuard.Bridge_Route(remote, token, amount - available(book));
    }

    function available(Book storage book) internal view returns (uint256) {
        return book.bucket.available(LEVEL);
    }

    /* TERMS */

    function setRoute(Book storage book, uint64 remote, address token, Route memory route) internal {
        (book.peer, book.remoteToken, book.terms) = (route.peer, route.remoteToken, BridgeTerms.pack(route));
        uint64 here = uint64(block.chainid);
        book.laneIn = BridgeTypes.hash(Lane(remote, here, route.peer, address(this), route.remoteToken, token));
        book.laneOut = BridgeTypes.hash(Lane(here, remote, address(this), route.peer, token, route.remoteToken));
        // The past refills at the old rate.
        book.bucket.sync(LEVEL);
        book.bucket.updateSettings(route.window, route.cap);
    }

    function routeOf(Book storage book) internal view returns (Route memory route) {
        TermsWord terms = book.terms;
        (route.side, route.peer, route.remoteToken) = (terms.side(), book.peer, book.remoteToken);
        (route.cap, route.window) = (uint192(book.bucket._capacity), uint32(book.bucket._window));
        route.tripBps = uint16(terms.tripBps());
        for (uint256 i; i < route.tiers.length; ++i) route.tiers[i] = terms.tier(i);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {OracleAggregator} from "../src/OracleAggregator.sol";
import {Feed, IOracleAggregator, Market, Status} from "../src/interfaces/IOracleAggregator.sol";
import {Why} from "../src/libraries/Why.sol";
import {MockPrice} from "../src/mocks/MockPrice.sol";
import {Base} from "./Base.t.sol";

/// An aggregator with seven mock feeds and one market; the test contract is its timelock.
abstract contract OracleSetup is Base {
    bytes32 internal constant MARKET = "ETH/USD";
    uint128 internal constant START = 2_000e18;
    uint32 internal constant HEARTBEAT = 1 hours;
    uint32 internal constant JUMP_WINDOW = 10 minutes;
    uint16 internal constant MAX_JUMP = 500;
    uint16 internal constant MAX_SPREAD = 200;
    uint32 internal constant FALLBACK_AGE = 2 hours;
    uint128 internal constant FLOOR = 1e12;
    uint32 internal constant SPACING = 2;

    OracleAggregator internal oracle;
    MockPrice[] internal mocks;

    function setUp() public virtual {
        oracle = new OracleAggregator(address(this), SPACING);
        for (uint256 i; i < 7; ++i) {
            mocks.push(new MockPrice());
            setFeed(i, START);
        }
    }

    /* INPUTS */

    function why() internal pure returns (Why memory) {
        return Why("test", keccak256("evidence"));
    }

    function nowAt() internal view returns (uint40) {
        return uint40(vm.getBlockTimestamp());
    }

    /// Rules with a quorum of half, rounded up, and a jump confirmed by all.
    function rulesFor(uint256 count) internal pure returns (Market memory m) {
        m.quorum = uint8((count + 1) / 2);
        m.jumpQuorum = uint8(count);
        (m.maxSpreadBps, m.maxJumpBps, m.jumpWindow) = (MAX_SPREAD, MAX_JUMP, JUMP_WINDOW);
        (m.maxSpotTwapBps, m.twapWindow, m.minTwapLiquidity) = (300, 30 minutes, 1e18);
    }

    function feedsOf(uint256 count) internal view returns (Feed[] memory feeds) {
        feeds = new Feed[](count);
        for (uint256 i; i < count; ++i) feeds[i] = Feed(address(mocks[i]), 1, HEARTBEAT, 100);
    }

    /// Distinct weights of 1 to 10,000 and from 1 to 7 feeds.
    function boundFeeds(uint256 seed) internal view returns (Feed[] memory feeds) {
        feeds = feedsOf(bound(seed, 1, 7));
        for (uint256 i; i < feeds.length; ++i) feeds[i].weight = uint16(bound(draw(seed, i), 1, 10_000));
    }

    /// Anything from 1e-12 to 1e12.
    function boundPrice(uint256 x) internal pure returns (uint128) {
        return uint128(bound(x, 1e6, 1e30));
    }

    /// So near START that neither spread nor jump stands in the way: two ends are 2 / 101 of the lower one apart.
    function boundCalm(uint256 x) internal pure returns (uint128) {
        return uint128(bound(x, START - START / 102, START + START / 102));
    }

    function draw(uint256 seed, uint256 i) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, i)));
    }

    /* ACTIONS */

    function setFeed(uint256 i, uint256 wad) internal {
        mocks[i].set(uint128(wad), nowAt(), 0, 0);
    }

    function setAll(uint256 wad) internal {
        for (uint256 i; i < mocks.length; ++i) setFeed(i, wad);
    }

    function list(uint256 count) internal {
        listWith(rulesFor(count), feedsOf(count));
    }

    function listWith(Market memory m, Feed[] memory feeds) internal {
        oracle.setMarket(MARKET, m, feeds, FALLBACK_AGE, FLOOR, why());
    }

    /// Lets time pass and every feed say `wad`.
    function later(uint256 time, uint256 wad) internal {
        vm.warp(vm.getBlockTimestamp() + time);
        setAll(wad);
    }

    function statusNow() internal view returns (Status status) {
        (,,, status) = oracle.tryPrice(MARKET);
    }

    function isStatus(Status want, string memory what) internal view {
        eq(uint256(statusNow()), uint256(want), what);
    }

    function has(uint256 wad, Status status, string memory what) internal view {
        (bool ok, uint256 haveWad,, Status haveStatus) = oracle.tryPrice(MARKET);
        yes(ok, what);
        eq(haveWad, wad, what);
        eq(uint256(haveStatus), uint256(status), what);
    }

    function failure(bytes4 selector, uint256 a) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, MARKET, a);
    }

    function failure(bytes4 selector, uint256 a, uint256 b) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, MARKET, a, b);
    }
}

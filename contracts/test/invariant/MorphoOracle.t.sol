// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/interfaces/IERC20Metadata.sol";
import {MorphoOracle} from "../../src/adapters/MorphoOracle.sol";
import {Market, Status} from "../../src/interfaces/IOracleAggregator.sol";
import {MockPrice} from "../../src/mocks/MockPrice.sol";
import {MockDecimals} from "../../src/mocks/MockSources.sol";
import {OracleSetup} from "../OracleSetup.t.sol";
import {Aimed} from "./Aimed.t.sol";

/// Three feeds that drift, jump together, die and lie; anyone commits. Asks the adapter after each move and keeps its own
/// record of what each window began with.
contract MorphoHandler is OracleSetup {
    uint16 internal constant MAX_RISE = 300;
    uint256 internal constant SCALE = 1e6;

    MorphoOracle internal adapter;
    uint256 public served;
    uint256 public refused;
    uint256 public wrongPrices;
    uint256 public servedUnserved;
    uint256 public refusedServed;
    uint256 public tooHigh;

    function setUp() public override {
        super.setUp();
        Market memory rules = rulesFor(3);
        rules.jumpQuorum = 2;
        listWith(rules, feedsOf(3));
        IERC20Metadata loan = IERC20Metadata(address(new MockDecimals(6)));
        IERC20Metadata collateral = IERC20Metadata(address(new MockDecimals(18)));
        adapter = new MorphoOracle(oracle, MARKET, loan, collateral, MAX_RISE);
    }

    /* ACTIONS */

    function drift(uint256 i, uint256 bps, bool up) external {
        setFeed(i % 3, moved(bound(bps, 0, 200), up));
        ask();
    }

    /// All feeds, or all but one, say the same.
    function jump(uint256 bps, bool up, bool all) external {
        uint256 wad = moved(bound(bps, 0, 2_000), up);
        for (uint256 i = all ? 0 : 1; i < 3; ++i) setFeed(i, wad);
        ask();
    }

    function lie(uint256 i, uint256 wad) external {
        setFeed(i % 3, bound(wad, 0, type(uint128).max));
        ask();
    }

    function breakFeed(uint256 i, uint256 mode) external {
        mocks[i % 3].setMode(MockPrice.Mode(bound(mode, 0, 7)));
        ask();
    }

    function mend() external {
        for (uint256 i; i < 3; ++i) mocks[i].setMode(MockPrice.Mode.ANSWER);
        setAll(last());
        ask();
    }

    function commit() external {
        oracle.commit(MARKET);
        ask();
    }

    function wait(uint256 time) external {
        vm.warp(nowAt() + bound(time, 1, 2 * uint256(JUMP_WINDOW)));
        ask();
    }

    /* JUDGEMENT */

    function ask() internal {
        (, uint256 wad,, Status status) = oracle.tryPrice(MARKET);
        (uint256 anchorWad,) = oracle.anchorOf(MARKET);
        uint256 most = anchorWad + anchorWad * MAX_RISE / 10_000;
        bool mayServe = status == Status.OK || (status == Status.DEGRADED && wad <= most);
        try adapter.price() returns (uint256 price) {
            ++served;
            if (price != wad * SCALE) ++wrongPrices;
            if (!mayServe) ++servedUnserved;
            // Even OK goes no further than the market's own jump from what its window began with.
            if (wad * 10_000 > anchorWad * (10_000 + MAX_JUMP)) ++tooHigh;
        } catch {
            ++refused;
            if (mayServe) ++refusedServed;
        }
    }

    function moved(uint256 bps, bool up) internal view returns (uint256) {
        uint256 wad = last();
        if (wad < START / 1_000 || wad > uint256(START) * 1_000) wad = START;
        return up ? wad + wad * bps / 10_000 : wad - wad * bps / 10_000;
    }

    function last() internal view returns (uint256 wad) {
        (wad,) = oracle.roundAt(MARKET, oracle.lastRound(MARKET));
    }
}

/// forge-config: default.invariant.runs = 16
contract MorphoOracleInvariants is Aimed {
    MorphoHandler internal handler;

    function setUp() public {
        handler = new MorphoHandler();
        handler.setUp();
        bytes memory prices = abi.encodePacked(handler.drift.selector, handler.jump.selector, handler.lie.selector);
        bytes memory times = abi.encodePacked(handler.commit.selector, handler.wait.selector, handler.mend.selector);
        aim(address(handler), abi.encodePacked(prices, times, handler.jump.selector, handler.breakFeed.selector));
    }

    function invariant_ORACLE_11_whatIsServedIsThePriceInMorphosScale() external view {
        require(handler.wrongPrices() == 0, "another price");
    }

    function invariant_ORACLE_12_servesOkAndConfirmedFallsAndNothingElse() external view {
        require(handler.servedUnserved() == 0, "served what it must not");
        require(handler.refusedServed() == 0, "refused what it must serve");
    }

    function invariant_ORACLE_12_noLoanAgainstARiseBeyondItsBound() external view {
        require(handler.tooHigh() == 0, "too high");
    }
}

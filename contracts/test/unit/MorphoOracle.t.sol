// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/interfaces/IERC20Metadata.sol";
import {MorphoOracle} from "../../src/adapters/MorphoOracle.sol";
import {IMorphoOracle} from "../../src/interfaces/IMorphoOracle.sol";
import {Market, Status} from "../../src/interfaces/IOracleAggregator.sol";
import {MockPrice} from "../../src/mocks/MockPrice.sol";
import {MockDecimals} from "../../src/mocks/MockSources.sol";
import {OracleSetup} from "../OracleSetup.t.sol";

contract MorphoOracleTest is OracleSetup {
    uint16 internal constant MAX_RISE = MAX_JUMP;
    uint8 internal constant LOAN = 6;
    uint8 internal constant COLLATERAL = 18;

    MorphoOracle internal adapter;

    function setUp() public override {
        super.setUp();
        Market memory rules = rulesFor(3);
        rules.jumpQuorum = 2;
        listWith(rules, feedsOf(3));
        adapter = deploy(LOAN, COLLATERAL);
    }

    function deploy(uint8 loan, uint8 collateral) internal returns (MorphoOracle) {
        IERC20Metadata loanToken = IERC20Metadata(address(new MockDecimals(loan)));
        IERC20Metadata collateralToken = IERC20Metadata(address(new MockDecimals(collateral)));
        return new MorphoOracle(oracle, MARKET, loanToken, collateralToken, MAX_RISE);
    }

    /// Two of three feeds say `wad`; the third is silent.
    function pairSays(uint256 wad) internal {
        setFeed(0, wad);
        setFeed(1, wad);
        mocks[2].setMode(MockPrice.Mode.REVERT);
    }

    function refuses(bytes memory error) internal {
        vm.expectRevert(error);
        adapter.price();
    }

    function rise(uint256 wad) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IMorphoOracle.MorphoOracle_Rise.selector, wad, START);
    }

    function noPrice(Status status) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IMorphoOracle.MorphoOracle_NoPrice.selector, status);
    }

    /* SCALE */

    /// Morpho's own definition: whole collateral in whole loan tokens, with 36 + loan - collateral decimals.
    function test_fuzz_ORACLE_11_priceIsExactInMorphosScale(uint256 wad, uint8 loan, uint8 collateral) external {
        loan = uint8(bound(loan, 0, 36));
        collateral = uint8(bound(collateral, loan > 18 ? loan - 18 : 0, loan + 18));
        wad = bound(wad, START - START / 102, START + START / 102);
        setAll(wad);
        uint256 have = deploy(loan, collateral).price();
        eq(have * 10 ** collateral, wad * 10 ** (uint256(18) + loan), "not a digit is lost");
    }

    function test_ORACLE_11_oneWholeTokenIsWorthItsPriceInLoanUnits() external {
        // What Morpho computes: collateral * price / 1e36. 3 tokens of 18 decimals at 2,000 are 6,000 of 6 decimals.
        eq(uint256(3e18) * adapter.price() / 1e36, 6_000e6, "value");
        eq(adapter.scale(), 1e6, "scale");
    }

    function test_fuzz_ORACLE_11_decimalsTooFarApartAreRefused(uint8 loan, uint8 collateral) external {
        // One apart too far, or just as far as may be, is what random decimals hardly ever are.
        if (loan % 2 == 0) collateral = uint8(bound(collateral, 0, 200));
        if (loan % 4 == 0) loan = collateral + 18 + loan % 8 / 4;
        bool far = loan > uint256(collateral) + 18 || collateral > uint256(loan) + 18;
        (MockDecimals a, MockDecimals b) = (new MockDecimals(loan), new MockDecimals(collateral));
        if (far) {
            vm.expectRevert(abi.encodeWithSelector(IMorphoOracle.MorphoOracle_Decimals.selector, loan, collateral));
        }
        new MorphoOracle(oracle, MARKET, IERC20Metadata(address(a)), IERC20Metadata(address(b)), MAX_RISE);
    }

    function test_fuzz_ORACLE_11_marketWithoutPriceIsRefusedAtDeployment(bytes32 market) external {
        vm.assume(market != MARKET);
        IERC20Metadata token = IERC20Metadata(address(new MockDecimals(18)));
        vm.expectRevert(noPrice(Status.HALTED));
        new MorphoOracle(oracle, market, token, token, MAX_RISE);
    }

    /* STATUS */

    function test_fuzz_ORACLE_12_okIsServed(uint256 wad) external {
        wad = boundCalm(wad);
        setAll(wad);
        isStatus(Status.OK, "calm");
        eq(adapter.price(), wad * 1e6, "price");
    }

    /// One feed of three, bent as far as it goes, neither moves the price nor stops it.
    function test_fuzz_ORACLE_12_oneBentFeedNeitherMovesNorStopsThePrice(uint256 wad, uint128 bent) external {
        wad = boundCalm(wad);
        setAll(wad);
        setFeed(2, bent);
        eq(adapter.price(), wad * 1e6, "price of the two");
    }

    function test_fuzz_ORACLE_12_confirmedFallIsServedAtOnce(uint256 wad) external {
        wad = bound(wad, FLOOR, START - START * MAX_JUMP / 10_000 - 1);
        pairSays(wad);
        isStatus(Status.DEGRADED, "a fall that two confirm");
        eq(adapter.price(), wad * 1e6, "price");
    }

    function test_fuzz_ORACLE_12_confirmedRiseIsNotLentAgainst(uint256 wad) external {
        wad = bound(wad, START + START * MAX_JUMP / 10_000 + 1, 1e30);
        pairSays(wad);
        isStatus(Status.DEGRADED, "a rise that two confirm");
        refuses(rise(wad));
    }

    function test_fuzz_ORACLE_12_confirmedRiseIsServedWhenItsWindowIsOver(uint256 wad, uint256 wait) external {
        wad = bound(wad, START + START * MAX_JUMP / 10_000 + 1, 1e30);
        later(SPACING, wad);
        oracle.commit(MARKET);
        refuses(rise(wad));
        later(bound(wait, JUMP_WINDOW, HEARTBEAT), wad);
        eq(adapter.price(), wad * 1e6, "price of a new window");
    }

    function test_ORACLE_12_riseIsServedUpToItsBound() external {
        uint256 edge = START + START * MAX_JUMP / 10_000;
        // The feeds stand too far apart, so DEGRADED, with the median of the two at the very bound.
        setFeed(0, edge);
        setFeed(1, edge);
        setFeed(2, START * 10);
        isStatus(Status.DEGRADED, "one far away");
        eq(adapter.price(), edge * 1e6, "at the bound");
        setFeed(0, edge + 1);
        setFeed(1, edge + 1);
        refuses(rise(edge + 1));
    }

    function test_fuzz_ORACLE_12_pastPriceIsNotServed(uint256 wait) external {
        vm.warp(vm.getBlockTimestamp() + bound(wait, HEARTBEAT + 1, FALLBACK_AGE));
        isStatus(Status.FALLBACK, "feeds silent, last price young");
        refuses(noPrice(Status.FALLBACK));
    }

    function test_fuzz_ORACLE_12_haltIsARevert(uint256 wait) external {
        vm.warp(vm.getBlockTimestamp() + bound(wait, FALLBACK_AGE + 1, 3650 days));
        isStatus(Status.HALTED, "nothing to fall back on");
        refuses(noPrice(Status.HALTED));
    }

    function test_fuzz_ORACLE_12_whateverIsServedIsThePriceOfTheAggregator(uint256 a, uint256 b, uint256 c) external {
        setFeed(0, boundPrice(a));
        setFeed(1, boundPrice(b));
        setFeed(2, boundPrice(c));
        (, uint256 wad,, Status status) = oracle.tryPrice(MARKET);
        (bool ok, bytes memory answer) = address(adapter).staticcall(abi.encodeCall(adapter.price, ()));
        if (!ok) return;
        eq(abi.decode(answer, (uint256)), wad * 1e6, "price");
        atMost(uint256(status), uint256(Status.DEGRADED), "status");
        if (status == Status.DEGRADED) atMost(wad * 10_000, START * (10_000 + uint256(MAX_RISE)), "rise");
    }
}

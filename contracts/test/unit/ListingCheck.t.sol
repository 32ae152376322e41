// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ListingCheck} from "../../src/adapters/ListingCheck.sol";
import {IListedMarket, IListingOracle} from "../../src/interfaces/IListedMarket.sol";
import {IListingCheck, ListingPolicy} from "../../src/interfaces/IListingCheck.sol";
import {MockListedMarket, MockListingOracle} from "../../src/mocks/MockListing.sol";
import {Base} from "../Base.t.sol";

contract ListingCheckTest is Base {
    address internal constant SEED = address(0xdead);
    MockListingOracle internal oracle = new MockListingOracle();
    MockListedMarket internal market = new MockListedMarket();

    function setUp() external {
        oracle.set(bytes32(bytes20(address(market))), true, 0);
        market.mint(SEED, 1_000);
    }

    function usual() internal view returns (ListingPolicy memory) {
        return ListingPolicy(oracle, SEED, 1_000, MockListedMarket.exchangeRateStored.selector, 0, 1e18, 2e18, 0);
    }

    function answer(ListingPolicy memory p, bytes memory data) internal returns (bytes32) {
        (bool ok, bytes32 code) = new ListingCheck(p).check(address(0), data);
        yes(ok == (code == 0), "a code for every refusal");
        return code;
    }

    function test_fuzz_TIMELOCK_05_readsTheMarketFromItsPlace(uint8 place, uint256 size) external {
        ListingPolicy memory p = usual();
        p.argIndex = place;
        bytes memory data = bytes.concat(new bytes(4 + 32 * uint256(place)), abi.encode(market));
        eq(answer(p, data), 0, "in its place");
        bytes memory cut = new bytes(bound(size, 0, data.length - 1));
        for (uint256 i; i < cut.length; ++i) cut[i] = data[i];
        eq(answer(p, cut), bytes32("call too short"), "cut");
    }

    function test_fuzz_TIMELOCK_05_refusesAnAccountWithoutCode(address account) external {
        vm.assume(account.code.length == 0 && uint160(account) > 9);
        eq(answer(usual(), abi.encodeWithSelector(0, account)), bytes32("market has no code"), "no code");
    }

    function test_fuzz_TIMELOCK_05_seedAndRateEdges(uint256 minSeed, uint256 rate) external {
        ListingPolicy memory p = usual();
        bytes memory data = abi.encodeWithSelector(0, market);
        p.minSeed = bound(minSeed, 999, 1_001);
        eq(answer(p, data), p.minSeed > 1_000 ? bytes32("seed below minimum") : bytes32(0), "seed");
        p.minSeed = 1;
        rate = bound(rate, 0, 1) == 0 ? bound(rate, 1e18 - 1, 1e18 + 1) : bound(rate, 2e18 - 1, 2e18 + 1);
        market.setRate(rate);
        bool holds = rate >= 1e18 && rate <= 2e18;
        eq(answer(p, data), holds ? bytes32(0) : bytes32("rate out of bounds"), "rate");
    }

    /// A share token that says its seed holds more than there is.
    function test_TIMELOCK_05_refusesASupplyBelowItsSeed() external {
        Liar liar = new Liar();
        oracle.set(bytes32(bytes20(address(liar))), true, 0);
        eq(answer(usual(), abi.encodeWithSelector(0, liar)), bytes32("seed below minimum"), "liar");
    }

    function test_TIMELOCK_05_refusesAPolicyThatLetsAnEmptyMarketPass() external {
        for (uint256 i; i < 5; ++i) {
            ListingPolicy memory p = usual();
            if (i == 0) p.oracle = IListingOracle(address(1));
            if (i == 1) p.seed = address(0);
            if (i == 2) p.minSeed = 0;
            if (i == 3) p.rateMin = 0;
            if (i == 4) p.rateMin = p.rateMax + 1;
            vm.expectRevert(IListingCheck.Listing_BadPolicy.selector);
            new ListingCheck(p);
        }
        ListingPolicy memory good = usual();
        // One rate alone is a band, too.
        good.rateMin = good.rateMax;
        eq(abi.encode(new ListingCheck(good).policy()), abi.encode(good), "policy");
    }
}

contract Liar is IListedMarket {
    function totalSupply() external pure returns (uint256) {
        return 999;
    }

    function balanceOf(address) external pure returns (uint256) {
        return 1_000;
    }

    function exchangeRateStored() external pure returns (uint256) {
        return 1e18;
    }
}

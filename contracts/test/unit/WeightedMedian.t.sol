// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market, Status} from "../../src/interfaces/IOracleAggregator.sol";
import {Compact, CompactLib} from "../../src/libraries/Compact.sol";
import {PriceVerdict, Verdict} from "../../src/libraries/PriceVerdict.sol";
import {TickPrice} from "../../src/libraries/TickPrice.sol";
import {Wad} from "../../src/libraries/Wad.sol";
import {MarketWordLib} from "../../src/libraries/MarketWords.sol";
import {Quote, WeightedMedian} from "../../src/libraries/WeightedMedian.sol";
import {OracleSetup} from "../OracleSetup.t.sol";

/// The pure parts, over the whole range of prices.
contract WeightedMedianTest is OracleSetup {
    struct Sample {
        uint256 count;
        uint256[7] wads;
        uint256[7] weights;
    }

    function sampleOf(uint256 seed) internal pure returns (Sample memory s) {
        s.count = bound(seed, 1, 7);
        for (uint256 i; i < s.count; ++i) {
            s.wads[i] = boundPrice(draw(seed, i));
            // Equal prices are common among feeds and the place where ties are broken.
            if (draw(seed, i + 100) % 4 == 0 && i > 0) s.wads[i] = s.wads[i - 1];
            s.weights[i] = bound(draw(seed, i + 200), 1, 10_000);
        }
    }

    function sorted(Sample memory s) internal pure returns (Quote[7] memory quotes) {
        for (uint256 i; i < s.count; ++i) WeightedMedian.insert(quotes, i, WeightedMedian.pack(s.wads[i], 1, s.weights[i]));
    }

    function medianOf(Sample memory s) internal pure returns (uint256) {
        return WeightedMedian.lowerMedian(sorted(s), s.count).wad();
    }

    /* MEDIAN */

    function test_fuzz_ORACLE_01_medianIsOneOfTheQuotes(uint256 seed) external pure {
        Sample memory s = sampleOf(seed);
        uint256 middle = medianOf(s);
        bool found;
        for (uint256 i; i < s.count; ++i) found = found || s.wads[i] == middle;
        yes(found, "median among the quotes");
    }

    function test_fuzz_ORACLE_01_medianByDefinition(uint256 seed) external pure {
        Sample memory s = sampleOf(seed);
        uint256 middle = medianOf(s);
        (uint256 total, uint256 below, uint256 upTo) = (0, 0, 0);
        for (uint256 i; i < s.count; ++i) {
            total += s.weights[i];
            if (s.wads[i] < middle) below += s.weights[i];
            if (s.wads[i] <= middle) upTo += s.weights[i];
        }
        yes(below * 2 < total, "what is below does not reach half");
        yes(upTo * 2 >= total, "what is not above reaches half");
    }

    function test_fuzz_ORACLE_01_medianDoesNotDependOnTheOrder(uint256 seed) external pure {
        Sample memory s = sampleOf(seed);
        uint256 want = medianOf(s);
        for (uint256 i = s.count; i > 1; --i) {
            uint256 j = draw(seed, i + 300) % i;
            (s.wads[i - 1], s.wads[j]) = (s.wads[j], s.wads[i - 1]);
            (s.weights[i - 1], s.weights[j]) = (s.weights[j], s.weights[i - 1]);
        }
        eq(medianOf(s), want, "median of the shuffled");
    }

    function test_fuzz_ORACLE_02_lessThanHalfCannotLeaveTheHonestRange(uint256 seed, uint256 lie) external pure {
        Sample memory s = sampleOf(seed);
        uint256 total;
        for (uint256 i; i < s.count; ++i) total += s.weights[i];
        (uint256 bad, uint256 min, uint256 max) = (0, type(uint256).max, 0);
        for (uint256 i; i < s.count; ++i) {
            bool turns = draw(lie, i) % 2 == 0 && (bad + s.weights[i]) * 2 < total;
            if (turns) {
                bad += s.weights[i];
                s.wads[i] = bound(draw(lie, i + 7), 1, type(uint128).max - 1);
                continue;
            }
            if (s.wads[i] < min) min = s.wads[i];
            if (s.wads[i] > max) max = s.wads[i];
        }
        uint256 middle = medianOf(s);
        yes(min <= middle && middle <= max, "within the honest range");
    }

    /// One unit of weight more than the bound allows: the liars have half and win.
    function test_fuzz_ORACLE_02_halfTheWeightIsTooMuch(uint256 wad) external pure {
        wad = bound(wad, 2, type(uint128).max - 1);
        Sample memory s;
        (s.count, s.wads[0], s.wads[1], s.weights[0], s.weights[1]) = (2, wad, 1, 5, 5);
        eq(medianOf(s), 1, "the lower of two equals");
    }

    function test_fuzz_ORACLE_04_raisingOneNeverLowers(uint256 seed, uint256 which, uint256 by) external pure {
        Sample memory s = sampleOf(seed);
        uint256 before = medianOf(s);
        which %= s.count;
        s.wads[which] = bound(by, s.wads[which], type(uint128).max - 1);
        atMost(before, medianOf(s), "median before raising one");
    }

    function test_fuzz_ORACLE_01_quoteHoldsItsFields(uint128 wad, uint40 time, uint16 weight) external pure {
        Quote quote = WeightedMedian.pack(wad, time, weight);
        eq(quote.wad(), wad, "wad");
        eq(quote.time(), time, "time");
        eq(quote.weight(), weight, "weight");
    }

    /* VERDICT */

    function test_fuzz_ORACLE_06_verdictStaysInTheBandOrIsConfirmed(uint256 seed, uint256 from) external pure {
        Sample memory s = sampleOf(seed);
        Market memory m = rulesFor(s.count);
        m.maxSpreadBps = type(uint16).max;
        from = bound(from, 1, type(uint128).max - 1);
        Verdict memory v;
        PriceVerdict.decide(v, sorted(s), s.count, false, MarketWordLib.pack(m), from);
        if (v.status != Status.OK) return;
        uint256 distance = v.wad > from ? v.wad - from : from - v.wad;
        atMost(distance * 10_000, from * MAX_JUMP, "distance of an OK price from its anchor");
    }

    function test_fuzz_ORACLE_05_refusalCarriesNoNumber(uint256 seed, uint256 from, uint16 spread) external pure {
        Sample memory s = sampleOf(seed);
        Market memory m = rulesFor(s.count);
        m.maxSpreadBps = spread;
        Verdict memory v;
        PriceVerdict.decide(v, sorted(s), s.count, false, MarketWordLib.pack(m), bound(from, 1, type(uint128).max - 1));
        yes((v.status == Status.HALTED) == (v.wad == 0 && v.at == 0), "number and status agree");
    }

    /* COMPACT AND WAD */

    function test_fuzz_ORACLE_10_compactFloorIsNeverBelow(uint128 value) external pure {
        uint256 up = CompactLib.fromUp(value).toUint();
        uint256 down = CompactLib.fromDown(value).toUint();
        yes(down <= value && value <= up, "down <= value <= up");
        atMost(up - value, uint256(value) >> 39, "up by at most 2^-39");
        atMost(value - down, uint256(value) >> 39, "down by at most 2^-39");
    }

    function test_ORACLE_10_compactCarriesAtItsEdges() external pure {
        eq(CompactLib.fromUp(type(uint128).max).toUint(), 1 << 128, "max, up");
        eq(CompactLib.fromDown(type(uint128).max).toUint(), ((1 << 40) - 1) << 88, "max, down");
        eq(CompactLib.fromUp(0).toUint(), 0, "zero");
        eq(CompactLib.fromUp((1 << 40) + 1).toUint(), (1 << 40) + 2, "first that is not exact, up");
        eq(CompactLib.fromDown((1 << 40) + 1).toUint(), 1 << 40, "first that is not exact, down");
    }

    function test_fuzz_ORACLE_08_wadIsExactTo18DecimalsAndFloorsBeyond(uint256 value, uint256 decimals) external pure {
        decimals = bound(decimals, 0, 36);
        value = bound(value, 0, type(uint128).max);
        uint256 wad = Wad.fromDecimalsDown(value, decimals);
        if (decimals <= 18) return eq(wad, value * 10 ** (18 - decimals), "exact");
        uint256 unit = 10 ** (decimals - 18);
        yes(wad * unit <= value && value < (wad + 1) * unit, "rounded down by less than 1 wei");
    }

    function test_ORACLE_08_wadThatDoesNotFitIsTheGreatest() external pure {
        eq(Wad.fromDecimalsDown(type(uint256).max, 0), type(uint256).max, "saturated");
        eq(Wad.fromDecimalsDown(type(uint256).max, 17), type(uint256).max, "saturated by one digit");
        eq(Wad.fromDecimalsDown(type(uint256).max, 18), type(uint256).max, "as it is");
    }

    /* TICKS: figures computed with 120 decimal digits */

    function test_ORACLE_08_tickPricesAreThePublishedPowers() external pure {
        eq(TickPrice.atTickDown(0, 1e18), 1e18, "tick 0");
        near(TickPrice.atTickDown(1, 1e18), 1.0001e18, "tick 1");
        near(TickPrice.atTickDown(-1, 1e18), 999900009999000099, "tick -1");
        near(TickPrice.atTickDown(69_081, 1e18), 999999339043354493036, "tick 69,081");
        near(TickPrice.atTickDown(-200_311, 1e36), 2000040289648088261463254863, "tick -200,311");
        near(TickPrice.atTickDown(887_272, 1), 340256786836388094050805785052946541066, "last tick");
        near(TickPrice.atTickDown(-887_272, 1e54), 2938956807585584, "first tick");
    }

    /// A quote of 18 decimals and a base of 6, 2 and none: few digits in the scale take none from the price.
    function test_ORACLE_08_aSmallScaleKeepsThePricesDigits() external pure {
        near(TickPrice.atTickDown(200_311, 1e6), 499989927790880, "6 decimals");
        near(TickPrice.atTickDown(309_000, 100), 2624391065458237, "2 decimals");
        near(TickPrice.atTickDown(276_324, 1), 999997356176, "no decimals");
    }

    function test_fuzz_ORACLE_04_tickPriceRisesByOneBasisPoint(int24 tick) external pure {
        tick = int24(int256(bound(uint256(int256(tick) + 887_272), 0, 887_272 + 300_000))) - 887_272;
        uint256 a = TickPrice.atTickDown(tick, 1e54);
        uint256 b = TickPrice.atTickDown(tick + 1, 1e54);
        // Each of the two is rounded down by less than a unit.
        near(b * 10_000, a * 10_001, 10_001, "one tick");
    }

    function test_fuzz_ORACLE_08_noPriceBeyondTheLastTick(int24 tick) external {
        if (tick >= -887_272 && tick <= 887_272) tick = tick < 0 ? tick - 887_272 : tick + 887_273;
        vm.expectRevert(abi.encodeWithSelector(TickPrice.TickPrice_Tick.selector, tick));
        this.atTick(tick);
    }

    function atTick(int24 tick) external pure returns (uint256) {
        return TickPrice.atTickDown(tick, 1e18);
    }

    /// Within 3 and a relative 1e-16.
    function near(uint256 have, uint256 want, string memory what) internal pure {
        near(have, want, 3, what);
    }

    /// Within `units` and a relative 1e-16.
    function near(uint256 have, uint256 want, uint256 units, string memory what) internal pure {
        uint256 distance = have > want ? have - want : want - have;
        if (distance > units + want / 1e16) revert NotEqual(what, have, want);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {ChainlinkAdapter} from "../../src/adapters/ChainlinkAdapter.sol";
import {ERC4626Adapter} from "../../src/adapters/ERC4626Adapter.sol";
import {UniswapV3TwapAdapter} from "../../src/adapters/UniswapV3TwapAdapter.sol";
import {IChainlinkFeed} from "../../src/interfaces/IChainlinkFeed.sol";
import {Fault, Feed, Status} from "../../src/interfaces/IOracleAggregator.sol";
import {IPriceAdapter} from "../../src/interfaces/IPriceAdapter.sol";
import {IUniswapV3Pool} from "../../src/interfaces/IUniswapV3Pool.sol";
import {FeedReader} from "../../src/libraries/FeedReader.sol";
import {PriceStamp} from "../../src/libraries/PriceStamp.sol";
import {TickPrice} from "../../src/libraries/TickPrice.sol";
import {MockDecimals, MockFeed, MockPool, MockShares} from "../../src/mocks/MockSources.sol";
import {OracleSetup} from "../OracleSetup.t.sol";

/// What every adapter must do. A new adapter joins by a contract below that says how its source is made to speak.
abstract contract PriceAdapterSuite is OracleSetup {
    IPriceAdapter internal adapter;

    /// Makes the source say a price that rises with `x` in [0, 1000], and returns the bounds of the right answer.
    function say(uint256 x) internal virtual returns (uint256 min, uint256 max);

    /// Takes the source's price away in the `which`-th way.
    function silence(uint256 which) internal virtual;

    /// Makes the source revert.
    function breakSource() internal virtual;

    function read() internal view returns (bool ok, uint256 wad, uint256 stamp) {
        bytes memory data;
        (ok, data) = address(adapter).staticcall{gas: FeedReader.FEED_GAS}(
            abi.encodeCall(adapter.read, (300, 30 minutes, 1e18))
        );
        if (!ok) return (false, 0, 0);
        eq(data.length, 64, "length of the answer");
        (wad, stamp) = abi.decode(data, (uint256, uint256));
    }

    function test_fuzz_ORACLE_08_suite_answersInWadWithinItsGas(uint256 x) external {
        (uint256 min, uint256 max) = say(bound(x, 0, 1000));
        (bool ok, uint256 wad, uint256 stamp) = read();
        yes(ok, "answers within its gas");
        yes(min <= wad && wad <= max, "price");
        eq(PriceStamp.rest(stamp), 0, "no fault and nothing above it");
        eq(PriceStamp.time(stamp), nowAt(), "time");
    }

    function test_fuzz_ORACLE_04_suite_higherSourceNeverLowersThePrice(uint256 a, uint256 b) external {
        a = bound(a, 0, 1000);
        b = bound(b, a, 1000);
        say(a);
        (, uint256 low,) = read();
        say(b);
        (, uint256 high,) = read();
        atMost(low, high, "lower price");
    }

    function test_fuzz_ORACLE_10_suite_silentSourceHasNoPrice(uint256 which) external {
        say(500);
        silence(which);
        (bool ok, uint256 wad, uint256 stamp) = read();
        yes(!ok || wad == 0 || PriceStamp.rest(stamp) != 0, "no price");
    }

    function test_fuzz_ORACLE_03_suite_brokenSourceIsLeftOutOfTheMarket(uint256 x) external {
        (uint256 min, uint256 max) = say(bound(x, 0, 1000));
        Feed[] memory feeds = feedsOf(2);
        feeds[0].adapter = address(adapter);
        (, uint256 wad,) = read();
        setFeed(1, wad);
        listWith(rulesFor(2), feeds);
        (, uint256 price,, Status status) = oracle.tryPrice(MARKET);
        yes(min <= price && price <= max && status == Status.OK, "price of both");
        breakSource();
        (bool ok,,) = read();
        no(ok, "answers while its source is broken");
        has(wad, Status.OK, "price of the other");
    }

    function test_fuzz_ORACLE_01_suite_keepsNoState(uint256 x) external {
        say(bound(x, 0, 1000));
        vm.record();
        (, uint256 a, uint256 b) = read();
        (bytes32[] memory reads, bytes32[] memory writes) = vm.accesses(address(adapter));
        eq(reads.length + writes.length, 0, "slots touched");
        (, uint256 c, uint256 d) = read();
        eq(abi.encode(a, b), abi.encode(c, d), "the same answer again");
    }
}

/* CHAINLINK */

abstract contract ChainlinkSuite is PriceAdapterSuite {
    MockFeed internal feed;
    uint8 internal immutable decimals;
    int256 internal immutable unit;

    constructor(uint8 decimals_) {
        decimals = decimals_;
        unit = int256(10 ** uint256(decimals_));
    }

    function setUp() public override {
        super.setUp();
        feed = new MockFeed(decimals);
        adapter = new ChainlinkAdapter(feed, unit, unit * 10_000);
    }

    function say(uint256 x) internal override returns (uint256 min, uint256 max) {
        int256 answer = unit * int256(x + 2) + int256(x);
        feed.set(answer, nowAt());
        uint256 wad = decimals <= 18 ? uint256(answer) * 10 ** (18 - decimals) : uint256(answer) / 10 ** (decimals - 18);
        return (wad, wad);
    }

    function silence(uint256 which) internal override {
        int256[5] memory answers = [int256(0), -1, type(int256).min, unit, unit * 10_000];
        which %= 6;
        if (which == 5) feed.set(unit * 2, 0);
        else feed.set(answers[which], nowAt());
    }

    function breakSource() internal override {
        feed.setBroken(true);
    }

    function test_fuzz_ORACLE_10_clampsAreNoPrice(int256 answer) external {
        feed.set(answer, nowAt());
        (, uint256 wad,) = read();
        yes((wad != 0) == (answer > unit && answer < unit * 10_000), "price only strictly between the clamps");
    }

    function test_fuzz_ORACLE_03_timeBeyond40BitsIsNotCut(uint256 time) external {
        time = around(time, type(uint40).max);
        feed.set(unit * 2, time);
        (, uint256 wad, uint256 stamp) = read();
        bool fits = time != 0 && time <= type(uint40).max;
        yes((wad != 0) == fits, "price");
        eq(PriceStamp.time(stamp), fits ? time : 0, "time");
    }

    function test_fuzz_ORACLE_08_badBoundsAreRefused(int256 min, int256 max) external {
        if (min % 4 == 0) max = min;
        if (min < 0 || min >= max) {
            vm.expectRevert(
                abi.encodeWithSelector(ChainlinkAdapter.ChainlinkAdapter_Bounds.selector, min, max, decimals)
            );
        }
        new ChainlinkAdapter(feed, min, max);
    }
}

contract Chainlink0Test is ChainlinkSuite(0) {}

contract Chainlink8Test is ChainlinkSuite(8) {}

contract Chainlink18Test is ChainlinkSuite(18) {}

contract Chainlink36Test is ChainlinkSuite(36) {
    function test_fuzz_ORACLE_08_moreThan36DecimalsAreRefused(uint8 more) external {
        more = uint8(bound(more, 37, 255));
        feed = new MockFeed(more);
        vm.expectRevert(
            abi.encodeWithSelector(ChainlinkAdapter.ChainlinkAdapter_Bounds.selector, int256(1), int256(2), more)
        );
        new ChainlinkAdapter(feed, 1, 2);
    }
}

/* UNISWAP V3 */

abstract contract TwapSuite is PriceAdapterSuite {
    MockPool internal pool;
    bool internal immutable baseFirst;
    uint8 internal immutable baseDecimals;
    uint8 internal immutable quoteDecimals;
    uint32 internal constant WINDOW = 30 minutes;
    uint160 internal constant DEEP = uint160((uint256(WINDOW) << 128) / 2e18);

    constructor(bool baseFirst_, uint8 baseDecimals_, uint8 quoteDecimals_) {
        (baseFirst, baseDecimals, quoteDecimals) = (baseFirst_, baseDecimals_, quoteDecimals_);
    }

    function setUp() public override {
        super.setUp();
        address base = address(new MockDecimals(baseDecimals));
        address quote = address(new MockDecimals(quoteDecimals));
        pool = baseFirst ? new MockPool(base, quote) : new MockPool(quote, base);
        adapter = new UniswapV3TwapAdapter(pool, base);
    }

    /// The tick of a price of 1 in whole tokens, so that all pairs speak of the same prices.
    function evenTick() internal view returns (int24) {
        // 10^1 = 1.0001^23,027.
        return 23_027 * (int24(uint24(quoteDecimals)) - int24(uint24(baseDecimals)));
    }

    function setTicks(int24 spot, int56 sum, uint160 inverse) internal {
        if (baseFirst) pool.set(spot, sum, inverse);
        else pool.set(-spot, -sum, inverse);
    }

    function say(uint256 x) internal override returns (uint256 min, uint256 max) {
        int24 tick = evenTick() + int24(int256(x)) - 500;
        setTicks(tick, int56(tick) * int56(uint56(WINDOW)), DEEP);
        // 1.0001^tick within 1.0001^1 of the line of the whole prices.
        uint256 wad = TickPrice.atTickDown(int24(int256(x)) - 500, 1e18);
        return (wad - wad / 1_000, wad + wad / 1_000);
    }

    function silence(uint256 which) internal override {
        int24 tick = evenTick();
        int56 sum = int56(tick) * int56(uint56(WINDOW));
        which %= 4;
        if (which == 0) setTicks(tick + 297, sum, DEEP);
        if (which == 1) setTicks(tick - 306, sum, DEEP);
        if (which == 2) setTicks(tick, sum, DEEP * 2 + 100);
        if (which == 3) setTicks(tick, sum, 0);
    }

    function breakSource() internal override {
        pool.setMemory(WINDOW - 1);
    }

    function faultOf(uint16 maxBps, uint128 minLiquidity) internal view returns (Fault) {
        (, uint256 stamp) = adapter.read(maxBps, WINDOW, minLiquidity);
        return Fault(PriceStamp.rest(stamp));
    }

    function test_fuzz_ORACLE_07_spotFarFromTheMeanIsTold(int24 off, uint16 maxBps) external {
        off = int24(int256(bound(uint256(int256(off) + 20_000), 0, 40_000))) - 20_000;
        int24 tick = evenTick();
        setTicks(tick + off, int56(tick) * int56(uint56(WINDOW)), DEEP);
        maxBps = uint16(bound(maxBps, 0, 20_000));
        uint256 spot = TickPrice.atTickDown(off, 1e36);
        uint256 distance = spot > 1e36 ? spot - 1e36 : 1e36 - spot;
        // Away from the line by more than rounding, the answer is the definition's.
        uint256 line = uint256(1e32) * maxBps;
        if (distance > line ? distance - line < 1e27 : line - distance < 1e27) return;
        eq(uint256(faultOf(maxBps, 0)), uint256(distance > line ? Fault.SPOT_TWAP : Fault.NONE), "fault");
    }

    function test_fuzz_ORACLE_07_thinPoolIsTold(uint256 liquidity, uint256 min) external {
        liquidity = bound(liquidity, 1, 2 ** 100);
        int24 tick = evenTick();
        uint256 inverse = (uint256(WINDOW) << 128) / liquidity;
        if (inverse > type(uint160).max) return;
        setTicks(tick, int56(tick) * int56(uint56(WINDOW)), uint160(inverse));
        uint256 mean = (uint256(WINDOW) << 128) / inverse;
        min = bound(min, 0, 2 ** 101);
        eq(uint256(faultOf(300, uint128(min))), uint256(mean < min ? Fault.THIN : Fault.NONE), "fault");
        eq(uint256(faultOf(300, uint128(mean))), uint256(Fault.NONE), "at the bound");
        eq(uint256(faultOf(300, uint128(mean + 1))), uint256(Fault.THIN), "above it");
    }

    function test_fuzz_ORACLE_07_meanRoundsToTheLowerTick(int24 tick, uint256 rest) external {
        tick = int24(int256(bound(uint256(int256(tick) + 1_000), 0, 2_000))) - 1_000 + evenTick();
        int24 poolTick = baseFirst ? tick : -tick;
        rest = bound(rest, 0, WINDOW - 1);
        pool.set(poolTick, int56(poolTick) * int56(uint56(WINDOW)) + int56(uint56(rest)), DEEP);
        (uint256 wad,) = adapter.read(300, WINDOW, 0);
        pool.set(poolTick, int56(poolTick) * int56(uint56(WINDOW)), DEEP);
        (uint256 want,) = adapter.read(300, WINDOW, 0);
        eq(wad, want, "price at the lower tick");
    }

    function test_ORACLE_07_windowOfZeroIsNoPrice() external {
        say(500);
        (uint256 wad, uint256 stamp) = adapter.read(300, 0, 0);
        eq(wad | stamp, 0, "nothing");
    }

    function test_ORACLE_07_marketDegradesWhileSpotIsAway() external {
        (uint256 wad,) = adapterPrice();
        Feed[] memory feeds = feedsOf(3);
        feeds[0].adapter = address(adapter);
        setAll(wad);
        listWith(rulesFor(3), feeds);
        isStatus(Status.OK, "spot at the mean");
        silence(0);
        has(wad, Status.DEGRADED, "spot away");
        silence(2);
        has(wad, Status.DEGRADED, "pool thin");
    }

    function adapterPrice() internal returns (uint256, uint256) {
        say(500);
        return adapter.read(300, WINDOW, 0);
    }
}

contract TwapSameDecimalsTest is TwapSuite(true, 18, 18) {
    function test_fuzz_ORACLE_07_strangeBaseIsRefused(address base) external {
        if (base == pool.token0() || base == pool.token1()) return;
        vm.expectRevert(abi.encodeWithSelector(UniswapV3TwapAdapter.TwapAdapter_Base.selector, base));
        new UniswapV3TwapAdapter(pool, base);
    }

    function test_fuzz_ORACLE_08_decimalsWithoutDigitsAreRefused(uint8 base, uint8 quote) external {
        base = uint8(around(base, 36));
        if (quote % 3 == 0 && base < 200) quote = base + 18 + quote % 2;
        address a = address(new MockDecimals(base));
        pool = new MockPool(a, address(new MockDecimals(quote)));
        if (base > 36 || quote > uint256(base) + 18) {
            vm.expectRevert(abi.encodeWithSelector(UniswapV3TwapAdapter.TwapAdapter_Decimals.selector, base, quote));
        }
        new UniswapV3TwapAdapter(pool, a);
    }

    /// At the ends of the tick range the price is a number, the cap, or a revert; never a wrong one.
    function test_fuzz_ORACLE_10_extremeTicksAreNoPrice(int24 tick) external {
        pool.set(tick, int56(tick) * int56(uint56(WINDOW)), DEEP);
        (bool ok, uint256 wad,) = read();
        if (tick > 887_272 || tick < -887_272) return no(ok, "answers beyond the last tick");
        atMost(wad, type(uint128).max, "price");
    }
}

contract TwapWethUsdcTest is TwapSuite(true, 18, 6) {}

contract TwapUsdcFirstTest is TwapSuite(false, 18, 6) {}

contract TwapSmallBaseTest is TwapSuite(false, 8, 18) {}

/* ERC-4626 */

abstract contract SharesSuite is PriceAdapterSuite {
    MockShares internal vault;
    uint8 internal immutable shareDecimals;
    uint8 internal immutable assetDecimals;
    uint256 internal constant MIN_SUPPLY = 1_000;

    constructor(uint8 shareDecimals_, uint8 assetDecimals_) {
        (shareDecimals, assetDecimals) = (shareDecimals_, assetDecimals_);
    }

    function setUp() public override {
        super.setUp();
        vault = new MockShares(address(new MockDecimals(assetDecimals)), shareDecimals);
        vault.set(MIN_SUPPLY, 1_000 * 10 ** uint256(assetDecimals));
        adapter = new ERC4626Adapter(IERC4626(address(vault)), MIN_SUPPLY, 20_000);
        vm.warp(nowAt() + 365 days);
    }

    function say(uint256 x) internal override returns (uint256 min, uint256 max) {
        vault.set(MIN_SUPPLY, (2_000 + x) * 10 ** uint256(assetDecimals));
        return ((2_000 + x) * 1e18, (2_000 + x) * 1e18);
    }

    function silence(uint256 which) internal override {
        which %= 3;
        uint256 unit = 10 ** uint256(assetDecimals);
        if (which == 0) vault.set(MIN_SUPPLY - 1, 1_000 * unit);
        if (which == 1) vault.set(MIN_SUPPLY, 0);
        if (which == 2) vault.set(MIN_SUPPLY, 3_001 * unit);
    }

    function breakSource() internal override {
        vm.etch(address(vault), "");
    }

    function test_fuzz_ORACLE_10_donationAboveTheLineIsNoPrice(uint256 time, uint256 wad) external {
        ERC4626Adapter shares = ERC4626Adapter(address(adapter));
        vm.warp(shares.startedAt() + bound(time, 0, 10 * 365 days));
        uint256 line = 1_000e18 + 2_000e18 * (nowAt() - shares.startedAt()) / 365 days;
        eq(shares.maxWad(), line, "line");
        uint256 assets = bound(wad, 1, 100_000) * 10 ** uint256(assetDecimals);
        vault.set(MIN_SUPPLY, assets);
        uint256 whole = assets / 10 ** uint256(assetDecimals) * 1e18;
        (, uint256 have,) = read();
        eq(have, whole > line ? 0 : whole, "price");
    }

    function test_fuzz_ORACLE_10_emptyVaultIsRefusedAtDeployment(uint256 supply, uint256 min) external {
        supply = bound(supply, 0, 10);
        min = bound(min, 0, 10);
        vault.set(supply, 10 ** uint256(assetDecimals));
        if (min == 0 || supply < min) {
            vm.expectRevert(abi.encodeWithSelector(ERC4626Adapter.ERC4626Adapter_NotReady.selector, supply, 1e18));
        }
        new ERC4626Adapter(IERC4626(address(vault)), min, 0);
        vault.set(supply, 0);
        vm.expectRevert(abi.encodeWithSelector(ERC4626Adapter.ERC4626Adapter_NotReady.selector, supply, 0));
        new ERC4626Adapter(IERC4626(address(vault)), 1, 0);
    }
}

contract SharesOffsetTest is SharesSuite(12, 6) {}

contract SharesPlainTest is SharesSuite(18, 18) {
    function test_fuzz_ORACLE_10_aPriceBeyond128BitsIsRefused(uint256 x) external {
        uint256 wad = around(bound(x, 1, 2 ** 140), type(uint128).max);
        vault.set(MIN_SUPPLY, wad);
        if (wad > type(uint128).max) {
            vm.expectRevert(abi.encodeWithSelector(ERC4626Adapter.ERC4626Adapter_NotReady.selector, MIN_SUPPLY, wad));
        }
        new ERC4626Adapter(IERC4626(address(vault)), 1, 0);
    }
}

contract SharesWideTest is SharesSuite(36, 36) {
    function test_fuzz_ORACLE_08_moreThan36DecimalsAreNotReady(uint8 share, uint8 asset) external {
        if (share <= 36 && asset <= 36) share = 37;
        share = uint8(bound(share, 0, 76));
        asset = uint8(bound(asset, 0, 76));
        if (share <= 36 && asset <= 36) asset = 37;
        vault = new MockShares(address(new MockDecimals(asset)), share);
        vault.set(MIN_SUPPLY, 1);
        (bool ok,) = address(this).call(abi.encodeCall(this.deploy, ()));
        no(ok, "deployed");
    }

    function deploy() external {
        new ERC4626Adapter(IERC4626(address(vault)), 1, 0);
    }
}

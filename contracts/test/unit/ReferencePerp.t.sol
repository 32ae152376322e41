// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Status} from "../../src/interfaces/IOracleAggregator.sol";
import {Limits} from "../../src/interfaces/IPerpParameters.sol";
import {Fill} from "../../src/interfaces/ILatencyBuffer.sol";
import {IReferencePerp, Modules, Order, Position} from "../../src/interfaces/IReferencePerp.sol";
import {ReferencePerp} from "../../src/reference/ReferencePerp.sol";
import {PerpSetup} from "../PerpSetup.t.sol";

/// Each function by itself, on simple modules: amounts, events, errors.
/// forge-config: default.fuzz.runs = 256
contract ReferencePerpTest is PerpSetup {
    function fails(bytes4 selector, address who, uint256 have, uint256 need) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, who, have, need);
    }

    /* BALANCE */

    function test_fuzz_PERP_02_depositCountsWhatArrives(uint256 amount, uint256 feeBps) external {
        (amount, feeBps) = (bound(amount, 0, 1e30), bound(feeBps, 0, 10_000));
        token.mint(ALICE, amount);
        token.setFee(feeBps);
        uint256 got = amount - amount * feeBps / 10_000;
        vm.prank(ALICE);
        token.approve(address(perp), amount);
        vm.expectEmit(address(perp));
        emit IReferencePerp.Deposited(ALICE, got);
        vm.prank(ALICE);
        eq(perp.deposit(amount), got, "returned");
        eq(perp.balanceOf(ALICE), got, "balance");
        eq(token.balanceOf(address(perp)), got, "held");
    }

    function test_fuzz_PERP_02_withdrawPaysWhatIsThereAndNoMore(uint256 have, uint256 amount) external {
        (have, amount) = (bound(have, 1, 1e30), bound(amount, 1, 1e30));
        pay(ALICE, have);
        if (amount > have) {
            vm.expectRevert(fails(IReferencePerp.Perp_Balance.selector, ALICE, have, amount));
        } else {
            vm.expectEmit(address(perp));
            emit IReferencePerp.Withdrawn(ALICE, amount);
        }
        vm.prank(ALICE);
        perp.withdraw(amount);
        uint256 paid = amount > have ? 0 : amount;
        eq(token.balanceOf(ALICE), paid, "paid");
        eq(perp.balanceOf(ALICE), have - paid, "left");
    }

    function test_PERP_02_nothingIsNoAmount() external {
        bytes memory nothing = abi.encodeWithSelector(IReferencePerp.Perp_Nothing.selector);
        vm.expectRevert(nothing);
        perp.withdraw(0);
        vm.expectRevert(nothing);
        perp.addMargin(MARKET, 0);
        vm.expectRevert(nothing);
        perp.removeMargin(MARKET, 0);
        vm.expectRevert(nothing);
        perp.donate(MARKET, 0);
        vm.expectRevert(nothing);
        perp.requestOrder(MARKET, 0, 0);
        vm.expectRevert(nothing);
        perp.closePosition(MARKET, 0);
        vm.expectRevert(nothing);
        perp.addLiquidity(MARKET, 0);
    }

    function test_fuzz_PERP_02_marginComesAndGoesWithoutAPosition(uint256 amount, uint256 back, uint8 status) external {
        (amount, back) = (bound(amount, 1, 1e30), bound(back, 1, 1e30));
        setStatus(Status(status % 4));
        pay(ALICE, amount);
        vm.expectEmit(address(perp));
        emit IReferencePerp.MarginMoved(ALICE, MARKET, int256(amount));
        vm.prank(ALICE);
        perp.addMargin(MARKET, amount);
        if (back > amount) return;
        vm.expectEmit(address(perp));
        emit IReferencePerp.MarginMoved(ALICE, MARKET, -int256(back));
        takeOut(ALICE, back);
        eq(positionOf(ALICE).margin, amount - back, "margin");
        eq(perp.balanceOf(ALICE), back, "balance");
    }

    function test_fuzz_PERP_03_marginStaysThatThePositionNeeds(uint256 amount) external {
        provide(MAKER, 1_000_000 * USD);
        margin(ALICE, 10_000 * USD);
        open(ALICE, 10e18);
        amount = bound(amount, 1, 10_000 * USD);
        // The least impact rounded the cost up by one unit.
        int256 left = int256(10_000 * USD - 1) - int256(amount);
        bool passes = left >= int256(2_000 * USD);
        if (!passes) {
            vm.expectRevert(
                abi.encodeWithSelector(IReferencePerp.Perp_Unhealthy.selector, ALICE, left, uint256(2_000 * USD))
            );
        }
        takeOut(ALICE, amount);
        eq(perp.balanceOf(ALICE), passes ? amount : 0, "out");
    }

    function test_fuzz_PERP_04_marginStaysWithoutAGoodPrice(uint8 status, uint256 amount) external {
        provide(MAKER, 1_000_000 * USD);
        margin(ALICE, 10_000 * USD);
        open(ALICE, 10e18);
        status = uint8(bound(status, 1, 3));
        amount = bound(amount, 1, 8_000 * USD);
        setStatus(Status(status));
        bytes memory refused = abi.encodeWithSelector(IReferencePerp.Perp_Price.selector, MARKET, status);
        vm.expectRevert(refused);
        takeOut(ALICE, amount);
        vm.prank(ALICE);
        vm.expectRevert(refused);
        perp.donate(MARKET, amount);
    }

    function test_fuzz_PERP_03_aDonationKeepsInitialMargin(uint256 amount) external {
        provide(MAKER, 1_000_000 * USD);
        margin(ALICE, 10_000 * USD);
        open(ALICE, 10e18);
        amount = bound(amount, 1, 10_000 * USD);
        bool passes = amount < 8_000 * USD;
        uint256 pool = poolMargin();
        if (passes) {
            vm.expectEmit(address(perp));
            emit IReferencePerp.Donated(ALICE, MARKET, amount);
        } else {
            vm.expectRevert();
        }
        vm.prank(ALICE);
        perp.donate(MARKET, amount);
        eq(poolMargin(), passes ? pool + amount : pool, "pool");
        eq(positionOf(ALICE).margin, passes ? 10_000 * USD - amount : 10_000 * USD, "margin");
    }

    /* ORDERS */

    function test_fuzz_PERP_02_anOrderFillsAtItsPriceAndItsImpact(uint256 wad, int256 size, uint256 depth) external {
        wad = bound(wad, 1e18, 1e24);
        depth = bound(depth, 1e6 * USD, type(uint128).max);
        uint256 units = bound(uint256(size), 1e15, 1e21);
        size = size < 0 ? -int256(units) : int256(units);
        Limits memory l = limits();
        (l.depth, l.fee) = (depth, 0.001e18);
        parameters.set(l);
        parameters.setKeeperFee(USD);
        setPrice(wad);
        provide(MAKER, 1e24);
        margin(ALICE, 1e24);
        bytes32 id = bytes32(uint256(1));
        vm.expectEmit(address(perp));
        emit IReferencePerp.OrderRequested(id, orderOf(ALICE, size));
        request(ALICE, size);
        uint256 notional = (units * wad + 1e30 - 1) / 1e30;
        uint256 impact = (wad * notional + 2 * depth - 1) / (2 * depth);
        if (impact > wad / 2) impact = wad / 2;
        uint256 paid = size > 0 ? wad + impact : wad - impact;
        uint256 fee = (notional * 0.001e18 + 1e18 - 1) / 1e18;
        vm.expectEmit(address(perp));
        emit IReferencePerp.Filled(ALICE, MARKET, size, paid, 0);
        vm.prank(BOB);
        perp.executeOrder(id, orderOf(ALICE, size), 1);
        Position memory p = positionOf(ALICE);
        yes(p.size == size, "size");
        eq(p.margin, 1e24 - fee - USD, "margin pays maker and keeper");
        eq(perp.balanceOf(BOB), USD, "the keeper is paid");
        eq(poolMargin(), 1e24 + fee, "the maker is paid");
        uint256 value = units * paid;
        uint256 cost = size > 0 ? (value + 1e30 - 1) / 1e30 : value / 1e30;
        yes(p.cost == (size > 0 ? int256(cost) : -int256(cost)), "cost, rounded up");
        (uint256 long, uint256 short) = perp.openInterest(MARKET);
        eq(size > 0 ? long : short, units, "open interest");
        eq(size > 0 ? short : long, 0, "other side");
    }

    function test_fuzz_PERP_02_theKeeperOfTheBufferIsPaidToo(address keeper) external {
        if (keeper == address(0) || keeper == address(perp) || keeper == ALICE) return;
        parameters.setKeeperFee(USD);
        provide(MAKER, 1_000_000 * USD);
        margin(ALICE, 10_000 * USD);
        bytes32 id = request(ALICE, 1e18);
        uint256 had = perp.balanceOf(keeper);
        vm.prank(keeper);
        buffer.execute(id, abi.encode(orderOf(ALICE, 1e18)), 1);
        eq(perp.balanceOf(keeper) - had, USD, "paid");
    }

    function test_fuzz_PERP_02_ordersKeepTheirLimit(uint256 limit, bool buys) external {
        provide(MAKER, 1_000_000 * USD);
        margin(ALICE, 10_000 * USD);
        limit = bound(limit, START - 10, START + 10);
        int128 size = buys ? int128(1e18) : -1e18;
        vm.prank(ALICE);
        bytes32 id = perp.requestOrder(MARKET, size, uint128(limit));
        // The least impact is 1 wei of price against who trades.
        uint256 paid = buys ? START + 1 : START - 1;
        bool passes = buys ? paid <= limit : paid >= limit;
        if (!passes) vm.expectRevert(abi.encodeWithSelector(IReferencePerp.Perp_Limit.selector, paid, limit));
        perp.executeOrder(id, Order(ALICE, MARKET, size, limit), 1);
    }

    function test_fuzz_PERP_02_ordersOfOtherMarketsAreRefused(bytes32 market) external {
        if (market == MARKET) return;
        vm.expectRevert(abi.encodeWithSelector(IReferencePerp.Perp_Market.selector, market));
        perp.requestOrder(market, 1e18, 0);
    }

    function test_fuzz_PERP_03_onlyTheTraderCancels(address stranger) external {
        if (stranger == ALICE) return;
        bytes32 id = request(ALICE, 1e18);
        vm.expectRevert(abi.encodeWithSelector(IReferencePerp.Perp_NotAllowed.selector, stranger));
        vm.prank(stranger);
        perp.cancelOrder(id);
        vm.expectEmit(address(perp));
        emit IReferencePerp.OrderCancelled(id);
        vm.prank(ALICE);
        perp.cancelOrder(id);
        vm.expectRevert(abi.encodeWithSelector(IReferencePerp.Perp_NotAllowed.selector, ALICE));
        vm.prank(ALICE);
        perp.cancelOrder(id);
        vm.expectRevert();
        perp.executeOrder(id, orderOf(ALICE, 1e18), 1);
    }

    function test_fuzz_PERP_03_onlyTheBufferFillsAndOnlyOurOrders(address stranger) external {
        if (stranger == address(buffer) || stranger == address(0)) return;
        Fill memory fill = Fill(0, address(perp), MARKET, uint128(START), uint40(1), Status.OK, 0);
        bytes memory payload = abi.encode(orderOf(ALICE, 1e18));
        vm.expectRevert(abi.encodeWithSelector(IReferencePerp.Perp_NotAllowed.selector, stranger));
        vm.prank(stranger);
        perp.onExecute(fill, payload, stranger);
        fill.owner = stranger;
        vm.expectRevert(abi.encodeWithSelector(IReferencePerp.Perp_NotAllowed.selector, address(buffer)));
        vm.prank(address(buffer));
        perp.onExecute(fill, payload, stranger);
    }

    function test_fuzz_PERP_04_onlyAGoodPriceOpensRisk(uint8 status, int256 size, int256 change) external {
        provide(MAKER, 10_000_000 * USD);
        margin(ALICE, 1_000_000 * USD);
        size = size % 100e18;
        change = change % 200e18;
        if (size != 0) open(ALICE, size);
        if (change == 0) return;
        status = uint8(bound(status, 1, 3));
        bytes32 id = request(ALICE, change);
        setStatus(Status(status));
        bool reduces = (size > 0) != (change > 0) && abs(change) <= abs(size) && size != 0;
        if (!reduces) vm.expectRevert(abi.encodeWithSelector(IReferencePerp.Perp_Price.selector, MARKET, status));
        perp.executeOrder(id, orderOf(ALICE, change), 1);
        yes(positionOf(ALICE).size == (reduces ? size + change : size), "size");
    }

    function test_PERP_04_aFillAtABadRoundOpensNothing() external {
        provide(MAKER, 1_000_000 * USD);
        margin(ALICE, 10_000 * USD);
        Fill memory fill = Fill(0, address(perp), MARKET, uint128(START), uint40(1), Status.DEGRADED, 0);
        vm.expectRevert(abi.encodeWithSelector(IReferencePerp.Perp_Price.selector, MARKET, uint8(1)));
        vm.prank(address(buffer));
        perp.onExecute(fill, abi.encode(orderOf(ALICE, 1e18)), BOB);
    }

    function test_fuzz_PERP_03_newRiskNeedsInitialMargin(uint256 marginAmount, uint256 size) external {
        provide(MAKER, 10_000_000 * USD);
        marginAmount = bound(marginAmount, 1, 100_000 * USD);
        size = bound(size, 1e15, 1_000e18);
        margin(ALICE, marginAmount);
        bytes32 id = request(ALICE, int256(size));
        // The impact of the market without depth rounds the cost up by one unit.
        int256 have =
            int256(marginAmount) + int256(size * START / 1e30) - int256((size * (START + 1) + 1e30 - 1) / 1e30);
        uint256 initial = (size * START + 1e30 - 1) / 1e30 / 10;
        if (have < int256(initial)) {
            vm.expectRevert(abi.encodeWithSelector(IReferencePerp.Perp_Unhealthy.selector, ALICE, have, initial));
        }
        perp.executeOrder(id, orderOf(ALICE, int256(size)), 1);
    }

    function test_fuzz_PERP_03_interestStaysWithinTheCap(uint256 cap, uint256 size, bool long) external {
        provide(MAKER, 10_000_000 * USD);
        margin(ALICE, 1_000_000 * USD);
        cap = bound(cap, 0, 1_000_000 * USD);
        size = bound(size, 1e15, 1_000e18);
        Limits memory l = limits();
        l.oiCap = cap;
        parameters.set(l);
        int256 signed = long ? int256(size) : -int256(size);
        bytes32 id = request(ALICE, signed);
        uint256 notional = (size * START + 1e30 - 1) / 1e30;
        if (notional > cap) {
            vm.expectRevert(abi.encodeWithSelector(IReferencePerp.Perp_OpenInterest.selector, MARKET, notional, cap));
        }
        perp.executeOrder(id, orderOf(ALICE, signed), 1);
    }

    function test_fuzz_PERP_02_aRoundTripInPartsNeverPays(
        uint256 wad,
        uint256 size,
        uint256[4] calldata cuts,
        bool long
    ) external {
        wad = bound(wad, 1e9, 1e24);
        size = bound(size, 1, 1_000e18);
        provide(MAKER, 1e24);
        margin(ALICE, 1e24);
        setPrice(wad);
        open(ALICE, long ? int256(size) : -int256(size));
        for (uint256 i; i < 4 && positionOf(ALICE).size != 0; ++i) {
            uint256 left = abs(positionOf(ALICE).size);
            uint256 part = bound(cuts[i], 1, left);
            open(ALICE, long ? -int256(part) : int256(part));
        }
        if (positionOf(ALICE).size != 0) close(ALICE);
        Position memory p = positionOf(ALICE);
        atMost(p.margin, 1e24, "margin");
        yes(p.cost == 0 && p.drawn == 0, "nothing is left of the position");
        eq(p.margin + poolMargin(), 2e24, "conserved");
    }

    function test_fuzz_PERP_02_aFlipRealisesTheOldSide(uint256 wad, uint256 size, uint256 more) external {
        provide(MAKER, 1e15);
        margin(ALICE, 1e15);
        size = bound(size, 1e15, 100e18);
        more = bound(more, 1e15, 100e18);
        open(ALICE, int256(size));
        int256 cost = positionOf(ALICE).cost;
        wad = bound(wad, START / 2, START * 2);
        setPrice(wad);
        open(ALICE, -int256(size + more));
        Position memory p = positionOf(ALICE);
        yes(p.size == -int256(more), "size");
        int256 gain = int256(size * (wad - 1) / 1e30) - cost;
        yes(int256(p.margin) - 1e15 <= gain + 1 && int256(p.margin) - 1e15 >= gain - 1, "realised");
        (uint256 long, uint256 short) = perp.openInterest(MARKET);
        eq(long, 0, "long");
        eq(short, more, "short");
        eq(p.margin + poolMargin(), 2e15, "conserved");
    }

    /* CLOSING */

    function test_fuzz_PERP_04_closingIsOpenAtEveryStatus(uint8 status, uint256 now_, uint256 last, bool long)
        external
    {
        provide(MAKER, 1_000_000 * USD);
        margin(ALICE, 10_000 * USD);
        open(ALICE, long ? int256(5e18) : -5e18);
        int256 cost = positionOf(ALICE).cost;
        (now_, last) = (bound(now_, 1_800e18, 2_200e18), bound(last, 1_800e18, 2_200e18));
        Status s = Status(status % 4);
        oracle.set(now_, last, s);
        if (s == Status.HALTED) now_ = last;
        uint256 worse = long == (now_ < last) ? now_ : last;
        uint256 paid = long ? worse - 1 : worse + 1;
        int256 value = long ? int256(5e18 * paid / 1e30) : -int256((5e18 * paid + 1e30 - 1) / 1e30);
        int256 gain = value - cost;
        if (gain > 0 && s >= Status.FALLBACK) gain = 0;
        close(ALICE);
        yes(int256(positionOf(ALICE).margin) == int256(10_000 * USD) + gain, "at the worse price");
        yes(positionOf(ALICE).size == 0 && positionOf(ALICE).cost == 0, "closed");
        eq(positionOf(ALICE).margin + poolMargin(), 1_010_000 * USD, "conserved");
    }

    function test_PERP_04_closingKeepsItsLimit() external {
        provide(MAKER, 1_000_000 * USD);
        margin(ALICE, 10_000 * USD);
        open(ALICE, 5e18);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IReferencePerp.Perp_Limit.selector, START - 1, START));
        perp.closePosition(MARKET, START);
    }

    /* DRAWING */

    function test_fuzz_PERP_03_anUnrealisedGainIsDrawnOnce(uint256 wad, uint256 amount) external {
        provide(MAKER, 1_000_000 * USD);
        margin(ALICE, 10_000 * USD);
        open(ALICE, 10e18);
        wad = bound(wad, START, 2 * START);
        setPrice(wad);
        uint256 free = uint256(equityOf(ALICE)) - wad * 10 / 1e13 - 2;
        amount = bound(amount, 1, free);
        int256 equity = equityOf(ALICE);
        takeOut(ALICE, amount);
        yes(equityOf(ALICE) == equity, "equity");
        uint256 drawn = amount > 10_000 * USD ? amount - 10_000 * USD : 0;
        eq(positionOf(ALICE).drawn, drawn, "drawn");
        eq(positionOf(ALICE).margin, amount > 10_000 * USD ? 0 : 10_000 * USD - amount, "margin");
        close(ALICE);
        eq(positionOf(ALICE).drawn, 0, "forgotten");
        eq(perp.balanceOf(ALICE) + positionOf(ALICE).margin + poolMargin(), 1_010_000 * USD, "conserved");
        if (positionOf(ALICE).margin > 0) takeOut(ALICE, positionOf(ALICE).margin);
        vm.expectRevert(fails(IReferencePerp.Perp_Balance.selector, ALICE, 0, 1));
        takeOut(ALICE, 1);
    }

    function test_PERP_02_aGainIsDrawnAsFarAsThePoolHasIt() external {
        provide(MAKER, 10_000 * USD);
        margin(ALICE, 30_000 * USD);
        margin(BOB, 30_000 * USD);
        open(BOB, -10e18);
        open(ALICE, 20e18);
        setPrice(4_000e18);
        vm.expectRevert(fails(IReferencePerp.Perp_Balance.selector, address(perp), 10_000 * USD, 11_000 * USD));
        takeOut(ALICE, 41_000 * USD);
    }

    function test_fuzz_PERP_02_fundingReceivedPaysFirst(uint256 amount) external {
        Limits memory l = limits();
        l.fundingCap = 0.01e18;
        (l.skewScale) = 1;
        parameters.set(l);
        provide(MAKER, 1_000_000 * USD);
        margin(ALICE, 100_000 * USD);
        margin(BOB, 100_000 * USD);
        open(ALICE, 100e18);
        open(BOB, -50e18);
        pass(10 days);
        // 1 % a day of the price for ten days, to the smaller side.
        uint256 received = 10_000 * USD;
        amount = bound(amount, 1, received / 2);
        setPrice(1_000e18);
        takeOut(BOB, 100_000 * USD + amount);
        eq(perp.balanceOf(BOB), 100_000 * USD + amount, "out");
        eq(positionOf(BOB).drawn, 0, "nothing is drawn of the gain");
    }

    /* FUNDING */

    function test_fuzz_PERP_02_fundingIsZeroSum(uint256 time, int256 a, int256 b, uint256 cap) external {
        Limits memory l = limits();
        l.fundingCap = bound(cap, 0, 0.05e18);
        parameters.set(l);
        provide(MAKER, 10_000_000 * USD);
        margin(ALICE, 10_000_000 * USD);
        margin(BOB, 10_000_000 * USD);
        (a, b) = (a % 1_000e18, b % 1_000e18);
        if (a != 0) open(ALICE, a);
        if (b != 0) open(BOB, b);
        int256 before = perp.poolEquity(MARKET);
        time = bound(time, 0, 60 days);
        pass(time);
        perp.settleFunding(MARKET);
        int256 owedByAlice = equityOf(ALICE) - perp.accountHealth(ALICE, MARKET).collateral;
        int256 owedByBob = equityOf(BOB) - perp.accountHealth(BOB, MARKET).collateral;
        int256 skew = a + b;
        uint256 notional = abs(skew) * START / 1e30;
        uint256 scale = 1_000_000 * USD;
        uint256 rate = (notional > scale ? scale : notional) * l.fundingCap / scale;
        uint256 step = rate * time * START / 1e18 / 1 days;
        uint256 want = abs(a) * step / 1e30;
        bool pays = (a > 0) == (skew > 0);
        near(owedByAlice, pays ? int256(want) : -int256(want), 1e6, "funding of the larger side");
        near(perp.poolEquity(MARKET) - before, owedByAlice + owedByBob, 6, "zero sum");
        if (a != 0) close(ALICE);
        if (b != 0) close(BOB);
        uint256 all = positionOf(ALICE).margin + positionOf(BOB).margin + poolMargin();
        eq(all, 30_000_000 * USD, "conserved");
        yes(perp.poolEquity(MARKET) == int256(poolMargin()), "nothing is left of the positions");
    }

    /* MAKERS */

    function test_fuzz_PERP_02_makersShareThePool(uint256 a, uint256 b, uint256 gift) external {
        (a, b) = (bound(a, USD, 1e18), bound(b, USD, 1e18));
        gift = bound(gift, 1, 1e12);
        pay(MAKER, a);
        vm.expectEmit(address(perp));
        emit IReferencePerp.LiquidityMoved(MAKER, MARKET, int256(a * 1e6), a);
        vm.prank(MAKER);
        eq(perp.addLiquidity(MARKET, a), a * 1e6, "first shares");
        margin(ALICE, gift);
        vm.prank(ALICE);
        perp.donate(MARKET, gift);
        provide(BOB, b);
        eq(perp.makerValue(address(this), MARKET), 0, "a stranger's shares");
        atMost(perp.makerValue(BOB, MARKET), b, "no more than was given");
        atMost(b, perp.makerValue(BOB, MARKET) + (a + gift) / a + 2, "and little less");
        uint256 shares = perp.sharesOf(BOB, MARKET);
        uint256 value = perp.makerValue(BOB, MARKET);
        vm.expectEmit(address(perp));
        emit IReferencePerp.LiquidityMoved(BOB, MARKET, -int256(shares), value);
        vm.prank(BOB);
        eq(perp.removeLiquidity(MARKET, shares), value, "paid");
        eq(token.balanceOf(BOB), value, "received");
        atMost(a, perp.makerValue(MAKER, MARKET) + 1, "the first maker has not lost");
    }

    function test_fuzz_PERP_02_theFirstMakerCannotRobTheNext(uint256 seed, uint256 gift, uint256 amount) external {
        (seed, gift, amount) = (bound(seed, 1, 1e9), bound(gift, 1, 1e15), bound(amount, USD, 1e12));
        provide(BOB, seed);
        margin(BOB, gift);
        vm.prank(BOB);
        perp.donate(MARKET, gift);
        provide(MAKER, amount);
        uint256 shares = perp.sharesOf(BOB, MARKET);
        vm.prank(BOB);
        uint256 got = perp.removeLiquidity(MARKET, shares);
        uint256 lost = amount - perp.makerValue(MAKER, MARKET);
        uint256 spent = seed + gift > got ? seed + gift - got : 0;
        // One share's rounding is all that a maker may lose, and the giver lost as much as the virtual shares took.
        atMost(got, seed + gift, "no gain");
        atMost(lost, spent + 2 + (seed + gift) / 1e6, "what others lose costs as much");
    }

    function test_fuzz_PERP_03_makersLeaveThePoolItsMargin(uint256 part) external {
        provide(MAKER, 100_000 * USD);
        margin(ALICE, 100_000 * USD);
        open(ALICE, 100e18);
        uint256 shares = perp.sharesOf(MAKER, MARKET);
        part = bound(part, 1, shares);
        uint256 amount = part * (100_000 * USD + 1) / (shares + 1e6);
        // 200,000 of skew need 20,000; the impact gave the pool one unit.
        bool passes = amount <= 80_000 * USD + 1;
        if (!passes) vm.expectRevert();
        vm.prank(MAKER);
        perp.removeLiquidity(MARKET, part);
        if (passes) return;
        vm.expectRevert(fails(IReferencePerp.Perp_Balance.selector, MAKER, shares, shares + 1));
        vm.prank(MAKER);
        perp.removeLiquidity(MARKET, shares + 1);
    }

    function test_fuzz_PERP_03_makersStayForAWhile(uint256 delay, uint256 time) external {
        Limits memory l = limits();
        l.makerDelay = bound(delay, 0, 365 days);
        parameters.set(l);
        provide(MAKER, 100 * USD);
        pass(1_000 days);
        provide(MAKER, 100 * USD);
        uint256 readyAt = vm.getBlockTimestamp() + l.makerDelay;
        time = bound(time, 0, 2 * l.makerDelay);
        pass(time);
        if (time < l.makerDelay) {
            vm.expectRevert(abi.encodeWithSelector(IReferencePerp.Perp_TooSoon.selector, readyAt));
        }
        vm.prank(MAKER);
        perp.removeLiquidity(MARKET, 1);
    }

    function test_fuzz_PERP_04_makersComeAndGoAtAGoodPrice(uint8 status) external {
        provide(MAKER, 100 * USD);
        pay(MAKER, USD);
        status = uint8(bound(status, 1, 3));
        setStatus(Status(status));
        bytes memory refused = abi.encodeWithSelector(IReferencePerp.Perp_Price.selector, MARKET, status);
        vm.expectRevert(refused);
        vm.prank(MAKER);
        perp.addLiquidity(MARKET, USD);
        vm.expectRevert(refused);
        vm.prank(MAKER);
        perp.removeLiquidity(MARKET, 1);
    }

    function test_fuzz_PERP_03_anOrderNeedsAPoolThatCarriesIt(uint256 pool, uint256 size, bool long) external {
        pool = bound(pool, USD, 100_000 * USD);
        size = bound(size, 1e15, 400e18);
        provide(MAKER, pool);
        margin(ALICE, 1_000_000 * USD);
        int256 signed = long ? int256(size) : -int256(size);
        bytes32 id = request(ALICE, signed);
        uint256 need = (size * START + 1e30 - 1) / 1e30 / 10;
        // Rounding the cost up gave the pool at most one unit, and its own value is rounded down.
        if (pool + 1 < need) vm.expectRevert();
        else if (pool < need + 1) return;
        perp.executeOrder(id, orderOf(ALICE, signed), 1);
        // What takes off the skew needs no pool.
        margin(BOB, 1_000_000 * USD);
        if (pool + 1 >= need) open(BOB, -signed);
    }

    /* VIEWS */

    function test_PERP_06_modulesAreThoseItWasBuiltOf() external view {
        Modules memory m = perp.modules();
        eq(address(m.collateral), address(token), "collateral");
        eq(m.decimals, 6, "decimals");
        eq(address(m.oracle), address(oracle), "oracle");
        eq(address(m.buffer), address(buffer), "buffer");
        eq(m.orderKind, MARKET, "kind");
        eq(address(m.limiter), address(limiter), "limiter");
        eq(m.breaker, address(this), "breaker");
        eq(address(m.parameters), address(parameters), "parameters");
        eq(address(m.fund), address(fund), "fund");
        yes(address(m.gate).code.length > 0, "gate");
        eq(m.lockValue, 1, "lock");
        eq(m.shareOffset, 1e6, "offset");
    }

    /* COLLATERALS */

    function test_fuzz_PERP_02_anyDecimalsUpTo36(uint8 decimals, uint256 size, uint256 wad) external {
        decimals = uint8(bound(decimals, 0, 36));
        makePerp(decimals);
        Limits memory l = limits();
        (l.depth, l.oiCap) = (type(uint256).max / 2, type(uint256).max);
        parameters.set(l);
        uint256 one = 10 ** decimals;
        provide(MAKER, 1e9 * one);
        margin(ALICE, 1e9 * one);
        size = bound(size, 1e15, 1_000e18);
        open(ALICE, int256(size));
        wad = bound(wad, START / 2, START * 2);
        setPrice(wad);
        close(ALICE);
        uint256 have = positionOf(ALICE).margin;
        eq(have + poolMargin(), 2e9 * one, "conserved");
        uint256 unit = 10 ** (36 - uint256(decimals));
        int256 want = int256(1e9 * one) + int256(size * wad / unit) - int256(size * START / unit);
        near(int256(have), want, 3 + size / unit * 2, "gain");
    }

    function test_PERP_02_moreDecimalsAreNoCollateral() external {
        Modules memory m = modules(37);
        Deployer deployer = new Deployer();
        vm.expectRevert();
        deployer.deploy(m);
    }

    function abs(int256 x) internal pure returns (uint256) {
        return x < 0 ? uint256(-x) : uint256(x);
    }

    function near(int256 have, int256 want, uint256 by, string memory what) internal pure {
        atMost(abs(have - want), by, what);
    }
}

contract Deployer {
    function deploy(Modules memory m) external returns (ReferencePerp) {
        return new ReferencePerp(m);
    }
}

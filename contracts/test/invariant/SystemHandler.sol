// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {CircuitBreaker} from "../../src/CircuitBreaker.sol";
import {Health} from "../../src/interfaces/IHealthGate.sol";
import {Fill} from "../../src/interfaces/ILatencyBuffer.sol";
import {Status} from "../../src/interfaces/IOracleAggregator.sol";
import {IReferencePerp, Order} from "../../src/interfaces/IReferencePerp.sol";
import {ITranche} from "../../src/interfaces/ITranche.sol";
import {Why} from "../../src/libraries/Why.sol";
import {CalibratedParameters} from "../../src/reference/CalibratedParameters.sol";
import {ReferencePerp} from "../../src/reference/ReferencePerp.sol";
import {RiskSteward} from "../../src/RiskSteward.sol";
import {HardenedWorld} from "../incidents/worlds/HardenedWorld.sol";
import {PriceFeed} from "../incidents/worlds/PriceFeed.sol";
import {SpotPool} from "../incidents/worlds/SpotPool.sol";
import {Token} from "../incidents/worlds/Token.sol";
import {Refusals} from "./Refusals.sol";

/// Everyone at once on the exchange with all its modules: traders, makers, a liquidator, a keeper, guardians, a steward, a
/// thief with everybody's addresses, keepers of prices, the clock.
contract SystemHandler is Refusals {
    bytes32 internal constant MARKET = "BASE/USD";
    uint256 internal constant USD = 1e6;
    address internal constant THIEF = address(0x7e1f);
    address internal constant KEEPER = address(0x4ee9);
    address internal constant LIQUIDATOR = address(0x11c);

    HardenedWorld public world;
    ReferencePerp public perp;
    Token internal usd;
    CalibratedParameters internal parameters;
    /// Traders and makers of the handler's, the world's people, and who is paid.
    address[] public people;
    mapping(bytes32 id => Order) internal orders;
    bytes32[] internal ids;
    uint256[] internal times;
    int256[] internal leaks;
    int256 internal leaked;
    uint256 public thiefKeeperFees;
    uint256 public steps;

    constructor(HardenedWorld world_) {
        (world, perp, usd, parameters) = (world_, world_.perp(), world_.usd(), world_.parameters());
        for (uint160 i; i < 5; ++i) people.push(address(0xace00 + i));
        people.push(address(world_.maker()));
        people.push(address(world_.longTrader()));
        people.push(address(world_.shortTrader()));
        people.push(THIEF);
        people.push(KEEPER);
        people.push(LIQUIDATOR);
        // The keeper of the first orders.
        people.push(address(world_));
    }

    /// Money for the handler's people and for who keeps the pool at the price.
    function enter() external {
        if (times.length > 0) return;
        for (uint256 i; i < people.length; ++i) {
            vm.prank(people[i]);
            usd.approve(address(perp), type(uint256).max);
            if (i < 5) attempt(people[i], abi.encodeCall(perp.deposit, (500_000 * USD)));
        }
        attempt(THIEF, abi.encodeCall(perp.deposit, (100_000 * USD)));
        usd.approve(address(world.pool()), type(uint256).max);
        world.base().approve(address(world.pool()), type(uint256).max);
        note();
    }

    /* WHAT MAY REFUSE */

    /// Calls as `who`. A refusal must be one of the exchange's or its modules': anything else is a bug.
    function attempt(address who, bytes memory data) internal returns (bool ok, bytes memory answer) {
        uint256 held = usd.balanceOf(address(perp));
        uint256 insured = insurance();
        vm.prank(who);
        (ok, answer) = address(perp).call(data);
        if (!ok) yes(isRefusal(bytes4(answer)), string.concat("a refusal, not ", hexOf(bytes4(answer))));
        // What the fund paid in is no inflow of the limiter's; what it got is an outflow.
        uint256 left = insurance();
        uint256 covered = insured > left ? insured - left : 0;
        leaked += int256(held + covered) - int256(usd.balanceOf(address(perp)));
    }

    function insurance() internal view returns (uint256) {
        return usd.balanceOf(address(world.fund())) + usd.balanceOf(address(world.fund().junior()));
    }

    function note() internal {
        ++steps;
        times.push(vm.getBlockTimestamp());
        leaks.push(leaked);
    }

    /// PERP-03: what an account did itself left it with its initial margin, or with less risk.
    function attemptOwn(address who, address by, bytes memory data) internal {
        if (!isPaused(IReferencePerp.settleFunding.selector)) perp.settleFunding(MARKET);
        Health memory a = perp.accountHealth(who, MARKET);
        attempt(by, data);
        Health memory b = perp.accountHealth(who, MARKET);
        bool has = b.collateral >= 0 && uint256(b.collateral) >= b.initial;
        yes(has || (b.initial <= a.initial && b.excess >= a.excess), "PERP-03: healthy, or less risk");
    }

    function isPaused(bytes4 selector) internal view returns (bool) {
        return perp.pausedUntil(selector) > vm.getBlockTimestamp();
    }

    function pick(uint256 who) internal view returns (address) {
        return people[who % 5];
    }

    /* TRADERS AND MAKERS */

    function pay(uint256 who, uint256 amount, bool out) external {
        amount = bound(amount, 0, 60_000 * USD);
        bytes memory data = out ? abi.encodeCall(perp.withdraw, (amount)) : abi.encodeCall(perp.deposit, (amount));
        if (!out && usd.balanceOf(pick(who)) < amount) return;
        attempt(pick(who), data);
        note();
    }

    function moveMargin(uint256 who, uint256 amount, uint256 what) external {
        amount = bound(amount, 0, 50_000 * USD);
        bytes memory data = what % 4 < 2
            ? abi.encodeCall(perp.addMargin, (MARKET, amount))
            : what % 4 == 2
                ? abi.encodeCall(perp.removeMargin, (MARKET, amount))
                : abi.encodeCall(perp.donate, (MARKET, amount / 10));
        attemptOwn(pick(who), pick(who), data);
        note();
    }

    function order(uint256 who, int256 size) external {
        size = size % 40e18;
        if (size == 0) return;
        uint128 limit = size > 0 ? type(uint128).max : 0;
        (bool ok, bytes memory answer) =
            attempt(pick(who), abi.encodeCall(perp.requestOrder, (MARKET, int128(size), limit)));
        if (ok) {
            bytes32 id = abi.decode(answer, (bytes32));
            ids.push(id);
            orders[id] = Order(pick(who), MARKET, size, limit);
        }
        note();
    }

    /// Requests, waits for the next price, and has it executed: most of what happens.
    function trade(uint256 who, int256 size, uint256 marginAmount) external {
        size = size % 40e18;
        if (size == 0) return;
        attempt(pick(who), abi.encodeCall(perp.addMargin, (MARKET, bound(marginAmount, 1, 30_000 * USD))));
        uint128 limit = size > 0 ? type(uint128).max : 0;
        (bool ok, bytes memory answer) =
            attempt(pick(who), abi.encodeCall(perp.requestOrder, (MARKET, int128(size), limit)));
        if (ok) {
            pass(12);
            world.refresh();
            bytes32 id = abi.decode(answer, (bytes32));
            orders[id] = Order(pick(who), MARKET, size, limit);
            execute(id, KEEPER);
        }
        note();
    }

    function execute(bytes32 id, address by) internal {
        (bool known, bytes memory answer) =
            address(world.buffer()).staticcall(abi.encodeCall(world.buffer().firstRound, (id)));
        if (!known) return;
        Order memory o = orders[id];
        attemptOwn(o.trader, by, abi.encodeCall(perp.executeOrder, (id, o, abi.decode(answer, (uint64)))));
    }

    function keep(uint256 which, bool thief) external {
        if (ids.length == 0) return;
        uint256 had = perp.balanceOf(THIEF);
        execute(ids[which % ids.length], thief ? THIEF : KEEPER);
        thiefKeeperFees += perp.balanceOf(THIEF) - had;
        note();
    }

    function cancel(uint256 which, bool thief) external {
        if (ids.length == 0) return;
        bytes32 id = ids[which % ids.length];
        (bool ok,) = attempt(thief ? THIEF : orders[id].trader, abi.encodeCall(perp.cancelOrder, (id)));
        no(thief && ok, "only the trader cancels");
        note();
    }

    function close(uint256 who) external {
        int256 size = perp.positionOf(pick(who), MARKET).size;
        attemptOwn(pick(who), pick(who), abi.encodeCall(perp.closePosition, (MARKET, size > 0 ? 0 : type(uint256).max)));
        note();
    }

    function makers(uint256 who, uint256 amount, bool out) external {
        address maker = pick(who);
        if (out) {
            uint256 shares = bound(amount, 0, perp.sharesOf(maker, MARKET));
            attempt(maker, abi.encodeCall(perp.removeLiquidity, (MARKET, shares)));
        } else {
            attempt(maker, abi.encodeCall(perp.addLiquidity, (MARKET, bound(amount, 0, 50_000 * USD))));
        }
        note();
    }

    /// Depositors of the fund, whose money pays for what the market lacks.
    function insure(uint256 who, uint256 amount) external {
        address account = pick(who);
        amount = bound(amount, 1, 50_000 * USD);
        if (usd.balanceOf(account) < amount) return;
        ITranche junior = world.fund().junior();
        vm.prank(account);
        usd.approve(address(junior), amount);
        vm.prank(account);
        junior.deposit(amount, account);
        note();
    }

    /* THOSE WHO KEEP IT SOUND */

    function liquidate(uint256 who, uint256 maxSize) external {
        address account = people[who % 8];
        attempt(LIQUIDATOR, abi.encodeCall(perp.liquidate, (account, MARKET, bound(maxSize, 1, 1e21))));
        attempt(LIQUIDATOR, abi.encodeCall(perp.deleverage, (account, MARKET)));
        note();
    }

    function settle(bool fees) external {
        attempt(
            KEEPER, fees ? abi.encodeCall(perp.collectFees, (MARKET)) : abi.encodeCall(perp.settleFunding, (MARKET))
        );
        note();
    }

    /// The council pauses or halts within its budgets; more is refused.
    function guard(uint256 which, uint256 time, bool halt) external {
        bytes4[] memory list = world.guarded();
        CircuitBreaker breaker = world.breaker();
        uint40 until = uint40(vm.getBlockTimestamp() + bound(time, 1, 80 hours));
        Why memory why = Why("test", keccak256("evidence"));
        vm.prank(address(world.council()));
        (bool ok,) = address(breaker)
            .call(
                halt
                    ? abi.encodeCall(breaker.fullHalt, (address(perp), until, why))
                    : abi.encodeCall(breaker.trip, (address(perp), list[which % list.length], until, why))
            );
        ok;
        note();
    }

    /// A steward, honest or not, sends the parameters wherever the bounds let him.
    function steer(uint256 which, uint256 value) external {
        RiskSteward steward = world.steward();
        bytes32[] memory list = new bytes32[](1);
        uint256[] memory values = new uint256[](1);
        list[0] = parameters.idOf(MARKET, which % 2 == 0 ? bytes32("depth") : bytes32("oiCap"));
        values[0] = bound(value, 0, 6_000_000 * USD);
        vm.prank(address(world));
        (bool ok, bytes memory answer) =
            address(steward).call(abi.encodeCall(steward.propose, (list, values, "model", bytes32(steps + 1))));
        if (ok) {
            vm.prank(address(world));
            (ok,) = address(steward).call(abi.encodeCall(steward.applyBatch, (abi.decode(answer, (bytes32)))));
        }
        note();
    }

    /// What a thief tries at every door that is not his.
    function steal(uint256 which, uint256 amount) external {
        address victim = pick(amount);
        bytes[12] memory tries = [
            abi.encodeCall(perp.withdraw, (perp.balanceOf(THIEF) + 1)),
            abi.encodeCall(perp.removeMargin, (MARKET, perp.positionOf(THIEF, MARKET).margin + 1)),
            abi.encodeCall(perp.removeLiquidity, (MARKET, perp.sharesOf(THIEF, MARKET) + 1)),
            abi.encodeCall(perp.writePause, (IReferencePerp.liquidate.selector, type(uint40).max)),
            abi.encodeCall(
                perp.onExecute,
                (Fill(0, address(perp), 0, 1, 1, Status.OK, 0), abi.encode(Order(victim, MARKET, 1, 1)), THIEF)
            ),
            abi.encodeCall(
                world.buffer().request, (bytes32(uint256(1)), abi.encode(Order(victim, MARKET, 1e18, 1)), 0)
            ),
            abi.encodeCall(world.limiter().onOutflow, (address(usd), 1, THIEF)),
            abi.encodeCall(world.fund().cover, (bytes32(amount), MARKET, amount)),
            abi.encodeCall(world.steward().propose, (new bytes32[](1), new uint256[](1), "m", "i")),
            abi.encodeCall(
                world.breaker().trip,
                (address(perp), IReferencePerp.withdraw.selector, type(uint40).max, Why("x", keccak256("x")))
            ),
            abi.encodeCall(usd.transferFrom, (address(perp), THIEF, 1)),
            abi.encodeCall(world.fund().setMarketCap, (MARKET, 0, Why("x", keccak256("x"))))
        ];
        address[12] memory doors = [
            address(perp),
            address(perp),
            address(perp),
            address(perp),
            address(perp),
            address(world.buffer()),
            address(world.limiter()),
            address(world.fund()),
            address(world.steward()),
            address(world.breaker()),
            address(usd),
            address(world.fund())
        ];
        which %= 12;
        vm.prank(THIEF);
        (bool ok, bytes memory answer) = doors[which].call(tries[which]);
        if (ok) {
            // Anybody may ask the buffer, but such an order is nobody's here.
            eq(which, 5, "no door but the buffer's is open");
            bytes32 id = abi.decode(answer, (bytes32));
            orders[id] = Order(victim, MARKET, 1e18, 1);
            pass(12);
            world.refresh();
            vm.prank(THIEF);
            (ok,) =
                address(perp).call(abi.encodeCall(perp.executeOrder, (id, orders[id], world.buffer().firstRound(id))));
            no(ok, "a forged order");
        }
        note();
    }

    /* PRICES AND TIME */

    function pass(uint256 time) internal {
        vm.warp(vm.getBlockTimestamp() + time);
        vm.roll(vm.getBlockNumber() + 1);
    }

    /// The market moves by up to 8 %, and whoever trades in the pool follows.
    function move(uint256 bps, bool follow) external {
        uint256 wad = world.honestWad() * bound(bps, 9_200, 10_800) / 10_000;
        vm.prank(address(world.owner()));
        world.setHonest(Math.min(Math.max(wad, 800e18), 6_000e18));
        if (follow) arbitrage();
        note();
    }

    function arbitrage() internal {
        SpotPool pool = world.pool();
        uint256 quote = pool.quoteReserve();
        uint256 target = Math.sqrt(pool.baseReserve() * quote * (world.honestWad() / 1e9) / 1e21);
        if (target > quote) pool.buyBase(target - quote);
        else if (target < quote) pool.sellBase(pool.baseReserve() * quote / target - pool.baseReserve());
    }

    /// One feed lies, until it is refreshed.
    function lie(bool first, uint256 bps) external {
        PriceFeed feed = first ? world.feedA() : world.feedB();
        int256 answer = int256(world.honestWad() * bound(bps, 1, 100_000) / 10_000 / 1e10);
        vm.prank(address(world));
        feed.set(answer);
        world.oracle().commit(MARKET);
        note();
    }

    function wait(uint256 time, bool fresh) external {
        pass(bound(time, 1, time % 4 == 0 ? 4 days : 20 minutes));
        if (fresh) world.refresh();
        note();
    }

    /* SUMS */

    function count() external view returns (uint256) {
        return people.length;
    }

    /// The most that left in excess of what the limiter lets pass, over every stretch that ends now.
    function worstLeak(uint256 cap, uint256 window) external view returns (int256 worst) {
        uint256 last = times.length - 1;
        for (uint256 i; i < last; ++i) {
            int256 allowed = int256(cap + cap * (times[last] - times[i]) / window + (last - i));
            int256 over = leaks[last] - leaks[i] - allowed;
            if (i == 0 || over > worst) worst = over;
        }
    }
}

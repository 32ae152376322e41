// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Health} from "../../src/interfaces/IHealthGate.sol";
import {Position} from "../../src/interfaces/IReferencePerp.sol";
import {Bounds} from "../../src/interfaces/IRiskSteward.sol";
import {ReferencePerp} from "../../src/reference/ReferencePerp.sol";
import {IncidentTest} from "../incidents/IncidentTest.t.sol";
import {HardenedWorld} from "../incidents/worlds/HardenedWorld.sol";
import {SystemHandler} from "./SystemHandler.sol";

/// What holds of the exchange on all its modules, whoever does whatever.
contract SystemInvariants is IncidentTest {
    bytes32 internal constant MARKET = "BASE/USD";
    uint256 internal constant USD = 1e6;
    SystemHandler internal handler;
    HardenedWorld internal world;
    ReferencePerp internal perp;

    function setUp() external {
        world = makeHardened();
        perp = world.perp();
        handler = new SystemHandler(world);
        for (uint256 i; i < handler.count(); ++i) world.grant(handler.people(i), 600_000 * USD, 0);
        world.grant(address(handler), 100_000_000 * USD, 100_000e18);
        handler.enter();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// All in one: each by itself would play the same calls again.
    function invariant_PERP_02_everythingHoldsWhoeverDoesWhatever() external view {
        everyUnitHeldIsSomebodys(); // PERP-02
        openInterestIsTheSumOfPositions(); // PERP-02
        thePoolIsTheOtherSideOfEveryPosition(); // PERP-02
        outflowsStayWithinTheLimit(); // PERP-06
        pausesStayWithinTheirBudgets(); // PERP-05
        parametersStayWithinTheirBounds(); // PERP-05
        theThiefHasWhatHeBrought(); // PERP-03
    }

    /// What `who` has in the market with its funding, from the health that the exchange states.
    function equityOf(address who, Position memory p) internal view returns (int256) {
        if (p.size == 0) return int256(p.margin) - p.cost;
        Health memory h = perp.accountHealth(who, MARKET);
        uint256 units = uint256(p.size < 0 ? -p.size : p.size);
        uint256 notional = (units * mark() + 1e30 - 1) / 1e30;
        return h.excess - world.parameters().healthOf(MARKET, 0, 0, 0, notional).excess;
    }

    function mark() internal view returns (uint256 wad) {
        bool ok;
        (ok, wad,,) = world.oracle().tryPrice(MARKET);
        if (!ok) (wad,) = world.oracle().roundAt(MARKET, world.oracle().lastRound(MARKET));
    }

    function everyUnitHeldIsSomebodys() internal view {
        (uint256 sum, uint256 fees,) = perp.poolOf(MARKET);
        sum += fees;
        for (uint256 i; i < handler.count(); ++i) {
            address who = handler.people(i);
            sum += perp.balanceOf(who) + perp.positionOf(who, MARKET).margin;
        }
        eq(sum, world.usd().balanceOf(address(perp)), "margins, balances, pool and fees");
        uint256 own = world.fund().firstLoss() + world.fund().potOf(MARKET);
        eq(own, world.usd().balanceOf(address(world.fund())), "the fund's own");
    }

    function openInterestIsTheSumOfPositions() internal view {
        (uint256 long, uint256 short) = (0, 0);
        for (uint256 i; i < handler.count(); ++i) {
            int256 size = perp.positionOf(handler.people(i), MARKET).size;
            if (size > 0) long += uint256(size);
            else short += uint256(-size);
        }
        (uint256 l, uint256 s) = perp.openInterest(MARKET);
        eq(l, long, "long");
        eq(s, short, "short");
    }

    /// Pool and positions share what margins there are: gains, costs and funding sum up to nothing.
    function thePoolIsTheOtherSideOfEveryPosition() internal view {
        (uint256 pool,,) = perp.poolOf(MARKET);
        int256 have = perp.poolEquity(MARKET);
        int256 want = int256(pool);
        for (uint256 i; i < handler.count(); ++i) {
            address who = handler.people(i);
            Position memory p = perp.positionOf(who, MARKET);
            have += equityOf(who, p);
            want += int256(p.margin);
        }
        int256 off = want - have;
        // Each value is rounded down, once or twice an account.
        yes(off >= -1 && off <= int256(3 * handler.count()), "conserved");
    }

    function outflowsStayWithinTheLimit() internal view {
        yes(handler.worstLeak(world.CAP(), 1 days) <= 0, "cap + cap * t / window");
        (uint256 level, uint256 cap) = world.limiter().levelOf(address(world.usd()));
        atMost(level, cap, "level");
    }

    function pausesStayWithinTheirBudgets() internal view {
        bytes4[] memory guarded = world.guarded();
        for (uint256 i; i < guarded.length; ++i) {
            atMost(perp.pausedUntil(guarded[i]), vm.getBlockTimestamp() + 72 hours, "a pause");
        }
        bytes4[] memory exempt = world.exempt();
        for (uint256 i; i < exempt.length; ++i) {
            atMost(perp.pausedUntil(exempt[i]), vm.getBlockTimestamp() + 24 hours, "a halt");
        }
    }

    function parametersStayWithinTheirBounds() internal view {
        bytes32[2] memory names = [bytes32("depth"), "oiCap"];
        for (uint256 i; i < 2; ++i) {
            bytes32 id = world.parameters().idOf(MARKET, names[i]);
            Bounds memory b = world.steward().boundsOf(id);
            uint256 value = world.steward().valueOf(id);
            yes(value >= b.floor && value <= b.ceil, "within");
        }
    }

    function theThiefHasWhatHeBrought() internal view {
        address thief = handler.people(8);
        uint256 brought = 600_000 * USD + handler.thiefKeeperFees();
        eq(world.wealthOf(thief), brought, "and what he earned as a keeper");
    }
}

/// The same people while the price stands still: whatever they do together, nobody else pays for it.
contract CalmInvariants is IncidentTest {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    bytes32 internal constant MARKET = "BASE/USD";
    uint256 internal constant USD = 1e6;
    SystemHandler internal handler;
    HardenedWorld internal world;
    uint256 internal brought;
    uint256 internal start;

    function setUp() external {
        world = makeHardened();
        handler = new SystemHandler(world);
        for (uint256 i; i < handler.count(); ++i) world.grant(handler.people(i), 600_000 * USD, 0);
        handler.enter();
        (brought, start) = (wealth(), vm.getBlockTimestamp());
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// All but prices, waiting, guardians, steward and the fund's depositors.
    function targetSelectors() external view returns (FuzzSelector[] memory list) {
        list = new FuzzSelector[](1);
        list[0] = FuzzSelector(address(handler), new bytes4[](11));
        bytes4[11] memory all = [
            SystemHandler.pay.selector,
            SystemHandler.moveMargin.selector,
            SystemHandler.order.selector,
            SystemHandler.trade.selector,
            SystemHandler.keep.selector,
            SystemHandler.cancel.selector,
            SystemHandler.close.selector,
            SystemHandler.makers.selector,
            SystemHandler.liquidate.selector,
            SystemHandler.settle.selector,
            SystemHandler.steal.selector
        ];
        for (uint256 i; i < 11; ++i) list[0].selectors[i] = all[i];
    }

    /// Of the handler's five, the thief, the keeper and the liquidator: tokens, balances, positions, shares.
    function wealth() internal view returns (uint256 sum) {
        for (uint256 i; i < 11; ++i) {
            if (i > 4 && i < 8) continue;
            address who = handler.people(i);
            Position memory p = world.perp().positionOf(who, MARKET);
            int256 equity = int256(p.margin) + p.size * int256(world.honestWad()) / 1e30 - p.cost;
            if (equity > 0) sum += uint256(equity);
            sum += world.usd().balanceOf(who) + world.perp().balanceOf(who);
            if (world.perp().sharesOf(who, MARKET) > 0) sum += world.perp().makerValue(who, MARKET);
        }
    }

    function invariant_PERP_02_atOnePriceNobodyGains() external view {
        // The world's two traders, with 16 of the base, pay funding of at most 3 % a day.
        uint256 funding = 16 * 2_000 * USD * (vm.getBlockTimestamp() - start) * 3 / 100 / 1 days;
        atMost(wealth(), brought + funding + handler.steps(), "all that they brought");
    }
}

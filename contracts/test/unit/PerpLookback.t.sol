// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../../src/interfaces/IReferencePerp.sol";
import {ReferencePerp} from "../../src/reference/ReferencePerp.sol";
import {IncidentTest} from "../incidents/IncidentTest.t.sol";
import {HardenedWorld} from "../incidents/worlds/HardenedWorld.sol";

/// Orders on both sides without margin behind them, so that no keeper can execute them: their owner waits for the market,
/// gives margin to the one that would have won, and executes it at the round that is old by then.
/// forge-config: default.isolate = true
contract PerpLookbackTest is IncidentTest {
    int128 private constant SIZE = 2e18;
    HardenedWorld private world;
    ReferencePerp private perp;
    bytes32 private market;
    address private constant BULL = address(0xb011);
    address private constant BEAR = address(0xbea4);

    function setUp() public {
        world = makeHardened();
        (perp, market) = (world.perp(), world.MARKET());
        enter(BULL);
        enter(BEAR);
    }

    /// forge-config: default.fuzz.runs = 32
    function test_fuzz_LATENCY_02_anOldRoundIsNoOption(uint256 bps, bool up) external {
        // A larger step is DEGRADED, which opens nothing.
        bps = bound(bps, 1, 190);
        uint256 before = world.wealthOf(BULL) + world.wealthOf(BEAR);
        bytes32 buy = ask(BULL, SIZE);
        bytes32 sell = ask(BEAR, -SIZE);
        move(world.START());
        uint256 step = world.START() * bps / 10_000;
        move(up ? world.START() + step : world.START() - step);
        take(up ? BULL : BEAR, up ? buy : sell, up ? SIZE : -SIZE);
        vm.prank(up ? BEAR : BULL);
        perp.cancelOrder(up ? sell : buy);
        atMost(world.wealthOf(BULL) + world.wealthOf(BEAR), before, "wealth of who looked back");
    }

    function enter(address who) private {
        world.grant(who, 1_000e6, 0);
        address usd = address(world.usd());
        vm.prank(who);
        (bool ok,) = usd.call(abi.encodeWithSignature("approve(address,uint256)", address(perp), type(uint256).max));
        yes(ok, "approved");
        vm.prank(who);
        perp.deposit(1_000e6);
    }

    function ask(address who, int128 size) private returns (bytes32) {
        vm.prank(who);
        return perp.requestOrder(market, size, size > 0 ? type(uint128).max : 0);
    }

    function move(uint256 wad) private {
        pass(12);
        world.setHonest(wad);
    }

    function take(address who, bytes32 id, int128 size) private {
        uint64 round = world.buffer().firstRound(id);
        Order memory order = Order(who, market, size, size > 0 ? type(uint128).max : 0);
        vm.prank(who);
        perp.addMargin(market, 900e6);
        vm.prank(who);
        perp.executeOrder(id, order, round);
        vm.prank(who);
        perp.closePosition(market, size > 0 ? 0 : type(uint256).max);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Feed} from "../../src/interfaces/IOracleAggregator.sol";
import {IReferencePerp, Order} from "../../src/interfaces/IReferencePerp.sol";
import {IncidentTest} from "../incidents/IncidentTest.t.sol";
import {HardenedWorld} from "../incidents/worlds/HardenedWorld.sol";
import {NaiveWorld, Source} from "../incidents/worlds/NaiveWorld.sol";
import {World} from "../incidents/worlds/World.sol";

/// As in Gas.t.sol: cold storage and cold callees, the called contract itself warm, without the 21,000 base and the price
/// of call data. An order of a trader who has a position, by a keeper who was paid before, in both twins. What is executed
/// was requested in `setUp`, a transaction of its own. Refunds are not taken off: they would help the hardened twin.
contract PerpGasTest is IncidentTest {
    bytes32 internal constant MARKET = "BASE/USD";
    uint256 internal constant BUDGET = 130_000;
    address[] internal callees;
    bool internal ready;
    NaiveWorld internal naive;
    HardenedWorld internal hardened;
    bytes32[2] internal ids;

    function setUp() external {
        naive = makeNaive(Source.FEED);
        hardened = makeHardened();
        list(naive);
        list(hardened);
        callees.push(address(naive.parameters()));
        callees.push(address(naive.feedSource()));
        callees.push(address(hardened.parameters()));
        callees.push(address(hardened.parameters().calibrator()));
        callees.push(address(hardened.steward()));
        (, Feed[] memory feeds,,) = hardened.oracle().marketOf(MARKET);
        for (uint256 i; i < feeds.length; ++i) callees.push(feeds[i].adapter);
        // The keeper has a balance in both, and an order waits.
        (ids[0], ids[1]) = (bytes32(uint256(2)), bytes32(uint256(3)));
        for (uint256 i; i < 2; ++i) {
            request(naive);
            request(hardened);
            pass(12);
            hardened.refresh();
            naive.refresh();
            if (i > 0) continue;
            execute(naive);
            execute(hardened);
        }
        ready = true;
    }

    function list(World world) internal {
        callees.push(address(world.perp()));
        callees.push(address(world.oracle()));
        callees.push(address(world.buffer()));
        callees.push(address(world.limiter()));
        callees.push(address(world.fund()));
        callees.push(address(world.fund().junior()));
        callees.push(address(world.fund().senior()));
        callees.push(address(world.perp().modules().gate));
        callees.push(address(world.usd()));
        callees.push(address(world.base()));
        callees.push(address(world.feedA()));
        callees.push(address(world.feedB()));
        callees.push(address(world.pool()));
        callees.push(address(world.twapSource()));
    }

    function measure(address by, address to, bytes memory data) internal returns (uint256 used) {
        // In `setUp` there is nothing in the state yet that could be read anew.
        for (uint256 i; i < callees.length && ready; ++i) vm.cool(callees[i]);
        vm.prank(by);
        uint256 warm = to.balance;
        uint256 before = gasleft();
        (bool ok,) = to.call(data);
        used = before - gasleft();
        yes(ok && warm == 0, "measured call");
    }

    function request(World world) internal returns (uint256 used) {
        address trader = address(world.longTrader());
        bytes memory data = abi.encodeCall(IReferencePerp.requestOrder, (MARKET, 1e18, type(uint128).max));
        used = measure(trader, address(world.perp()), data);
        // Orders are numbered.
        uint256 i = world == naive ? 0 : 1;
        ids[i] = bytes32(uint256(ids[i]) + 1);
    }

    function execute(World world) internal returns (uint256) {
        bytes32 id = ids[world == naive ? 0 : 1];
        Order memory order = Order(address(world.longTrader()), MARKET, 1e18, type(uint128).max);
        uint64 round = world.buffer().firstRound(id);
        return
            measure(
                address(this), address(world.perp()), abi.encodeCall(IReferencePerp.executeOrder, (id, order, round))
            );
    }

    function test_PERP_08_gas_roundTripOverTheNaiveTwin() external {
        (uint256 naiveExecute, uint256 hardenedExecute) = (execute(naive), execute(hardened));
        (uint256 naiveRequest, uint256 hardenedRequest) = (request(naive), request(hardened));
        vm.snapshotValue("ReferencePerp", "naive: request", naiveRequest);
        vm.snapshotValue("ReferencePerp", "naive: execute", naiveExecute);
        vm.snapshotValue("ReferencePerp", "hardened: request", hardenedRequest);
        vm.snapshotValue("ReferencePerp", "hardened: execute", hardenedExecute);
        uint256 over = hardenedRequest + hardenedExecute - naiveRequest - naiveExecute;
        vm.snapshotValue("ReferencePerp", "order round trip, hardened over naive", over);
        atMost(over, BUDGET, "overhead");
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Fill, ILatencyBuffer} from "../../src/interfaces/ILatencyBuffer.sol";
import {IReferencePerp, Order} from "../../src/interfaces/IReferencePerp.sol";
import {ReferencePerp} from "../../src/reference/ReferencePerp.sol";
import {BufferSetup} from "../BufferSetup.t.sol";
import {IncidentTest} from "../incidents/IncidentTest.t.sol";
import {HardenedWorld} from "../incidents/worlds/HardenedWorld.sol";

/// The cheatcodes by which a chain goes back to a block and on from it another way.
interface VmChain {
    function snapshotState() external returns (uint256 id);
    function revertToState(uint256 id) external returns (bool ok);
}

/// What a keeper or an owner sent for one branch of the chain is mined on another.
/// forge-config: default.fuzz.runs = 200
contract LatencyReorgTest is BufferSetup {
    VmChain private constant chain = VmChain(address(vm));
    address private constant ALICE = address(0xa11ce);
    address private constant BOB = address(0xb0b);

    /// Ids are counted, so that another request bears the id on the other branch.
    function test_fuzz_LATENCY_03_aReorgedIdExecutesOnlyWhatItsNewOwnerCommitted(uint256 a, uint256 b) external {
        vm.assume(keccak256(payloadOf(a)) != keccak256(payloadOf(b)));
        uint256 fork = chain.snapshotState();
        bytes32 id = request(ALICE, a);
        chain.revertToState(fork);
        eq(request(BOB, b), id, "the same id");
        blocks(2);
        uint64 round = observe(START + 1);
        vm.expectRevert(abi.encodeWithSelector(ILatencyBuffer.Latency_Payload.selector, id));
        buffer.execute(id, payloadOf(a), round);
        vm.expectRevert(abi.encodeWithSelector(ILatencyBuffer.Latency_NotOwner.selector, id));
        vm.prank(ALICE);
        buffer.cancel(id);
        buffer.execute(id, payloadOf(b), round);
        eq(handler.lastFill().owner, BOB, "owner");
        eq(handler.times(id), 1, "once");
    }

    /// Where the payload is the same, the handler is told the owner of the branch that counts.
    function test_fuzz_LATENCY_03_aReorgedRequestIsItsOwnersOnThatBranch(uint256 seed) external {
        uint256 fork = chain.snapshotState();
        bytes32 id = request(ALICE, seed);
        chain.revertToState(fork);
        vm.expectRevert(abi.encodeWithSelector(ILatencyBuffer.Latency_Unknown.selector, id));
        buffer.execute(id, payloadOf(seed), 1);
        request(BOB, seed);
        blocks(2);
        buffer.execute(id, payloadOf(seed), observe(START + 1));
        eq(handler.lastFill().owner, BOB, "owner");
    }

    /// A keeper's round of the old branch is on the new one either still the first later one, at the price that it has
    /// there, or refused: nobody gets the price that was reorganised away.
    function test_fuzz_LATENCY_02_aReorgedRoundGivesThePriceOfItsBranch(uint256 wad, uint256 early, uint256 seed)
        external
    {
        wad = boundCalm(wad);
        bytes32 id = request(ALICE, seed);
        (uint256 fork, uint256 time, uint256 number) = (chain.snapshotState(), nowAt(), vm.getBlockNumber());
        blocks(2);
        uint64 round = observe(START + 1);
        chain.revertToState(fork);
        vm.warp(time);
        vm.roll(number);
        // On the new branch so many rounds come too early.
        early = bound(early, 0, 2);
        for (uint256 i; i < early; ++i) {
            vm.warp(nowAt() + 2);
            observe(START);
        }
        blocks(2);
        uint64 first = observe(wad);
        if (early > 0) {
            vm.expectRevert(
                abi.encodeWithSelector(ILatencyBuffer.Latency_NotFirstRound.selector, round, buffer.firstRound(id))
            );
            buffer.execute(id, payloadOf(seed), round);
        }
        buffer.execute(id, payloadOf(seed), first);
        Fill memory fill = handler.lastFill();
        (uint128 there,) = oracle.roundAt(MARKET, first);
        eq(fill.wad, there, "the price of this branch");
        eq(handler.times(id), 1, "once");
    }

    /// A request that is mined later than it was waits from then on.
    function test_fuzz_LATENCY_02_aRequestMinedLaterWaitsLater(uint256 delay, uint256 seed) external {
        delay = bound(delay, 1, 1 hours);
        uint256 fork = chain.snapshotState();
        bytes32 id = request(ALICE, seed);
        (,,, uint40 ready,,) = buffer.requestOf(id);
        chain.revertToState(fork);
        vm.warp(nowAt() + delay);
        vm.roll(vm.getBlockNumber() + 1);
        request(ALICE, seed);
        (,,, uint40 later,,) = buffer.requestOf(id);
        eq(later, ready + delay, "ready");
        vm.roll(vm.getBlockNumber() + 2);
        vm.warp(later);
        uint64 round = observe(START + 1);
        vm.expectRevert(abi.encodeWithSelector(ILatencyBuffer.Latency_TooEarly.selector, id, later));
        buffer.execute(id, payloadOf(seed), round);
    }
}

/// The same on the exchange: the buffer knows it as the owner of all orders, so the trader has to be in what is bound.
/// forge-config: default.isolate = true
/// forge-config: default.fuzz.runs = 32
contract PerpReorgTest is IncidentTest {
    VmChain private constant chain = VmChain(address(vm));
    bytes32 private constant MARKET = "BASE/USD";
    address private constant ALICE = address(0xa11ce);
    address private constant BOB = address(0xb0b);
    HardenedWorld private world;
    ReferencePerp private perp;

    function setUp() public {
        world = makeHardened();
        perp = world.perp();
        enter(ALICE);
        enter(BOB);
        pass(12);
        world.refresh();
    }

    function boundSize(uint256 x) private pure returns (int128) {
        return int128(int256(bound(x, 1e15, 1e18)));
    }

    function enter(address who) private {
        world.grant(who, 10_000e6, 0);
        address usd = address(world.usd());
        vm.prank(who);
        (bool ok,) = usd.call(abi.encodeWithSignature("approve(address,uint256)", address(perp), type(uint256).max));
        yes(ok, "approved");
        vm.prank(who);
        perp.deposit(5_000e6);
        vm.prank(who);
        perp.addMargin(MARKET, 5_000e6);
    }

    function ask(address who, int128 size) private returns (bytes32) {
        vm.prank(who);
        return perp.requestOrder(MARKET, size, type(uint128).max);
    }

    function order(address who, int128 size) private pure returns (Order memory) {
        return Order(who, MARKET, size, type(uint128).max);
    }

    /// Alice's order and Bob's change places in a reorg: each stays its trader's, whichever id it bears.
    function test_fuzz_PERP_04_ordersThatChangePlacesInAReorgStayTheirTraders(uint256 a, uint256 b) external {
        (int128 sizeA, int128 sizeB) = (boundSize(a), boundSize(b));
        uint256 fork = chain.snapshotState();
        bytes32 id = ask(ALICE, sizeA);
        ask(BOB, sizeB);
        chain.revertToState(fork);
        eq(ask(BOB, sizeB), id, "Bob's now");
        bytes32 second = ask(ALICE, sizeA);
        for (uint256 i; i < 3; ++i) {
            pass(12);
            world.refresh();
        }
        uint64 round = world.buffer().firstRound(id);
        // A keeper's transaction and Alice's cancellation for the old branch.
        vm.expectRevert(abi.encodeWithSelector(ILatencyBuffer.Latency_Payload.selector, id));
        perp.executeOrder(id, order(ALICE, sizeA), round);
        vm.expectRevert(abi.encodeWithSelector(IReferencePerp.Perp_NotAllowed.selector, ALICE));
        vm.prank(ALICE);
        perp.cancelOrder(id);
        perp.executeOrder(id, order(BOB, sizeB), round);
        eq(uint256(perp.positionOf(BOB, MARKET).size), uint256(int256(sizeB)), "Bob");
        eq(uint256(perp.positionOf(ALICE, MARKET).size), 0, "Alice");
        perp.executeOrder(second, order(ALICE, sizeA), world.buffer().firstRound(second));
        eq(uint256(perp.positionOf(ALICE, MARKET).size), uint256(int256(sizeA)), "Alice's own");
    }

    /// An order that the reorg took away is nobody's: it neither executes nor holds margin back.
    function test_fuzz_PERP_04_anOrderThatAReorgTookAwayDoesNothing(uint256 a) external {
        int128 size = boundSize(a);
        uint256 fork = chain.snapshotState();
        bytes32 id = ask(ALICE, size);
        chain.revertToState(fork);
        for (uint256 i; i < 3; ++i) {
            pass(12);
            world.refresh();
        }
        (bool ok,) = address(perp).call(abi.encodeCall(perp.executeOrder, (id, order(ALICE, size), 1)));
        no(ok, "executed");
        vm.prank(ALICE);
        perp.removeMargin(MARKET, 5_000e6);
        eq(perp.balanceOf(ALICE), 5_000e6, "all of it back");
    }
}

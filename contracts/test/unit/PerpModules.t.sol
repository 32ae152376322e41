// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IFlowLimiter} from "../../src/interfaces/IFlowLimiter.sol";
import {IInsuranceFund} from "../../src/interfaces/IInsuranceFund.sol";
import {ILatencyBuffer} from "../../src/interfaces/ILatencyBuffer.sol";
import {IOracleAggregator, Status} from "../../src/interfaces/IOracleAggregator.sol";
import {IReferencePerp, Modules, Order} from "../../src/interfaces/IReferencePerp.sol";
import {IRiskSteward} from "../../src/interfaces/IRiskSteward.sol";
import {ISelectorBreaker} from "../../src/interfaces/ISelectorBreaker.sol";
import {MarginCalibrator} from "../../src/MarginCalibrator.sol";
import {ReferencePerp} from "../../src/reference/ReferencePerp.sol";
import {IncidentTest} from "../incidents/IncidentTest.t.sol";
import {HardenedWorld} from "../incidents/worlds/HardenedWorld.sol";
import {NaiveWorld, Source} from "../incidents/worlds/NaiveWorld.sol";
import {Token} from "../incidents/worlds/Token.sol";
import {VmMock} from "../PerpSetup.t.sol";

/// A maker whose token callback looks at the exchange in the middle of its call, and calls it.
contract Peeper {
    ReferencePerp internal immutable perp;
    bytes32 internal immutable market;
    bytes[] internal calls;
    uint256 public refused;

    constructor(ReferencePerp perp_, bytes32 market_) {
        (perp, market) = (perp_, market_);
    }

    function plan(bytes calldata data) external {
        calls.push(data);
    }

    function provide(Token token, uint256 amount) external {
        token.approve(address(perp), amount);
        perp.deposit(amount);
        perp.addLiquidity(market, amount);
    }

    function leave(Token token) external {
        token.wantCalls(true);
        perp.removeLiquidity(market, perp.sharesOf(address(this), market));
    }

    function onMoved(address, address, uint256) external {
        for (uint256 i; i < calls.length; ++i) {
            (bool ok, bytes memory answer) = address(perp).call(calls[i]);
            if (!ok && bytes4(answer) == IReferencePerp.Perp_Reentered.selector) ++refused;
        }
    }
}

/// The exchange on the real modules: what each of them is for, and what is left when one fails.
/// forge-config: default.fuzz.runs = 256
contract PerpModulesTest is IncidentTest {
    bytes32 internal constant MARKET = "BASE/USD";
    uint256 internal constant USD = 1e6;
    address internal constant ALICE = address(0xa11ce);
    VmMock internal constant mocks = VmMock(address(vm));

    HardenedWorld internal world;
    ReferencePerp internal perp;
    Token internal usd;
    address internal trader;

    function setUp() external {
        world = makeHardened();
        (perp, usd, trader) = (world.perp(), world.usd(), address(world.longTrader()));
    }

    function grant(address who, uint256 amount) internal {
        world.grant(who, amount, 0);
        vm.prank(who);
        usd.approve(address(perp), type(uint256).max);
        vm.prank(who);
        perp.deposit(amount);
    }

    function order(address who, int128 size) internal pure returns (Order memory) {
        return Order(who, MARKET, size, size > 0 ? type(uint128).max : 0);
    }

    function request(address who, int128 size) internal returns (bytes32) {
        vm.prank(who);
        return perp.requestOrder(MARKET, size, size > 0 ? type(uint128).max : 0);
    }

    function close(address who) internal {
        uint256 limit = perp.positionOf(who, MARKET).size > 0 ? 0 : type(uint256).max;
        vm.prank(who);
        perp.closePosition(MARKET, limit);
    }

    /// The price of now, whatever the feeds say.
    function mockPrice(uint256 wad, Status status) internal {
        bytes memory answer = abi.encode(status != Status.HALTED, wad, uint40(vm.getBlockTimestamp()), status);
        mocks.mockCall(address(world.oracle()), abi.encodeCall(IOracleAggregator.tryPrice, (MARKET)), answer);
    }

    /* PERP-01 */

    /// Walks both codes opcode by opcode. They may differ in the argument of PUSH32 alone, where solc places immutables;
    /// constants stand there as well, but come from the same source.
    function test_PERP_01_twinsDifferInImmutablesAlone() external {
        bytes memory a = address(perp).code;
        bytes memory b = address(makeNaive(Source.SPOT).perp()).code;
        eq(a.length, b.length, "length");
        uint256 differ;
        for (uint256 i; i < a.length; ++i) {
            uint8 op = uint8(a[i]);
            eq(uint8(b[i]), op, "opcode");
            if (op < 0x60 || op > 0x7f) continue;
            uint256 size = op - 0x5f;
            (uint256 x, uint256 y) = (wordAt(a, i + 1, size), wordAt(b, i + 1, size));
            if (op < 0x7f) eq(x, y, "argument");
            else if (x != y) ++differ;
            i += size;
        }
        yes(differ > 0, "they differ somewhere");
    }

    function wordAt(bytes memory code, uint256 start, uint256 size) internal pure returns (uint256 word) {
        for (uint256 i; i < size && start + i < code.length; ++i) word = (word << 8) | uint8(code[start + i]);
    }

    function test_PERP_01_codeFitsOnChain() external view {
        atMost(address(perp).code.length, 24_576, "EIP-170");
    }

    /* PERP-04 */

    /// All feeds are silent for longer than the fallback lasts.
    function test_fuzz_PERP_04_haltedLeavesMarginReductionsAndCancelsOpen(uint256 time, uint256 amount) external {
        bytes32 id = request(trader, 1e18);
        pass(bound(time, 3 hours, 365 days));
        (bool ok,,, Status status) = world.oracle().tryPrice(MARKET);
        yes(!ok && status == Status.HALTED, "halted");
        amount = bound(amount, 1, 1e12);
        grant(trader, amount);
        vm.prank(trader);
        perp.addMargin(MARKET, amount);
        vm.prank(trader);
        perp.cancelOrder(id);
        request(trader, 1e18);
        close(trader);
        yes(perp.positionOf(trader, MARKET).size == 0, "closed");
        uint256 margin = perp.positionOf(trader, MARKET).margin;
        vm.prank(trader);
        perp.removeMargin(MARKET, margin);
        vm.prank(trader);
        perp.withdraw(1);
    }

    function test_fuzz_PERP_04_expiredOrdersLeaveNothingBehind(uint256 time, bool cleared) external {
        bytes32 id = request(trader, 1e18);
        pass(bound(time, 63, 365 days));
        world.refresh();
        if (cleared) world.buffer().expire(id);
        vm.expectRevert(
            abi.encodeWithSelector(
                cleared ? ILatencyBuffer.Latency_Unknown.selector : ILatencyBuffer.Latency_Expired.selector, id
            )
        );
        perp.executeOrder(id, order(trader, 1e18), 1);
        if (cleared) vm.expectRevert(abi.encodeWithSelector(ILatencyBuffer.Latency_Unknown.selector, id));
        vm.prank(trader);
        perp.cancelOrder(id);
        id = request(trader, 1e18);
        pass(12);
        world.refresh();
        perp.executeOrder(id, order(trader, 1e18), world.buffer().firstRound(id));
        close(trader);
    }

    /* PERP-06 */

    function selectors() internal view returns (bytes4[] memory list) {
        (bytes4[] memory a, bytes4[] memory b) = (world.guarded(), world.exempt());
        list = new bytes4[](a.length + b.length);
        for (uint256 i; i < list.length; ++i) list[i] = i < a.length ? a[i] : b[i - a.length];
    }

    function test_fuzz_PERP_06_everyCallCanBePaused(uint40 time) external {
        bytes4[] memory list = selectors();
        eq(list.length, 16, "calls");
        uint40 until = uint40(vm.getBlockTimestamp() + bound(time, 1, 72 hours));
        for (uint256 i; i < list.length; ++i) {
            vm.prank(address(world.breaker()));
            perp.writePause(list[i], until);
            (bool ok, bytes memory answer) = address(perp).call(abi.encodePacked(list[i], new bytes(512)));
            no(ok, "paused");
            bytes memory want = abi.encodeWithSelector(ISelectorBreaker.Breaker_Paused.selector, list[i], until);
            eq(answer, want, "reason");
        }
    }

    function test_fuzz_PERP_06_whatLeavesPassesTheLimiter(uint256 amount, uint256 more) external {
        grant(ALICE, 200_000 * USD);
        pass(12);
        amount = bound(amount, 1, world.CAP());
        more = bound(more, 1, world.CAP());
        // A deposit is credit within its transaction alone, which here is the whole test: it is taken first.
        uint256 room = world.limiter().available(address(usd));
        vm.prank(ALICE);
        perp.withdraw(amount);
        eq(room - world.limiter().available(address(usd)), amount, "counted");
        pass(2 days);
        room = world.limiter().available(address(usd));
        address maker = address(world.maker());
        uint256 shares = perp.sharesOf(maker, MARKET) / 1_000_000 * USD * more / USD / 1e6;
        world.refresh();
        vm.prank(maker);
        uint256 paid = perp.removeLiquidity(MARKET, shares);
        eq(room - world.limiter().available(address(usd)), paid, "makers too");
    }

    function test_PERP_06_beyondTheCapNothingLeaves() external {
        grant(ALICE, 200_000 * USD);
        uint256 room = world.limiter().available(address(usd));
        vm.expectRevert();
        vm.prank(ALICE);
        perp.withdraw(room > 200_000 * USD ? 200_000 * USD + 1 : room + 1);
        address maker = address(world.maker());
        uint256 shares = perp.sharesOf(maker, MARKET);
        pass(2 days);
        world.refresh();
        vm.expectRevert();
        vm.prank(maker);
        perp.removeLiquidity(MARKET, shares / 2);
    }

    function test_PERP_06_nothingAnswersInTheMiddleOfACall() external {
        Peeper peeper = new Peeper(perp, MARKET);
        world.grant(address(peeper), 10_000 * USD, 0);
        peeper.provide(usd, 10_000 * USD);
        pass(2 hours);
        world.refresh();
        peeper.plan(abi.encodeCall(perp.poolOf, (MARKET)));
        peeper.plan(abi.encodeCall(perp.poolEquity, (MARKET)));
        peeper.plan(abi.encodeCall(perp.makerValue, (address(peeper), MARKET)));
        peeper.plan(abi.encodeCall(perp.accountHealth, (trader, MARKET)));
        bytes4[] memory list = selectors();
        uint256 locked;
        for (uint256 i; i < list.length; ++i) {
            // Locked where it calls back: in onExecute.
            if (list[i] == IReferencePerp.executeOrder.selector) continue;
            peeper.plan(abi.encodePacked(list[i], new bytes(512)));
            ++locked;
        }
        peeper.leave(usd);
        eq(peeper.refused(), 4 + locked, "each of them");
    }

    /* SYS-07: a module that fails */

    function test_fuzz_PERP_05_aStolenStewardShutsNoExit(uint256 cap) external {
        cap = bound(cap, 0, USD);
        bytes32[] memory ids = new bytes32[](1);
        uint256[] memory amounts = new uint256[](1);
        (ids[0], amounts[0]) = (world.parameters().idOf(MARKET, "oiCap"), cap);
        IRiskSteward steward = world.steward();
        vm.prank(address(world));
        bytes32 batch = steward.propose(ids, amounts, "model", "inputs");
        vm.prank(address(world));
        steward.applyBatch(batch);
        pass(12);
        mockPrice(900e18, Status.OK);
        perp.liquidate(trader, MARKET, type(uint256).max);
        yes(perp.positionOf(trader, MARKET).size == 0, "liquidated");
        close(address(world.shortTrader()));
    }

    function test_fuzz_PERP_05_withoutParametersPositionsCanBeLeft(uint8 which) external {
        bytes32 id = request(trader, 1e18);
        pass(12);
        world.refresh();
        address broken = which % 3 == 0
            ? address(world.steward())
            : which % 3 == 1 ? address(world.fund()) : address(world.parameters().calibrator());
        bytes4 selector = which % 3 == 0
            ? IRiskSteward.valueOf.selector
            : which % 3 == 1 ? IInsuranceFund.marketLeft.selector : MarginCalibrator.calibrate.selector;
        mocks.mockCallRevert(broken, abi.encodePacked(selector), "broken");
        uint64 round = world.buffer().firstRound(id);
        vm.expectRevert();
        perp.executeOrder(id, order(trader, 1e18), round);
        close(address(world.shortTrader()));
        mockPrice(900e18, Status.OK);
        perp.liquidate(trader, MARKET, type(uint256).max);
        yes(perp.positionOf(trader, MARKET).size == 0, "insolvent accounts are liquidated");
    }

    function test_fuzz_PERP_05_aLimiterThatFailsLetsMarginIn(uint256 amount) external {
        amount = bound(amount, 1, 1e12);
        mocks.mockCallRevert(address(world.limiter()), "", "broken");
        grant(trader, amount);
        vm.prank(trader);
        perp.addMargin(MARKET, amount);
        close(trader);
        vm.expectRevert();
        vm.prank(trader);
        perp.withdraw(1);
    }

    /// What the fund paid in for a loser must not let a winner take as much more out.
    function test_fuzz_PERP_06_theFundsPaymentLetsNoMoreOut(uint256 wad) external {
        pass(2 days);
        world.refresh();
        uint256 room = world.limiter().available(address(usd));
        uint256 insured = world.fund().firstLoss();
        mockPrice(bound(wad, 500e18, 1_100e18), Status.OK);
        perp.liquidate(trader, MARKET, type(uint256).max);
        yes(world.fund().firstLoss() < insured, "the fund paid");
        eq(world.limiter().available(address(usd)), room, "room");
    }

    /// A guardian opens the next loss for another market, so that `cover` refuses it.
    function test_PERP_05_noOpenLossKeepsALoserIn() external {
        IInsuranceFund fund = world.fund();
        mockPrice(900e18, Status.OK);
        mocks.mockCallRevert(address(fund), abi.encodePacked(IInsuranceFund.cover.selector), "used");
        perp.liquidate(trader, MARKET, type(uint256).max);
        yes(perp.positionOf(trader, MARKET).size == 0, "closed");
        mocks.clearMockedCalls();
        uint256 insured = world.fund().firstLoss();
        mockPrice(4_000e18, Status.OK);
        perp.liquidate(address(world.shortTrader()), MARKET, type(uint256).max);
        yes(world.fund().firstLoss() < insured, "the next loss is another");
    }
}

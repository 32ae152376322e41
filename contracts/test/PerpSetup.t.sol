// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {InsuranceFund} from "../src/InsuranceFund.sol";
import {IFlowLimiter} from "../src/interfaces/IFlowLimiter.sol";
import {Health} from "../src/interfaces/IHealthGate.sol";
import {ILatencyBuffer} from "../src/interfaces/ILatencyBuffer.sol";
import {IOracleAggregator, Status} from "../src/interfaces/IOracleAggregator.sol";
import {IPerpParameters, Limits} from "../src/interfaces/IPerpParameters.sol";
import {IReferencePerp, Modules, Order, Position} from "../src/interfaces/IReferencePerp.sol";
import {Why} from "../src/libraries/Why.sol";
import {MockOddToken} from "../src/mocks/MockOddToken.sol";
import {NaiveBuffer} from "../src/reference/naive/NaiveBuffer.sol";
import {NaiveLimiter} from "../src/reference/naive/NaiveLimiter.sol";
import {NaiveOracle} from "../src/reference/naive/NaiveOracle.sol";
import {HealthGate} from "../src/reference/HealthGate.sol";
import {ReferencePerp} from "../src/reference/ReferencePerp.sol";
import {Base} from "./Base.t.sol";

/// The cheatcodes that answer for a contract.
interface VmMock {
    function mockCall(address callee, bytes calldata data, bytes calldata answer) external;
    function mockCallRevert(address callee, bytes calldata data, bytes calldata reason) external;
    function clearMockedCalls() external;
}

/// A price and its status, as a test sets them; the last committed price may be another.
contract BenchOracle {
    uint256 public wad;
    uint256 public last;
    Status public status;

    function set(uint256 wad_, uint256 last_, Status status_) external {
        (wad, last, status) = (wad_, last_, status_);
    }

    function tryPrice(bytes32) external view returns (bool, uint256, uint40, Status) {
        if (status == Status.HALTED) return (false, 0, 0, status);
        return (true, wad, uint40(block.timestamp), status);
    }

    function roundAt(bytes32, uint64) external view returns (uint128, uint40) {
        return (uint128(last), uint40(block.timestamp));
    }

    function lastRound(bytes32) external pure returns (uint64) {
        return 1;
    }
}

/// Limits as a test sets them; margins of 10 and 5 %, every gain counted whole.
contract BenchParameters is IPerpParameters {
    Limits private _limits;
    uint256 public keeperFee;

    function setKeeperFee(uint256 fee) external {
        keeperFee = fee;
    }

    function keeperFeeOf(bytes32) external view returns (uint256) {
        return keeperFee;
    }

    function set(Limits calldata limits) external {
        _limits = limits;
    }

    function limitsOf(bytes32) external view returns (Limits memory) {
        return _limits;
    }

    function healthOf(bytes32, int256 own, int256 gain, uint256, uint256 notional)
        external
        pure
        returns (Health memory)
    {
        return Health(own + gain - int256(notional / 20), own + gain, notional / 10);
    }
}

/// The exchange on simple modules, with the real fund, gate, lock and virtual shares.
abstract contract PerpSetup is Base {
    bytes32 internal constant MARKET = "BASE/USD";
    uint256 internal constant USD = 1e6;
    uint256 internal constant START = 2_000e18;
    address internal constant ALICE = address(0xa11ce);
    address internal constant BOB = address(0xb0b);
    address internal constant MAKER = address(0x3a4e);
    address internal constant LIQUIDATOR = address(0x11c);
    VmMock internal constant mocks = VmMock(address(vm));

    MockOddToken internal token;
    BenchOracle internal oracle;
    BenchParameters internal parameters;
    NaiveBuffer internal buffer;
    IFlowLimiter internal limiter;
    InsuranceFund internal fund;
    ReferencePerp internal perp;

    function setUp() public virtual {
        makePerp(6);
    }

    function makePerp(uint8 decimals) internal {
        token = new MockOddToken(decimals);
        oracle = new BenchOracle();
        setPrice(START);
        parameters = new BenchParameters();
        parameters.set(limits());
        buffer = new NaiveBuffer(NaiveOracle(address(oracle)));
        limiter = makeLimiter(created(3));
        fund = new InsuranceFund(created(2), IERC20(address(token)), address(this), address(this));
        perp = new ReferencePerp(modules(decimals));
        fund.setMarketCap(MARKET, 10_000, Why("test", "test"));
    }

    function makeLimiter(address) internal virtual returns (IFlowLimiter) {
        return IFlowLimiter(address(new NaiveLimiter()));
    }

    function modules(uint8 decimals) internal returns (Modules memory) {
        HealthGate gate = new HealthGate();
        return Modules({
            collateral: IERC20(address(token)),
            decimals: decimals,
            oracle: IOracleAggregator(address(oracle)),
            buffer: ILatencyBuffer(address(buffer)),
            orderKind: MARKET,
            limiter: limiter,
            breaker: address(this),
            parameters: parameters,
            fund: fund,
            gate: gate,
            lockValue: 1,
            shareOffset: 1e6
        });
    }

    /// The address of what this contract creates `later` creations after the next one.
    function created(uint256 later) internal view returns (address) {
        uint256 nonce = vm.getNonce(address(this)) + later;
        yes(nonce < 128, "a nonce of one byte");
        bytes memory packed = abi.encodePacked(bytes2(0xd694), address(this), bytes1(uint8(nonce)));
        return address(uint160(uint256(keccak256(packed))));
    }

    /// No fee, no funding, no impact worth a name: a test sets what it is about.
    function limits() internal pure returns (Limits memory) {
        return Limits({
            oiCap: type(uint128).max,
            depth: type(uint128).max,
            penalty: 0.01e18,
            fee: 0,
            fundingCap: 0,
            skewScale: 1_000_000 * USD,
            liquidationCap: type(uint128).max,
            liquidationWindow: 1 hours,
            makerDelay: 0
        });
    }

    /* WHAT THE PEOPLE DO */

    function setPrice(uint256 wad) internal {
        oracle.set(wad, wad, Status.OK);
    }

    function setStatus(Status status) internal {
        oracle.set(oracle.wad(), oracle.last(), status);
    }

    function pass(uint256 time) internal {
        vm.warp(vm.getBlockTimestamp() + time);
        vm.roll(vm.getBlockNumber() + 1);
    }

    function pay(address who, uint256 amount) internal {
        token.mint(who, amount);
        vm.prank(who);
        token.approve(address(perp), type(uint256).max);
        vm.prank(who);
        perp.deposit(amount);
    }

    function margin(address who, uint256 amount) internal {
        pay(who, amount);
        vm.prank(who);
        perp.addMargin(MARKET, amount);
    }

    function provide(address who, uint256 amount) internal {
        pay(who, amount);
        vm.prank(who);
        perp.addLiquidity(MARKET, amount);
    }

    function insure(uint256 amount) internal {
        token.mint(address(this), amount);
        token.approve(address(fund), amount);
        fund.addFirstLoss(amount);
    }

    function anyLimit(int256 size) internal pure returns (uint128) {
        return size > 0 ? type(uint128).max : 0;
    }

    function request(address who, int256 size) internal returns (bytes32) {
        vm.prank(who);
        return perp.requestOrder(MARKET, int128(size), anyLimit(size));
    }

    function orderOf(address who, int256 size) internal pure returns (Order memory) {
        return Order(who, MARKET, size, anyLimit(size));
    }

    function open(address who, int256 size) internal {
        perp.executeOrder(request(who, size), orderOf(who, size), 1);
    }

    function close(address who) internal {
        uint256 limit = positionOf(who).size > 0 ? 0 : type(uint256).max;
        vm.prank(who);
        perp.closePosition(MARKET, limit);
    }

    function takeOut(address who, uint256 amount) internal {
        vm.prank(who);
        perp.removeMargin(MARKET, amount);
    }

    /* WHAT THERE IS */

    function positionOf(address who) internal view returns (Position memory) {
        return perp.positionOf(who, MARKET);
    }

    function poolMargin() internal view returns (uint256 amount) {
        (amount,,) = perp.poolOf(MARKET);
    }

    function feesOf() internal view returns (uint256 amount) {
        (, amount,) = perp.poolOf(MARKET);
    }

    function equityOf(address who) internal view returns (int256) {
        Position memory p = positionOf(who);
        int256 value = p.size * int256(oracle.wad()) / 1e30;
        return int256(p.margin + perp.balanceOf(who)) + value - p.cost;
    }

    function unhealthy(address who) internal view returns (bytes memory) {
        Health memory h = perp.accountHealth(who, MARKET);
        return abi.encodeWithSelector(IReferencePerp.Perp_Unhealthy.selector, who, h.collateral, h.initial);
    }
}

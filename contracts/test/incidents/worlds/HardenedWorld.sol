// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ChainlinkAdapter} from "../../../src/adapters/ChainlinkAdapter.sol";
import {CircuitBreaker} from "../../../src/CircuitBreaker.sol";
import {FlowLimiter} from "../../../src/FlowLimiter.sol";
import {GuardianCouncil} from "../../../src/GuardianCouncil.sol";
import {InsuranceFund} from "../../../src/InsuranceFund.sol";
import {Config, Group, Program, Target, Tripper} from "../../../src/interfaces/ICircuitBreaker.sol";
import {FlowMode, IFlowLimiter, Limit} from "../../../src/interfaces/IFlowLimiter.sol";
import {IHealthGate} from "../../../src/interfaces/IHealthGate.sol";
import {Kind} from "../../../src/interfaces/ILatencyBuffer.sol";
import {Feed, Market} from "../../../src/interfaces/IOracleAggregator.sol";
import {IReferencePerp, Modules} from "../../../src/interfaces/IReferencePerp.sol";
import {Bounds} from "../../../src/interfaces/IRiskSteward.sol";
import {PostCheck, SelectorDelay} from "../../../src/interfaces/ITimelock.sol";
import {LatencyBuffer} from "../../../src/LatencyBuffer.sol";
import {Why} from "../../../src/libraries/Why.sol";
import {MarginCalibrator} from "../../../src/MarginCalibrator.sol";
import {OracleAggregator} from "../../../src/OracleAggregator.sol";
import {CalibratedParameters, MarketModel} from "../../../src/reference/CalibratedParameters.sol";
import {HealthGate} from "../../../src/reference/HealthGate.sol";
import {ReferencePerp} from "../../../src/reference/ReferencePerp.sol";
import {RiskSteward} from "../../../src/RiskSteward.sol";
import {Timelock} from "../../../src/Timelock.sol";
import {World} from "./World.sol";

/// The exchange on every module. The world is its slow wallet and its steward until it gives those roles away.
contract HardenedWorld is World {
    bytes32 public constant GROUP = "outflow";
    uint256 public constant CAP = 50_000 * USD;
    uint256 public constant DELAY = 2 days;
    uint8 private constant M3 = 4;

    Timelock public timelock;
    CircuitBreaker public breaker;
    GuardianCouncil public council;
    RiskSteward public steward;
    CalibratedParameters public parameters;

    address[] private _targets;
    bytes[] private _calls;

    /// `guardians` are five, in any order: two pause, three halt.
    constructor(address[] memory guardians) {
        (address breaker_, address council_, address perp_) = (_created(16), _created(17), _created(26));
        ChainlinkAdapter a = new ChainlinkAdapter(feedA, 0, type(int192).max);
        ChainlinkAdapter b = new ChainlinkAdapter(feedB, 0, type(int192).max);
        timelock = _timelock(council_);
        breaker = new CircuitBreaker(council_, address(timelock), _config(perp_, _created(24)));
        council = new GuardianCouncil(breaker_, address(timelock), address(this), guardians, 2, 3, M3);
        OracleAggregator aggregator = new OracleAggregator(address(timelock), 2);
        oracle = aggregator;
        LatencyBuffer latency = new LatencyBuffer(address(aggregator), address(timelock));
        buffer = latency;
        steward = new RiskSteward(breaker_, address(timelock), council_);
        MarginCalibrator calibrator = new MarginCalibrator("testudo reference margins 1");
        fund = new InsuranceFund(perp_, usd, council_, address(timelock));
        parameters = _parameters(calibrator);
        limiter = _limiter(perp_);
        IHealthGate gate = _gate();
        perp = new ReferencePerp(
            Modules({
                collateral: usd,
                decimals: 6,
                oracle: oracle,
                buffer: buffer,
                orderKind: bytes32(uint256(1)),
                limiter: limiter,
                breaker: breaker_,
                parameters: parameters,
                fund: fund,
                gate: gate,
                lockValue: _lock(),
                shareOffset: _offset()
            })
        );
        _venues();
        _plan(address(a), address(b));
    }

    /* WHAT A TEST LEAVES OUT, to show that it is what defends */

    function _gate() internal virtual returns (IHealthGate) {
        return new HealthGate();
    }

    function _lock() internal pure virtual returns (uint256) {
        return 1;
    }

    function _offset() internal pure virtual returns (uint256) {
        return 1e6;
    }

    function _profitFraction() internal pure virtual returns (uint64) {
        return 0.5e18;
    }

    function _fundingCap() internal pure virtual returns (uint64) {
        return 0.03e18;
    }

    /// The feed beside the two kept ones.
    function _thirdFeed() internal virtual returns (address) {
        return address(twapSource);
    }

    function isHardened() external pure override returns (bool) {
        return true;
    }

    function waitBefore(uint256 stage) external pure override returns (uint256) {
        return stage == 0 ? DELAY + 1 : 12;
    }

    /// What the council reads of the wallet that holds the slow roles.
    function getThreshold() external pure returns (uint256) {
        return M3;
    }

    /// The slow wallet proposes or executes.
    function propose(address target, bytes calldata data, bytes32 salt) external onlyOwner {
        timelock.schedule(target, 0, data, 0, salt, DELAY);
    }

    function execute(address target, bytes calldata data, bytes32 salt) external onlyOwner {
        timelock.execute(target, 0, data, 0, salt);
    }

    /* INTERNAL */

    function _timelock(address council_) private returns (Timelock) {
        address[] memory slow = new address[](1);
        slow[0] = address(this);
        return new Timelock(
            uint32(DELAY), 7 days, council_, slow, slow, new SelectorDelay[](0), new PostCheck[](0)
        );
    }

    function _config(address perp_, address limiter_) internal virtual returns (Config memory c) {
        c.targets = new Target[](1);
        c.targets[0] = Target(perp_, true, guarded(), exempt());
        c.groups = new Group[](1);
        address[] memory targets = new address[](2);
        (targets[0], targets[1]) = (perp_, perp_);
        bytes4[] memory selectors = new bytes4[](2);
        (selectors[0], selectors[1]) = (IReferencePerp.withdraw.selector, IReferencePerp.removeLiquidity.selector);
        c.groups[0] = Group(GROUP, targets, selectors);
        c.trippers = new Tripper[](1);
        c.trippers[0] = Tripper(limiter_, GROUP);
        c.programs = new Program[](0);
    }

    /// Through which value leaves or risk is opened.
    function guarded() public pure returns (bytes4[] memory list) {
        list = new bytes4[](8);
        list[0] = IReferencePerp.withdraw.selector;
        list[1] = IReferencePerp.removeMargin.selector;
        list[2] = IReferencePerp.donate.selector;
        list[3] = IReferencePerp.requestOrder.selector;
        list[4] = IReferencePerp.executeOrder.selector;
        list[5] = ReferencePerp.onExecute.selector;
        list[6] = IReferencePerp.removeLiquidity.selector;
        list[7] = IReferencePerp.addLiquidity.selector;
    }

    /// What reduces risk: live under every pause.
    function exempt() public pure returns (bytes4[] memory list) {
        list = new bytes4[](8);
        list[0] = IReferencePerp.deposit.selector;
        list[1] = IReferencePerp.addMargin.selector;
        list[2] = IReferencePerp.closePosition.selector;
        list[3] = IReferencePerp.liquidate.selector;
        list[4] = IReferencePerp.deleverage.selector;
        list[5] = IReferencePerp.cancelOrder.selector;
        list[6] = IReferencePerp.settleFunding.selector;
        list[7] = IReferencePerp.collectFees.selector;
    }

    function _limiter(address perp_) internal virtual returns (IFlowLimiter) {
        address[] memory assets = new address[](1);
        assets[0] = address(usd);
        Limit[] memory limits = new Limit[](1);
        limits[0] = Limit(uint128(CAP), 0, 1 days, FlowMode.REVERT, 8_000);
        return new FlowLimiter(
            perp_, address(breaker), GROUP, 12 hours, address(council), address(timelock), assets, limits
        );
    }

    function _parameters(MarginCalibrator calibrator) private returns (CalibratedParameters) {
        bytes32[] memory markets = new bytes32[](1);
        markets[0] = MARKET;
        MarketModel[] memory models = new MarketModel[](1);
        models[0] = MarketModel({
            sigma: 0.8e18,
            zM: 3e18,
            zI: 4e18,
            jump: 0.02e18,
            oracleDev: 0.01e18,
            fee: 0.0005e18,
            penalty: 0.015e18,
            slippage: 0.005e18,
            k: 0.2e18,
            profitFraction: _profitFraction(),
            fundingCap: _fundingCap(),
            oracleDelay: 60,
            hM: 600,
            hI: 3_600,
            liquidationWindow: 1 hours,
            liquidationShare: 0.5e18,
            keeperFee: uint128(USD)
        });
        return new CalibratedParameters(steward, calibrator, fund, markets, models);
    }

    /// What the timelock sets first, waiting as long as anything after it.
    function _plan(address a, address b) private {
        Why memory why = Why("setup", keccak256("setup"));
        Feed[] memory list = new Feed[](3);
        list[0] = Feed(a, 1, 1 hours, 100);
        list[1] = Feed(b, 1, 1 hours, 100);
        list[2] = Feed(_thirdFeed(), 1, 1 hours, 100);
        Market memory rules = Market(2, 3, 200, 500, 10 minutes, 300, 30 minutes, uint128(100_000 * USD));
        _add(address(oracle), abi.encodeCall(oracle.setMarket, (MARKET, rules, list, 1 hours, 1e15, why)));
        Kind memory kind = Kind(address(perp), 1, 2, 60, false, MARKET);
        _add(address(buffer), abi.encodeCall(buffer.setKind, (bytes32(uint256(1)), kind, why)));
        // Every maintenance margin has the depth in it, so a lower one reaches open positions: it ramps.
        Bounds memory depth =
            Bounds(1_000, true, 1 days, uint128(500_000 * USD), uint128(5_000_000 * USD), 0, 0, 6 hours);
        _bound("depth", depth, why);
        _bound("oiCap", Bounds(1_000, true, 1 days, 0, uint128(500_000 * USD), 0, 0, 0), why);
        _bound("initialFloor", Bounds(1_000, true, 1 days, 0.04e18, 0.3e18, 1, bytes32(bytes20("floors")), 0), why);
        _bound(
            "maintenanceFloor",
            Bounds(1_000, true, 1 days, 0.02e18, 0.15e18, 1, bytes32(bytes20("floors")), 6 hours),
            why
        );
        _values(why);
        _add(address(steward), abi.encodeCall(steward.setSteward, (address(this), true, why)));
        _add(address(fund), abi.encodeCall(fund.setMarketCap, (MARKET, 5_000, why)));
        timelock.scheduleBatch(_targets, new uint256[](_targets.length), _calls, 0, 0, DELAY);
    }

    function _values(Why memory why) private {
        bytes32[] memory ids = new bytes32[](4);
        uint256[] memory values = new uint256[](4);
        (ids[0], values[0]) = (parameters.idOf(MARKET, "depth"), 2_000_000 * USD);
        (ids[1], values[1]) = (parameters.idOf(MARKET, "oiCap"), 400_000 * USD);
        (ids[2], values[2]) = (parameters.idOf(MARKET, "initialFloor"), 0.1e18);
        (ids[3], values[3]) = (parameters.idOf(MARKET, "maintenanceFloor"), 0.05e18);
        for (uint256 i = 1; i < 4; ++i) {
            for (uint256 j = i; j > 0 && ids[j] < ids[j - 1]; --j) {
                (ids[j], ids[j - 1]) = (ids[j - 1], ids[j]);
                (values[j], values[j - 1]) = (values[j - 1], values[j]);
            }
        }
        _add(address(steward), abi.encodeCall(steward.setValues, (ids, values, why)));
    }

    function _bound(bytes32 name, Bounds memory bounds, Why memory why) private {
        bytes32 id = parameters.idOf(MARKET, name);
        _add(address(steward), abi.encodeCall(steward.setBounds, (id, bounds, why)));
    }

    function _add(address target, bytes memory data) private {
        _targets.push(target);
        _calls.push(data);
    }

    function _configure() internal override {
        timelock.executeBatch(_targets, new uint256[](_targets.length), _calls, 0, 0);
        oracle.commit(MARKET);
    }
}

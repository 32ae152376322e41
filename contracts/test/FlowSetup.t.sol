// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FlowLimiter} from "../src/FlowLimiter.sol";
import {CircuitBreaker} from "../src/CircuitBreaker.sol";
import {Config, Group, Target, Tripper} from "../src/interfaces/ICircuitBreaker.sol";
import {FlowMode, Limit} from "../src/interfaces/IFlowLimiter.sol";
import {Why} from "../src/libraries/Why.sol";
import {MockBurner} from "../src/mocks/MockClock.sol";
import {MockFlowVault} from "../src/mocks/MockFlowVault.sol";
import {MockOddToken} from "../src/mocks/MockOddToken.sol";
import {MockVault} from "../src/mocks/MockVault.sol";
import {Base} from "./Base.t.sol";

/// A vault behind its limiter, with two tokens, and a breaker with one group that the limiter may trip.
abstract contract FlowSetup is Base {
    bytes32 internal constant GROUP = "outflow";
    bytes32 internal constant EVIDENCE = keccak256("evidence");
    bytes4 internal constant WITHDRAW = MockVault.withdraw.selector;
    uint40 internal constant TRIP_SECONDS = 6 hours;
    uint128 internal constant CAP = 1_000e18;
    uint32 internal constant WINDOW = 1 days;
    address internal constant ALICE = address(0xa11ce);

    address internal council = address(new MockBurner());
    address internal timelock = address(new MockBurner());
    CircuitBreaker internal breaker;
    MockVault internal switches;
    MockFlowVault internal vault;
    FlowLimiter internal limiter;
    MockOddToken internal token;
    MockOddToken internal other;

    function setUp() public virtual {
        (token, other) = (new MockOddToken(18), new MockOddToken(6));
        vault = new MockFlowVault();
        uint64 nonce = vm.getNonce(address(this));
        address limiter_ = address(
            uint160(uint256(keccak256(abi.encodePacked(bytes2(0xd694), address(this), bytes1(uint8(nonce + 2))))))
        );
        switches = new MockVault(
            address(uint160(uint256(keccak256(abi.encodePacked(bytes2(0xd694), address(this), bytes1(uint8(nonce + 1)))))))
        );
        breaker = new CircuitBreaker(council, timelock, config(limiter_));
        address[] memory assets = new address[](2);
        (assets[0], assets[1]) = (address(token), address(other));
        Limit[] memory limits = new Limit[](2);
        limits[0] = Limit(CAP, 0, WINDOW, FlowMode.REVERT, 8_000);
        limits[1] = Limit(CAP, 0, WINDOW, FlowMode.QUEUE, 8_000);
        limiter = new FlowLimiter(
            address(vault), address(breaker), GROUP, TRIP_SECONDS, council, timelock, assets, limits
        );
        eq(address(limiter), limiter_, "predicted limiter");
        vault.setLimiter(limiter);
        for (uint256 i; i < 2; ++i) {
            vault.approve(assets[i]);
            MockOddToken(assets[i]).mint(address(vault), 1e30);
            MockOddToken(assets[i]).mint(address(this), 1e30);
            MockOddToken(assets[i]).approve(address(vault), type(uint256).max);
        }
    }

    function config(address limiter_) internal view returns (Config memory c) {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = WITHDRAW;
        address[] memory targets = new address[](1);
        targets[0] = address(switches);
        c.targets = new Target[](1);
        c.targets[0] = Target(address(switches), true, selectors, new bytes4[](0));
        c.groups = new Group[](1);
        c.groups[0] = Group(GROUP, targets, selectors);
        c.trippers = new Tripper[](1);
        c.trippers[0] = Tripper(limiter_, GROUP);
    }

    /* INPUTS */

    function why() internal pure returns (Why memory) {
        return Why("test", EVIDENCE);
    }

    function nowAt() internal view returns (uint40) {
        return uint40(vm.getBlockTimestamp());
    }

    function boundCap(uint256 x) internal pure returns (uint128) {
        return uint128(bound(x, 1, 2 ** 120));
    }

    function boundWindow(uint256 x) internal pure returns (uint32) {
        return uint32(bound(x, 1, 30 days));
    }

    function boundWait(uint256 x) internal pure returns (uint256) {
        return bound(x, 0, 365 days);
    }

    /* ACTIONS by role */

    function setLimit(address asset, Limit memory limit) internal {
        vm.prank(timelock);
        limiter.setLimit(asset, limit, why());
    }

    function setLimit(uint256 cap, uint256 window, FlowMode mode) internal {
        setLimit(address(token), Limit(uint128(cap), 0, uint32(window), mode, 8_000));
    }

    /// For as long as the council can.
    function lowerCap(uint256 capAbs, uint256 capBps) internal {
        lowerCap(capAbs, capBps, nowAt() + 72 hours);
    }

    function lowerCap(uint256 capAbs, uint256 capBps, uint256 until) internal {
        vm.prank(council);
        limiter.lowerCap(address(token), uint128(capAbs), uint16(capBps), uint40(until), why());
    }

    function hold(address by, uint256 id, uint256 until) internal {
        vm.prank(by);
        limiter.hold(id, uint40(until), why());
    }

    /// Moves in (positive) and out (negative), each number one step, all of it one transaction.
    function batch(int256 a) internal {
        int256[] memory amounts = new int256[](1);
        amounts[0] = a;
        vault.batch(address(token), amounts);
    }

    function batch(int256 a, int256 b) internal {
        int256[] memory amounts = new int256[](2);
        (amounts[0], amounts[1]) = (a, b);
        vault.batch(address(token), amounts);
    }

    function out(uint256 amount) internal returns (uint256 passed, uint256 queued) {
        return vault.withdraw(address(token), amount, ALICE);
    }

    function available() internal view returns (uint256) {
        return limiter.available(address(token));
    }

    function level() internal view returns (uint256 now_) {
        (now_,) = limiter.levelOf(address(token));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {GateProxy} from "../../src/GateProxy.sol";
import {Config, Target} from "../../src/interfaces/ICircuitBreaker.sol";
import {MockLegacy} from "../../src/mocks/MockLegacy.sol";
import {Setup} from "../Setup.t.sol";
import {Aimed} from "./Aimed.t.sol";

/// The same calls to a gated and a plain proxy over one implementation; what the gate refuses, neither gets.
contract GateHandler is Setup {
    MockLegacy public gated;
    MockLegacy public bare;
    uint256 public refused;

    function setUp() public override {
        super.setUp();
        MockLegacy code = new MockLegacy();
        bytes memory init = abi.encodeCall(MockLegacy.initialize, (100));
        gated = MockLegacy(payable(address(new GateProxy(address(code), init, address(breaker), address(timelock)))));
        bare = MockLegacy(payable(address(new ERC1967Proxy(address(code), init))));
        Config memory c;
        c.targets = new Target[](1);
        c.targets[0] = Target(address(gated), true, list(WITHDRAW), list(MockLegacy.deposit.selector));
        vm.prank(address(timelock));
        breaker.register(c, why());
    }

    function deposit(uint256 amount) external {
        both(abi.encodeCall(MockLegacy.deposit, (bound(amount, 0, 1e30))));
    }

    function withdraw(uint256 amount) external {
        both(abi.encodeCall(MockLegacy.withdraw, (bound(amount, 0, 1e30))));
    }

    function pause(uint256 length) external {
        (uint40 reach,) = breaker.reach(address(gated), WITHDRAW);
        if (reach > nowAt()) trip(address(gated), WITHDRAW, bound(length, nowAt() + 1, reach));
    }

    function wait(uint256 time) external {
        vm.warp(nowAt() + bound(time, 1, 5 days));
    }

    function both(bytes memory data) internal {
        if (bytes4(data) == WITHDRAW && breaker.pausedUntil(address(gated), WITHDRAW) > nowAt()) {
            no(passes(address(gated), data), "a paused selector passed");
            ++refused;
            return;
        }
        (bool ok, bytes memory answer) = address(gated).call(data);
        (bool plainOk, bytes memory plainAnswer) = address(bare).call(data);
        yes(ok == plainOk, "outcome");
        eq(answer, plainAnswer, "answer");
    }
}

contract GateProxyInvariants is Setup, Aimed {
    GateHandler internal handler;

    function setUp() public override {
        handler = new GateHandler();
        handler.setUp();
        bytes memory calls = abi.encodePacked(
            GateHandler.deposit.selector, GateHandler.withdraw.selector, GateHandler.pause.selector,
            GateHandler.wait.selector
        );
        aim(address(handler), calls);
    }

    function invariant_INTEG_01_theProtectedContractsSlotsAreThoseOfAPlainProxy() external view {
        (address gated, address bare) = (address(handler.gated()), address(handler.bare()));
        for (uint256 i; i < 60; ++i) eq(vm.load(gated, bytes32(i)), vm.load(bare, bytes32(i)), "slot");
        bytes32 slot = keccak256(abi.encode(address(handler), uint256(53)));
        eq(vm.load(gated, slot), vm.load(bare, slot), "balance of the caller");
    }
}

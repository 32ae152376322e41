// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {GateProxy} from "../../src/GateProxy.sol";
import {Config, Target} from "../../src/interfaces/ICircuitBreaker.sol";
import {IGuardianCouncil} from "../../src/interfaces/IGuardianCouncil.sol";
import {Rule, RuleKind} from "../../src/interfaces/ISelectorBreaker.sol";
import {CreatedAddress} from "../../src/libraries/CreatedAddress.sol";
import {MockLegacy} from "../../src/mocks/MockLegacy.sol";
import {MockBareVault} from "../../src/mocks/MockVault.sol";
import {Setup} from "../Setup.t.sol";
import {Measured} from "./Measured.t.sol";

/// Gas with cold storage and cold callees; the called contract itself is warm, as it is in a transaction, and the
/// 21,000 base and the price of call data are left out. Written to snapshots/, and held to the budgets. Only the first
/// measured call of a test is cold, as `vm.cool` makes nothing cold again within a transaction: what must happen before
/// happens in `setUp`.
abstract contract CouncilMeasured is Setup, Measured {
    function measure(address to, bytes memory data) internal returns (uint256) {
        vm.cool(address(vault));
        vm.cool(address(market));
        vm.cool(address(breaker));
        vm.cool(address(council));
        vm.cool(CreatedAddress.locate(address(council), 1));
        return costOf(address(this), to, data);
    }

    function pauseCost(uint256 count, uint256 nonce) internal returns (uint256) {
        IGuardianCouncil.Pause memory m = pauseMessage(nonce);
        bytes[] memory sigs = signAll(count, digestOf(hashPause(m)));
        return measure(address(council), abi.encodeCall(council.pauseBySig, (m, sigs)));
    }
}

/// The vault's words were made in a transaction of their own. Contracts run side by side, so each has a file of figures.
contract ArmedGasTest is CouncilMeasured {
    function setUp() public override {
        super.setUp();
        breaker.arm(address(vault));
    }

    // The aim for a pause: it holds where the selector's word is in use, after `arm`, after a pause or in external mode.
    function test_COUNCIL_01_gas_armedPause() external {
        uint256 armed = pauseCost(3, uint256(keccak256("first")));
        vm.snapshotValue("GuardianCouncilArmed", "pauseBySig, 3 of 5, one armed selector", armed);
        atMost(armed, 75_000, "3-of-5 pause of an armed selector");
    }

    function test_COUNCIL_07_gas_armedPauseThatShowsLife() external {
        vm.warp(nowAt() + 1 days);
        uint256 armed = pauseCost(3, uint256(keccak256("first")));
        vm.snapshotValue("GuardianCouncilArmed", "pauseBySig, 3 of 5, one armed selector, signers not seen that day", armed);
        // What the signers of a quiet week add is one write of the seats' word.
        atMost(armed, 75_000, "3-of-5 pause of an armed selector by signers not seen that day");
    }
}

/// The vault's `withdraw` was paused a day ago.
contract PausedGasTest is CouncilMeasured {
    function setUp() public override {
        super.setUp();
        pauseCost(3, uint256(keccak256("first")));
        vm.warp(nowAt() + 1 days);
    }

    function test_COUNCIL_01_gas_pauseAgain() external {
        vm.snapshotValue("GuardianCouncilPausedBefore", "pauseBySig, 3 of 5, again a day later", pauseCost(3, uint256(keccak256("b"))));
    }

    function test_COUNCIL_01_gas_pauseOfTwo() external {
        IGuardianCouncil.Pause memory m = pauseMessage(uint256(keccak256("c")));
        m.selectors = list(WITHDRAW, BORROW);
        bytes[] memory sigs = signAll(3, digestOf(hashPause(m)));
        uint256 two = measure(address(council), abi.encodeCall(council.pauseBySig, (m, sigs)));
        vm.snapshotValue("GuardianCouncilPausedBefore", "pauseBySig, 3 of 5, two selectors, one paused before", two);
    }
}

contract GasTest is CouncilMeasured {
    function test_SYS_04_gas_whenLive() external {
        address bare = address(new MockBareVault(address(breaker)));
        uint256 plain = measure(bare, callOf(WITHDRAW));
        uint256 live = measure(address(vault), callOf(WITHDRAW)) - plain;
        trip(address(vault), WITHDRAW, nowAt() + 1);
        setRule(address(council), address(vault), BORROW, Rule(RuleKind.ARG_MAX, 0, 5), nowAt() + 1 hours);
        vm.warp(nowAt() + 1);
        vm.snapshotValue("SelectorBreaker", "whenLive", live);
        vm.snapshotValue("SelectorBreaker", "whenLive, paused once", measure(address(vault), callOf(WITHDRAW)) - plain);
        vm.snapshotValue("SelectorBreaker", "whenLive, ARG_MAX rule", measure(address(vault), callOf(BORROW)) - measure(bare, callOf(BORROW)));
        atMost(live, 2_300, "inline overhead");
    }

    function test_BREAKER_07_gas_externalCheck() external {
        uint256 plain = measure(address(market), callOf(market.plain.selector));
        uint256 guarded = measure(address(market), callOf(WITHDRAW)) - plain;
        vm.snapshotValue("Guarded", "whenAllowed", guarded);
        vm.snapshotValue("Guarded", "whenNotHalted", measure(address(market), callOf(REPAY)) - plain);
        // 5,250 is a bare call that reads one slot and is told nothing of the call; 1.3 times that is the ceiling.
        atMost(guarded, 6_825, "external overhead");
    }

    function test_INTEG_02_gas_gateProxy() external {
        MockLegacy code = new MockLegacy();
        bytes memory init = abi.encodeCall(MockLegacy.initialize, (100));
        uint256 before = gasleft();
        address gated = address(new GateProxy(address(code), init, address(breaker), address(timelock)));
        vm.snapshotValue("GateProxy", "deployment over a small implementation", before - gasleft());
        address bare = address(new ERC1967Proxy(address(code), init));
        bytes memory call = abi.encodeCall(MockLegacy.deposit, (1));
        measureBoth(code, gated, call);
        measureBoth(code, bare, call);
        uint256 gatedCost = measureBoth(code, gated, call);
        uint256 bareCost = measureBoth(code, bare, call);
        vm.prank(address(timelock));
        GateProxy(payable(gated)).setGate(true, why());
        uint256 openCost = measureBoth(code, gated, call);
        vm.snapshotValue("GateProxy", "over a plain ERC-1967 proxy", gatedCost - bareCost);
        vm.snapshotValue("GateProxy", "over a plain ERC-1967 proxy, gate open", openCost - bareCost);
        atMost(gatedCost - bareCost, 2_500, "gate overhead");
    }

    function measureBoth(MockLegacy code, address to, bytes memory data) internal returns (uint256) {
        vm.cool(address(code));
        return measure(to, data);
    }

    function test_COUNCIL_01_gas_pause() external {
        uint256 three = pauseCost(3, uint256(keccak256("first")));
        vm.snapshotValue("GuardianCouncil", "pauseBySig, 3 of 5, one selector", three);
        // 71,104 is a pause without budgets, register and reasons; 1.3 times that is the ceiling.
        atMost(three, 92_435, "3-of-5 pause");
    }

    function test_COUNCIL_07_gas_heartbeat() external {
        IGuardianCouncil.Heartbeat memory h = IGuardianCouncil.Heartbeat(uint256(keccak256("h")), nowAt());
        bytes memory sig = signOne(keys[0], digestOf(hashHeartbeat(h)));
        vm.snapshotValue(
            "GuardianCouncil", "heartbeat", measure(address(council), abi.encodeCall(council.heartbeat, (h, sig)))
        );
    }

    function test_SYS_11_gas_halt() external {
        IGuardianCouncil.FullHalt memory m = haltMessage(uint256(keccak256("f")));
        bytes[] memory sigs = signAll(3, digestOf(hashHalt(m)));
        uint256 used = measure(address(council), abi.encodeCall(council.haltBySig, (m, sigs)));
        vm.snapshotValue("GuardianCouncil", "haltBySig, 3 of 5, three selectors", used);
    }
}

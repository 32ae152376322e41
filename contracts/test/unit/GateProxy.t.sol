// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {ERC1967Utils} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Utils.sol";
import {GateProxy} from "../../src/GateProxy.sol";
import {Config, Target} from "../../src/interfaces/ICircuitBreaker.sol";
import {IGateProxy} from "../../src/interfaces/IGateProxy.sol";
import {ISelectorBreaker, Rule, RuleKind} from "../../src/interfaces/ISelectorBreaker.sol";
import {Why} from "../../src/libraries/Why.sol";
import {MockClash, MockLegacy, MockLegacyV2} from "../../src/mocks/MockLegacy.sol";
import {Setup} from "../Setup.t.sol";

contract GateProxyTest is Setup {
    bytes4 internal constant DEPOSIT = MockLegacy.deposit.selector;
    bytes32 internal constant IMPLEMENTATION_SLOT = ERC1967Utils.IMPLEMENTATION_SLOT;
    MockLegacy internal code;
    GateProxy internal gateProxy;
    MockLegacy internal gated;
    MockLegacy internal bare;

    function setUp() public override {
        super.setUp();
        code = new MockLegacy();
        bytes memory init = abi.encodeCall(MockLegacy.initialize, (100));
        gateProxy = new GateProxy(address(code), init, address(breaker), address(timelock));
        gated = MockLegacy(payable(address(gateProxy)));
        bare = MockLegacy(payable(address(new ERC1967Proxy(address(code), init))));
        Config memory c;
        c.targets = new Target[](1);
        bytes4[] memory guarded = new bytes4[](2);
        (guarded[0], guarded[1]) = (WITHDRAW, bytes4(0));
        c.targets[0] = Target(address(gated), true, guarded, list(DEPOSIT));
        vm.prank(address(timelock));
        breaker.register(c, why());
    }

    /* GATE */

    function test_fuzz_INTEG_01_oneSelectorBehindTheProxyIsPaused(uint256 length, uint256 amount) external {
        uint40 until = nowAt() + uint40(bound(length, 1, 72 hours));
        amount = bound(amount, 0, 1e30);
        eq(gated.deposit(amount), 100 + amount, "returned through the proxy");
        trip(address(gated), WITHDRAW, until);
        vm.expectRevert(abi.encodeWithSelector(ISelectorBreaker.Breaker_Paused.selector, WITHDRAW, until));
        gated.withdraw(amount);
        gated.deposit(1);
        vm.warp(until);
        eq(gated.withdraw(amount), 101, "live again");
    }

    function test_fuzz_INTEG_01_revertsOfTheImplementationPassUnchanged(uint256 amount) external {
        amount = bound(amount, 1, type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(MockLegacy.MockLegacy_Refused.selector, amount));
        gated.withdraw(amount);
    }

    function test_fuzz_BREAKER_09_aRuleWorksBehindTheProxy(uint256 amount) external {
        gated.deposit(1_000);
        amount = bound(amount, 0, 1_000);
        setRule(address(council), address(gated), WITHDRAW, Rule(RuleKind.ARG_MAX, 0, 500), nowAt() + 1 hours);
        yes(passes(address(gated), abi.encodeCall(gated.withdraw, (amount))) == (amount <= 500), "narrowed");
    }

    function test_fuzz_INTEG_01_plainEtherPassesAndCanBePaused(uint96 value) external {
        vm.deal(address(this), value);
        (bool ok,) = address(gated).call{value: value}("");
        yes(ok, "received");
        eq(gated.total(), 101, "receive of the implementation ran");
        trip(address(gated), bytes4(0), nowAt() + 1 hours);
        (ok,) = address(gated).call("");
        no(ok, "paused");
    }

    function test_fuzz_INTEG_01_initializerRunsOnceAndMayRunLater(uint256 start) external {
        vm.expectRevert("Initializable: contract is already initialized");
        gated.initialize(start);
        GateProxy later = new GateProxy(address(code), "", address(breaker), address(timelock));
        MockLegacy legacy = MockLegacy(payable(address(later)));
        legacy.initialize(start);
        eq(legacy.total(), start, "total");
        eq(legacy.owner(), address(this), "owner");
    }

    function test_INTEG_01_valueNeedsAnInitializer() external {
        vm.deal(address(this), 2);
        vm.expectRevert(ERC1967Utils.ERC1967NonPayable.selector);
        new GateProxy{value: 1}(address(code), "", address(breaker), address(timelock));
        bytes memory init = abi.encodeCall(MockLegacy.initialize, (1));
        GateProxy rich = new GateProxy{value: 1}(address(code), init, address(breaker), address(timelock));
        eq(address(rich).balance, 1, "balance");
        vm.deal(address(timelock), 1);
        vm.prank(address(timelock));
        vm.expectRevert(ERC1967Utils.ERC1967NonPayable.selector);
        rich.upgradeGate{value: 1}(address(code), "", why());
    }

    /* UPGRADE */

    function test_fuzz_SYS_08_onlyTheTimelockUpgrades(address caller) external {
        vm.assume(caller != address(timelock));
        bytes memory want = abi.encodeWithSelector(IGateProxy.Gate_NotTimelock.selector, caller);
        vm.prank(caller);
        vm.expectRevert(want);
        gateProxy.upgradeGate(address(code), "", why());
        vm.prank(caller);
        vm.expectRevert(want);
        gateProxy.setGate(true, why());
    }

    function test_SYS_08_timelockUpgradesAndKeepsStateAndPause() external {
        gated.deposit(5);
        trip(address(gated), WITHDRAW, nowAt() + 1 hours);
        MockLegacyV2 next = new MockLegacyV2();
        vm.expectEmit(address(gateProxy));
        emit IGateProxy.Upgraded(address(next));
        vm.expectEmit(address(gateProxy));
        emit IGateProxy.Loosened(address(timelock), bytes32(bytes20(address(next))), "test", EVIDENCE);
        vm.prank(address(timelock));
        gateProxy.upgradeGate(address(next), abi.encodeCall(MockLegacy.deposit, (7)), why());
        eq(MockLegacyV2(payable(address(gated))).version(), 2, "version");
        eq(gated.total(), 112, "state kept and call made");
        no(passes(address(gated), callOf(WITHDRAW)), "pause kept");
        eq(vm.load(address(gated), IMPLEMENTATION_SLOT), bytes32(uint256(uint160(address(next)))), "ERC-1967 slot");
    }

    function test_SYS_03_upgradeAndOpeningNeedEvidence() external {
        vm.prank(address(timelock));
        vm.expectRevert(IGateProxy.Gate_NoEvidence.selector);
        gateProxy.upgradeGate(address(code), "", Why("test", 0));
        vm.prank(address(timelock));
        vm.expectRevert(IGateProxy.Gate_NoEvidence.selector);
        gateProxy.setGate(true, Why("test", 0));
    }

    function test_fuzz_SYS_08_anImplementationThatWritesTheSlotUpgradesNothing(address other) external {
        vm.assume(other != address(code));
        gated.upgradeTo(other);
        eq(gated.deposit(1), 101, "still the timelock's code");
        (address implementation,,) = gateProxy.gate();
        eq(implementation, address(code), "implementation");
        expectHealth("ERC-1967 slot overwritten");
    }

    function test_SYS_08_clashingOrMissingCodeIsRefused() external {
        MockClash clash = new MockClash();
        bytes memory want = abi.encodeWithSelector(IGateProxy.Gate_SelectorClash.selector, IGateProxy.gate.selector);
        vm.expectRevert(want);
        new GateProxy(address(clash), "", address(breaker), address(timelock));
        vm.prank(address(timelock));
        vm.expectRevert(want);
        gateProxy.upgradeGate(address(clash), "", why());
        want = abi.encodeWithSelector(IGateProxy.Gate_NoCode.selector, address(0xdead));
        vm.expectRevert(want);
        new GateProxy(address(0xdead), "", address(breaker), address(timelock));
        vm.prank(address(timelock));
        vm.expectRevert(want);
        gateProxy.upgradeGate(address(0xdead), "", why());
    }

    /// Every function of the proxy is refused, at any place in the code, also across its first and last byte.
    function test_fuzz_SYS_08_everyOwnSelectorIsFound(uint256 which, uint256 before, uint256 behind) external {
        bytes4[10] memory own = [
            ISelectorBreaker.selectorBreaker.selector,
            ISelectorBreaker.pausedUntil.selector,
            ISelectorBreaker.pauseWord.selector,
            ISelectorBreaker.guardRule.selector,
            ISelectorBreaker.writePause.selector,
            ISelectorBreaker.writeRule.selector,
            IGateProxy.upgradeGate.selector,
            IGateProxy.setGate.selector,
            IGateProxy.gate.selector,
            IGateProxy.gateHealthy.selector
        ];
        bytes4 selector = own[bound(which, 0, 9)];
        bytes memory clash =
            bytes.concat(new bytes(bound(before, 0, 300)), selector, new bytes(bound(behind, 0, 300)));
        vm.etch(address(0xc0de), clash);
        vm.expectRevert(abi.encodeWithSelector(IGateProxy.Gate_SelectorClash.selector, selector));
        new GateProxy(address(0xc0de), "", address(breaker), address(timelock));
        // One byte off, and it is no selector of ours.
        clash[bound(before, 0, 300) + 3] ^= 0x01;
        vm.etch(address(0xc0de), clash);
        new GateProxy(address(0xc0de), "", address(breaker), address(timelock));
    }

    function test_BREAKER_03_onlyTheControllerWritesBehindTheProxy() external {
        vm.expectRevert(abi.encodeWithSelector(ISelectorBreaker.Breaker_NotController.selector, address(this)));
        gateProxy.writePause(WITHDRAW, 1);
    }

    /* STORAGE AND REMOVAL */

    function test_fuzz_INTEG_01_noSlotOfTheProtectedContractChanges(uint256 a, uint256 b) external {
        a = bound(a, 0, 1e30);
        b = bound(b, 0, a);
        vm.record();
        drive(gated, a, b);
        (, bytes32[] memory writes) = vm.accesses(address(gated));
        trip(address(gated), WITHDRAW, nowAt() + 1 hours);
        vm.warp(nowAt() + 1 hours);
        setRule(address(council), address(gated), WITHDRAW, Rule(RuleKind.ARG_MAX, 0, 2e30), nowAt() + 1 hours);
        drive(gated, a, b);
        drive(bare, a, b);
        drive(bare, a, b);
        for (uint256 i; i < 64; ++i) sameSlot(bytes32(i));
        for (uint256 i; i < writes.length; ++i) sameSlot(writes[i]);
        sameSlot(IMPLEMENTATION_SLOT);
        atMost(1, writes.length, "the calls wrote something");
    }

    function drive(MockLegacy which, uint256 a, uint256 b) internal {
        which.deposit(a);
        which.withdraw(b);
    }

    function sameSlot(bytes32 slot) internal view {
        eq(vm.load(address(gated), slot), vm.load(address(bare), slot), "slot");
    }

    function costOf(MockLegacy which) internal returns (uint256) {
        vm.cool(address(which));
        vm.cool(address(code));
        uint256 before = gasleft();
        which.deposit(1);
        return before - gasleft();
    }

    function test_INTEG_02_anOpenGateCostsWhatAPlainProxyCosts() external {
        drive(gated, 10, 1);
        drive(bare, 10, 1);
        trip(address(gated), WITHDRAW, nowAt() + 1 hours);
        vm.expectEmit(address(gateProxy));
        emit IGateProxy.Loosened(address(timelock), bytes32(bytes20(address(gated))), "test", EVIDENCE);
        vm.prank(address(timelock));
        gateProxy.setGate(true, why());
        // The wish is 100; the comparisons with the proxy's own ten selectors make it about 131 (docs/requirements).
        atMost(costOf(gated), costOf(bare) + 150, "gas");
        gated.withdraw(1);
        expectHealth("gate is open");
        vm.expectEmit(address(gateProxy));
        emit IGateProxy.Tightened(address(timelock), bytes32(bytes20(address(gated))), "test", EVIDENCE);
        vm.prank(address(timelock));
        gateProxy.setGate(false, why());
        no(passes(address(gated), callOf(WITHDRAW)), "shut again");
    }

    function test_INTEG_02_anOpenGateStaysOpenThroughAnUpgrade() external {
        vm.prank(address(timelock));
        gateProxy.setGate(true, why());
        address next = address(new MockLegacyV2());
        vm.prank(address(timelock));
        gateProxy.upgradeGate(next, "", why());
        (, bool open,) = gateProxy.gate();
        yes(open, "open");
    }

    /* HEALTH */

    function expectHealth(bytes32 want) internal view {
        (bool ok, bytes32 reason) = gateProxy.gateHealthy();
        eq(reason, want, "reason");
        yes(ok == (want == 0), "ok");
    }

    function test_SYS_12_gateHealthySaysWhatIsWrongWithin50000Gas() external {
        vm.cool(address(gated));
        vm.cool(address(code));
        vm.cool(address(breaker));
        vm.cool(address(timelock));
        uint256 before = gasleft();
        gateProxy.gateHealthy();
        atMost(before - gasleft(), 50_000, "gas");
        expectHealth("");
        (,, address lock) = gateProxy.gate();
        eq(lock, address(timelock), "timelock");
        eq(gateProxy.selectorBreaker(), address(breaker), "controller");
        gateProxy = new GateProxy(address(code), "", address(0xdead), address(timelock));
        expectHealth("controller has no code");
        gateProxy = new GateProxy(address(code), "", address(breaker), address(0xdead));
        expectHealth("timelock has no code");
        gateProxy = GateProxy(payable(address(gated)));
        vm.etch(address(code), "");
        expectHealth("implementation has no code");
    }
}

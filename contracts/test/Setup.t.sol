// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {CircuitBreaker} from "../src/CircuitBreaker.sol";
import {GuardianCouncil} from "../src/GuardianCouncil.sol";
import {Config, Group, ICircuitBreaker, Kind, Program, Target, Tripper} from "../src/interfaces/ICircuitBreaker.sol";
import {IGuardianCouncil} from "../src/interfaces/IGuardianCouncil.sol";
import {Rule, RuleKind} from "../src/interfaces/ISelectorBreaker.sol";
import {Why} from "../src/libraries/Why.sol";
import {MockMarket} from "../src/mocks/MockMarket.sol";
import {MockVault} from "../src/mocks/MockVault.sol";
import {MockWallet} from "../src/mocks/MockWallet.sol";
import {Keys} from "./Keys.t.sol";

/// The whole of it: timelock, breaker, council of five keys (2, 3, 4), one inline and one external target.
abstract contract Setup is Keys {
    bytes4 internal constant WITHDRAW = MockVault.withdraw.selector;
    bytes4 internal constant BORROW = MockVault.borrow.selector;
    bytes4 internal constant REPAY = MockVault.repay.selector;
    bytes4 internal constant STRANGE = bytes4("none");
    bytes32 internal constant GROUP = "outflow";
    bytes32 internal constant EVIDENCE = keccak256("evidence");

    TimelockController internal timelock;
    MockWallet internal slow;
    CircuitBreaker internal breaker;
    GuardianCouncil internal council;
    MockVault internal vault;
    MockMarket internal market;
    address internal tripper = address(0x7121);
    address internal program = address(0x9120);

    function setUp() public virtual {
        makeKeys(5);
        slow = new MockWallet();
        slow.set(MockWallet.Mode.VALID, 0, 4);
        uint64 nonce = vm.getNonce(address(this));
        address[] memory proposers = new address[](1);
        proposers[0] = address(slow);
        timelock = new TimelockController(2 days, proposers, proposers, address(this));
        address council_ = create(nonce + 2);
        vault = MockVault(create(nonce + 3));
        market = MockMarket(create(nonce + 4));
        breaker = new CircuitBreaker(council_, address(timelock), config());
        council = new GuardianCouncil(address(breaker), address(timelock), address(slow), memberList(), 2, 3, 4);
        vault = new MockVault(address(breaker));
        market = new MockMarket(breaker);
        timelock.grantRole(timelock.CANCELLER_ROLE(), address(council));
        eq(address(council), council_, "predicted council");
    }

    function config() internal view returns (Config memory c) {
        c.targets = new Target[](2);
        c.targets[0] = Target(address(vault), true, list(WITHDRAW, BORROW), list(REPAY));
        c.targets[1] = Target(address(market), false, list(WITHDRAW), list(REPAY));
        c.groups = new Group[](1);
        address[] memory targets = new address[](2);
        (targets[0], targets[1]) = (address(vault), address(market));
        c.groups[0] = Group(GROUP, targets, list(WITHDRAW, WITHDRAW));
        c.trippers = new Tripper[](1);
        c.trippers[0] = Tripper(tripper, GROUP);
        c.programs = new Program[](2);
        c.programs[0] = Program(program, address(vault), BORROW);
        c.programs[1] = Program(program, address(market), WITHDRAW);
    }

    /* INPUTS */

    function why() internal pure returns (Why memory) {
        return Why("test", EVIDENCE);
    }

    function list(bytes4 a) internal pure returns (bytes4[] memory l) {
        l = new bytes4[](1);
        l[0] = a;
    }

    function list(bytes4 a, bytes4 b) internal pure returns (bytes4[] memory l) {
        l = new bytes4[](2);
        (l[0], l[1]) = (a, b);
    }

    function nowAt() internal view returns (uint40) {
        return uint40(vm.getBlockTimestamp());
    }

    function subject(address target, bytes4 selector) internal pure returns (bytes32) {
        return bytes32(abi.encodePacked(target, selector));
    }

    /// The address of this contract's creation number `nonce` (below 128).
    function create(uint64 nonce) internal view returns (address) {
        require(nonce > 0 && nonce < 128, "nonce out of range");
        return address(
            uint160(uint256(keccak256(abi.encodePacked(bytes2(0xd694), address(this), bytes1(uint8(nonce))))))
        );
    }

    /* MESSAGES: typed here by hand, so that a wrong type in the contract is found */

    function digestOf(bytes32 structHash) internal view returns (bytes32) {
        return digestFor(structHash, address(council), block.chainid);
    }

    function digestFor(bytes32 structHash, address verifier, uint256 chain) internal pure returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Testudo Council"),
                keccak256("1"),
                chain,
                verifier
            )
        );
        return keccak256(abi.encodePacked("\x19\x01", domain, structHash));
    }

    function packList(bytes4[] memory selectors) internal pure returns (bytes32) {
        bytes memory packed;
        for (uint256 i; i < selectors.length; ++i) packed = bytes.concat(packed, bytes32(selectors[i]));
        return keccak256(packed);
    }

    function hashPause(IGuardianCouncil.Pause memory m) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256(
            "Pause(address target,bytes4[] selectors,uint40 until,bytes32 reason,bytes32 evidence,uint256 nonce,uint256 deadline)"
        );
        return keccak256(
            abi.encode(
                typeHash, m.target, packList(m.selectors), uint256(m.until), m.reason, m.evidence, m.nonce, m.deadline
            )
        );
    }

    function hashHalt(IGuardianCouncil.FullHalt memory m) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256(
            "FullHalt(address target,bytes4[] selectors,uint40 until,bytes32 reason,bytes32 evidence,uint256 nonce,uint256 deadline)"
        );
        return keccak256(
            abi.encode(
                typeHash, m.target, packList(m.selectors), uint256(m.until), m.reason, m.evidence, m.nonce, m.deadline
            )
        );
    }

    function hashVeto(IGuardianCouncil.Veto memory m) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(keccak256("Veto(bytes32 opId,uint256 nonce,uint256 deadline)"), m.opId, m.nonce, m.deadline)
        );
    }

    function hashHeartbeat(IGuardianCouncil.Heartbeat memory m) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256("Heartbeat(uint256 nonce,uint256 deadline)"), m.nonce, m.deadline));
    }

    function hashRule(IGuardianCouncil.GuardRule memory m) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256(
            "GuardRule(address target,bytes4 selector,uint8 kind,uint8 argIndex,uint256 bound,uint40 until,bytes32 reason,bytes32 evidence,uint256 nonce,uint256 deadline)"
        );
        bytes memory head = abi.encode(typeHash, m.target, bytes32(m.selector), uint256(m.kind), uint256(m.argIndex));
        return keccak256(
            bytes.concat(
                head, abi.encode(m.bound, uint256(m.until), m.reason, m.evidence, m.nonce, m.deadline)
            )
        );
    }

    function hashClear(IGuardianCouncil.ClearRule memory m) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256(
            "ClearRule(address target,bytes4 selector,bytes32 reason,bytes32 evidence,uint256 nonce,uint256 deadline)"
        );
        return keccak256(
            abi.encode(typeHash, m.target, bytes32(m.selector), m.reason, m.evidence, m.nonce, m.deadline)
        );
    }

    function pauseMessage(uint256 nonce) internal view returns (IGuardianCouncil.Pause memory) {
        uint40 until = nowAt() + 6 hours;
        return
            IGuardianCouncil.Pause(address(vault), list(WITHDRAW), until, "test", EVIDENCE, nonce, nowAt() + 1 hours);
    }

    function haltMessage(uint256 nonce) internal view returns (IGuardianCouncil.FullHalt memory) {
        bytes4[] memory none;
        uint40 until = nowAt() + 6 hours;
        return IGuardianCouncil.FullHalt(address(vault), none, until, "test", EVIDENCE, nonce, nowAt() + 1 hours);
    }

    /* ACTIONS by role */

    function trip(address target, bytes4 selector, uint256 until) internal {
        vm.prank(address(council));
        breaker.trip(target, selector, uint40(until), why());
    }

    function extend(address target, bytes4 selector, uint256 until) internal {
        vm.prank(address(council));
        breaker.extend(target, selector, uint40(until), why());
    }

    function halt(address target, uint256 until) internal {
        vm.prank(address(council));
        breaker.fullHalt(target, uint40(until), why());
    }

    function setRule(address by, address target, bytes4 selector, Rule memory rule, uint256 until) internal {
        vm.prank(by);
        breaker.setRule(target, selector, rule, uint40(until), why());
    }

    function release(address target, bytes4 selector) internal {
        vm.prank(address(timelock));
        breaker.release(target, selector, why());
    }

    function passes(address target, bytes memory data) internal returns (bool ok) {
        (ok,) = target.call(data);
    }

    function callOf(bytes4 selector) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, 1);
    }
}

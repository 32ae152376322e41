// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BridgeGuard} from "../src/BridgeGuard.sol";
import {CircuitBreaker} from "../src/CircuitBreaker.sol";
import {GuardianCouncil} from "../src/GuardianCouncil.sol";
import {BridgeConfig, IBridgeGuard, Route, Side, Tier, Transfer} from "../src/interfaces/IBridgeGuard.sol";
import {Config, Group, Target, Tripper} from "../src/interfaces/ICircuitBreaker.sol";
import {Lane} from "../src/libraries/BridgeTypes.sol";
import {Why} from "../src/libraries/Why.sol";
import {MockBridge} from "../src/mocks/MockBridge.sol";
import {MockBurner} from "../src/mocks/MockClock.sol";
import {MockOddToken} from "../src/mocks/MockOddToken.sol";
import {MockVault} from "../src/mocks/MockVault.sol";
import {Base} from "./Base.t.sol";

/// A bridge with its guard on two chains: locked and released on `home`, minted and burnt on `away`. Each chain has its
/// breaker and its council, of the same five guardians (2, 3, 4); three attestors, of whom two are needed.
abstract contract BridgeSetup is Base {
    struct End {
        uint64 chain;
        CircuitBreaker breaker;
        GuardianCouncil council;
        MockVault switches;
        MockBridge bridge;
        BridgeGuard guard;
        MockOddToken token;
    }

    bytes32 internal constant GROUP = "bridge";
    bytes32 internal constant NETWORK = "testudo test bridge";
    bytes32 internal constant EVIDENCE = keccak256("evidence");
    bytes4 internal constant WITHDRAW = MockVault.withdraw.selector;
    uint40 internal constant TRIP_SECONDS = 6 hours;
    uint192 internal constant CAP = 1_000e18;
    uint32 internal constant WINDOW = 1 days;
    address internal constant ALICE = address(0xa11ce);
    address internal constant STRANGER = address(0x57a4);

    address internal timelock = address(new MockBurner());
    uint256[] internal attestorKeys;
    uint256[] internal guardianKeys;
    End internal home;
    End internal away;

    function setUp() public virtual {
        for (uint256 i; i < 3; ++i) insertKey(attestorKeys, uint256(keccak256(abi.encode("attestor", i))));
        for (uint256 i; i < 5; ++i) insertKey(guardianKeys, uint256(keccak256(abi.encode("guardian", i))));
        home = deployEnd(1, 18);
        away = deployEnd(10, 18);
        connect(CAP, WINDOW, noTiers());
        home.token.mint(address(this), 1e40);
        home.token.approve(address(home.bridge), type(uint256).max);
    }

    /* DEPLOYMENT */

    function deployEnd(uint64 chain, uint8 decimals) internal returns (End memory e) {
        vm.chainId(chain);
        uint64 nonce = vm.getNonce(address(this));
        (address council_, address switches_, address guard_) =
            (created(nonce + 1), created(nonce + 2), created(nonce + 4));
        e.chain = chain;
        e.breaker = new CircuitBreaker(council_, timelock, breakerConfig(switches_, guard_));
        e.council = new GuardianCouncil(
            address(e.breaker), timelock, address(0x5afe), accountsOf(guardianKeys), 2, 3, 4
        );
        e.switches = new MockVault(address(e.breaker));
        e.bridge = new MockBridge();
        e.guard = new BridgeGuard(guardConfig(e), accountsOf(attestorKeys));
        e.token = new MockOddToken(decimals);
        e.bridge.setGuard(e.guard);
        eq(address(e.guard), guard_, "predicted guard");
    }

    function guardConfig(End memory e) internal view returns (BridgeConfig memory) {
        return BridgeConfig(
            address(e.bridge), address(e.breaker), GROUP, TRIP_SECONDS, address(e.council), timelock, NETWORK, 2
        );
    }

    function breakerConfig(address switches_, address guard_) internal pure returns (Config memory c) {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = WITHDRAW;
        address[] memory targets = new address[](1);
        targets[0] = switches_;
        c.targets = new Target[](1);
        c.targets[0] = Target(switches_, true, selectors, new bytes4[](0));
        c.groups = new Group[](1);
        c.groups[0] = Group(GROUP, targets, selectors);
        c.trippers = new Tripper[](1);
        c.trippers[0] = Tripper(guard_, GROUP);
    }

    /// The address of this contract's creation number `nonce` (below 128).
    function created(uint64 nonce) internal view returns (address) {
        require(nonce > 0 && nonce < 128, "nonce out of range");
        return address(
            uint160(uint256(keccak256(abi.encodePacked(bytes2(0xd694), address(this), bytes1(uint8(nonce))))))
        );
    }

    /// Gives both ends the same terms.
    function connect(uint256 cap, uint256 window, Tier[3] memory tiers) internal {
        setRoute(home, away.chain, routeTo(away, Side.HOME, cap, window, tiers));
        setRoute(away, home.chain, routeTo(home, Side.REMOTE, cap, window, tiers));
    }

    function routeTo(End memory there, Side side, uint256 cap, uint256 window, Tier[3] memory tiers)
        internal
        pure
        returns (Route memory)
    {
        return Route(side, address(there.guard), address(there.token), uint192(cap), uint32(window), 8_000, tiers);
    }

    function setRoute(End memory e, uint64 remote, Route memory route) internal {
        vm.chainId(e.chain);
        vm.prank(timelock);
        e.guard.setRoute(remote, address(e.token), route, why());
    }

    /* INPUTS */

    function why() internal pure returns (Why memory) {
        return Why("test", EVIDENCE);
    }

    function nowAt() internal view returns (uint40) {
        return uint40(vm.getBlockTimestamp());
    }

    function noTiers() internal pure returns (Tier[3] memory tiers) {}

    function threeTiers() internal pure returns (Tier[3] memory) {
        return [Tier(2_500, 1 hours), Tier(5_000, 6 hours), Tier(9_000, 1 days)];
    }

    function boundCap(uint256 x) internal pure returns (uint256) {
        return bound(x, 1, 2 ** 192 - 1);
    }

    function boundWindow(uint256 x) internal pure returns (uint256) {
        return bound(x, 1, 30 days);
    }

    /// What arrives at the other end of a message sent to ALICE.
    function toAway(uint256 amount, uint64 nonce) internal view returns (Transfer memory) {
        return Transfer(home.chain, address(away.token), amount, ALICE, nonce);
    }

    function toHome(uint256 amount, uint64 nonce) internal view returns (Transfer memory) {
        return Transfer(away.chain, address(home.token), amount, ALICE, nonce);
    }

    /* SIGNATURES: typed here by hand, so that a wrong type in the contract is found */

    function insertKey(uint256[] storage keys, uint256 key) internal {
        key = (key % (2 ** 250)) + 1;
        keys.push(key);
        for (uint256 i = keys.length - 1; i > 0 && vm.addr(keys[i]) < vm.addr(keys[i - 1]); --i) {
            (keys[i], keys[i - 1]) = (keys[i - 1], keys[i]);
        }
    }

    function accountsOf(uint256[] memory keys) internal pure returns (address[] memory accounts) {
        accounts = new address[](keys.length);
        for (uint256 i; i < keys.length; ++i) accounts[i] = vm.addr(keys[i]);
    }

    function signOne(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// Signatures of the first `count` keys, in order.
    function signAll(uint256[] memory keys, uint256 count, bytes32 digest) internal pure returns (bytes[] memory sigs) {
        sigs = new bytes[](count);
        for (uint256 i; i < count; ++i) sigs[i] = signOne(keys[i], digest);
    }

    function laneTo(End memory here, End memory there) internal pure returns (Lane memory) {
        return Lane(
            there.chain,
            here.chain,
            address(there.guard),
            address(here.guard),
            address(there.token),
            address(here.token)
        );
    }

    function idOf(Lane memory l, uint256 amount, address receiver, uint64 nonce) internal pure returns (bytes32) {
        bytes memory laneType =
            "Lane(uint64 source,uint64 destination,address sourceGuard,address destinationGuard,address sourceToken,address destinationToken)";
        bytes32 transferHash = keccak256(
            bytes.concat("Transfer(Lane lane,uint256 amount,address receiver,uint64 nonce)", laneType)
        );
        bytes memory head = abi.encode(keccak256(laneType), uint256(l.source), uint256(l.destination));
        bytes memory tail = abi.encode(l.sourceGuard, l.destinationGuard, l.sourceToken, l.destinationToken);
        return keccak256(abi.encode(transferHash, keccak256(bytes.concat(head, tail)), amount, receiver, nonce));
    }

    /// The id of what arrives at `here`.
    function idAt(End memory here, Transfer memory t) internal view returns (bytes32) {
        End memory there = here.chain == home.chain ? away : home;
        return idOf(laneTo(here, there), t.amount, t.receiver, t.nonce);
    }

    function digestFor(bytes32 structHash, address verifier, uint256 chain) internal pure returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Testudo Bridge"),
                keccak256("1"),
                chain,
                verifier
            )
        );
        return keccak256(abi.encodePacked("\x19\x01", domain, structHash));
    }

    function digestAt(End memory here, Transfer memory t) internal view returns (bytes32) {
        return digestFor(idAt(here, t), address(here.guard), here.chain);
    }

    /// Two attestations of what arrives at `here`.
    function attest(End memory here, Transfer memory t) internal view returns (bytes[] memory) {
        return signAll(attestorKeys, 2, digestAt(here, t));
    }

    function pauseDigest(IBridgeGuard.PauseMessage memory m, bytes32 network) internal pure returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,bytes32 salt)"),
                keccak256("Testudo Bridge"),
                keccak256("1"),
                network
            )
        );
        bytes memory chains;
        for (uint256 i; i < m.chainIds.length; ++i) chains = bytes.concat(chains, bytes32(uint256(m.chainIds[i])));
        bytes32 typeHash = keccak256(
            "PauseMessage(uint64[] chainIds,bytes32 group,uint40 until,bytes32 reason,bytes32 evidence,uint256 nonce)"
        );
        bytes32 structHash = keccak256(
            abi.encode(typeHash, keccak256(chains), m.group, uint256(m.until), m.reason, m.evidence, m.nonce)
        );
        return keccak256(abi.encodePacked("\x19\x01", domain, structHash));
    }

    /* ACTIONS */

    function lock(uint256 amount) internal returns (bytes32) {
        vm.chainId(home.chain);
        return home.bridge.lock(away.chain, home.token, amount, ALICE);
    }

    function burn(uint256 amount) internal returns (bytes32) {
        vm.chainId(away.chain);
        vm.prank(ALICE);
        return away.bridge.burn(home.chain, away.token, amount, ALICE);
    }

    function mint(uint256 amount, uint64 nonce) internal {
        vm.chainId(away.chain);
        Transfer memory t = toAway(amount, nonce);
        away.bridge.mint(t, attest(away, t));
    }

    function release(uint256 amount, uint64 nonce) internal {
        vm.chainId(home.chain);
        Transfer memory t = toHome(amount, nonce);
        home.bridge.release(t, attest(home, t));
    }

    function announce(uint256 amount, uint64 nonce) internal returns (bytes32) {
        vm.chainId(away.chain);
        Transfer memory t = toAway(amount, nonce);
        return away.guard.announce(t, attest(away, t));
    }

    function hold(address by, bytes32 msgId, uint256 until) internal {
        vm.chainId(away.chain);
        vm.prank(by);
        away.guard.hold(uint256(msgId), uint40(until), why());
    }

    function locked() internal view returns (uint256 outstanding) {
        (outstanding,) = home.guard.bookOf(away.chain, address(home.token));
    }

    function minted() internal view returns (uint256 outstanding) {
        (outstanding,) = away.guard.bookOf(home.chain, address(away.token));
    }
}

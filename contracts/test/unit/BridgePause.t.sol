// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BridgeGuard} from "../../src/BridgeGuard.sol";
import {BridgeConfig, IBridgeGuard} from "../../src/interfaces/IBridgeGuard.sol";
import {Config, ICircuitBreaker, Tripper} from "../../src/interfaces/ICircuitBreaker.sol";
import {BridgeSetup} from "../BridgeSetup.t.sol";

/// One signature, every chain.
contract BridgePauseTest is BridgeSetup {
    function pauseMessage() internal view returns (IBridgeGuard.PauseMessage memory) {
        uint64[] memory chains = new uint64[](2);
        (chains[0], chains[1]) = (home.chain, away.chain);
        return IBridgeGuard.PauseMessage(chains, GROUP, nowAt() + 6 hours, "test", EVIDENCE, uint256(EVIDENCE));
    }

    function sign(IBridgeGuard.PauseMessage memory m) internal view returns (bytes[] memory) {
        return signAll(guardianKeys, 2, pauseDigest(m, NETWORK));
    }

    function carry(End memory e, IBridgeGuard.PauseMessage memory m, bytes[] memory sigs) internal {
        vm.chainId(e.chain);
        e.guard.propagatePause(m, sigs);
    }

    function pausedUntil(End memory e) internal view returns (uint256) {
        return e.breaker.pausedUntil(address(e.switches), WITHDRAW);
    }

    function test_fuzz_BRIDGE_06_oneSignaturePausesEachListedChain(address carrier, bool awayFirst) external {
        IBridgeGuard.PauseMessage memory m = pauseMessage();
        bytes[] memory sigs = sign(m);
        for (uint256 i; i < 2; ++i) {
            End memory e = (i == 0) == awayFirst ? away : home;
            vm.chainId(e.chain);
            vm.expectEmit(address(e.guard));
            emit IBridgeGuard.PausePropagated(GROUP, m.nonce, m.until, pauseDigest(m, NETWORK));
            vm.expectEmit(address(e.breaker));
            emit ICircuitBreaker.Tripped(address(e.switches), WITHDRAW, m.until, "test", EVIDENCE);
            vm.prank(carrier);
            e.guard.propagatePause(m, sigs);
            eq(pausedUntil(e), m.until, "paused until");
            yes(e.guard.isPauseUsed(m.nonce), "used");
        }
    }

    function test_fuzz_BRIDGE_06_aPauseWorksOncePerChain(uint256 nonce, uint256 wait) external {
        IBridgeGuard.PauseMessage memory m = pauseMessage();
        m.nonce = nonce;
        bytes[] memory sigs = sign(m);
        carry(home, m, sigs);
        vm.warp(nowAt() + bound(wait, 0, 6 hours - 1));
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_NonceUsed.selector, nonce));
        carry(home, m, sigs);
        carry(away, m, sigs);
    }

    /// A second guard on the chain, of the same network, council and breaker, keeps nonces of its own.
    function test_fuzz_BRIDGE_06_aSecondGuardOfAChainCarriesAPauseOnceMore(bytes32 network, uint256 nonce) external {
        vm.chainId(home.chain);
        BridgeConfig memory config = guardConfig(home);
        address twin = address(new BridgeGuard(config, accountsOf(attestorKeys)));
        config.network = network == NETWORK ? bytes32("another") : network;
        address stranger = address(new BridgeGuard(config, accountsOf(attestorKeys)));
        registerTrippers(twin, stranger);
        IBridgeGuard.PauseMessage memory m = pauseMessage();
        m.nonce = nonce;
        bytes[] memory sigs = sign(m);
        carry(home, m, sigs);
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_BadSignature.selector, 0));
        BridgeGuard(stranger).propagatePause(m, sigs);
        vm.prank(timelock);
        home.breaker.release(address(home.switches), WITHDRAW, why());
        BridgeGuard(twin).propagatePause(m, sigs);
        eq(pausedUntil(home), m.until, "paused again, to the signed end and no further");
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_NonceUsed.selector, nonce));
        BridgeGuard(twin).propagatePause(m, sigs);
    }

    function registerTrippers(address a, address b) internal {
        Config memory c;
        c.trippers = new Tripper[](2);
        (c.trippers[0], c.trippers[1]) = (Tripper(a, GROUP), Tripper(b, GROUP));
        vm.prank(timelock);
        home.breaker.register(c, why());
    }

    /// Bridge, guard, breaker and council of the other chain are gone.
    function test_BRIDGE_06_aDeadRouteKeepsNoOtherChainOpen() external {
        IBridgeGuard.PauseMessage memory m = pauseMessage();
        bytes[] memory sigs = sign(m);
        vm.etch(address(away.guard), "");
        vm.etch(address(away.bridge), "");
        vm.etch(address(away.breaker), "");
        vm.etch(address(away.council), "");
        carry(home, m, sigs);
        eq(pausedUntil(home), m.until, "paused until");
    }

    function test_fuzz_BRIDGE_06_anUnlistedChainRefuses(uint64 chain) external {
        vm.assume(chain != home.chain && chain != away.chain && chain != 0);
        IBridgeGuard.PauseMessage memory m = pauseMessage();
        m.chainIds[1] = chain;
        bytes[] memory sigs = sign(m);
        carry(home, m, sigs);
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_WrongChain.selector, away.chain));
        carry(away, m, sigs);
    }

    function test_BRIDGE_06_aListHasOneTo32Chains() external {
        IBridgeGuard.PauseMessage memory m = pauseMessage();
        m.chainIds = new uint64[](33);
        m.chainIds[0] = home.chain;
        bytes[] memory sigs = sign(m);
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_BadLength.selector, 33, 32));
        carry(home, m, sigs);
        m.chainIds = new uint64[](0);
        sigs = sign(m);
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_BadLength.selector, 0, 32));
        carry(home, m, sigs);
        m.chainIds = new uint64[](32);
        m.chainIds[31] = home.chain;
        carry(home, m, sign(m));
    }

    /// Each field is signed: a change of one recovers to no guardian.
    function test_fuzz_BRIDGE_06_theSignatureBindsEveryField(uint256 field) external {
        IBridgeGuard.PauseMessage memory m = pauseMessage();
        bytes[] memory sigs = sign(m);
        field %= 6;
        if (field == 0) m.chainIds[1] = 99;
        else if (field == 1) m.group = "other";
        else if (field == 2) ++m.until;
        else if (field == 3) m.reason = "other";
        else if (field == 4) m.evidence = "other";
        else ++m.nonce;
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_BadSignature.selector, 0));
        carry(home, m, sigs);
    }

    function test_fuzz_BRIDGE_06_aPauseOfAnotherBridgeIsNotOurs(bytes32 network) external {
        vm.assume(network != NETWORK);
        IBridgeGuard.PauseMessage memory m = pauseMessage();
        bytes[] memory sigs = signAll(guardianKeys, 2, pauseDigest(m, network));
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_BadSignature.selector, 0));
        carry(home, m, sigs);
    }

    function test_BRIDGE_06_oneGuardianOrAttestorsPauseNothing() external {
        IBridgeGuard.PauseMessage memory m = pauseMessage();
        bytes32 digest = pauseDigest(m, NETWORK);
        bytes[] memory sigs = signAll(guardianKeys, 1, digest);
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_Attestors.selector, 1, 2));
        carry(home, m, sigs);
        sigs = signAll(attestorKeys, 2, digest);
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_BadSignature.selector, 0));
        carry(home, m, sigs);
        sigs = new bytes[](2);
        (sigs[0], sigs[1]) = (signOne(guardianKeys[0], digest), signOne(guardianKeys[0], digest));
        vm.expectRevert(IBridgeGuard.Bridge_NotSorted.selector);
        carry(home, m, sigs);
    }

    function test_fuzz_BRIDGE_06_anExpiredPauseIsRefused(uint256 late) external {
        IBridgeGuard.PauseMessage memory m = pauseMessage();
        bytes[] memory sigs = sign(m);
        vm.warp(m.until);
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_Expired.selector, m.until));
        carry(home, m, sigs);
        vm.warp(m.until + bound(late, 1, 365 days));
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_Expired.selector, m.until));
        carry(home, m, sigs);
    }

    function test_BRIDGE_06_whatTheBreakerRefusesIsNotUsedUp() external {
        IBridgeGuard.PauseMessage memory m = pauseMessage();
        m.until = nowAt() + 72 hours + 1;
        bytes[] memory sigs = sign(m);
        vm.expectRevert(
            abi.encodeWithSelector(ICircuitBreaker.Breaker_TooLong.selector, m.until, nowAt() + 72 hours)
        );
        carry(home, m, sigs);
        no(home.guard.isPauseUsed(m.nonce), "used");
        vm.warp(nowAt() + 1);
        carry(home, m, sigs);
    }

    function test_BRIDGE_06_onlyARegisteredGroupIsTripped() external {
        IBridgeGuard.PauseMessage memory m = pauseMessage();
        m.group = "other";
        bytes[] memory sigs = sign(m);
        vm.expectRevert(
            abi.encodeWithSelector(ICircuitBreaker.Breaker_NotAllowed.selector, address(home.guard))
        );
        carry(home, m, sigs);
    }

    function test_SYS_03_aPropagatedPauseNeedsEvidence() external {
        IBridgeGuard.PauseMessage memory m = pauseMessage();
        m.evidence = 0;
        bytes[] memory sigs = sign(m);
        vm.expectRevert(IBridgeGuard.Bridge_NoEvidence.selector);
        carry(home, m, sigs);
    }

    function test_fuzz_BRIDGE_06_theDigestIsThatOfTheStandard(
        uint64[] calldata chains,
        bytes32 group,
        uint40 until,
        uint256 nonce
    ) external view {
        IBridgeGuard.PauseMessage memory m = IBridgeGuard.PauseMessage(chains, group, until, "why", EVIDENCE, nonce);
        eq(home.guard.pauseDigest(m), pauseDigest(m, NETWORK), "digest");
        eq(away.guard.pauseDigest(m), pauseDigest(m, NETWORK), "digest of the other chain");
    }
}

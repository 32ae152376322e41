// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BountyRules} from "../src/BountyRules.sol";
import {BountyVault} from "../src/BountyVault.sol";
import {ExploitProofHook} from "../src/ExploitProofHook.sol";
import {Terms, Tier} from "../src/interfaces/IBountyRules.sol";
import {Config, Tripper} from "../src/interfaces/ICircuitBreaker.sol";
import {Bucket, IExploitProofHook, Inputs, ProofProgram} from "../src/interfaces/IExploitProofHook.sol";
import {MockOddToken} from "../src/mocks/MockOddToken.sol";
import {MockVerifier} from "../src/mocks/MockVerifier.sol";
import {Setup} from "./Setup.t.sol";

/// A hook over a breaker with one inline and one external target, and a bounty vault with a million tokens.
abstract contract HookSetup is Setup {
    bytes32 internal constant PROGRAM = "perp-main";
    address internal constant ALICE = address(0xa11ce);
    uint256 internal constant FIELD = 21888242871839275222246405745257275088548364400416034343698204186575808495617;

    address internal source = address(0x50ce);
    MockOddToken internal token;
    BountyRules internal rules;
    BountyVault internal bounties;
    ExploitProofHook internal hook;
    MockVerifier internal verifier;

    function setUp() public virtual override {
        super.setUp();
        token = new MockOddToken(18);
        rules = new BountyRules(address(timelock), address(0), memberList(), 2, terms());
        bounties = new BountyVault(address(0x0e4), rules, address(token));
        hook = new ExploitProofHook(address(breaker), address(bounties), address(timelock));
        verifier = new MockVerifier();
        token.mint(address(bounties), 1e24);
        Config memory c;
        c.trippers = new Tripper[](1);
        c.trippers[0] = Tripper(address(hook), GROUP);
        vm.prank(address(timelock));
        breaker.register(c, why());
        vm.prank(address(timelock));
        rules.setProver(address(hook), true, why());
        vm.prank(address(timelock));
        hook.setProgram(PROGRAM, programData(), why());
        vm.roll(1_000);
    }

    /* INPUTS */

    function terms() internal pure returns (Terms memory t) {
        (t.arbitrator, t.shareBps, t.termsHash) = (address(0xa4b), 5_000, "terms");
        for (uint256 i; i < 4; ++i) {
            t.tiers[i] = Tier(uint128(1_000e18 * (i + 1)), uint128(100_000e18 * (i + 1)), 1_000);
        }
    }

    function programData() internal view returns (ProofProgram memory p) {
        (p.verifier, p.source, p.pauseSeconds, p.modelVersion) = (address(verifier), source, 6 hours, 3);
        (p.group, p.vkHash) = (GROUP, keccak256("vk"));
        p.targets = new address[](2);
        (p.targets[0], p.targets[1]) = (address(vault), address(market));
        p.buckets = new Bucket[](3);
        p.buckets[0] = Bucket(1e18, 1);
        p.buckets[1] = Bucket(1_000e18, 2);
        p.buckets[2] = Bucket(1_000_000e18, 3);
    }

    function inputs() internal view returns (Inputs memory) {
        return Inputs(block.chainid, hook.engineOf(PROGRAM), 77, 12, 2, ALICE, 99, 1234);
    }

    function engine() internal view returns (uint256) {
        bytes32 code = keccak256(abi.encodePacked(address(vault).codehash, address(market).codehash));
        return uint256(keccak256(abi.encode(keccak256("vk"), code, uint256(3)))) >> 8;
    }

    /* ACTIONS */

    function registerState(uint256 commitment) internal {
        vm.prank(source);
        hook.registerState(PROGRAM, commitment);
    }

    /// Makes `proof` a proof of `i`.
    function prove(Inputs memory i) internal returns (bytes memory proof) {
        proof = "proof";
        verifier.allow(PROGRAM, abi.encode(i), proof);
    }

    /// A registered state and a proof of `i`, sent by this contract.
    function submit(Inputs memory i) internal returns (bytes32) {
        registerState(i.stateCommitment);
        return hook.submit(PROGRAM, i, prove(i));
    }

    function isPaused() internal view returns (bool) {
        return breaker.pausedUntil(address(vault), WITHDRAW) > nowAt();
    }

    /// Refused with `cause`, and nothing happened.
    function refused(Inputs memory i, bytes memory cause) internal {
        bytes memory proof = prove(i);
        vm.expectRevert(cause);
        hook.submit(PROGRAM, i, proof);
        no(isPaused(), "paused");
        no(hook.isUsed(i.nullifier), "spent");
        eq(bounties.funds().reserved, 0, "reserved");
        eq(hook.claimOf(i.engineId, i.invariantId, 3), bytes32(0), "claim");
    }

    function with(bytes4 selector, uint256 a) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, a);
    }
}

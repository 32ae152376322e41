// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BountyRules} from "../src/BountyRules.sol";
import {BountyVault} from "../src/BountyVault.sol";
import {SafeHarborReader} from "../src/adapters/SafeHarborReader.sol";
import {Terms, Tier} from "../src/interfaces/IBountyRules.sol";
import {Attestation, IBountyVault, ReportState, Ruling} from "../src/interfaces/IBountyVault.sol";
import {Why} from "../src/libraries/Why.sol";
import {MockOddToken} from "../src/mocks/MockOddToken.sol";
import {Keys} from "./Keys.t.sol";

/// A vault with 2 million tokens, five attestors of whom three sign, and the terms of the specification's example.
abstract contract BountySetup is Keys {
    bytes32 internal constant EVIDENCE = keccak256("evidence");
    bytes32 internal constant REPORT = keccak256("report");
    bytes32 internal constant SALT = keccak256("salt");
    address internal constant ALICE = address(0xa11ce);
    address internal constant BOB = address(0xb0b);
    uint256 internal constant MILLION = 1e24;

    address internal owner = address(0x0e4e4);
    address internal timelock = address(new SafeHarborReader());
    address internal arbitrator = address(0xa4b);
    address internal prover = address(0x9407);
    MockOddToken internal token;
    SafeHarborReader internal reader;
    BountyRules internal rules;
    BountyVault internal vault;

    function setUp() public virtual {
        for (uint256 i; i < 5; ++i) insertKey(uint256(keccak256(abi.encode("attestor", i))));
        token = MockOddToken(makeToken());
        reader = new SafeHarborReader();
        rules = new BountyRules(timelock, address(reader), memberList(), 3, terms());
        vault = new BountyVault(owner, rules, address(token));
        vm.prank(timelock);
        rules.setProver(prover, true, why());
        token.mint(address(vault), 2 * MILLION);
    }

    function makeToken() internal virtual returns (address) {
        return address(new MockOddToken(18));
    }

    /* INPUTS */

    function terms() internal view virtual returns (Terms memory t) {
        (t.arbitrator, t.bond, t.shareBps, t.termsHash) = (arbitrator, 0.1 ether, 5_000, keccak256("terms"));
        (t.vestBps, t.vestSeconds) = (3_000, 90 days);
        t.tiers[0] = Tier(uint128(1_000e18), uint128(10_000e18), 10);
        t.tiers[1] = Tier(uint128(5_000e18), uint128(50_000e18), 100);
        t.tiers[2] = Tier(uint128(20_000e18), uint128(200_000e18), 500);
        t.tiers[3] = Tier(uint128(50_000e18), uint128(MILLION), 1_000);
    }

    function why() internal pure returns (Why memory) {
        return Why("test", EVIDENCE);
    }

    function nowAt() internal view returns (uint40) {
        return uint40(vm.getBlockTimestamp());
    }

    function wait(uint256 time) internal {
        vm.warp(vm.getBlockTimestamp() + time);
    }

    function isState(bytes32 id, ReportState want) internal view {
        eq(uint256(vault.stateOf(id)), uint256(want), "state");
    }

    /// 10 % of 3.2 million at risk: 320,000 tokens for the whole root.
    function attestation(bytes32 id, bytes32 root, uint256 bps) internal view returns (Attestation memory) {
        return Attestation(id, root, 3, 32 * MILLION / 10, uint16(bps), nowAt() + 1 days);
    }

    /// A report of Alice's after its blind window, and the attestation that gives it all of its own root.
    function ready() internal returns (bytes32 id, Attestation memory a) {
        id = report(REPORT, ALICE);
        wait(72 hours);
        a = attestation(id, id, 10_000);
    }

    function ruling(bytes32 root, uint256 bps) internal pure returns (Ruling memory) {
        return Ruling(root, 3, 32 * MILLION / 10, uint16(bps), 0);
    }

    /* DIGESTS: typed here by hand, so that a wrong type in the contract is found */

    function digestOf(Attestation memory a) internal view returns (bytes32) {
        return digestFor(a, block.chainid, address(vault));
    }

    function digestFor(Attestation memory a, uint256 chain, address verifier) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256(
            "Attestation(bytes32 reportId,bytes32 rootId,uint8 severity,uint256 fundsAtRisk,uint16 awardBps,uint256 deadline)"
        );
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Testudo Bounty Vault"),
                keccak256("1"),
                chain,
                verifier
            )
        );
        bytes32 body = keccak256(
            abi.encode(typeHash, a.reportId, a.rootId, a.severity, a.fundsAtRisk, a.awardBps, a.deadline)
        );
        return keccak256(abi.encodePacked("\x19\x01", domain, body));
    }

    /* ACTIONS by role */

    function commit(bytes32 hash, address to) internal returns (bytes32 id) {
        id = vault.commitOf(hash, SALT, to);
        vault.commitReport(id);
    }

    function report(bytes32 hash, address to) internal returns (bytes32 id) {
        commit(hash, to);
        return vault.reveal(hash, SALT, to);
    }

    function attest(Attestation memory a) internal {
        vault.attest(a, signAll(3, digestOf(a)));
    }

    /// A report of Alice's that was given all of its own root.
    function attested() internal returns (bytes32 id) {
        id = report(REPORT, ALICE);
        wait(72 hours);
        attest(attestation(id, id, 10_000));
    }

    function challenge(bytes32 id, address by) internal {
        vm.deal(by, 0.1 ether);
        vm.prank(by);
        vault.challenge{value: 0.1 ether}(id);
    }

    function rule(bytes32 id, Ruling memory r) internal {
        vm.prank(arbitrator);
        vault.rule(id, r, why());
    }

    function withdraw(address by) internal {
        vm.prank(by);
        vault.withdraw();
    }

    function setTerms(Terms memory t) internal {
        vm.prank(timelock);
        rules.setTerms(t, why());
    }

    function refuse(bytes memory cause) internal {
        vm.expectRevert(cause);
    }

    function with(bytes4 selector, uint256 a) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, a);
    }

    function stateError(bytes32 id, ReportState state) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IBountyVault.Bounty_State.selector, id, state);
    }
}

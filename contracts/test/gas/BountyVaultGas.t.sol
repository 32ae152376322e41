// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Attestation} from "../../src/interfaces/IBountyVault.sol";
import {MockPlainToken} from "../../src/mocks/MockPlainToken.sol";
import {BountySetup} from "../BountySetup.t.sol";

/// Gas of one call, measured as in Gas.t.sol: cold storage, the called contract itself warm, without the 21,000 base
/// and the price of call data. The second report of the vault.
contract BountyVaultGasTest is BountySetup {
    function makeToken() internal override returns (address) {
        return address(new MockPlainToken());
    }

    function setUp() public override {
        super.setUp();
        bytes32 first = report("first", BOB);
        wait(72 hours);
        attest(attestation(first, first, 10_000));
    }

    function measure(string memory name, address by, bytes memory data) internal returns (uint256 used) {
        vm.cool(address(vault));
        vm.cool(address(rules));
        vm.cool(address(token));
        vm.prank(by);
        address to = address(vault);
        uint256 warm = to.balance;
        uint256 before = gasleft();
        (bool ok,) = to.call(data);
        used = before - gasleft();
        yes(ok && warm == 0, "measured call");
        vm.snapshotValue("BountyVault", name, used);
    }

    function test_BOUNTY_01_gas_commitAndReveal() external {
        bytes32 id = vault.commitOf(REPORT, SALT, ALICE);
        uint256 used = measure("commitReport", ALICE, abi.encodeCall(vault.commitReport, (id)));
        atMost(used, 50_000, "commit");
        measure("reveal", ALICE, abi.encodeCall(vault.reveal, (REPORT, SALT, ALICE)));
    }

    function test_BOUNTY_02_gas_attestByThree() external {
        bytes32 id = report(REPORT, ALICE);
        bytes32 other = report("other", BOB);
        wait(72 hours);
        Attestation memory a = attestation(id, id, 5_000);
        uint256 used =
            measure("attest by 3, first of a root", BOB, abi.encodeCall(vault.attest, (a, signAll(3, digestOf(a)))));
        atMost(used, 90_000, "first");
        a = attestation(other, id, 4_545);
        used = measure("attest by 3, duplicate", BOB, abi.encodeCall(vault.attest, (a, signAll(3, digestOf(a)))));
        atMost(used, 90_000, "duplicate");
    }

    function test_BOUNTY_07_gas_payoutAndWithdraw() external {
        bytes32 id = attested();
        wait(3 days);
        uint256 used = measure("payout, with vesting", BOB, abi.encodeCall(vault.payout, (id)));
        atMost(used, 70_000, "payout");
        measure("withdraw", ALICE, abi.encodeCall(vault.withdraw, ()));
        wait(10 days);
        measure("payout of what has vested", BOB, abi.encodeCall(vault.payout, (id)));
    }

    function test_BOUNTY_09_gas_reserveProven() external {
        measure("reserveProven", prover, abi.encodeCall(vault.reserveProven, ("id", ALICE, 3)));
    }

    function test_SYS_12_gas_healthy() external {
        atMost(measure("healthy", BOB, abi.encodeCall(vault.healthy, ())), 50_000, "healthy");
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Attestation, ReportState} from "../../src/interfaces/IBountyVault.sol";
import {Panel} from "../../src/libraries/Panel.sol";
import {MockWallet} from "../../src/mocks/MockWallet.sol";
import {BountySetup} from "../BountySetup.t.sol";

/// Attestors that are contracts.
contract BountySignersTest is BountySetup {
    function joinWallet() internal returns (MockWallet wallet) {
        wallet = new MockWallet();
        address[] memory list = memberList();
        list[4] = address(wallet);
        vm.prank(timelock);
        rules.setAttestors(list, 2, why());
    }

    /// The first `count` keys and the wallet, in order.
    function withWallet(MockWallet wallet, uint256 count, bytes32 digest) internal view returns (bytes[] memory sigs) {
        sigs = new bytes[](count + 1);
        uint256 at;
        for (uint256 i; i < count; ++i) {
            if (at == i && address(wallet) < vm.addr(keys[i])) ++at;
            sigs[at++] = signOne(keys[i], digest);
        }
        for (uint256 i; i <= count; ++i) {
            if (sigs[i].length == 0) sigs[i] = abi.encodePacked(address(wallet), "any");
        }
    }

    function test_BOUNTY_08_contractsSign(uint8 mode) external {
        MockWallet wallet = joinWallet();
        (bytes32 id, Attestation memory a) = ready();
        MockWallet.Mode m = MockWallet.Mode(bound(mode, 0, 5));
        wallet.set(m, digestOf(a), 0);
        bool valid = m == MockWallet.Mode.VALID;
        if (!valid) refuse(abi.encodeWithSelector(Panel.Panel_TooFew.selector, 1, 2));
        vault.attest(a, withWallet(wallet, 1, digestOf(a)));
        isState(id, valid ? ReportState.ATTESTED : ReportState.REVEALED);
    }

    function test_BOUNTY_08_aBrokenContractLosesOnlyItsVote(uint8 mode) external {
        MockWallet wallet = joinWallet();
        (bytes32 id, Attestation memory a) = ready();
        wallet.set(MockWallet.Mode(bound(mode, 1, 5)), digestOf(a), 0);
        uint256 before = gasleft();
        vault.attest(a, withWallet(wallet, 2, digestOf(a)));
        atMost(before - gasleft(), 600_000, "gas with a broken member");
        isState(id, ReportState.ATTESTED);
    }

    function test_SYS_13_tooLittleGasForAnAttestorIsSaid() external {
        MockWallet wallet = joinWallet();
        bytes32 digest = keccak256("digest");
        wallet.set(MockWallet.Mode.VALID, digest, 0);
        bytes memory call = abi.encodeCall(rules.requireQuorum, (digest, withWallet(wallet, 1, digest)));
        (bool ok, bytes memory cause) = address(rules).call{gas: 150_000}(call);
        no(ok, "passed");
        eq(cause, abi.encodeWithSelector(Panel.Panel_GasTooLow.selector, 159_375), "cause");
        (ok,) = address(rules).call{gas: 200_000}(call);
        yes(ok, "failed with enough");
    }
}

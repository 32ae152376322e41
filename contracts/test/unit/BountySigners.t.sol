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

    function test_fuzz_SYS_13_noGasLimitDropsAnAttestorsVote(uint256 gasLimit) external {
        MockWallet wallet = joinWallet();
        (, Attestation memory a) = ready();
        wallet.set(MockWallet.Mode.VALID, digestOf(a), 0);
        bytes[] memory sigs = withWallet(wallet, 1, digestOf(a));
        gasLimit = bound(gasLimit, 50_000, 600_000);
        (bool ok, bytes memory cause) = address(vault).call{gas: gasLimit}(abi.encodeCall(vault.attest, (a, sigs)));
        yes(ok || bytes4(cause) != Panel.Panel_TooFew.selector, "a vote was dropped");
        yes(ok || gasLimit < 500_000, "failed with plenty of gas");
    }
}

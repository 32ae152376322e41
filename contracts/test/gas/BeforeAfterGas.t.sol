// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ClaimSetup} from "../ClaimSetup.t.sol";

/// Gas of one call, measured as in Gas.t.sol. The exploit is one call of a mock, so this is what a claim adds to two runs
/// of a real one: four looks, the trip of a group of four and the report.
contract BeforeAfterGasTest is ClaimSetup {
    function measure(string memory name, bytes memory data) internal returns (uint256 used) {
        address[7] memory cold = [
            address(verifier),
            address(bounties),
            address(rules),
            address(token),
            address(breaker),
            address(bank),
            verifier.programOf(PROGRAM).checks[D01]
        ];
        for (uint256 i; i < cold.length; ++i) vm.cool(cold[i]);
        vm.cool(address(exploit));
        vm.prank(ALICE);
        address to = address(verifier);
        uint256 warm = to.balance;
        uint256 before = gasleft();
        (bool ok,) = to.call(data);
        used = before - gasleft();
        yes(ok && warm == 0, "measured call");
        vm.snapshotValue("BeforeAfterVerifier", name, used);
    }

    function test_COL_68_gas_claim() external {
        measure("claim, with an exploit of one call", abi.encodeCall(verifier.claim, (PROGRAM, hole(D01, MOST))));
    }

    function test_SYS_12_gas_healthy() external {
        atMost(measure("healthy", abi.encodeCall(verifier.healthy, ())), 50_000, "healthy");
    }
}

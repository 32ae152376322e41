// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IExploitProofHook, Inputs} from "../../src/interfaces/IExploitProofHook.sol";
import {HookSetup} from "../HookSetup.t.sol";

/// Whoever reads the log finds the state that a proof starts from and the report that it opened.
contract HookEventsTest is HookSetup {
    function test_fuzz_HOOK_06_stateAndClaimAreTold(uint256 commitment, uint256 nullifier, address author) external {
        vm.assume(author != address(0));
        Inputs memory i = inputs();
        (i.stateCommitment, i.nullifier) = (bound(commitment, 1, FIELD - 1), bound(nullifier, 1, FIELD - 1));
        i.beneficiary = author;
        vm.expectEmit(address(hook));
        emit IExploitProofHook.StateRegistered(PROGRAM, i.stateCommitment, 1_000);
        registerState(i.stateCommitment);
        bytes memory proof = prove(i);
        bytes32 id = keccak256(abi.encode(address(hook), PROGRAM, i.nullifier));
        vm.expectEmit(address(hook));
        emit IExploitProofHook.ClaimOpened(PROGRAM, id, author, 4_000e18);
        hook.submit(PROGRAM, i, proof);
    }
}

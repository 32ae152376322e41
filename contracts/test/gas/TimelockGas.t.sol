// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {TimelockSetup} from "../TimelockSetup.t.sol";
import {Measured} from "./Measured.t.sol";

/// Gas beside OpenZeppelin's own, with cold storage and a cold target.
contract TimelockGas is TimelockSetup, Measured {
    function measure(address to, address by, bytes memory data) internal returns (uint256) {
        vm.cool(address(lister));
        return costOf(by, to, data);
    }

    function viewCall() internal view returns (bytes memory) {
        return abi.encodeCall(lister.calls, ());
    }

    function test_TIMELOCK_01_gas_withinBudget() external {
        TimelockController plain = new TimelockController(MIN_DELAY, one(proposer), one(executor), address(0));
        bytes memory put = abi.encodeCall(lock.schedule, (address(lister), 0, viewCall(), 0, 0, MIN_DELAY));
        bytes memory run = abi.encodeCall(lock.execute, (address(lister), 0, viewCall(), 0, 0));
        uint256 plainPut = measure(address(plain), proposer, put);
        uint256 ourPut = measure(address(lock), proposer, put);
        vm.warp(vm.getBlockTimestamp() + MIN_DELAY);
        // The target's own cost, its cold account included, is taken off both.
        vm.cool(address(lister));
        uint256 before = gasleft();
        lister.calls();
        uint256 target = before - gasleft();
        uint256 plainRun = measure(address(plain), executor, run) - target;
        uint256 ourRun = measure(address(lock), executor, run) - target;
        vm.snapshotValue("Timelock", "schedule", ourPut);
        vm.snapshotValue("Timelock", "schedule, over OpenZeppelin", ourPut - plainPut);
        vm.snapshotValue("Timelock", "execute, without its target", ourRun);
        vm.snapshotValue("Timelock", "execute, over OpenZeppelin", ourRun - plainRun);
        atMost(ourPut, 35_000, "schedule");
        atMost(ourRun, 20_000, "execute");
    }
}

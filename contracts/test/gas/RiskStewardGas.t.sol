// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRiskInvariant} from "../../src/interfaces/IRiskInvariant.sol";
import {StewardSetup} from "../StewardSetup.t.sol";
import {Measured} from "./Measured.t.sol";

/// Gas with cold storage and cold invariants; the 21,000 base and the price of call data are left out.
contract RiskStewardGas is StewardSetup, Measured {
    function measure(string memory name, bytes memory data) internal returns (uint256 used) {
        vm.cool(address(invariant_));
        used = costOf(key, address(steward), data);
        vm.snapshotValue("RiskSteward", name, used);
    }

    function test_STEWARD_03_gas_withinBudget() external {
        setInvariant(IRiskInvariant(address(invariant_)));
        bytes32 batch = keccak256(abi.encode(ids1(CAP), values1(101e18), MODEL, INPUTS, start));
        bytes memory proposal = abi.encodeCall(steward.propose, (ids1(CAP), values1(101e18), MODEL, INPUTS));
        uint256 proposed = measure("propose, one parameter", proposal);
        uint256 first = measure("applyBatch, one parameter", abi.encodeCall(steward.applyBatch, (batch)));
        (bytes32[] memory ids, uint256[] memory values) = (ids2(RATIO, TIME), values2(1.16e18, start - 299 days));
        batch = keccak256(abi.encode(ids, values, MODEL, INPUTS, start));
        proposal = abi.encodeCall(steward.propose, (ids, values, MODEL, INPUTS));
        uint256 proposedTwo = measure("propose, a group of two", proposal);
        uint256 two = measure("applyBatch, a group of two", abi.encodeCall(steward.applyBatch, (batch)));
        measure("valueOf, on a ramp", abi.encodeCall(steward.valueOf, (TIME)));
        // The figures hold the whole call, one invariant included.
        atMost(two / 2, 45_000, "a parameter of a group");
        atMost(first, 58_500, "a single parameter: 1.3 times the budget");
        atMost(proposed, 90_000, "propose one");
        atMost(proposedTwo / 2, 58_500, "propose two");
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRiskInvariant} from "../../src/interfaces/IRiskInvariant.sol";
import {StewardSetup} from "../StewardSetup.t.sol";
import {Measured} from "./Measured.t.sol";

/// Gas with cold storage and cold invariants; the 21,000 base and the price of call data are left out. Each test measures
/// one call, the first in its transaction: `vm.cool` does not make an account cold again, and a slot that was written in
/// the same transaction is cheaper to write. So the batches are proposed in `setUp`.
contract RiskStewardGas is StewardSetup, Measured {
    bytes32 internal one;
    bytes32 internal two;

    function setUp() public override {
        super.setUp();
        setInvariant(IRiskInvariant(address(invariant_)));
        one = proposeOne(CAP, 101e18);
        two = proposeTwo(1.16e18, start - 299 days);
    }

    function measure(bytes memory data) internal returns (uint256) {
        vm.cool(address(invariant_));
        return costOf(key, address(steward), data);
    }

    function measured(string memory name, bytes memory data) internal returns (uint256 used) {
        used = measure(data);
        vm.snapshotValue("RiskSteward", name, used);
    }

    function test_STEWARD_03_gas_proposeOne() external {
        bytes memory data = abi.encodeCall(steward.propose, (ids1(MARGIN), values1(0.05e18), MODEL, INPUTS));
        atMost(measured("propose, one parameter", data), 90_000, "propose one");
    }

    function test_STEWARD_03_gas_proposeTwo() external {
        vm.warp(start + 1);
        (bytes32[] memory ids, uint256[] memory values) = (ids2(RATIO, TIME), values2(1.16e18, start - 299 days));
        bytes memory data = abi.encodeCall(steward.propose, (ids, values, MODEL, INPUTS));
        atMost(measured("propose, a group of two", data) / 2, 58_500, "propose two");
    }

    /// The invariant's work is the protocol's, so what a direct call to it costs is taken off. Clearing the batch's slot
    /// gives 4,800 back at the end of the transaction (EIP-3529).
    function test_STEWARD_03_gas_applyOne() external {
        uint256 used = measured("applyBatch, one parameter", abi.encodeCall(steward.applyBatch, (one)));
        bytes memory before = abi.encode(ids1(CAP), values1(100e18));
        bytes memory afterwards = abi.encode(ids1(CAP), values1(101e18));
        used -= costOf(address(steward), address(invariant_), abi.encodeCall(invariant_.check, (before, afterwards)));
        vm.snapshotValue("RiskSteward", "applyBatch, one parameter, without its invariant", used);
        vm.snapshotValue("RiskSteward", "applyBatch, one parameter, without its invariant, after the refund", used - 4_800);
        atMost(used, 45_000, "a single parameter");
    }

    /// With the invariant and before the refund.
    function test_STEWARD_03_gas_applyTwo() external {
        uint256 used = measured("applyBatch, a group of two", abi.encodeCall(steward.applyBatch, (two)));
        atMost(used / 2, 45_000, "a parameter of a group");
    }

    function test_STEWARD_05_gas_valueOf() external {
        applyBatch(two);
        measured("valueOf, on a ramp", abi.encodeCall(steward.valueOf, (TIME)));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FlowMode, Limit} from "../../src/interfaces/IFlowLimiter.sol";
import {FlowSetup} from "../FlowSetup.t.sol";
import {Measured} from "./Measured.t.sol";

/// Gas of one call to the limiter, measured as in Gas.t.sol: cold storage, the called contract itself warm, without the
/// 21,000 base and the price of call data.
contract FlowLimiterGasTest is FlowSetup, Measured {
    function measure(bytes memory data) internal returns (uint256) {
        vm.cool(address(token));
        return costOf(address(vault), address(limiter), data);
    }

    function outflow(uint256 amount) internal returns (uint256) {
        return measure(abi.encodeCall(limiter.onOutflow, (address(token), amount, ALICE)));
    }

    function test_FLOW_05_gas_onOutflow() external {
        uint256 first = outflow(CAP / 4);
        vm.warp(nowAt() + 1);
        uint256 next = outflow(CAP / 4);
        vm.warp(nowAt() + 365 days);
        uint256 late = outflow(CAP / 4);
        vm.snapshotValue("FlowLimiter", "onOutflow", late);
        // The ceiling, 11,500, is 1.3 times a bucket of two slots without a role, a credit or an event.
        atMost(first, 9_000, "first");
        atMost(next, 9_000, "next");
        atMost(late, 9_000, "late");
    }

    function test_FLOW_05_gas_others() external {
        outflow(CAP / 4);
        vm.warp(nowAt() + 1);
        bytes memory inflow = abi.encodeCall(limiter.onInflow, (address(token), CAP / 8, ALICE));
        vm.snapshotValue("FlowLimiter", "onInflow", measure(inflow));
        setLimit(CAP, WINDOW, FlowMode.QUEUE);
        outflow(limiter.available(address(token)) + 1);
        vm.snapshotValue("FlowLimiter", "onOutflow, all of it queued, not the first of its token", outflow(1e18));
        setLimit(address(token), Limit(CAP, 100, WINDOW, FlowMode.REVERT, 0));
        vm.warp(nowAt() + WINDOW / 24 - 1);
        vm.snapshotValue("FlowLimiter", "onOutflow with a share of TVL", outflow(0));
        vm.warp(nowAt() + WINDOW);
        vm.snapshotValue("FlowLimiter", "onOutflow with a share of TVL, recording the balance", outflow(CAP / 4));
    }

    function test_FLOW_12_gas_onOutflowOfACapOfFewUnits() external {
        setLimit(5_000, WINDOW, FlowMode.REVERT);
        outflow(9);
        vm.warp(nowAt() + 12);
        uint256 gas = outflow(9);
        vm.snapshotValue("FlowLimiter", "onOutflow of a cap of few units", gas);
        atMost(gas, 15_000, "gas");
    }

    /// Each is the gas of the call itself, in a bucket with any history.
    function test_fuzz_FLOW_05_gasIsTheSameAfterAnyRest(uint256 used, uint256 wait, uint256 calls) external {
        used = bound(used, 1, CAP / 16);
        for (uint256 i; i < bound(calls, 0, 8); ++i) outflow(used);
        outflow(used);
        vm.warp(nowAt() + 1);
        uint256 soon = outflow(used);
        vm.warp(nowAt() + bound(wait, 1, 365 days));
        uint256 late = outflow(used);
        atMost(soon > late ? soon - late : late - soon, 200, "difference");
    }
}

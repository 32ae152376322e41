// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FlowMode, Limit} from "../../src/interfaces/IFlowLimiter.sol";
import {FlowSetup} from "../FlowSetup.t.sol";

/// Gas of one call to the limiter, measured as in Gas.t.sol: cold storage, the called contract itself warm, without the
/// 21,000 base and the price of call data.
contract FlowLimiterGasTest is FlowSetup {
    function measure(bytes memory data) internal returns (uint256 used) {
        vm.cool(address(limiter));
        vm.cool(address(token));
        vm.prank(address(vault));
        address to = address(limiter);
        uint256 warm = to.balance;
        uint256 before = gasleft();
        (bool ok,) = to.call(data);
        used = before - gasleft();
        yes(ok && warm == 0, "measured call");
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
        vm.snapshotValue("FlowLimiter", "onOutflow, first", first);
        vm.snapshotValue("FlowLimiter", "onOutflow, a second later", next);
        vm.snapshotValue("FlowLimiter", "onOutflow, a year later", late);
        // 8,848 is a bucket of two slots without a role, a credit or an event; 1.3 times that is the ceiling.
        atMost(first, 9_000, "first");
        atMost(next, 9_000, "next");
        atMost(late, 9_000, "late");
    }
}

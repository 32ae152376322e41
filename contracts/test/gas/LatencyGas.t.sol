// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Fill, Kind} from "../../src/interfaces/ILatencyBuffer.sol";
import {Status} from "../../src/interfaces/IOracleAggregator.sol";
import {MockIdleHandler} from "../../src/mocks/MockHandler.sol";
import {BufferSetup} from "../BufferSetup.t.sol";
import {Measured} from "./Measured.t.sol";

/// As in Gas.t.sol: cold storage and cold callees, without the 21,000 base. What is executed was requested in `setUp`, a
/// transaction of its own, because clearing a slot of the same transaction is cheaper. The handler does nothing, and
/// what a direct call to it costs is taken off. Clearing the two slots gives 9,600 back at the end of the transaction
/// (EIP-3529: 4,800 a slot, at most a fifth of its gas, which any execution exceeds with the base).
contract LatencyGasTest is BufferSetup, Measured {
    bytes32 internal constant IDLE = bytes32(uint256(2));
    uint256 internal constant REFUND = 9_600;
    MockIdleHandler internal idle;
    bytes internal payload = new bytes(96);
    bytes32 internal id;
    uint64 internal round;

    function setUp() public override {
        super.setUp();
        idle = new MockIdleHandler();
        buffer.setKind(IDLE, Kind(address(idle), MIN_BLOCKS, MIN_SECONDS, WINDOW, false, MARKET), why());
        id = buffer.request(IDLE, payload, 1e15);
        blocks(2);
        round = observe(START);
    }

    function cost(address to, bytes memory data) internal returns (uint256) {
        vm.cool(address(oracle));
        vm.cool(address(buffer));
        vm.cool(address(idle));
        return costOf(address(this), to, data);
    }

    function test_LATENCY_03_gas_request() external {
        uint256 used = cost(address(buffer), abi.encodeCall(buffer.request, (IDLE, payload, 1e15)));
        vm.snapshotValue("LatencyBuffer", "request", used);
        atMost(used, 60_000, "request");
    }

    function test_LATENCY_03_gas_execute() external {
        uint256 used = cost(address(buffer), abi.encodeCall(buffer.execute, (id, payload, round)));
        Fill memory fill = Fill(id, address(this), IDLE, START, nowAt(), Status.OK, 1e15);
        uint256 direct = cost(address(idle), abi.encodeCall(idle.onExecute, (fill, payload, address(this))));
        // A cold account costs the caller 2,600 within the call and nothing when it is called first.
        uint256 over = used - direct - 2_500;
        vm.snapshotValue("LatencyBuffer", "execute, over its handler, before the refund", over);
        vm.snapshotValue("LatencyBuffer", "execute, over its handler, after the refund", over - REFUND);
        atMost(over - REFUND, 15_000, "execute");
    }
}

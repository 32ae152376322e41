// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LatencyBuffer} from "../src/LatencyBuffer.sol";
import {Kind} from "../src/interfaces/ILatencyBuffer.sol";
import {MockHandler} from "../src/mocks/MockHandler.sol";
import {OracleSetup} from "./OracleSetup.t.sol";

/// A buffer on a market with one feed, with one kind: two blocks, five seconds, a window of a minute.
abstract contract BufferSetup is OracleSetup {
    bytes32 internal constant ORDER = bytes32(uint256(1));
    uint16 internal constant MIN_BLOCKS = 2;
    uint32 internal constant MIN_SECONDS = 5;
    uint32 internal constant WINDOW = 60;
    uint32 internal constant BLOCK_TIME = 4;

    LatencyBuffer internal buffer;
    MockHandler internal handler;

    function setUp() public virtual override {
        super.setUp();
        list(1);
        buffer = new LatencyBuffer(address(oracle), address(this));
        handler = new MockHandler();
        buffer.setKind(ORDER, orderKind(), why());
    }

    function orderKind() internal view returns (Kind memory) {
        return Kind(address(handler), MIN_BLOCKS, MIN_SECONDS, WINDOW, false, MARKET);
    }

    function payloadOf(uint256 seed) internal pure returns (bytes memory data) {
        data = new bytes(seed % 97);
        for (uint256 i; i < data.length; ++i) data[i] = bytes1(uint8(draw(seed, i)));
    }

    /* ACTIONS */

    function blocks(uint256 count) internal {
        vm.roll(vm.getBlockNumber() + count);
        vm.warp(vm.getBlockTimestamp() + count * BLOCK_TIME);
    }

    /// A new observation now, committed.
    function observe(uint256 wad) internal returns (uint64) {
        setFeed(0, wad);
        return oracle.commit(MARKET);
    }

    function request(address owner, uint256 seed) internal returns (bytes32) {
        vm.prank(owner);
        return buffer.request(ORDER, payloadOf(seed), 0);
    }

    /// A request of this contract, its round committed, ready to be executed.
    function readyRequest(uint256 seed) internal returns (bytes32 id, uint64 round) {
        id = request(address(this), seed);
        blocks(2);
        round = observe(START + 1);
    }
}

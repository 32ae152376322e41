// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Feed, IOracleAggregator, Market, Status} from "../../src/interfaces/IOracleAggregator.sol";
import {MockWords} from "../../src/mocks/MockPrice.sol";
import {OracleSetup} from "../OracleSetup.t.sol";

interface VmFile {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    function readFile(string calldata path) external view returns (string memory);
    function parseJsonUintArray(string calldata json, string calldata key) external pure returns (uint256[] memory);
    function parseJsonStringArray(string calldata json, string calldata key) external pure returns (string[] memory);
    function toString(uint256 value) external pure returns (string memory);
    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory);
}

/// The whole aggregator against the rows that the twin in TypeScript wrote: price or refusal, and every feed's fault.
contract OracleDifferential is OracleSetup {
    VmFile internal constant file = VmFile(address(vm));
    string internal constant PATH = "contracts/test/vectors/oracle.json";
    uint256 internal constant ROWS = 320;
    uint256 internal constant FEEDS_AT = 8;
    uint256 internal constant OUT_AT = FEEDS_AT + 7 * 6;

    MockWords[] internal words;

    function setUp() public override {
        super.setUp();
        for (uint256 i; i < 7; ++i) words.push(new MockWords());
    }

    function test_ORACLE_01_differential_everyRowOfTheTwin() external {
        string[] memory last = file.parseJsonStringArray(file.readFile(PATH), string.concat(".rows[", file.toString(ROWS - 1), "]"));
        eq(last.length, OUT_AT + 7, "columns");
        // A call of its own for each row, so that its memory is given back.
        for (uint256 i; i < ROWS; ++i) this.row(i);
    }

    function row(uint256 i) external {
        uint256[] memory c = file.parseJsonUintArray(file.readFile(PATH), string.concat(".rows[", file.toString(i), "]"));
        bytes32 market = bytes32(i + 1);
        setRow(market, c);
        vm.warp(c[7]);
        sayRow(c);
        string memory what = string.concat("row ", file.toString(i));
        eq(answer(market), wanted(market, c), what);
        eq(faultsOf(market), c[OUT_AT + 6], string.concat(what, ", faults"));
    }

    function setRow(bytes32 market, uint256[] memory c) internal {
        vm.warp(1_800_000_000);
        Feed[] memory feeds = new Feed[](c[0]);
        for (uint256 i; i < feeds.length; ++i) {
            uint256 at = FEEDS_AT + 6 * i;
            words[i].set(c[6], nowAt(), false);
            feeds[i] = Feed(address(words[i]), uint16(c[at]), uint32(c[at + 1]), uint16(c[at + 2]));
        }
        Market memory m = Market(uint8(c[1]), uint8(c[2]), uint16(c[3]), uint16(c[4]), 4_000, 0, 0, 0);
        oracle.setMarket(market, m, feeds, 0, uint128(c[5]), why());
    }

    function sayRow(uint256[] memory c) internal {
        for (uint256 i; i < c[0]; ++i) {
            uint256 at = FEEDS_AT + 6 * i;
            words[i].set(c[at + 4], c[at + 5], c[at + 3] == 0);
        }
    }

    function answer(bytes32 market) internal returns (bytes memory data) {
        (, data) = address(oracle).call(abi.encodeCall(oracle.price, (market)));
    }

    function wanted(bytes32 market, uint256[] memory c) internal pure returns (bytes memory) {
        (uint256 cause, uint256 live, uint256 bps) = (c[OUT_AT], c[OUT_AT + 4], c[OUT_AT + 5]);
        if (cause == 1) return abi.encodeWithSelector(IOracleAggregator.Oracle_Quorum.selector, market, live, c[1]);
        if (cause == 2) return abi.encodeWithSelector(IOracleAggregator.Oracle_Spread.selector, market, bps);
        if (cause == 3) return abi.encodeWithSelector(IOracleAggregator.Oracle_Jump.selector, market, bps);
        return abi.encode(c[OUT_AT + 1], c[OUT_AT + 2], Status(c[OUT_AT + 3]));
    }

    /// The faults that a commit tells, packed as in the rows.
    function faultsOf(bytes32 market) internal returns (uint256 faults) {
        file.recordLogs();
        oracle.commit(market);
        VmFile.Log[] memory logs = file.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != IOracleAggregator.FeedExcluded.selector) continue;
            (address adapter, uint8 reason) = abi.decode(logs[i].data, (address, uint8));
            for (uint256 j; j < words.length; ++j) {
                if (address(words[j]) == adapter) faults |= uint256(reason) << (8 * j);
            }
        }
    }
}

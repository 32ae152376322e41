// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Fill, ILatencyHandler, Kind} from "../../interfaces/ILatencyBuffer.sol";
import {Status} from "../../interfaces/IOracleAggregator.sol";
import {NaiveOracle} from "./NaiveOracle.sol";

/// @title NaiveBuffer: a request may be executed at once, at the price of now.
contract NaiveBuffer {
    struct Request {
        address owner;
        bytes32 kind;
        bytes32 payloadHash;
        uint128 maxFee;
    }

    NaiveOracle public immutable oracle;
    mapping(bytes32 id => Request) private _requests;
    uint256 private _lastId;

    error Naive_Request(bytes32 id);

    constructor(NaiveOracle oracle_) {
        oracle = oracle_;
    }

    function request(bytes32 kind, bytes calldata payload, uint128 maxFee) external returns (bytes32 id) {
        id = bytes32(++_lastId);
        _requests[id] = Request(msg.sender, kind, keccak256(payload), maxFee);
    }

    function execute(bytes32 id, bytes calldata payload, uint64) external {
        Request memory r = _requests[id];
        if (r.owner == address(0) || keccak256(payload) != r.payloadHash) revert Naive_Request(id);
        delete _requests[id];
        (, uint256 wad, uint40 at,) = oracle.tryPrice(0);
        Fill memory fill = Fill(id, r.owner, r.kind, uint128(wad), at, Status.OK, r.maxFee);
        ILatencyHandler(r.owner).onExecute(fill, payload, msg.sender);
    }

    function cancel(bytes32 id) external {
        if (_requests[id].owner != msg.sender) revert Naive_Request(id);
        delete _requests[id];
    }

    /// @notice Every kind is for the market of its name.
    function kindOf(bytes32 kind) external pure returns (Kind memory k) {
        k.market = kind;
    }

    function firstRound(bytes32) external pure returns (uint64) {
        return 1;
    }
}

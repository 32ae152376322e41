// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccountable} from "./interfaces/IAccountable.sol";
import {Fill, ILatencyBuffer, ILatencyHandler, Kind, RequestState} from "./interfaces/ILatencyBuffer.sol";
import {IOracleAggregator, Status} from "./interfaces/IOracleAggregator.sol";
import {KindPage} from "./KindPage.sol";
import {Compact, CompactLib} from "./libraries/Compact.sol";
import {CreatedAddress} from "./libraries/CreatedAddress.sol";
import {KindWord, KindWordLib} from "./libraries/KindWord.sol";
import {Why} from "./libraries/Why.sol";

/// @title LatencyBuffer
/// @dev A request is two slots. 208 bits of the payload's hash are kept: two payloads with one hash, between which an
/// owner could choose after the price is known, cost 2^104 hashes.
contract LatencyBuffer is ILatencyBuffer {
    struct Request {
        bytes26 payloadHash;
        Compact maxFee;
        address owner; // zero when there is no request
        uint40 blockNumber;
        uint40 time;
        uint16 page;
    }

    struct Entry {
        uint16 page; // zero when the kind is not set
        bool closed;
    }

    /* IMMUTABLES */

    /// @inheritdoc ILatencyBuffer
    address public immutable timelock;
    /// @inheritdoc ILatencyBuffer
    address public immutable oracle;
    /// The rounds that the oracle keeps times their spacing.
    uint256 private immutable _maxWindow;

    uint64 private constant ROUNDS = 64;

    /* STORAGE */

    mapping(bytes32 id => Request) private _requests;
    mapping(uint8 kind => Entry) private _kinds;
    uint16 private _pages;
    uint256 private _lastId = 1;

    /* CONSTRUCTOR */

    /// @param oracle_ The OracleAggregator. @param timelock_ The TimelockController.
    constructor(address oracle_, address timelock_) {
        (oracle, timelock) = (oracle_, timelock_);
        _maxWindow = uint256(ROUNDS) * IOracleAggregator(oracle_).roundSpacing();
    }

    /* MODIFIERS */

    modifier onlyTimelock(Why calldata why) {
        if (msg.sender != timelock) revert Latency_NotAllowed(msg.sender);
        if (why.evidence == 0) revert Latency_NoEvidence();
        _;
    }

    /* TIMELOCK FUNCTIONS */

    /// @inheritdoc ILatencyBuffer
    function setKind(bytes32 kind, Kind calldata config, Why calldata why) external onlyTimelock(why) {
        // What is pending was requested under the old rules, so rules never change: another kind is set.
        if (uint256(kind) > type(uint8).max || _kind(kind).page != 0) revert Latency_BadKind(kind);
        if (config.handler.code.length == 0) revert Latency_BadConfig(kind, "handler");
        if (config.minBlocks == 0) revert Latency_BadConfig(kind, "minBlocks");
        if (config.window == 0 || config.window > _maxWindow) revert Latency_BadConfig(kind, "window");
        if (config.closed) revert Latency_BadConfig(kind, "closed");
        // The pages are all that this contract creates, so they are numbered from 1.
        _kind(kind).page = ++_pages;
        KindPage page = new KindPage(KindWordLib.pack(config, uint8(uint256(kind))), config.market);
        assert(address(page) == CreatedAddress.locate(address(this), _pages));
        emit KindSet(kind, config);
        emit Loosened(msg.sender, kind, why.reason, why.evidence);
    }

    /// @inheritdoc ILatencyBuffer
    function closeKind(bytes32 kind, Why calldata why) external onlyTimelock(why) {
        _openPage(kind);
        _kind(kind).closed = true;
        emit KindClosed(kind);
        emit Tightened(msg.sender, kind, why.reason, why.evidence);
    }

    /* USER FUNCTIONS */

    /// @inheritdoc ILatencyBuffer
    function request(bytes32 kind, bytes calldata payload, uint128 maxFee) external returns (bytes32 id) {
        uint16 page = _openPage(kind);
        bytes32 payloadHash = keccak256(payload);
        id = bytes32(++_lastId);
        _requests[id] = Request({
            payloadHash: bytes26(payloadHash),
            maxFee: CompactLib.fromDown(maxFee),
            owner: msg.sender,
            blockNumber: uint40(block.number),
            time: uint40(block.timestamp),
            page: page
        });
        emit Requested(id, msg.sender, kind, payloadHash);
    }

    /// @inheritdoc ILatencyBuffer
    function execute(bytes32 id, bytes calldata payload, uint64 round) external {
        // As in `_pending`, whose result would be made in memory twice.
        Request memory r = _requests[id];
        if (r.owner == address(0)) revert Latency_Unknown(id);
        (KindWord k, bytes32 market) = _page(r);
        uint40 readyAt = _readyAt(r, k);
        _requireDue(id, r, k, readyAt);
        if (bytes26(keccak256(payload)) != r.payloadHash) revert Latency_Payload(id);
        Fill memory fill = _fillAt(market, round, readyAt);
        (fill.id, fill.owner, fill.kind) = (id, r.owner, bytes32(k.number()));
        fill.maxFee = uint128(r.maxFee.toUint());
        delete _requests[id];
        emit Executed(id, round);
        ILatencyHandler(k.handler()).onExecute(fill, payload, msg.sender);
    }

    /// @inheritdoc ILatencyBuffer
    function cancel(bytes32 id) external {
        if (_pending(id).owner != msg.sender) revert Latency_NotOwner(id);
        delete _requests[id];
        emit Cancelled(id);
    }

    /// @inheritdoc ILatencyBuffer
    function expire(bytes32 id) external {
        Request memory r = _pending(id);
        uint40 deadline = _deadline(r);
        if (block.timestamp <= deadline) revert Latency_NotExpired(id, deadline);
        delete _requests[id];
        emit Expired(id);
    }

    /* VIEWS */

    /// @inheritdoc ILatencyBuffer
    function stateOf(bytes32 id) external view returns (RequestState) {
        Request memory r = _requests[id];
        if (r.owner == address(0)) return RequestState.NONE;
        return block.timestamp > _deadline(r) ? RequestState.VOID : RequestState.OPEN;
    }

    /// @inheritdoc ILatencyBuffer
    function requestOf(bytes32 id) external view returns (address, bytes32, uint48, uint40, uint40, uint128) {
        Request memory r = _pending(id);
        (KindWord k,) = _page(r);
        uint128 maxFee = uint128(r.maxFee.toUint());
        return (r.owner, bytes32(k.number()), r.blockNumber, _readyAt(r, k), _deadline(r), maxFee);
    }

    /// @inheritdoc ILatencyBuffer
    function firstRound(bytes32 id) external view returns (uint64) {
        Request memory r = _pending(id);
        (KindWord k, bytes32 market) = _page(r);
        return _firstRound(market, _readyAt(r, k));
    }

    /// @inheritdoc ILatencyBuffer
    function kindOf(bytes32 kind) external view returns (Kind memory config) {
        if (uint256(kind) > type(uint8).max) revert Latency_BadKind(kind);
        Entry memory entry = _kind(kind);
        if (entry.page == 0) return config;
        (KindWord k, bytes32 market) = KindPage(CreatedAddress.locate(address(this), entry.page)).words();
        return k.unpack(entry.closed, market);
    }

    /// @inheritdoc IAccountable
    function healthy() external view returns (bool, bytes32) {
        if (timelock.code.length == 0) return (false, "timelock has no code");
        if (oracle.code.length == 0) return (false, "oracle has no code");
        return (true, 0);
    }

    /* INTERNAL */

    function _requireDue(bytes32 id, Request memory r, KindWord k, uint40 readyAt) private view {
        if (block.number == r.blockNumber) revert Latency_SameBlock(id);
        unchecked {
            // 40 bits and 16, 40 and 32.
            if (block.number < r.blockNumber + k.minBlocks() || block.timestamp <= readyAt) {
                revert Latency_TooEarly(id, readyAt);
            }
            if (block.timestamp > readyAt + k.window()) revert Latency_Expired(id);
        }
    }

    /// @dev What the round says; the request's part is left to be filled in.
    function _fillAt(bytes32 market, uint64 round, uint40 readyAt) private view returns (Fill memory fill) {
        uint40 previousAt;
        (fill.wad, fill.at, previousAt, fill.status) = IOracleAggregator(oracle).roundOf(market, round);
        if (fill.at <= readyAt || previousAt > readyAt) {
            revert Latency_NotFirstRound(round, _firstRound(market, readyAt));
        }
    }

    /// @dev By halves among the rounds that are kept, whose times rise; zero when none is later than `readyAt`.
    function _firstRound(bytes32 market, uint40 readyAt) private view returns (uint64) {
        uint64 last = IOracleAggregator(oracle).lastRound(market);
        uint64 low = last > ROUNDS ? last - ROUNDS + 1 : 1;
        uint64 high = last + 1;
        while (low < high) {
            uint64 middle = (low + high) / 2;
            (, uint40 at) = IOracleAggregator(oracle).roundAt(market, middle);
            if (at > readyAt) high = middle;
            else low = middle + 1;
        }
        return low > last ? 0 : low;
    }

    function _pending(bytes32 id) private view returns (Request memory r) {
        r = _requests[id];
        if (r.owner == address(0)) revert Latency_Unknown(id);
    }

    function _kind(bytes32 kind) private view returns (Entry storage) {
        return _kinds[uint8(uint256(kind))];
    }

    function _openPage(bytes32 kind) private view returns (uint16) {
        Entry memory entry = _kind(kind);
        if (uint256(kind) > type(uint8).max || entry.page == 0 || entry.closed) revert Latency_BadKind(kind);
        return entry.page;
    }

    function _page(Request memory r) private view returns (KindWord, bytes32) {
        return KindPage(CreatedAddress.locate(address(this), r.page)).words();
    }

    function _readyAt(Request memory r, KindWord k) private pure returns (uint40) {
        return r.time + uint40(k.minSeconds());
    }

    function _deadline(Request memory r) private view returns (uint40) {
        (KindWord k,) = _page(r);
        return _readyAt(r, k) + uint40(k.window());
    }
}

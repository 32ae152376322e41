// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {Why} from "../libraries/Why.sol";
import {IAccountable} from "./IAccountable.sol";
import {Status} from "./IOracleAggregator.sol";

/// @notice What may be done with a delay, fixed for ever once set. `handler` acts on it, `market` gives the price.
/// `minBlocks`, at least 1, and `minSeconds` must pass first; for `window` seconds after that it may be executed.
struct Kind {
    address handler;
    uint16 minBlocks;
    uint32 minSeconds;
    uint32 window;
    bool closed;
    bytes32 market;
}

/// @notice OPEN may still be executed, VOID no more. NONE: never made, executed, cancelled or expired.
enum RequestState {
    NONE,
    OPEN,
    VOID
}

/// @notice What a handler is told: whose request, of which kind, the price of its round, and the most that the owner
/// pays a keeper.
struct Fill {
    bytes32 id;
    address owner;
    bytes32 kind;
    uint128 wad;
    uint40 at;
    Status status;
    uint128 maxFee;
}

/// @title What acts on a request.
interface ILatencyHandler {
    /// @notice Acts on `payload` at the price of `fill`. Called by the buffer, once a request; `keeper` executed it. The
    /// request is gone by then. A revert leaves it open.
    function onExecute(Fill calldata fill, bytes calldata payload, address keeper) external;
}

/// @title LatencyBuffer: act on the next price, not on this one.
/// @notice A request is made before its price exists: it is executed at the first committed round of its market observed
/// later than its time plus `minSeconds`, in a later block, once, with the payload whose hash was given. Anyone
/// executes. The owner may cancel until then. The buffer holds no money: a handler that holds some for a request gives it
/// back once `stateOf` is not OPEN and it was not executed.
interface ILatencyBuffer is IAccountable {
    /// @notice A request was made.
    event Requested(bytes32 indexed id, address indexed owner, bytes32 kind, bytes32 payloadHash);

    /// @notice A request was executed at the price of `round`.
    event Executed(bytes32 indexed id, uint64 round);

    /// @notice A request was cancelled by its owner.
    event Cancelled(bytes32 indexed id);

    /// @notice A request was void and is cleared.
    event Expired(bytes32 indexed id);

    /// @notice `kind` may be requested from now on.
    event KindSet(bytes32 indexed kind, Kind config);

    /// @notice `kind` may no longer be requested; what is pending goes on.
    event KindClosed(bytes32 indexed kind);

    /// @notice Later prices and blocks are needed: not before `readyAt` has passed, nor `minBlocks`.
    error Latency_TooEarly(bytes32 id, uint40 readyAt);

    /// @notice The window is over.
    error Latency_Expired(bytes32 id);

    /// @notice Request and execution stand in one block.
    error Latency_SameBlock(bytes32 id);

    /// @notice Only the owner cancels.
    error Latency_NotOwner(bytes32 id);

    /// @notice The round that counts is `first`; zero when it is not committed yet.
    error Latency_NotFirstRound(uint64 given, uint64 first);

    /// @notice There is no such request: never made, executed, cancelled or expired.
    error Latency_Unknown(bytes32 id);

    /// @notice The payload is not the one whose hash was given.
    error Latency_Payload(bytes32 id);

    /// @notice The request is not void.
    error Latency_NotExpired(bytes32 id, uint40 deadline);

    /// @notice The kind is not set, is closed, or is set already.
    error Latency_BadKind(bytes32 kind);

    /// @notice The kind contradicts itself; `what` names the field.
    error Latency_BadConfig(bytes32 kind, bytes32 what);

    /// @notice The caller lacks the role.
    error Latency_NotAllowed(address caller);

    /// @notice `evidence` is zero.
    error Latency_NoEvidence();

    /// @notice The timelock: the only caller of `setKind` and `closeKind`.
    function timelock() external view returns (address);

    /// @notice The aggregator whose rounds count.
    function oracle() external view returns (address);

    /// @notice Requests `payload` to be acted on. The caller is its owner.
    /// @param kind A number below 256. @param maxFee Kept to 40 significant bits, rounded down.
    /// @return id Of the request, never used again.
    function request(bytes32 kind, bytes calldata payload, uint128 maxFee) external returns (bytes32 id);

    /// @notice Executes a request at `round`, which must be its first. Anyone; the handler decides what a keeper gets.
    function execute(bytes32 id, bytes calldata payload, uint64 round) external;

    /// @notice Takes a request back, at any time before it is executed. Its owner.
    function cancel(bytes32 id) external;

    /// @notice Clears a void request. Anyone.
    function expire(bytes32 id) external;

    /// @notice Sets a kind that is not set yet. `window` is at least 1 s and at most 64 spacings of rounds, so that the round
    /// that counts stays readable until the window ends. Timelock.
    function setKind(bytes32 kind, Kind calldata config, Why calldata why) external;

    /// @notice Takes no new requests of a kind. Timelock.
    function closeKind(bytes32 kind, Why calldata why) external;

    /// @notice Whether a request is open, void, or not there.
    function stateOf(bytes32 id) external view returns (RequestState);

    /// @notice A pending request: its price is later than `readyAt`, and it is executed at `deadline` at the latest.
    function requestOf(bytes32 id)
        external
        view
        returns (
            address owner,
            bytes32 kind,
            uint48 blockNumber,
            uint40 readyAt,
            uint40 deadline,
            uint128 maxFee
        );

    /// @notice The round at which a pending request is to be executed, zero when it is not committed yet.
    function firstRound(bytes32 id) external view returns (uint64);

    /// @notice A kind as it was set; zeros for one that was not.
    function kindOf(bytes32 kind) external view returns (Kind memory);
}

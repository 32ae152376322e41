// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {Why} from "../libraries/Why.sol";
import {IAccountable} from "./IAccountable.sol";

/// @notice What this chain is to a token of a route. HOME: the token is locked and released here. REMOTE: what stands
/// for it is minted and burnt here.
enum Side {
    NONE,
    HOME,
    REMOTE
}

/// @notice A transfer that brings the route's level to at least `aboveBps` of its cap must have been announced for
/// `delay` seconds.
struct Tier {
    uint16 aboveBps;
    uint32 delay;
}

/// @notice The terms of one token from and to one other chain: the guard there (`peer`) and the token there; what may
/// arrive (`cap` units at once, refilled in `window` seconds); the share of the cap at which anyone may trip the
/// breaker (0: never); tiers, bounds and delays ascending, of at most 7 days.
struct Route {
    Side side;
    address peer;
    address remoteToken;
    uint192 cap;
    uint32 window;
    uint16 tripBps;
    Tier[3] tiers;
}

/// @notice What arrives: `amount` of what is `token` here, sent on chain `remote` under that guard's `nonce`.
struct Transfer {
    uint64 remote;
    address token;
    uint256 amount;
    address receiver;
    uint64 nonce;
}

/// @notice An announced transfer: since when it is known, from when on no delay of its route can hold it back, and the
/// end of its hold.
struct Announcement {
    uint40 announcedAt;
    uint40 settledAt;
    uint40 heldUntil;
}

/// @notice What a guard is deployed with.
/// @param protected The bridge. @param breaker The CircuitBreaker; may be deployed later.
/// @param group The breaker's group that `poke` trips, for `tripSeconds` (at most 72 h).
/// @param network Names the bridge with all its chains: a propagated pause is signed for it.
/// @param quorum How many attestors a transfer needs: at least 2, for ever.
struct BridgeConfig {
    address protected;
    address breaker;
    bytes32 group;
    uint40 tripSeconds;
    address council;
    address timelock;
    bytes32 network;
    uint256 quorum;
}

/// @title BridgeGuard: conservation across chains.
/// @notice Stands beside one bridge on one chain; its peers stand on the others. The bridge reports what it locks and
/// burns, and asks before it mints and releases: each call reverts unless the transfer is attested, new, within its
/// route and backed. The bridge must report the amount that arrived, which a token's fee may lower.
/// @dev A message's id is the EIP-712 struct hash of Transfer over its Lane: both chains, both guards, both tokens,
/// amount, receiver and the sender's nonce. Attestors sign it in the domain "Testudo Bridge", version "1", of the guard
/// where it arrives. Guardians sign PauseMessage in the domain of that name and version with `salt` = network, without
/// a chain, as one signature serves all. Signatures stand in ascending order of their signers. One of 65 bytes is
/// ECDSA; a longer one is a contract's address (20 bytes) followed by its ERC-1271 signature (any length but 45).
interface IBridgeGuard is IAccountable {
    /// @notice Pause `group` until `until` on each chain of `chainIds` (1 to 32). Each guard carries it out once, so that it
    /// works once a chain where the network has one guard a chain, as a bridge has. A second guard of the same network on
    /// a chain carries it out once more: never beyond `until`, but also after the timelock released what the first paused.
    /// Guards of another network take another signature. Nonces are the guard's own, apart from the council's.
    struct PauseMessage {
        uint64[] chainIds;
        bytes32 group;
        uint40 until;
        bytes32 reason;
        bytes32 evidence;
        uint256 nonce;
    }

    /// @notice `amount` was locked (HOME) or burnt (REMOTE) for `receiver` on chain `remote`.
    event Sent(
        bytes32 indexed msgId,
        uint64 indexed remote,
        address indexed token,
        uint256 amount,
        address receiver,
        uint64 nonce
    );

    /// @notice `amount` was released (HOME) or minted (REMOTE) for a message from chain `remote`.
    event Relayed(bytes32 indexed msgId, uint64 indexed remote, address indexed token, uint256 amount);

    /// @notice The message is known from now on; its delay runs.
    event Announced(bytes32 indexed msgId, uint64 indexed remote, address indexed token, uint256 amount);

    /// @notice The message cannot arrive before `until`.
    event Held(bytes32 indexed msgId, uint40 until);

    /// @notice The route's level reached its share of the cap and the breaker's group was tripped.
    event RouteTripped(uint64 indexed remote, address indexed token, uint256 level);

    /// @notice A pause signed for several chains was carried out on this one.
    event PausePropagated(bytes32 indexed group, uint256 indexed nonce, uint40 until, bytes32 digest);

    /// @notice The terms of a route changed.
    event RouteSet(uint64 indexed remote, address indexed token, Route route);

    /// @notice The attestors changed.
    event AttestorsRotated(address[] added, address[] dropped);

    /// @notice `have` valid signatures of attestors or guardians, `need` required.
    error Bridge_Attestors(uint256 have, uint256 need);

    /// @notice Signature `index` is not one of an attestor or guardian.
    error Bridge_BadSignature(uint256 index);

    /// @notice The signers are not strictly ascending.
    error Bridge_NotSorted();

    /// @notice A list has `have` entries, more than `max` or none.
    error Bridge_BadLength(uint256 have, uint256 max);

    /// @notice Too little gas to ask a signing contract; the call needs at least `need` more at that point.
    error Bridge_GasTooLow(uint256 need);

    /// @notice The message, or another one of its nonce, was relayed.
    error Bridge_Seen(bytes32 msgId);

    /// @notice More would leave (`minted`) than there is behind it (`locked`).
    error Bridge_Backing(uint256 minted, uint256 locked);

    /// @notice The route has no room for `over` of the amount.
    error Bridge_Route(uint64 remote, address token, uint256 over);

    /// @notice The amount is zero or more than the books can hold.
    error Bridge_Amount(uint256 amount);

    /// @notice There is no route, or it has the other side here.
    error Bridge_Side(uint64 remote, address token, Side have);

    /// @notice The message must first be announced for `delay` seconds.
    error Bridge_NotAnnounced(bytes32 msgId, uint256 delay);

    /// @notice The message's delay runs until `readyAt`.
    error Bridge_NotReady(bytes32 msgId, uint256 readyAt);

    /// @notice The message is held until `until`.
    error Bridge_Held(bytes32 msgId, uint40 until);

    /// @notice The message was announced.
    error Bridge_Announced(bytes32 msgId);

    /// @notice The message was not announced, or was relayed.
    error Bridge_Unknown(bytes32 msgId);

    /// @notice A hold must end after `min` and at `max` the latest.
    error Bridge_BadHold(uint40 until, uint40 min, uint40 max);

    /// @notice This chain is not on the message's list.
    error Bridge_WrongChain(uint256 chainId);

    /// @notice The message ended at `until`.
    error Bridge_Expired(uint40 until);

    /// @notice The pause was carried out on this chain.
    error Bridge_NonceUsed(uint256 nonce);

    /// @notice The route's terms are not possible: no peer or token there, this chain, a window of zero, tiers that do
    /// not ascend, or another side or token while something is outstanding.
    error Bridge_BadRoute(uint64 remote, address token);

    /// @notice The account is zero, an attestor already, or none.
    error Bridge_BadAttestor(address account);

    /// @notice A quorum below 2, or `have` attestors, not between the quorum and 7.
    error Bridge_BadQuorum(uint256 have, uint256 quorum);

    /// @notice The time of a trip is zero or above 72 h.
    error Bridge_BadTripTime(uint40 time);

    /// @notice The caller lacks the role.
    error Bridge_NotAllowed(address caller);

    /// @notice `evidence` is zero.
    error Bridge_NoEvidence();

    /// @notice The bridge: the only caller of the hooks.
    function protectedContract() external view returns (address);

    /// @notice The CircuitBreaker, in which this is a tripper of `group` and of every group of a propagated pause.
    function breaker() external view returns (address);

    /// @notice The breaker's group that `poke` trips.
    function group() external view returns (bytes32);

    /// @notice How long `poke` trips it for.
    function tripSeconds() external view returns (uint40);

    /// @notice The GuardianCouncil: holds messages; its members sign pauses.
    function council() external view returns (address);

    /// @notice The timelock: sets routes and rotates attestors.
    function timelock() external view returns (address);

    /// @notice The bridge with all its chains: one guard on each, as pauses that guardians sign are for all guards of it.
    function network() external view returns (bytes32);

    /// @notice How many attestors a message needs. No role can change it.
    function quorum() external view returns (uint256);

    /// @notice Sets the terms of a route. What was used refills under the terms before. Timelock.
    function setRoute(uint64 remote, address token, Route calldata route, Why calldata why) external;

    /// @notice Drops, then adds attestors. What only dropped ones attested cannot arrive any more, announced or not.
    /// Timelock.
    function rotateAttestors(address[] calldata add, address[] calldata drop, Why calldata why) external;

    /// @notice Keeps an announced message from arriving until `until`. The council lengthens only, to at most 72 h
    /// after the longest delay; the timelock sets any end to at most 30 days after it.
    /// @param message Its id, as a number: the council's `Hold` reaches this function as it reaches the flow limiter's.
    function hold(uint256 message, uint40 until, Why calldata why) external;

    /// @notice Pauses the message's group here, once for this guard. Anyone may carry it; m1 members of this chain's
    /// council signed it.
    function propagatePause(PauseMessage calldata message, bytes[] calldata sigs) external;

    /// @notice Counts what the bridge locked. Returns the id of the message to `receiver`. Bridge.
    function onLock(uint64 remote, address token, uint256 amount, address receiver) external returns (bytes32 msgId);

    /// @notice Counts what the bridge burnt. Returns the id of the message to `receiver`. Bridge.
    function onBurn(uint64 remote, address token, uint256 amount, address receiver) external returns (bytes32 msgId);

    /// @notice Reverts unless the bridge may mint `transfer` now. Bridge.
    function onMint(Transfer calldata transfer, bytes[] calldata attestations) external returns (bytes32 msgId);

    /// @notice Reverts unless the bridge may release `transfer` now. Bridge.
    function onRelease(Transfer calldata transfer, bytes[] calldata attestations) external returns (bytes32 msgId);

    /// @notice Makes an attested transfer known, so that its delay begins. Anyone.
    function announce(Transfer calldata transfer, bytes[] calldata attestations) external returns (bytes32 msgId);

    /// @notice Trips the breaker's group when the route's level is at least tripBps of its cap. Anyone.
    function poke(uint64 remote, address token) external;

    /// @notice The id of a message that arrives here.
    function messageId(Transfer calldata transfer) external view returns (bytes32);

    /// @notice The terms of a route.
    function routeOf(uint64 remote, address token) external view returns (Route memory);

    /// @notice What is outstanding: locked less released here (HOME), or minted less burnt (REMOTE); and the nonce of
    /// the last message sent.
    function bookOf(uint64 remote, address token) external view returns (uint256 outstanding, uint64 lastNonce);

    /// @notice What may arrive by the route at once, delays aside.
    function available(uint64 remote, address token) external view returns (uint256);

    /// @notice How long a transfer of `amount` must have been announced to arrive now.
    function delayOf(uint64 remote, address token, uint256 amount) external view returns (uint256);

    /// @notice Whether a message with this nonce was relayed from the route's peer.
    function isSeen(uint64 remote, address token, uint64 nonce) external view returns (bool);

    /// @notice The announcement of a message that has not arrived.
    function announcementOf(bytes32 msgId) external view returns (Announcement memory);

    /// @notice The attestors.
    function attestors() external view returns (address[] memory);

    /// @notice Whether the pause with this nonce was carried out here.
    function isPauseUsed(uint256 nonce) external view returns (bool);

    /// @notice What guardians sign for a pause.
    function pauseDigest(PauseMessage calldata message) external view returns (bytes32);
}

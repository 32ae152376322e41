// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";
import {IAccountable} from "./interfaces/IAccountable.sol";
import {Announcement, BridgeConfig, IBridgeGuard, Route, Side, Transfer} from "./interfaces/IBridgeGuard.sol";
import {ICircuitBreaker} from "./interfaces/ICircuitBreaker.sol";
import {IGuardianCouncil} from "./interfaces/IGuardianCouncil.sol";
import {Book} from "./libraries/BridgeBook.sol";
import {BridgeTerms, TermsWord} from "./libraries/BridgeTerms.sol";
import {BridgeTypes} from "./libraries/BridgeTypes.sol";
import {FlowMath} from "./libraries/FlowMath.sol";
import {Attestors} from "./libraries/Attestors.sol";
import {SeatsLib} from "./libraries/Seats.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {Why} from "./libraries/Why.sol";

/// @title BridgeGuard
/// @dev No hook calls out, a signing contract aside, which is asked by a static call.
contract BridgeGuard is IBridgeGuard, EIP712 {
    using BitMaps for BitMaps.BitMap;
    using EnumerableSet for EnumerableSet.AddressSet;

    /* IMMUTABLES */

    /// @inheritdoc IBridgeGuard
    address public immutable protectedContract;
    /// @inheritdoc IBridgeGuard
    address public immutable breaker;
    /// @inheritdoc IBridgeGuard
    bytes32 public immutable group;
    /// @inheritdoc IBridgeGuard
    uint40 public immutable tripSeconds;
    /// @inheritdoc IBridgeGuard
    address public immutable council;
    /// @inheritdoc IBridgeGuard
    address public immutable timelock;
    /// @inheritdoc IBridgeGuard
    bytes32 public immutable network;
    /// @inheritdoc IBridgeGuard
    uint256 public immutable quorum;

    uint256 private constant MIN_QUORUM = 2;
    uint256 private constant MAX_CHAINS = 32;
    uint256 private constant MAX_TRIP = 72 hours;
    uint256 private constant MAX_COUNCIL_HOLD = 72 hours;
    uint256 private constant MAX_TIMELOCK_HOLD = 30 days;
    /// `isTripper` of the breaker costs about 3,000 gas.
    uint256 private constant HEALTH_GAS = 10_000;

    /* STORAGE */

    mapping(uint64 remote => mapping(address token => Book)) private _books;
    /// Of nonce n the bit 2n is set once it was relayed, and 2n + 1 once it was announced: an arrival reads one word.
    mapping(bytes32 laneIn => BitMaps.BitMap) private _marks;
    mapping(bytes32 msgId => Announcement) private _announcements;
    BitMaps.BitMap private _pauses;
    EnumerableSet.AddressSet private _attestors;

    /* CONSTRUCTOR */

    constructor(BridgeConfig memory s, address[] memory attestors_) EIP712(BridgeTypes.NAME, BridgeTypes.VERSION) {
        if (s.tripSeconds == 0 || s.tripSeconds > MAX_TRIP) revert Bridge_BadTripTime(s.tripSeconds);
        if (s.quorum < MIN_QUORUM) revert Bridge_BadQuorum(attestors_.length, s.quorum);
        (protectedContract, breaker, group, tripSeconds) = (s.protected, s.breaker, s.group, s.tripSeconds);
        (council, timelock, network, quorum) = (s.council, s.timelock, s.network, s.quorum);
        _rotate(attestors_, new address[](0), s.quorum);
    }

    /* MODIFIERS */

    modifier onlyProtected() {
        if (msg.sender != protectedContract) revert Bridge_NotAllowed(msg.sender);
        _;
    }

    modifier onlyTimelock(Why calldata why) {
        if (msg.sender != timelock) revert Bridge_NotAllowed(msg.sender);
        _requireEvidence(why.evidence);
        _;
    }

    /* TIMELOCK FUNCTIONS */

    /// @inheritdoc IBridgeGuard
    function setRoute(uint64 remote, address token, Route calldata route, Why calldata why) external onlyTimelock(why) {
        Route memory before = routeOf(remote, token);
        _requirePossible(remote, token, before, route);
        _books[remote][token].setRoute(remote, token, route);
        emit RouteSet(remote, token, route);
        if (BridgeTerms.isTighter(before, route)) emit Tightened(msg.sender, _subject(token), why.reason, why.evidence);
        else emit Loosened(msg.sender, _subject(token), why.reason, why.evidence);
    }

    /// @inheritdoc IBridgeGuard
    function rotateAttestors(address[] calldata add, address[] calldata drop, Why calldata why)
        external
        onlyTimelock(why)
    {
        _rotate(add, drop, quorum);
        bytes32 subject = _subject(address(this));
        if (add.length == 0) emit Tightened(msg.sender, subject, why.reason, why.evidence);
        else emit Loosened(msg.sender, subject, why.reason, why.evidence);
    }

    /* GUARDIAN FUNCTIONS */

    /// @inheritdoc IBridgeGuard
    function hold(uint256 message, uint40 until, Why calldata why) external {
        bytes32 msgId = bytes32(message);
        bool byTimelock = msg.sender == timelock;
        if (!byTimelock && msg.sender != council) revert Bridge_NotAllowed(msg.sender);
        _requireEvidence(why.evidence);
        Announcement storage a = _announcements[msgId];
        if (a.announcedAt == 0) revert Bridge_Unknown(msgId);
        uint40 before = a.heldUntil;
        uint40 min = byTimelock ? 0 : before;
        uint40 max = uint40(a.settledAt + (byTimelock ? MAX_TIMELOCK_HOLD : MAX_COUNCIL_HOLD));
        if (until <= min || until > max) revert Bridge_BadHold(until, min, max);
        a.heldUntil = until;
        emit Held(msgId, until);
        if (until < before) emit Loosened(msg.sender, msgId, why.reason, why.evidence);
        else emit Tightened(msg.sender, msgId, why.reason, why.evidence);
    }

    /// @inheritdoc IBridgeGuard
    function propagatePause(PauseMessage calldata message, bytes[] calldata sigs) external {
        _requireHere(message.chainIds);
        if (block.timestamp >= message.until) revert Bridge_Expired(message.until);
        _requireEvidence(message.evidence);
        bytes32 digest = pauseDigest(message);
        (uint8 m1,,) = IGuardianCouncil(council).thresholds();
        Attestors.demand(digest, sigs, m1, IGuardianCouncil(council).members(), SeatsLib.placeOf);
        if (_pauses.get(message.nonce)) revert Bridge_NonceUsed(message.nonce);
        _pauses.set(message.nonce);
        emit PausePropagated(message.group, message.nonce, message.until, digest);
        Why memory why = Why(message.reason, message.evidence);
        ICircuitBreaker(breaker).tripGroup(message.group, message.until, why);
    }

    /* PROTECTED CONTRACT'S FUNCTIONS */

    /// @inheritdoc IBridgeGuard
    function onLock(uint64 remote, address token, uint256 amount, address receiver)
        external
        onlyProtected
        returns (bytes32)
    {
        (Book storage book,) = _open(remote, token, Side.HOME);
        book.raise(amount);
        return _send(book, remote, token, amount, receiver);
    }

    /// @inheritdoc IBridgeGuard
    function onBurn(uint64 remote, address token, uint256 amount, address receiver)
        external
        onlyProtected
        returns (bytes32)
    {
        (Book storage book,) = _open(remote, token, Side.REMOTE);
        book.lower(amount);
        return _send(book, remote, token, amount, receiver);
    }

    /// @inheritdoc IBridgeGuard
    function onMint(Transfer calldata transfer, bytes[] calldata attestations)
        external
        onlyProtected
        returns (bytes32 msgId)
    {
        Book storage book;
        (book, msgId) = _admit(transfer, attestations, Side.REMOTE);
        book.raise(transfer.amount);
    }

    /// @inheritdoc IBridgeGuard
    function onRelease(Transfer calldata transfer, bytes[] calldata attestations)
        external
        onlyProtected
        returns (bytes32 msgId)
    {
        Book storage book;
        (book, msgId) = _admit(transfer, attestations, Side.HOME);
        book.lower(transfer.amount);
    }

    /* FUNCTIONS FOR ALL */

    /// @inheritdoc IBridgeGuard
    function announce(Transfer calldata transfer, bytes[] calldata attestations) external returns (bytes32 msgId) {
        Book storage book = _books[transfer.remote][transfer.token];
        TermsWord terms = book.terms;
        if (terms.side() == Side.NONE) revert Bridge_Side(transfer.remote, transfer.token, Side.NONE);
        bytes32 lane = book.laneIn;
        msgId = BridgeTypes.hash(lane, transfer);
        _requireAttested(msgId, attestations);
        BitMaps.BitMap storage marks = _marks[lane];
        if (marks.get(_relayedBit(transfer.nonce))) revert Bridge_Seen(msgId);
        if (_announcements[msgId].announcedAt != 0) revert Bridge_Announced(msgId);
        marks.set(_announcedBit(transfer.nonce));
        uint40 since = uint40(block.timestamp);
        _announcements[msgId] = Announcement(since, since + uint40(terms.longestDelay()), 0);
        emit Announced(msgId, transfer.remote, transfer.token, transfer.amount);
    }

    /// @inheritdoc IBridgeGuard
    function poke(uint64 remote, address token) external {
        Book storage book = _books[remote][token];
        (uint256 level, uint256 cap) = book.levelOf();
        if (!FlowMath.isTripLevel(level, cap, book.terms.tripBps())) return;
        emit RouteTripped(remote, token, level);
        bytes32 evidence = keccak256(abi.encode(block.chainid, address(this), remote, token, level, cap, block.number));
        ICircuitBreaker(breaker).tripGroup(group, uint40(block.timestamp) + tripSeconds, Why("bridge route", evidence));
    }

    /* VIEWS */

    /// @inheritdoc IBridgeGuard
    function messageId(Transfer calldata transfer) external view returns (bytes32) {
        return BridgeTypes.hash(_books[transfer.remote][transfer.token].laneIn, transfer);
    }

    /// @inheritdoc IBridgeGuard
    function routeOf(uint64 remote, address token) public view returns (Route memory) {
        return _books[remote][token].routeOf();
    }

    /// @inheritdoc IBridgeGuard
    function bookOf(uint64 remote, address token) external view returns (uint256, uint64) {
        return (_books[remote][token].outstanding, _books[remote][token].lastNonce);
    }

    /// @inheritdoc IBridgeGuard
    function available(uint64 remote, address token) external view returns (uint256) {
        return _books[remote][token].available();
    }

    /// @inheritdoc IBridgeGuard
    function delayOf(uint64 remote, address token, uint256 amount) external view returns (uint256) {
        return _books[remote][token].delayOf(remote, token, amount);
    }

    /// @inheritdoc IBridgeGuard
    function isSeen(uint64 remote, address token, uint64 nonce) external view returns (bool) {
        return _marks[_books[remote][token].laneIn].get(_relayedBit(nonce));
    }

    /// @inheritdoc IBridgeGuard
    function announcementOf(bytes32 msgId) external view returns (Announcement memory) {
        return _announcements[msgId];
    }

    /// @inheritdoc IBridgeGuard
    function attestors() external view returns (address[] memory) {
        return _attestors.values();
    }

    /// @inheritdoc IBridgeGuard
    function isPauseUsed(uint256 nonce) external view returns (bool) {
        return _pauses.get(nonce);
    }

    /// @inheritdoc IBridgeGuard
    function pauseDigest(PauseMessage calldata message) public view returns (bytes32) {
        return BridgeTypes.digest(message, network);
    }

    /// @inheritdoc IAccountable
    function healthy() external view returns (bool, bytes32) {
        if (protectedContract.code.length == 0) return (false, "protected has no code");
        if (council.code.length == 0) return (false, "council has no code");
        if (timelock.code.length == 0) return (false, "timelock has no code");
        (bool ok, bytes memory data) =
            breaker.staticcall{gas: HEALTH_GAS}(abi.encodeCall(ICircuitBreaker.isTripper, (address(this), group)));
        if (!ok || data.length != 32 || uint256(bytes32(data)) != 1) return (false, "breaker does not know this");
        return (true, 0);
    }

    /* INTERNAL: BOOKS */

    function _open(uint64 remote, address token, Side side) private view returns (Book storage book, TermsWord terms) {
        book = _books[remote][token];
        terms = book.terms;
        if (terms.side() != side) revert Bridge_Side(remote, token, terms.side());
    }

    function _send(Book storage book, uint64 remote, address token, uint256 amount, address receiver)
        private
        returns (bytes32 msgId)
    {
        uint64 nonce = ++book.lastNonce;
        msgId = BridgeTypes.hash(book.laneOut, amount, receiver, nonce);
        emit Sent(msgId, remote, token, amount, receiver, nonce);
    }

    /* INTERNAL: ARRIVALS */

    function _admit(Transfer calldata t, bytes[] calldata attestations, Side side)
        private
        returns (Book storage book, bytes32 msgId)
    {
        TermsWord terms;
        (book, terms) = _open(t.remote, t.token, side);
        bytes32 lane = book.laneIn;
        msgId = BridgeTypes.hash(lane, t);
        // Shown again by an announced message: what a thief of keys announced dies with the keys.
        _requireAttested(msgId, attestations);
        bool announced = _markRelayed(_marks[lane], t.nonce, msgId);
        uint256 delay = book.consume(t, terms);
        if (announced || delay > 0) _requireReady(msgId, delay);
        emit Relayed(msgId, t.remote, t.token, t.amount);
    }

    function _requireAttested(bytes32 msgId, bytes[] calldata attestations) private view {
        address[7] memory none;
        Attestors.demand(_hashTypedDataV4(msgId), attestations, quorum, none, _attestor);
    }

    function _markRelayed(BitMaps.BitMap storage marks, uint64 nonce, bytes32 msgId) private returns (bool announced) {
        uint256 bit = _relayedBit(nonce);
        if (marks.get(bit)) revert Bridge_Seen(msgId);
        marks.set(bit);
        return marks.get(_announcedBit(nonce));
    }

    function _requireReady(bytes32 msgId, uint256 delay) private {
        Announcement memory a = _announcements[msgId];
        // Another message of the same nonce may have been announced.
        if (a.announcedAt == 0 && delay == 0) return;
        if (a.announcedAt == 0) revert Bridge_NotAnnounced(msgId, delay);
        uint256 readyAt = a.announcedAt + delay;
        if (block.timestamp < readyAt) revert Bridge_NotReady(msgId, readyAt);
        if (block.timestamp < a.heldUntil) revert Bridge_Held(msgId, a.heldUntil);
        delete _announcements[msgId];
    }

    function _relayedBit(uint64 nonce) private pure returns (uint256) {
        return uint256(nonce) << 1;
    }

    function _announcedBit(uint64 nonce) private pure returns (uint256) {
        return (uint256(nonce) << 1) | 1;
    }

    /* INTERNAL: ROLES */

    function _attestor(address[7] memory, address account) private view returns (uint256) {
        return _attestors.contains(account) ? 1 : 0;
    }

    function _rotate(address[] memory add, address[] memory drop, uint256 min) private {
        for (uint256 i; i < drop.length; ++i) if (!_attestors.remove(drop[i])) revert Bridge_BadAttestor(drop[i]);
        for (uint256 i; i < add.length; ++i) {
            if (add[i] == address(0) || !_attestors.add(add[i])) revert Bridge_BadAttestor(add[i]);
        }
        uint256 count = _attestors.length();
        if (count < min || count > Signatures.MAX_MEMBERS) revert Bridge_BadQuorum(count, min);
        emit AttestorsRotated(add, drop);
    }

    /* INTERNAL: CHECKS */

    function _requirePossible(uint64 remote, address token, Route memory before, Route memory route) private view {
        bool sameBook = route.side == before.side && route.remoteToken == before.remoteToken;
        bool moves = !sameBook && _books[remote][token].outstanding > 0;
        if (remote == 0 || remote == block.chainid || moves || !BridgeTerms.isPossible(route)) {
            revert Bridge_BadRoute(remote, token);
        }
    }

    function _requireHere(uint64[] calldata chainIds) private view {
        if (chainIds.length == 0 || chainIds.length > MAX_CHAINS) {
            revert Bridge_BadLength(chainIds.length, MAX_CHAINS);
        }
        for (uint256 i; i < chainIds.length; ++i) if (chainIds[i] == block.chainid) return;
        revert Bridge_WrongChain(block.chainid);
    }

    function _requireEvidence(bytes32 evidence) private pure {
        if (evidence == 0) revert Bridge_NoEvidence();
    }

    function _subject(address account) private pure returns (bytes32) {
        return bytes32(bytes20(account));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";
import {IAccountable} from "./interfaces/IAccountable.sol";
import {ICircuitBreaker} from "./interfaces/ICircuitBreaker.sol";
import {Entry, FlowMode, IFlowLimiter, Limit} from "./interfaces/IFlowLimiter.sol";
import {Book, FlowBook} from "./libraries/FlowBook.sol";
import {FlowMath} from "./libraries/FlowMath.sol";
import {BucketWord, FlowWords, ShareWord, SnapshotWord} from "./libraries/FlowWords.sol";
import {Why} from "./libraries/Why.sol";

/// @title FlowLimiter
/// @dev Transient storage holds nothing but the credits, so an asset's own address is the slot of its credit.
contract FlowLimiter is IFlowLimiter {
    using SafeERC20 for IERC20;
    using TransientSlot for *;

    /* IMMUTABLES */

    /// @inheritdoc IFlowLimiter
    address public immutable protectedContract;
    /// @inheritdoc IFlowLimiter
    address public immutable breaker;
    /// @inheritdoc IFlowLimiter
    bytes32 public immutable group;
    /// @inheritdoc IFlowLimiter
    uint40 public immutable tripSeconds;
    /// @inheritdoc IFlowLimiter
    address public immutable council;
    /// @inheritdoc IFlowLimiter
    address public immutable timelock;

    uint256 private constant MAX_TRIP = 72 hours;
    uint256 private constant MAX_COUNCIL_HOLD = 72 hours;
    uint256 private constant MAX_TIMELOCK_HOLD = 30 days;
    /// `isTripper` of the breaker costs about 3,000 gas.
    uint256 private constant HEALTH_GAS = 10_000;

    /* STORAGE */

    mapping(address asset => Book) private _books;
    mapping(uint256 id => Entry) private _entries;
    /// @inheritdoc IFlowLimiter
    mapping(address asset => uint256) public queuedOf;
    /// @inheritdoc IFlowLimiter
    uint256 public lastQueueId;

    /* CONSTRUCTOR */

    /// @param protected_ The contract whose flows count. @param breaker_ The CircuitBreaker; may be deployed later.
    /// @param assets The assets of `limits`; every other asset cannot leave.
    constructor(
        address protected_,
        address breaker_,
        bytes32 group_,
        uint40 tripSeconds_,
        address council_,
        address timelock_,
        address[] memory assets,
        Limit[] memory limits
    ) {
        if (tripSeconds_ == 0 || tripSeconds_ > MAX_TRIP) revert Flow_BadTripTime(tripSeconds_);
        (protectedContract, breaker, group, tripSeconds) = (protected_, breaker_, group_, tripSeconds_);
        (council, timelock) = (council_, timelock_);
        for (uint256 i; i < assets.length; ++i) _setLimit(assets[i], limits[i]);
    }

    /* MODIFIERS */

    modifier onlyProtected() {
        if (msg.sender != protectedContract) revert Flow_NotAllowed(msg.sender);
        _;
    }

    modifier onlyWith(address caller, Why calldata why) {
        if (msg.sender != caller) revert Flow_NotAllowed(msg.sender);
        if (why.evidence == 0) revert Flow_NoEvidence();
        _;
    }

    /* TIMELOCK FUNCTIONS */

    /// @inheritdoc IFlowLimiter
    function setLimit(address asset, Limit calldata limit, Why calldata why) external onlyWith(timelock, why) {
        Limit memory before = limitOf(asset);
        _books[asset].forgive();
        _setLimit(asset, limit);
        if (_isLooser(before, limitOf(asset))) emit Loosened(msg.sender, _subject(asset), why.reason, why.evidence);
        else emit Tightened(msg.sender, _subject(asset), why.reason, why.evidence);
    }

    /* GUARDIAN FUNCTIONS */

    /// @inheritdoc IFlowLimiter
    function lowerCap(address asset, uint128 capAbs, uint16 capBps, uint40 until, Why calldata why)
        external
        onlyWith(council, why)
    {
        Book storage book = _books[asset];
        Limit memory limit = limitOf(asset);
        Limit memory back = book.unlowered();
        bool isSame = _lower(limit, asset, capAbs, capBps);
        (uint40 before, uint40 end) = book.charge(asset, until);
        // With the caps as they stand it may still stop the queue, or last longer.
        if (isSame && (before == 0 ? queuedOf[asset] == 0 : end == before)) revert Flow_NotLower(asset);
        _setLimit(asset, limit);
        book.keep(back, end);
        emit Lowered(asset, end);
        emit Tightened(msg.sender, _subject(asset), why.reason, why.evidence);
    }

    /// @inheritdoc IFlowLimiter
    function hold(uint256 queueId, uint40 until, Why calldata why) external {
        bool byTimelock = msg.sender == timelock;
        if (!byTimelock && msg.sender != council) revert Flow_NotAllowed(msg.sender);
        if (why.evidence == 0) revert Flow_NoEvidence();
        Entry storage entry = _known(queueId);
        uint40 before = entry.heldUntil;
        uint40 min = byTimelock ? 0 : before;
        uint40 max = uint40(entry.readyAt + (byTimelock ? MAX_TIMELOCK_HOLD : MAX_COUNCIL_HOLD));
        if (until <= min || until > max) revert Flow_BadHold(until, min, max);
        entry.heldUntil = until;
        emit Held(queueId, until);
        if (until < before) emit Loosened(msg.sender, bytes32(queueId), why.reason, why.evidence);
        else emit Tightened(msg.sender, bytes32(queueId), why.reason, why.evidence);
    }

    /* PROTECTED CONTRACT'S FUNCTIONS */

    /// @inheritdoc IFlowLimiter
    function onOutflow(address asset, uint256 amount, address account)
        external
        onlyProtected
        returns (uint256 passed, uint256 queued)
    {
        Book storage book = _books[asset];
        BucketWord bucket = book.bucket;
        uint256 level;
        if (bucket.hasMore()) (level, queued) = _pourMore(book, bucket, asset, amount);
        else (level, queued) = _pour(book, bucket, asset, amount);
        unchecked {
            // The bucket never leaves over more than it was asked for, and what is signed is not negative.
            passed = amount - queued;
            emit Flow(asset, -_signed(passed), level);
        }
        if (queued > 0) _enqueue(asset, account, queued, bucket.window());
    }

    /// @inheritdoc IFlowLimiter
    function onInflow(address asset, uint256 amount, address) external onlyProtected {
        Book storage book = _books[asset];
        BucketWord bucket = book.bucket;
        uint256 level = bucket.hasMore() ? _drainMore(book, bucket, asset, amount) : _drain(book, bucket, asset, amount);
        emit Flow(asset, _signed(amount), level);
    }

    /* FUNCTIONS FOR ALL */

    /// @inheritdoc IFlowLimiter
    function poke(address asset) external {
        Book storage book = _books[asset];
        (BucketWord bucket, ShareWord share) = book.settle(book.bucket);
        uint256 cap = book.lagged(bucket, share, block.timestamp);
        (uint256 level,) = FlowBook.levelBy(bucket, share, cap, block.timestamp);
        if (share.capBps() > 0) _raise(book, bucket, asset);
        if (!FlowMath.isTripLevel(level, cap, share.tripBps())) return;
        emit Tripped(asset, level);
        bytes32 evidence = keccak256(abi.encode(block.chainid, address(this), asset, level, cap, block.number));
        ICircuitBreaker(breaker).tripGroup(group, uint40(block.timestamp) + tripSeconds, Why("flow limit", evidence));
    }

    /// @inheritdoc IFlowLimiter
    function claim(uint256 queueId) external {
        Entry memory entry = _known(queueId);
        if (block.timestamp < entry.readyAt) revert Flow_NotReady(queueId, entry.readyAt);
        uint40 keptUntil = _keptUntil(entry);
        if (block.timestamp < keptUntil) revert Flow_Held(queueId, keptUntil);
        delete _entries[queueId];
        queuedOf[entry.asset] -= entry.amount;
        emit Claimed(queueId, entry.to, entry.amount);
        IERC20(entry.asset).safeTransfer(entry.to, entry.amount);
    }

    /* VIEWS */

    /// @inheritdoc IFlowLimiter
    function available(address asset) external view returns (uint256) {
        (uint256 level, uint256 cap) = levelOf(asset);
        return Math.saturatingAdd(_creditSlot(asset).tload(), Math.saturatingSub(cap, level));
    }

    /// @inheritdoc IFlowLimiter
    function limitOf(address asset) public view returns (Limit memory) {
        (BucketWord bucket, ShareWord share) = _books[asset].current();
        return bucket.unpack(share);
    }

    /// @inheritdoc IFlowLimiter
    function loweringOf(address asset) external view returns (uint40 until, Limit memory back) {
        (, ShareWord share) = _books[asset].current();
        return (uint40(share.loweredUntil()), _books[asset].unlowered());
    }

    /// @inheritdoc IFlowLimiter
    function levelOf(address asset) public view returns (uint256 level, uint256 cap) {
        Book storage book = _books[asset];
        (BucketWord bucket, ShareWord share) = book.current();
        uint256 lagged = book.lagged(bucket, share, block.timestamp);
        cap = share.capBps() > 0 ? Math.min(lagged, FlowBook.capOf(bucket, share, _tvl(asset))) : lagged;
        (level,) = FlowBook.levelBy(bucket, share, lagged, block.timestamp);
    }

    /// @inheritdoc IFlowLimiter
    function entryOf(uint256 queueId) external view returns (Entry memory entry) {
        entry = _entries[queueId];
        entry.heldUntil = _keptUntil(entry);
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

    /* INTERNAL: LEVEL */

    /// @dev Takes `amount` out of the credit and then the bucket, as far as it has room; `over` is what is left.
    function _pour(Book storage book, BucketWord bucket, address asset, uint256 amount)
        private
        returns (uint256 newLevel, uint256 over)
    {
        uint256 cap = bucket.capAbs();
        uint256 level = FlowMath.levelAt(bucket.used(), bucket.last(), cap, bucket.window(), block.timestamp);
        (newLevel, over) = _fill(bucket, asset, _draw(asset, amount), level, cap);
        // Unchanged, the bucket keeps its time: writing would round the leak down once more.
        if (newLevel > level) book.bucket = bucket.withLevel(newLevel, block.timestamp);
    }

    function _fill(BucketWord bucket, address asset, uint256 unpaid, uint256 level, uint256 cap)
        private
        pure
        returns (uint256 newLevel, uint256 over)
    {
        (newLevel, over) = FlowMath.fill(unpaid, level, cap);
        if (over > 0 && !bucket.queues()) revert Flow_Exceeded(asset, over);
    }

    function _drain(Book storage book, BucketWord bucket, address asset, uint256 amount)
        private
        returns (uint256 newLevel)
    {
        uint256 level =
            FlowMath.levelAt(bucket.used(), bucket.last(), bucket.capAbs(), bucket.window(), block.timestamp);
        newLevel = _absorb(asset, amount, level);
        if (newLevel < level) book.bucket = bucket.withLevel(newLevel, block.timestamp);
    }

    function _absorb(address asset, uint256 amount, uint256 level) private returns (uint256 newLevel) {
        TransientSlot.Uint256Slot creditSlot = _creditSlot(asset);
        (uint256 drained, uint256 credit) = FlowMath.absorb(amount, creditSlot.tload(), level);
        creditSlot.tstore(credit);
        return level - drained;
    }

    function _draw(address asset, uint256 amount) private returns (uint256 unpaid) {
        uint256 credit = _creditSlot(asset).tload();
        if (credit == 0) return amount;
        (unpaid, credit) = FlowMath.draw(amount, credit);
        _creditSlot(asset).tstore(credit);
    }

    /* INTERNAL: WITH THE SHARE WORD */

    /// @dev As `_pour`, where the cap is one of a share too, or lowered, or the leak is slow.
    function _pourMore(Book storage book, BucketWord bucket, address asset, uint256 amount)
        private
        returns (uint256 newLevel, uint256 over)
    {
        ShareWord share;
        (bucket, share) = book.settle(bucket);
        uint256 cap = book.lagged(bucket, share, block.timestamp);
        (uint256 level, uint256 part) = FlowBook.levelBy(bucket, share, cap, block.timestamp);
        uint256 tvl;
        if (share.capBps() > 0) {
            tvl = _tvl(asset);
            cap = Math.min(cap, FlowBook.capOf(bucket, share, tvl));
        }
        (newLevel, over) = _fill(bucket, asset, _draw(asset, amount), level, cap);
        if (newLevel > level) book.put(bucket, share, newLevel, part);
        if (share.capBps() > 0) _record(book, bucket, Math.saturatingSub(tvl, newLevel - level));
    }

    /// @dev As `_drain`, likewise.
    function _drainMore(Book storage book, BucketWord bucket, address asset, uint256 amount)
        private
        returns (uint256 newLevel)
    {
        ShareWord share;
        (bucket, share) = book.settle(bucket);
        (uint256 level, uint256 part) = book.levelAt(bucket, share, block.timestamp);
        newLevel = _absorb(asset, amount, level);
        if (newLevel < level) book.put(bucket, share, newLevel, part);
    }

    /* INTERNAL: SHARE OF TVL */

    /// @dev The balance without what this transaction brought in: a flash deposit does not raise the cap.
    function _tvl(address asset) private view returns (uint256) {
        return Math.saturatingSub(IERC20(asset).balanceOf(protectedContract), _creditSlot(asset).tload());
    }

    function _record(Book storage book, BucketWord bucket, uint256 tvl) private {
        SnapshotWord s = book.snapshot;
        if (!FlowMath.isDue(s.takenAt(), bucket.window(), block.timestamp)) return;
        book.snapshot = FlowWords.packSnapshot(s.young(), tvl, block.timestamp);
    }

    // Only upwards: whoever empties the balance for a moment must not be able to shut the exit by a poke.
    function _raise(Book storage book, BucketWord bucket, address asset) private {
        uint256 tvl = _tvl(asset);
        if (tvl > book.snapshot.young()) _record(book, bucket, tvl);
    }

    /* INTERNAL: WORDS */

    function _creditSlot(address asset) private pure returns (TransientSlot.Uint256Slot) {
        return bytes32(uint256(uint160(asset))).asUint256();
    }

    function _signed(uint256 amount) private pure returns (int256) {
        return amount >> 255 == 0 ? int256(amount) : type(int256).max;
    }

    /* INTERNAL: QUEUE */

    // What arrives counts, which a token's fee may lower. A hook that comes back in here has its own entry counted
    // first, so that no token counts twice; strangers' gifts can fill a fee, never more.
    function _enqueue(address asset, address account, uint256 amount, uint256 delay) private {
        IERC20(asset).safeTransferFrom(msg.sender, address(this), amount);
        uint256 held = queuedOf[asset];
        uint256 got = Math.min(amount, Math.saturatingSub(IERC20(asset).balanceOf(address(this)), held));
        queuedOf[asset] = held + got;
        uint256 id = ++lastQueueId;
        uint40 readyAt = uint40(block.timestamp + delay);
        _entries[id] = Entry(asset, readyAt, 0, account, got);
        emit Queued(id, asset, account, got, readyAt);
    }

    function _known(uint256 queueId) private view returns (Entry storage entry) {
        entry = _entries[queueId];
        if (entry.readyAt == 0) revert Flow_Unknown(queueId);
    }

    // A lowering keeps an entry for no longer than the council could hold it, however often it lowers.
    function _keptUntil(Entry memory entry) private view returns (uint40) {
        (, ShareWord share) = _books[entry.asset].current();
        uint256 lowered = Math.min(share.loweredUntil(), entry.readyAt + MAX_COUNCIL_HOLD);
        return uint40(Math.max(entry.heldUntil, lowered));
    }

    /* INTERNAL: SETTINGS */

    function _setLimit(address asset, Limit memory limit) private {
        if (limit.window == 0 || limit.capBpsOfTvl > FlowMath.BPS || limit.tripBps > FlowMath.BPS) {
            revert Flow_BadLimit(asset);
        }
        Book storage book = _books[asset];
        (BucketWord before, ShareWord share) = book.current();
        // The past leaks at the old rate.
        (uint256 level,) = book.levelAt(before, share, block.timestamp);
        book.bucket = FlowWords.packBucket(limit, level, block.timestamp);
        book.share = FlowWords.packShare(limit.capBpsOfTvl, limit.tripBps);
        if (limit.capBpsOfTvl > 0 && book.snapshot.takenAt() == 0) {
            book.snapshot = FlowWords.packSnapshot(0, _tvl(asset), block.timestamp);
        }
        emit LimitSet(asset, limitOf(asset));
    }

    function _lower(Limit memory limit, address asset, uint128 capAbs, uint16 capBps)
        private
        pure
        returns (bool isSame)
    {
        isSame = capAbs == limit.capAbs && capBps == limit.capBpsOfTvl;
        bool isHigher = capAbs > limit.capAbs || capBps > limit.capBpsOfTvl || (capBps == 0 && limit.capBpsOfTvl > 0);
        if (isHigher) revert Flow_NotLower(asset);
        (limit.capAbs, limit.capBpsOfTvl) = (capAbs, capBps);
    }

    function _isLooser(Limit memory a, Limit memory b) private pure returns (bool) {
        return b.capAbs > a.capAbs || b.window < a.window || b.mode > a.mode
            || _bpsOrNone(b.capBpsOfTvl) > _bpsOrNone(a.capBpsOfTvl) || _bpsOrNone(b.tripBps) > _bpsOrNone(a.tripBps);
    }

    /// @dev A share of 0 means none, which is looser than any.
    function _bpsOrNone(uint16 bps) private pure returns (uint16) {
        return bps == 0 ? type(uint16).max : bps;
    }

    function _subject(address asset) private pure returns (bytes32) {
        return bytes32(bytes20(asset));
    }
}

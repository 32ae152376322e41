// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAccountable} from "./interfaces/IAccountable.sol";
import {Cause, Fault, Feed, IOracleAggregator, Market, Status} from "./interfaces/IOracleAggregator.sol";
import {Compact, CompactLib} from "./libraries/Compact.sol";
import {FeedReader} from "./libraries/FeedReader.sol";
import {PriceVerdict, Verdict} from "./libraries/PriceVerdict.sol";
import {Quote, WeightedMedian} from "./libraries/WeightedMedian.sol";
import {Why} from "./libraries/Why.sol";

/// @title OracleAggregator
/// @dev A read in the ordinary case loads the rules, the anchor and the feeds: 2 + n slots. The floor, the count of feeds
/// and the fallback's age share the anchor's slot for that reason.
contract OracleAggregator is IOracleAggregator {
    uint256 private constant MAX_FEEDS = 7;
    uint256 private constant ROUNDS = 64;

    struct Anchor {
        uint128 wad; // zero only while `setMarket` takes a first price
        uint40 since;
        uint8 count;
        uint32 maxFallbackAge;
        Compact floor;
    }

    struct Round {
        uint128 wad;
        uint40 at;
        uint48 number; // zero before the first commit
        uint32 gap; // seconds since the round before
        Status status;
    }

    struct Book {
        Market rules;
        Anchor anchor;
        Round last;
        Feed[MAX_FEEDS] feeds;
        Round[ROUNDS] ring;
    }

    /* IMMUTABLES */

    /// @inheritdoc IOracleAggregator
    address public immutable timelock;
    /// @inheritdoc IOracleAggregator
    uint32 public immutable roundSpacing;

    /* STORAGE */

    mapping(bytes32 market => Book) private _books;

    /* CONSTRUCTOR */

    /// @param timelock_ The TimelockController. @param roundSpacing_ At least 1 s.
    constructor(address timelock_, uint32 roundSpacing_) {
        if (roundSpacing_ == 0) revert Oracle_BadMarket(0, "roundSpacing");
        timelock = timelock_;
        roundSpacing = roundSpacing_;
    }

    /* TIMELOCK FUNCTIONS */

    /// @inheritdoc IOracleAggregator
    function setMarket(
        bytes32 market,
        Market calldata config,
        Feed[] calldata feeds,
        uint32 maxFallbackAge,
        uint128 floorWad,
        Why calldata why
    ) external {
        if (msg.sender != timelock) revert Oracle_NotAllowed(msg.sender);
        if (why.evidence == 0) revert Oracle_NoEvidence();
        _requireRules(market, config, feeds.length);
        Book storage book = _books[market];
        bool bound = _servesFallback(book);
        book.rules = config;
        for (uint256 i; i < MAX_FEEDS; ++i) {
            if (i < feeds.length) book.feeds[i] = _fitFeed(market, feeds, i);
            else delete book.feeds[i];
        }
        Anchor storage anchor = book.anchor;
        (anchor.count, anchor.maxFallbackAge) = (uint8(feeds.length), maxFallbackAge);
        anchor.floor = CompactLib.fromUp(floorWad);
        emit MarketSet(market, config, feeds, maxFallbackAge, anchor.floor.toUint());
        emit Loosened(msg.sender, market, why.reason, why.evidence);
        _requirePrice(market, book, bound);
    }

    /* USER FUNCTIONS */

    /// @inheritdoc IOracleAggregator
    function commit(bytes32 market) external returns (uint64) {
        Book storage book = _books[market];
        (Verdict memory v, uint256 faults) = _decide(market, book);
        for (uint256 i; faults != 0; (++i, faults >>= 8)) {
            if (uint8(faults) != 0) emit FeedExcluded(market, book.feeds[i].adapter, uint8(faults));
        }
        if (v.cause == Cause.NONE) return _record(market, book, v);
        if (_servesFallback(book)) emit FellBack(market, uint8(v.cause));
        else emit Halted(market, uint8(v.cause));
        return book.last.number;
    }

    /* VIEWS */

    /// @inheritdoc IOracleAggregator
    function price(bytes32 market) external view returns (uint256 wad, uint40 at, Status status) {
        Book storage book = _books[market];
        (Verdict memory v,) = _decide(market, book);
        if (v.cause == Cause.NONE) return (v.wad, v.at, v.status);
        if (!_servesFallback(book)) _refuse(market, book, v);
        return (book.last.wad, book.last.at, Status.FALLBACK);
    }

    /// @inheritdoc IOracleAggregator
    function tryPrice(bytes32 market) external view returns (bool ok, uint256 wad, uint40 at, Status status) {
        Book storage book = _books[market];
        if (book.anchor.count == 0) return (false, 0, 0, Status.HALTED);
        (Verdict memory v,) = _decide(market, book);
        if (v.cause == Cause.NONE) return (true, v.wad, v.at, v.status);
        if (!_servesFallback(book)) return (false, 0, 0, Status.HALTED);
        return (true, book.last.wad, book.last.at, Status.FALLBACK);
    }

    /// @inheritdoc IOracleAggregator
    function roundAt(bytes32 market, uint64 round) external view returns (uint128, uint40) {
        Round memory entry = _round(market, round);
        return (entry.wad, entry.at);
    }

    /// @inheritdoc IOracleAggregator
    function roundOf(bytes32 market, uint64 round) external view returns (uint128, uint40, uint40, Status) {
        Round memory entry = _round(market, round);
        return (entry.wad, entry.at, round == 1 ? 0 : entry.at - entry.gap, entry.status);
    }

    /// @inheritdoc IOracleAggregator
    function lastRound(bytes32 market) external view returns (uint64) {
        return _books[market].last.number;
    }

    /// @inheritdoc IOracleAggregator
    function anchorOf(bytes32 market) external view returns (uint128 wad, uint40 since) {
        Book storage book = _books[market];
        (wad, since) = (book.anchor.wad, book.anchor.since);
        if (_windowIsOver(book.anchor, book.rules.jumpWindow)) (wad, since) = (book.last.wad, uint40(block.timestamp));
    }

    /// @inheritdoc IOracleAggregator
    function marketOf(bytes32 market) external view returns (Market memory, Feed[] memory feeds, uint32, uint256) {
        Book storage book = _books[market];
        Anchor memory anchor = book.anchor;
        feeds = new Feed[](anchor.count);
        for (uint256 i; i < feeds.length; ++i) feeds[i] = book.feeds[i];
        return (book.rules, feeds, anchor.maxFallbackAge, anchor.floor.toUint());
    }

    /// @inheritdoc IAccountable
    function healthy() external view returns (bool, bytes32) {
        if (timelock.code.length == 0) return (false, "timelock has no code");
        return (true, 0);
    }

    /* INTERNAL: PRICES */

    /// @dev What the feeds say now, and the fault of feed i in byte i of `faults`.
    function _decide(bytes32 market, Book storage book) private view returns (Verdict memory v, uint256 faults) {
        Anchor memory anchor = book.anchor;
        if (anchor.count == 0) revert Oracle_UnknownMarket(market);
        Market memory rules = book.rules;
        uint256 count = anchor.count;
        Quote[] memory sorted = new Quote[](count);
        uint256 floorWad = anchor.floor.toUint();
        uint256 live;
        bool suspect;
        unchecked {
            for (uint256 i; i < count; ++i) {
                (Fault fault, Quote quote) = _quote(book.feeds[i], rules, floorWad);
                if (fault == Fault.NONE) {
                    WeightedMedian.insert(sorted, live++, quote);
                    continue;
                }
                faults |= uint256(uint8(fault)) << (8 * i);
                if (fault >= Fault.SPOT_TWAP) suspect = true;
            }
        }
        // A new window is measured from the last price of the old one; a jump cannot wait for the window to end.
        uint256 from = _windowIsOver(anchor, rules.jumpWindow) ? book.last.wad : anchor.wad;
        v = PriceVerdict.decide(sorted, live, suspect, rules, from);
    }

    function _quote(Feed memory feed, Market memory rules, uint256 floorWad) private view returns (Fault, Quote) {
        (Fault fault, uint256 wad, uint256 stamp) = FeedReader.ask(feed.adapter, rules);
        if (fault == Fault.NONE) fault = FeedReader.judge(feed, floorWad, block.timestamp, wad, stamp);
        // A feed's clock may be ahead, but nothing was observed later than now: a round must not look newer than a
        // request that was made after it.
        uint256 at = uint40(stamp) > block.timestamp ? block.timestamp : uint40(stamp);
        return (fault, WeightedMedian.pack(wad, at, feed.weight));
    }

    function _record(bytes32 market, Book storage book, Verdict memory v) private returns (uint64 round) {
        Round memory last = book.last;
        // Times rise strictly, so that "the first round later than t" is one round; the spacing keeps anyone from pushing
        // rounds out of the ring that a pending request needs.
        if (last.number != 0 && v.at < last.at + roundSpacing) return last.number;
        if (_windowIsOver(book.anchor, book.rules.jumpWindow)) _setAnchor(book, last.wad);
        round = last.number + 1;
        uint32 gap = uint32(Math.min(v.at - last.at, type(uint32).max));
        last = Round(uint128(v.wad), v.at, uint48(round), gap, v.status);
        book.last = last;
        book.ring[round % ROUNDS] = last;
        emit PriceCommitted(market, round, v.wad, v.status);
    }

    function _setAnchor(Book storage book, uint128 wad) private {
        (book.anchor.wad, book.anchor.since) = (wad, uint40(block.timestamp));
    }

    function _windowIsOver(Anchor memory anchor, uint32 jumpWindow) private view returns (bool) {
        return anchor.wad != 0 && block.timestamp >= uint256(anchor.since) + jumpWindow;
    }

    function _servesFallback(Book storage book) private view returns (bool) {
        return book.last.number != 0 && block.timestamp <= uint256(book.last.at) + book.anchor.maxFallbackAge;
    }

    function _refuse(bytes32 market, Book storage book, Verdict memory v) private view {
        if (v.cause == Cause.SPREAD) revert Oracle_Spread(market, v.bps);
        if (v.cause == Cause.JUMP) revert Oracle_Jump(market, v.bps);
        uint32 maxAge = book.anchor.maxFallbackAge;
        if (maxAge == 0 || book.last.number == 0) revert Oracle_Quorum(market, v.live, book.rules.quorum);
        revert Oracle_Stale(market, book.last.at, maxAge);
    }

    function _round(bytes32 market, uint64 round) private view returns (Round memory entry) {
        entry = _books[market].ring[round % ROUNDS];
        if (round == 0 || entry.number != round) revert Oracle_UnknownRound(market, round);
    }

    /* INTERNAL: RULES */

    /// @dev Bounds the result and not only the inputs: the rules must give a price, and near the last one while `bound`.
    function _requirePrice(bytes32 market, Book storage book, bool bound) private {
        // A history too old to fall back on would only keep a repaired market shut.
        if (!bound) book.anchor.wad = 0;
        (Verdict memory v,) = _decide(market, book);
        if (v.cause == Cause.QUORUM) revert Oracle_Quorum(market, v.live, book.rules.quorum);
        if (v.cause != Cause.NONE) _refuse(market, book, v);
        if (bound) _requireNear(market, v.wad, book.last.wad, book.rules.maxJumpBps);
        else _setAnchor(book, uint128(v.wad));
        _record(market, book, v);
    }

    function _requireNear(bytes32 market, uint256 wad, uint256 last, uint16 maxJumpBps) private pure {
        uint256 bps = PriceVerdict.distanceBpsUp(wad, last);
        if (bps > maxJumpBps) revert Oracle_Jump(market, bps);
    }

    function _requireRules(bytes32 market, Market calldata m, uint256 count) private pure {
        if (count == 0 || count > MAX_FEEDS) revert Oracle_BadMarket(market, "feeds");
        if (m.quorum == 0 || m.quorum > count) revert Oracle_BadMarket(market, "quorum");
        if (m.jumpQuorum < m.quorum || m.jumpQuorum > count) revert Oracle_BadMarket(market, "jumpQuorum");
        if (m.jumpWindow == 0) revert Oracle_BadMarket(market, "jumpWindow");
    }

    function _fitFeed(bytes32 market, Feed[] calldata feeds, uint256 i) private view returns (Feed calldata feed) {
        feed = feeds[i];
        bool fit = feed.adapter.code.length != 0 && feed.weight != 0 && feed.heartbeat != 0;
        for (uint256 j; j < i; ++j) fit = fit && feeds[j].adapter != feed.adapter;
        if (!fit) revert Oracle_BadFeed(market, i);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAccountable} from "./interfaces/IAccountable.sol";
import {Cause, Fault, Feed, IOracleAggregator, Market, Status} from "./interfaces/IOracleAggregator.sol";
import {Compact, CompactLib} from "./libraries/Compact.sol";
import {FeedReader} from "./libraries/FeedReader.sol";
import {FeedWord, MarketWord} from "./libraries/MarketWords.sol";
import {Pages} from "./libraries/Pages.sol";
import {PriceVerdict, Verdict} from "./libraries/PriceVerdict.sol";
import {Quote, WeightedMedian} from "./libraries/WeightedMedian.sol";
import {Why} from "./libraries/Why.sol";

/// @title OracleAggregator
/// @dev A read in the ordinary case loads the anchor and one page of code with the rules and the feeds. The floor and the
/// page's number share the anchor's slot for that reason.
contract OracleAggregator is IOracleAggregator {
    uint256 private constant MAX_FEEDS = 7;
    uint256 private constant ROUNDS = 64;

    struct Anchor {
        uint128 wad; // zero only while `setMarket` takes a first price
        uint40 since;
        uint32 page; // zero for an unknown market
        uint8 count;
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
        Anchor anchor;
        Round last;
        Round[ROUNDS] ring;
    }

    /* IMMUTABLES */

    /// @inheritdoc IOracleAggregator
    address public immutable timelock;
    /// @inheritdoc IOracleAggregator
    uint32 public immutable roundSpacing;

    /* STORAGE */

    mapping(bytes32 market => Book) private _books;
    uint32 private _pages;

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
        for (uint256 i; i < feeds.length; ++i) _requireFit(market, feeds, i);
        Pages.write(++_pages, maxFallbackAge, config, feeds);
        Anchor storage anchor = book.anchor;
        (anchor.page, anchor.count, anchor.floor) = (_pages, uint8(feeds.length), CompactLib.fromUp(floorWad));
        emit MarketSet(market, config, feeds, maxFallbackAge, anchor.floor.toUint());
        emit Loosened(msg.sender, market, why.reason, why.evidence);
        _requirePrice(market, book, bound);
    }

    /* USER FUNCTIONS */

    /// @inheritdoc IOracleAggregator
    function commit(bytes32 market) external returns (uint64) {
        Book storage book = _books[market];
        (Verdict memory v, uint256 faults) = _decide(market, book);
        if (faults != 0) _tellFaults(market, book, faults);
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
        if (book.anchor.page == 0) return (false, 0, 0, Status.HALTED);
        (Verdict memory v,) = _decide(market, book);
        if (v.cause == Cause.NONE) return (true, v.wad, v.at, v.status);
        if (!_servesFallback(book)) return (false, 0, 0, Status.HALTED);
        return (true, book.last.wad, book.last.at, Status.FALLBACK);
    }

    /// @inheritdoc IOracleAggregator
    function roundAt(bytes32 market, uint64 round) external view returns (uint128, uint40) {
        Round storage entry = _round(market, round);
        return (entry.wad, entry.at);
    }

    /// @inheritdoc IOracleAggregator
    function roundOf(bytes32 market, uint64 round) external view returns (uint128, uint40, uint40, Status) {
        Round storage entry = _round(market, round);
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
        if (_windowIsOver(book)) (wad, since) = (book.last.wad, uint40(block.timestamp));
    }

    /// @inheritdoc IOracleAggregator
    function marketOf(bytes32 market) external view returns (Market memory rules, Feed[] memory feeds, uint32, uint256) {
        Book storage book = _books[market];
        if (book.anchor.page == 0) return (rules, feeds, 0, 0);
        uint256[8] memory words = Pages.read(book.anchor.page);
        rules = MarketWord.wrap(words[0]).unpack();
        feeds = new Feed[](book.anchor.count);
        for (uint256 i; i < feeds.length; ++i) feeds[i] = FeedWord.wrap(words[i + 1]).unpack();
        return (rules, feeds, _maxFallbackAge(book), book.anchor.floor.toUint());
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
        if (anchor.page == 0) revert Oracle_UnknownMarket(market);
        uint256[8] memory words = Pages.read(anchor.page);
        MarketWord rules = MarketWord.wrap(words[0]);
        uint256 count = anchor.count;
        Quote[MAX_FEEDS] memory sorted;
        uint256 floorWad = anchor.floor.toUint();
        uint256 live;
        bool suspect;
        unchecked {
            for (uint256 i = 1; i <= count; ++i) {
                (uint256 fault, Quote quote) = _quote(FeedWord.wrap(words[i]), rules, floorWad);
                if (fault == 0) {
                    WeightedMedian.insert(sorted, live++, quote);
                    continue;
                }
                faults |= fault << (8 * i - 8);
                if (fault >= uint8(Fault.SPOT_TWAP)) suspect = true;
            }
        }
        // A new window is measured from the last price of the old one; a jump cannot wait for the window to end.
        uint256 from = _windowIsOver(anchor, rules.jumpWindow()) ? book.last.wad : anchor.wad;
        PriceVerdict.decide(v, sorted, live, suspect, rules, from);
    }

    function _quote(FeedWord feed, MarketWord rules, uint256 floorWad) private view returns (uint256, Quote quote) {
        (uint256 fault, uint256 wad, uint256 stamp) = FeedReader.ask(feed.adapter(), rules);
        if (fault == 0) fault = FeedReader.judge(feed, floorWad, wad, stamp);
        if (fault != 0) return (fault, quote);
        // A feed's clock may be ahead, but nothing was observed later than now: a round must not look newer than a
        // request that was made after it.
        uint256 at = uint40(stamp);
        if (at > block.timestamp) at = block.timestamp;
        return (0, WeightedMedian.pack(wad, at, feed.weight()));
    }

    function _tellFaults(bytes32 market, Book storage book, uint256 faults) private {
        uint256[8] memory words = Pages.read(book.anchor.page);
        for (uint256 i = 1; faults != 0; (++i, faults >>= 8)) {
            if (uint8(faults) != 0) emit FeedExcluded(market, FeedWord.wrap(words[i]).adapter(), uint8(faults));
        }
    }

    function _record(bytes32 market, Book storage book, Verdict memory v) private returns (uint64 round) {
        Round memory last = book.last;
        // Times rise strictly, so that "the first round later than t" is one round; the spacing keeps anyone from pushing
        // rounds out of the ring that a pending request needs.
        if (last.number != 0 && v.at < last.at + roundSpacing) return last.number;
        if (_windowIsOver(book)) _setAnchor(book, last.wad);
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

    function _windowIsOver(Book storage book) private view returns (bool) {
        return _windowIsOver(book.anchor, _rules(book).jumpWindow());
    }

    function _windowIsOver(Anchor memory anchor, uint256 jumpWindow) private view returns (bool) {
        // A time of 40 bits and a window of 32.
        unchecked {
            return anchor.wad != 0 && block.timestamp >= uint256(anchor.since) + jumpWindow;
        }
    }

    function _servesFallback(Book storage book) private view returns (bool) {
        return book.last.number != 0 && block.timestamp <= uint256(book.last.at) + _maxFallbackAge(book);
    }

    function _refuse(bytes32 market, Book storage book, Verdict memory v) private view {
        if (v.cause == Cause.SPREAD) revert Oracle_Spread(market, v.bps);
        if (v.cause == Cause.JUMP) revert Oracle_Jump(market, v.bps);
        uint32 maxAge = _maxFallbackAge(book);
        if (maxAge == 0 || book.last.number == 0) _refuseQuorum(market, book, v);
        revert Oracle_Stale(market, book.last.at, maxAge);
    }

    function _refuseQuorum(bytes32 market, Book storage book, Verdict memory v) private view {
        revert Oracle_Quorum(market, v.live, uint8(_rules(book).quorum()));
    }

    function _round(bytes32 market, uint64 round) private view returns (Round storage entry) {
        entry = _books[market].ring[round % ROUNDS];
        if (round == 0 || entry.number != round) revert Oracle_UnknownRound(market, round);
    }

    /* INTERNAL: PAGES */

    function _rules(Book storage book) private view returns (MarketWord) {
        return MarketWord.wrap(Pages.read(book.anchor.page)[0]);
    }

    function _maxFallbackAge(Book storage book) private view returns (uint32) {
        return Pages.at(book.anchor.page).maxFallbackAge();
    }

    /* INTERNAL: RULES */

    /// @dev Bounds the result and not only the inputs: the rules must give a price, and near the last one while `bound`.
    function _requirePrice(bytes32 market, Book storage book, bool bound) private {
        // A history too old to fall back on would only keep a repaired market shut.
        if (!bound) book.anchor.wad = 0;
        (Verdict memory v,) = _decide(market, book);
        if (v.cause == Cause.QUORUM) _refuseQuorum(market, book, v);
        if (v.cause != Cause.NONE) _refuse(market, book, v);
        if (bound) _requireNear(market, v.wad, book.last.wad, _rules(book).maxJumpBps());
        else _setAnchor(book, uint128(v.wad));
        _record(market, book, v);
    }

    function _requireNear(bytes32 market, uint256 wad, uint256 last, uint256 maxJumpBps) private pure {
        uint256 bps = PriceVerdict.distanceBpsUp(wad, last);
        if (bps > maxJumpBps) revert Oracle_Jump(market, bps);
    }

    function _requireRules(bytes32 market, Market calldata m, uint256 count) private pure {
        if (count == 0 || count > MAX_FEEDS) revert Oracle_BadMarket(market, "feeds");
        if (m.quorum == 0 || m.quorum > count) revert Oracle_BadMarket(market, "quorum");
        if (m.jumpQuorum < m.quorum || m.jumpQuorum > count) revert Oracle_BadMarket(market, "jumpQuorum");
        if (m.jumpWindow == 0) revert Oracle_BadMarket(market, "jumpWindow");
    }

    function _requireFit(bytes32 market, Feed[] calldata feeds, uint256 i) private view {
        Feed calldata feed = feeds[i];
        bool fit = feed.adapter.code.length != 0 && feed.weight != 0 && feed.heartbeat != 0;
        for (uint256 j; j < i; ++j) fit = fit && feeds[j].adapter != feed.adapter;
        if (!fit) revert Oracle_BadFeed(market, i);
    }
}

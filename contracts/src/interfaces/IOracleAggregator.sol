// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {Why} from "../libraries/Why.sol";
import {IAccountable} from "./IAccountable.sol";

/// @notice How far a price may be trusted. Only OK opens risk. DEGRADED (confirmed jump, a lone source far off, a
/// suspect average) and FALLBACK (the last committed price, of bounded age) allow risk reduction only. HALTED is no
/// price.
enum Status {
    OK,
    DEGRADED,
    FALLBACK,
    HALTED
}

/// @notice Why a feed is left out. NO_CODE: nothing stands at its address. FAILED: it reverted or burnt its gas.
/// BAD_RETURN: it answered other than 64 bytes of the agreed shape. BAD_PRICE: zero, 2^128 - 1 or more, or below the
/// market's floor. FUTURE: more than 60 s ahead. STALE: older than its heartbeat. UNCERTAIN: its confidence interval is
/// too wide. SPOT_TWAP and THIN: its spot price left its average, or its pool has too little liquidity.
enum Fault {
    NONE,
    NO_CODE,
    FAILED,
    BAD_RETURN,
    BAD_PRICE,
    FUTURE,
    STALE,
    UNCERTAIN,
    SPOT_TWAP,
    THIN
}

/// @notice Why the feeds that are left give no price: too few, too far apart, or a jump that too few of them confirm.
enum Cause {
    NONE,
    QUORUM,
    SPREAD,
    JUMP
}

/// @notice One source. `weight` counts in the median, `heartbeat` is the greatest age in seconds, `maxConfBps` the
/// widest confidence interval in 1/10,000 of the price.
struct Feed {
    address adapter;
    uint16 weight;
    uint32 heartbeat;
    uint16 maxConfBps;
}

/// @notice The rules of a market. `quorum`: fewest feeds for a price. `jumpQuorum`: fewest feeds that confirm a jump.
/// `maxSpreadBps`: how far the feeds may stand apart, in 1/10,000 of their median. `maxJumpBps`: how far the price may
/// leave the anchor within `jumpWindow` seconds. The rest is handed to the adapters, see `IPriceAdapter.read`.
struct Market {
    uint8 quorum;
    uint8 jumpQuorum;
    uint16 maxSpreadBps;
    uint16 maxJumpBps;
    uint32 jumpWindow;
    uint16 maxSpotTwapBps;
    uint32 twapWindow;
    uint128 minTwapLiquidity;
}

/// @title OracleAggregator: one price from several, or an honest refusal.
/// @notice The price is the weighted lower median of the feeds that are fit: sorted by price, the first whose cumulative
/// weight times two reaches the total. Prices are in WAD (1e18). Anyone may commit; a committed price is a round. The
/// timelock sets markets. Nobody can set a price.
/// @dev A read makes one call of at most 120,000 gas to each of at most 7 feeds, and reverts when that gas is not there.
interface IOracleAggregator is IAccountable {
    /// @notice The page of a market stands elsewhere than expected: this chain does not make addresses as Ethereum does,
    /// and the contract cannot be used there.
    error Oracle_PageElsewhere(address page, address expected);

    /// @notice Markets were set `max` times, and can be set no more.
    error Oracle_PagesFull(uint256 max);

    /// @notice `round` holds `wad` from now on; `status` is OK or DEGRADED.
    event PriceCommitted(bytes32 indexed market, uint64 round, uint256 wad, Status status);

    /// @notice A commit left `adapter` out; `reason` is a `Fault`.
    event FeedExcluded(bytes32 indexed market, address adapter, uint8 reason);

    /// @notice A commit found no price, nor one to fall back on; `reason` is a `Cause`.
    event Halted(bytes32 indexed market, uint8 reason);

    /// @notice A commit found no price, and the last one still serves; `reason` is a `Cause`.
    event FellBack(bytes32 indexed market, uint8 reason);

    /// @notice The rules of a market are these from now on.
    event MarketSet(bytes32 indexed market, Market config, Feed[] feeds, uint32 maxFallbackAge, uint256 floorWad);

    /// @notice Too few feeds are fit, and the last price, of time `at`, is older than `maxAge`.
    error Oracle_Stale(bytes32 market, uint40 at, uint32 maxAge);

    /// @notice Only `live` feeds are fit, of `need`, and the market has no fallback.
    error Oracle_Quorum(bytes32 market, uint8 live, uint8 need);

    /// @notice The feeds stand `bps` (1/10,000 of the median, rounded up) apart, and no majority stands together.
    error Oracle_Spread(bytes32 market, uint256 bps);

    /// @notice The price left the anchor by `bps` (1/10,000, rounded up), and too few feeds confirm it.
    error Oracle_Jump(bytes32 market, uint256 bps);

    /// @notice Less than `need` gas is left for the next feed. Nothing is wrong with the feed: send more gas.
    error Oracle_GasTooLow(uint256 need);

    /// @notice The market was never set.
    error Oracle_UnknownMarket(bytes32 market);

    /// @notice The round is not among the last 64.
    error Oracle_UnknownRound(bytes32 market, uint64 round);

    /// @notice The rules contradict themselves; `what` names the field.
    error Oracle_BadMarket(bytes32 market, bytes32 what);

    /// @notice The feed has no code, weight or heartbeat, or its adapter was listed before it.
    error Oracle_BadFeed(bytes32 market, uint256 index);

    /// @notice The caller lacks the role.
    error Oracle_NotAllowed(address caller);

    /// @notice `evidence` is zero.
    error Oracle_NoEvidence();

    /// @notice The timelock: the only caller of `setMarket`.
    function timelock() external view returns (address);

    /// @notice The fewest seconds between the observations of two rounds. The last 64 rounds thus reach back at least 63
    /// times as far, whoever commits how often.
    function roundSpacing() external view returns (uint32);

    /// @notice The price, when it was observed, and how far to trust it. `at` is the time of the feed that gave the
    /// median, at most now; for FALLBACK that of the last round. Reverts when HALTED, with the cause.
    function price(bytes32 market) external view returns (uint256 wad, uint40 at, Status status);

    /// @notice As `price`, but (false, 0, 0, HALTED) instead of a revert; only a lack of gas still reverts.
    function tryPrice(bytes32 market) external view returns (bool ok, uint256 wad, uint40 at, Status status);

    /// @notice Commits the price as a new round. Without a price, or with none observed `roundSpacing` later than the
    /// last round's, nothing is committed and the last round is returned; zero for none. Anyone.
    function commit(bytes32 market) external returns (uint64 round);

    /// @notice The price of one of the last 64 rounds and when it was observed; `at` rises strictly with the round.
    function roundAt(bytes32 market, uint64 round) external view returns (uint128 wad, uint40 at);

    /// @notice As `roundAt`, with the time of the round before (zero for the first), and the status then: OK or DEGRADED.
    /// So that one call tells whether a round is the first one later than some time.
    function roundOf(bytes32 market, uint64 round)
        external
        view
        returns (uint128 wad, uint40 at, uint40 previousAt, Status status);

    /// @notice The last round, zero for none.
    function lastRound(bytes32 market) external view returns (uint64);

    /// @notice The price that jumps are measured from, and when its window began; zeros before the first commit.
    function anchorOf(bytes32 market) external view returns (uint128 wad, uint40 since);

    /// @notice The rules of a market as they are in force; `floorWad` as it was rounded up.
    function marketOf(bytes32 market)
        external
        view
        returns (Market memory config, Feed[] memory feeds, uint32 maxFallbackAge, uint256 floorWad);

    /// @notice Sets a market whole and commits its price; reverts unless the new rules give one. While the last price is
    /// young enough to fall back on, the new one must be within `maxJumpBps` of it; after that the old history no longer
    /// binds. Timelock.
    /// @param feeds 1 to 7, distinct, each with code, weight and heartbeat.
    /// @param maxFallbackAge The seconds that the last price serves when the feeds give none.
    /// @param floorWad Prices below are no prices; kept to 40 significant bits, rounded up.
    function setMarket(
        bytes32 market,
        Market calldata config,
        Feed[] calldata feeds,
        uint32 maxFallbackAge,
        uint128 floorWad,
        Why calldata why
    ) external;
}

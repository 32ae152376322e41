// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {Why} from "../libraries/Why.sol";
import {IAccountable} from "./IAccountable.sol";

/// @notice What happens to an outflow beyond the cap. REVERT refuses the whole. QUEUE lets the part within the cap
/// leave, and the rest after one window.
enum FlowMode {
    REVERT,
    QUEUE
}

/// @notice The limit of one asset. `capAbs` in the asset's units; type(uint128).max means that only the share counts.
/// `capBpsOfTvl` of the protected contract's balance, at most 10,000; 0 means that only `capAbs` counts, else the
/// smaller of the two. `window` in seconds, above 0: a full bucket empties in one window. `tripBps` of the cap is the
/// level at which `poke` trips the breaker, at most 10,000; 0 never trips.
struct Limit {
    uint128 capAbs;
    uint16 capBpsOfTvl;
    uint32 window;
    FlowMode mode;
    uint16 tripBps;
}

/// @notice An amount that waits. It leaves for `to` alone, at `readyAt` or at `heldUntil`, the end of its hold. Times in
/// Unix seconds.
struct Entry {
    address asset;
    uint40 readyAt;
    uint40 heldUntil;
    address to;
    uint256 amount;
}

/// @title FlowLimiter: a bounded leak per asset for one protected contract.
/// @notice Between any two transactions a time t apart, no more than cap + cap * t / window of an asset leaves on
/// balance, claims of queued entries aside, and never more than cap within a block.
/// @dev The protected contract calls `onOutflow` before it pays and `onInflow` when it was paid, with what truly moved
/// (after a token's fee). Assumptions:
/// - Every way in and out is reported. A flash loan reports its net once, at the end: it pays before it is paid back.
/// - In QUEUE mode the protected contract has approved this contract for the asset, an ERC-20 that does not rebase
///   downwards. A hook of the token finds the level and the credit already written.
/// - With `capBpsOfTvl`, the asset is an ERC-20, and a loan that the protected contract makes of its own balance holds
///   the same lock as its calls here: a balance read in the middle of one is too low.
/// Flows of dust do not stop the leak: where cap / window is 1,000 units a second or more they slow it by less than a
/// thousandth, else not at all, for about 5,800 gas more a call.
/// Residual risk: an owner of capital >= cap can fill the bucket by leaving over two transactions, and so refuse others
/// the exit (or trip, up to the breaker's budgets). QUEUE mode is the answer: it delays and does not refuse. So it bounds
/// how fast a thief is paid, not how much: what he queued is his once the council (72 h after the entry is ready) and the
/// timelock (30 days after it) can keep it no longer. Where that cannot be borne, REVERT is the mode.
/// Roles: the protected contract reports; the council lowers caps and holds entries; the timelock sets limits.
interface IFlowLimiter is IAccountable {
    /// @notice `net` of `asset` came in (positive) or left (negative), queued amounts aside; the level is now `level`.
    /// `net` saturates at the ends of int256.
    event Flow(address indexed asset, int256 net, uint256 level);

    /// @notice `amount` of `asset` waits for `to` until `readyAt`.
    event Queued(uint256 indexed id, address asset, address to, uint256 amount, uint40 readyAt);

    /// @notice The entry `id` left.
    event Claimed(uint256 indexed id, address indexed to, uint256 amount);

    /// @notice The entry `id` cannot leave before `until`.
    event Held(uint256 indexed id, uint40 until);

    /// @notice The breaker was tripped for the level of `asset`.
    event Tripped(address indexed asset, uint256 level);

    /// @notice The limit of `asset` is now `limit`.
    event LimitSet(address indexed asset, Limit limit);

    /// @notice The caps of `asset` are lowered until `until`, and go back then by themselves.
    event Lowered(address indexed asset, uint40 until);

    /// @notice The outflow is `over` units more than the bucket has room for.
    error Flow_Exceeded(address asset, uint256 over);

    /// @notice The entry waits until `readyAt`.
    error Flow_NotReady(uint256 id, uint40 readyAt);

    /// @notice The entry is held until `until`, by itself or with all of its asset, whose cap is lowered.
    error Flow_Held(uint256 id, uint40 until);

    /// @notice There is no such entry, or it has left.
    error Flow_Unknown(uint256 id);

    /// @notice The caller lacks the role.
    error Flow_NotAllowed(address caller);

    /// @notice `evidence` is zero.
    error Flow_NoEvidence();

    /// @notice The window is zero, or a share is above 10,000.
    error Flow_BadLimit(address asset);

    /// @notice The council lowers at least one cap, stops a queue, or lengthens a lowering, and raises no cap.
    error Flow_NotLower(address asset);

    /// @notice The lowering would be over: `until` has passed, or the budget reaches no further than `reach`.
    error Flow_BadLowering(address asset, uint40 until, uint40 reach);

    /// @notice The end of the hold is not after `min`, or is after `max`.
    error Flow_BadHold(uint40 until, uint40 min, uint40 max);

    /// @notice A pause of the breaker ends within 72 h.
    error Flow_BadTripTime(uint40 tripSeconds);

    /// @notice The only contract whose flows count here, and the only caller of `onOutflow` and `onInflow`.
    function protectedContract() external view returns (address);

    /// @notice The CircuitBreaker that `poke` trips, where this contract is registered as a tripper of `group`.
    function breaker() external view returns (address);

    /// @notice The breaker's group of selectors that `poke` trips.
    function group() external view returns (bytes32);

    /// @notice How long a trip lasts, in seconds.
    function tripSeconds() external view returns (uint40);

    /// @notice May lower caps and hold entries.
    function council() external view returns (address);

    /// @notice May set limits, and lengthen and end holds.
    function timelock() external view returns (address);

    /// @notice Reports that `amount` of `asset` is about to leave for `account`. First the transaction's own inflows
    /// pay, then the bucket; beyond the cap the call reverts or queues the rest, which it takes from the caller.
    /// Protected contract.
    /// @return passed What the caller pays to `account` now.
    /// @return queued What waits for `account` here; passed + queued = amount.
    function onOutflow(address asset, uint256 amount, address account)
        external
        returns (uint256 passed, uint256 queued);

    /// @notice Reports that `amount` of `asset` came from `account`. It lowers the level; what is beyond the level pays
    /// for outflows of this transaction and lapses with it. Protected contract.
    function onInflow(address asset, uint256 amount, address account) external;

    /// @notice Trips the breaker's group when the level of `asset` is at least `tripBps` of the cap, and takes the
    /// balance for the cap from TVL when one is due and has risen. Does nothing else, and does not revert for having
    /// nothing to do. Anyone: a call that reverts for its amount cannot also record a trip.
    /// @dev The cap counted here is that of the lagged balance alone, which no transaction can lower and so trip.
    function poke(address asset) external;

    /// @notice Sends the entry to its account. Anyone.
    function claim(uint256 queueId) external;

    /// @notice Keeps an entry until `until`. The council only lengthens, to at most 72 h after the entry is ready; the
    /// timelock sets any end to at most 30 days after it, the past included. A lowering of the cap is apart from it.
    function hold(uint256 queueId, uint40 until, Why calldata why) external;

    /// @notice Lowers the caps of `asset` at once, and until `until` or as far as its bounds reach: 72 h from the first
    /// second of the lowering and, as for a pause, a budget of 84 h over 30 days. A running one is lowered further or
    /// lengthened, never shortened. Then the caps go back by themselves. A share of 0 stays 0. Meanwhile no entry of
    /// `asset` leaves, up to 72 h after it is ready; where some wait, the caps may stay as they are. Council.
    function lowerCap(address asset, uint128 capAbs, uint16 capBpsOfTvl, uint40 until, Why calldata why) external;

    /// @notice Sets the limit of `asset` and ends a lowering; the level so far is settled under the limit before. A first `capBpsOfTvl`
    /// lets nothing out for window / 24, as no balance is old enough. Timelock.
    function setLimit(address asset, Limit calldata limit, Why calldata why) external;

    /// @notice Until when the caps of `asset` are lowered, zero when they are not, and the limit that they go back to.
    function loweringOf(address asset) external view returns (uint40 until, Limit memory back);

    /// @notice What an outflow of `asset` could pass now, in its units, this transaction's credit included.
    function available(address asset) external view returns (uint256);

    /// @notice The limit of `asset` now, lowered or not; all zero, which lets nothing out, when it was never set.
    function limitOf(address asset) external view returns (Limit memory);

    /// @notice The level of `asset` now and the cap that an outflow would meet.
    function levelOf(address asset) external view returns (uint256 level, uint256 cap);

    /// @notice The entry `queueId`, with `heldUntil` the later of its own hold's end and what a lowering of the cap keeps
    /// it to; all zero when there is none or it has left.
    function entryOf(uint256 queueId) external view returns (Entry memory);

    /// @notice The sum of all entries of `asset` that have not left.
    function queuedOf(address asset) external view returns (uint256);

    /// @notice The id of the newest entry; ids begin at 1.
    function lastQueueId() external view returns (uint256);
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The leaky bucket of FlowLimiter: what is used leaks away at `cap` per `window`.
///
/// Why no interval of time t lets out more than cap + cap * t / window, net. An outflow paid by the bucket raises the
/// level by as much, an inflow lowers it by at most as much, and only the leak lowers it besides. So after the first
/// call in the interval: out - in = level at the end - level then + what leaked - credit that lapsed. The level at the
/// end is at most cap, the level then at least 0, the leak at most cap * t / window, rounded down each time. With a cap
/// that changes, cap is the largest in force: each leak is computed with one that is in force when it is written. With
/// a share of TVL, the cap of the leak is that of the lagged balance, which no transaction moves under its own feet.
///
/// Why nobody stops the leak by flows of dust. Each write rounds up the level by less than a unit. Where a second leaks
/// SLOW_BELOW units or more, that costs less than one part in SLOW_BELOW, as writes within a second round once. Where it
/// leaks fewer, the part that rounding would take is kept: the true level is `level - part / window`, which no write moves.
/// The bound above holds of true levels: an inflow of the whole level lowers it by less than its amount.
library FlowMath {
    uint256 internal constant BPS = 10_000;
    /// A snapshot counts when it is at least this part of the window old.
    uint256 internal constant LAG_PART = 24;
    /// Units a second.
    uint256 internal constant SLOW_BELOW = 1_000;

    /// @dev What is left of `used` at `nowAt`, rounded up by less than 1. `cap` below 2^128, `nowAt` below 2^128.
    function levelAt(uint256 used, uint256 last, uint256 cap, uint256 window, uint256 nowAt)
        internal
        pure
        returns (uint256)
    {
        // Nothing used, or a clock that does not advance: nothing leaks.
        if (nowAt <= last) return used;
        unchecked {
            uint256 leaked = cap * (nowAt - last) / (window == 0 ? 1 : window);
            return leaked < used ? used - leaked : 0;
        }
    }

    /// @dev As `levelAt`, of a bucket whose true level was `used - part / window`: its level, rounded up, and the part of a
    /// unit that has leaked besides, below `window`. A fast leak drops it. `cap` and `nowAt` below 2^127.
    function slowLevelAt(uint256 used, uint256 part, uint256 last, uint256 cap, uint256 window, uint256 nowAt)
        internal
        pure
        returns (uint256 level, uint256 newPart)
    {
        if (nowAt <= last) return (used, part);
        if (window == 0) window = 1;
        unchecked {
            uint256 parts = cap * (nowAt - last) + part;
            uint256 leaked = parts / window;
            if (leaked >= used) return (0, 0);
            return (used - leaked, isSlow(cap, window) ? parts % window : 0);
        }
    }

    /// @dev Whether a second leaks so little that the rounding of each call counts.
    function isSlow(uint256 cap, uint256 window) internal pure returns (bool) {
        return cap < SLOW_BELOW * window;
    }

    /// @dev The level after an outflow that takes `amount` from the bucket, and `over`, for which there is no room.
    function fill(uint256 amount, uint256 level, uint256 cap) internal pure returns (uint256 newLevel, uint256 over) {
        unchecked {
            uint256 room = level < cap ? cap - level : 0;
            if (amount > room) return (level + room, amount - room);
            return (level + amount, 0);
        }
    }

    /// @dev What of `amount` the transaction's credit does not pay, and the credit that is left.
    function draw(uint256 amount, uint256 credit) internal pure returns (uint256 unpaid, uint256 left) {
        unchecked {
            if (amount > credit) unpaid = amount - credit;
            else left = credit - amount;
        }
    }

    /// @dev An inflow of `amount` lowers the level by `drained`; the remainder adds to the credit, which saturates.
    function absorb(uint256 amount, uint256 credit, uint256 level)
        internal
        pure
        returns (uint256 drained, uint256 newCredit)
    {
        unchecked {
            drained = amount < level ? amount : level;
            newCredit = credit + (amount - drained);
            if (newCredit < credit) newCredit = type(uint256).max;
        }
    }

    /// @dev The cap: `capBps` of `tvl`, rounded down, and at most `capAbs`. `tvl` is below 2^108.
    function capOf(uint256 capAbs, uint256 capBps, uint256 tvl) internal pure returns (uint256) {
        uint256 share = tvl * capBps / BPS;
        return share < capAbs ? share : capAbs;
    }

    /// @dev The newer of two recorded balances that is at least a lag old.
    function snapshotAt(uint256 old, uint256 young, uint256 takenAt, uint256 window, uint256 nowAt)
        internal
        pure
        returns (uint256)
    {
        return isDue(takenAt, window, nowAt) ? young : old;
    }

    /// @dev Whether the younger balance has become old enough to count.
    function isDue(uint256 takenAt, uint256 window, uint256 nowAt) internal pure returns (bool) {
        // Rounded up: a window of less than 24 s must not let a balance of the same second count.
        return takenAt + (window + LAG_PART - 1) / LAG_PART <= nowAt;
    }

    /// @dev Whether `level` has reached `tripBps` of `cap`. A cap of zero lets nothing out, and never trips: its level
    /// does not leak, so that anyone could trip for ever. `level` is below 2^128.
    function isTripLevel(uint256 level, uint256 cap, uint256 tripBps) internal pure returns (bool) {
        return tripBps > 0 && cap > 0 && level * BPS >= cap * tripBps;
    }
}

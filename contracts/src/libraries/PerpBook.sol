// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";
import {IReferencePerp, Position} from "../interfaces/IReferencePerp.sol";
import {PerpMath} from "./PerpMath.sol";

/// @notice One market's accounts. The makers' pool is the other side of every position: its size is what the traders'
/// sizes leave over, its cost the negative of the sum of theirs.
struct Book {
    uint256 long; // sum of the traders' long sizes, WAD of the base
    uint256 short;
    uint256 poolMargin;
    int256 cost; // sum of what the traders' positions cost
    int256 index; // funding that a size of one has paid since the beginning, a price
    uint256 accruedAt;
    uint256 liquidated; // level of the liquidation window, notional
    uint256 liquidatedAt;
    uint256 shares; // of the makers
    uint256 fees; // for the insurance fund
    int256 indexSum; // sum of each size times the index it was settled at
    uint256 losses; // how many bad debts there were
    mapping(address account => Position) positions;
    mapping(address maker => uint256) sharesOf;
    mapping(address maker => uint256) addedAt;
}

/// @notice What happens to the accounts of one market, value in equal to value out. Nothing here calls anybody.
library PerpBook {
    using SafeCast for *;

    /// @dev Moves `gain` from the pool to a position, or a loss the other way, as far as either has it.
    /// @return shortfall What the payer did not have.
    function move(Book storage book, Position storage p, int256 gain) internal returns (uint256 shortfall) {
        uint256 amount = SignedMath.abs(gain);
        uint256 paid = Math.min(amount, gain > 0 ? book.poolMargin : p.margin);
        if (gain > 0) {
            book.poolMargin -= paid;
            p.margin += paid;
        } else {
            p.margin -= paid;
            book.poolMargin += paid;
        }
        return amount - paid;
    }

    /// @dev Takes `amount` of a position's margin out of it.
    function takeMargin(Position storage p, uint256 amount) internal {
        if (amount == 0) revert IReferencePerp.Perp_Nothing();
        uint256 have = p.margin;
        if (amount > have) revert IReferencePerp.Perp_Balance(msg.sender, have, amount);
        p.margin = have - amount;
    }

    /// @dev Brings the funding index to now, at the price `wad`.
    function accrue(Book storage book, uint256 wad, uint256 unit, uint256 scale, uint256 cap) internal {
        uint256 time = block.timestamp - book.accruedAt;
        if (time == 0) return;
        int256 skew = PerpMath.valueDown(skewOf(book), wad, unit);
        if (book.accruedAt != 0) book.index += PerpMath.fundingStep(skew, scale, cap, wad, time);
        book.accruedAt = block.timestamp;
    }

    /// @dev Marks a position's funding as paid. @return owed What it owes, rounded up; negative when it is owed.
    function settle(Book storage book, Position storage p, uint256 unit) internal returns (int256 owed) {
        owed = PerpMath.owedUp(p.size, book.index, p.index, unit);
        book.indexSum += p.size * (book.index - p.index);
        p.index = book.index;
    }

    /// @dev Opens or enlarges a settled position by `size` at the price `wad`.
    function enlarge(Book storage book, Position storage p, int256 size, uint256 wad, uint256 unit) internal {
        charge(book, p, PerpMath.valueUp(size, wad, unit));
        resize(book, p, size);
    }

    /// @dev Takes `size` (of the opposite sign, and no larger) off a settled position at the price `wad`.
    /// @return gain What the position gained by it, rounded down.
    function reduce(Book storage book, Position storage p, int256 size, uint256 wad, uint256 unit)
        internal
        returns (int256 gain)
    {
        int256 part = PerpMath.costPart(p.cost, SignedMath.abs(size), SignedMath.abs(p.size));
        gain = PerpMath.valueDown(-size, wad, unit) - part;
        p.drawn -= Math.mulDiv(p.drawn, SignedMath.abs(size), SignedMath.abs(p.size));
        charge(book, p, -part);
        resize(book, p, size);
    }

    /// @dev Lets a position cost `amount` more: it owes that to the pool, or has it from it when negative.
    function charge(Book storage book, Position storage p, int256 amount) internal {
        p.cost += amount;
        book.cost += amount;
    }

    /// @dev Leaves `lacking`, which the payer of a gain (or loss) did not have, in the position's cost as far as it may
    /// still be paid: by a position that is open, or a pool that is worth it at the price `wad`.
    /// @return shortfall The rest.
    function defer(Book storage book, Position storage p, uint256 lacking, bool wins, uint256 wad, uint256 unit)
        internal
        returns (uint256 shortfall)
    {
        bool open = p.size != 0;
        if (!open && !wins) return lacking;
        charge(book, p, wins ? -lacking.toInt256() : lacking.toInt256());
        if (open) return 0;
        int256 equity = poolEquity(book, wad, unit);
        if (equity >= 0) return 0;
        shortfall = Math.min(lacking, SignedMath.abs(equity));
        charge(book, p, shortfall.toInt256());
    }

    /// @dev Pays `amount` of what a settled position has from the pool at the price `wad` into its margin: the position then
    /// cost as much more. While it is open `drawn` remembers it, so that it is counted like the gain that is left.
    function draw(Book storage book, Position storage p, uint256 amount, uint256 wad, uint256 unit) internal {
        uint256 have = uint256(SignedMath.max(PerpMath.valueDown(p.size, wad, unit) - p.cost, 0));
        if (amount > have) revert IReferencePerp.Perp_Balance(msg.sender, p.margin + have, p.margin + amount);
        takeCash(book, amount);
        p.margin += amount;
        if (p.size != 0) p.drawn += amount;
        charge(book, p, amount.toInt256());
    }

    /// @dev Takes `amount` out of the pool's margin.
    function takeCash(Book storage book, uint256 amount) internal {
        uint256 have = book.poolMargin;
        if (amount > have) revert IReferencePerp.Perp_Balance(address(this), have, amount);
        book.poolMargin = have - amount;
    }

    /// @dev What the makers' pool is worth at the price `wad`, rounded down; negative when it is insolvent.
    function poolEquity(Book storage book, uint256 wad, uint256 unit) internal view returns (int256) {
        int256 skew = skewOf(book);
        int256 traded = PerpMath.valueDown(-skew, wad, unit) + book.cost;
        int256 funding = PerpMath.divDown(skew * book.index - book.indexSum, unit);
        return book.poolMargin.toInt256() + traded + funding;
    }

    /// @dev The traders' long sizes less their short ones.
    function skewOf(Book storage book) internal view returns (int256) {
        return book.long.toInt256() - book.short.toInt256();
    }

    function resize(Book storage book, Position storage p, int256 size) private {
        int256 was = p.size;
        int256 is_ = was + size;
        p.size = is_;
        if (was > 0) book.long -= uint256(was);
        else book.short -= uint256(-was);
        if (is_ > 0) book.long += uint256(is_);
        else book.short += uint256(-is_);
        book.indexSum += size * book.index;
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IReferencePerp, Position} from "../interfaces/IReferencePerp.sol";
import {Book, PerpBook} from "./PerpBook.sol";
import {Deal} from "./PerpDeal.sol";
import {PerpMath} from "./PerpMath.sol";

/// @notice Trades of a deal's account against the makers' pool, and who pays what they come to.
library PerpFill {
    using PerpBook for Book;

    /// @dev Settles funding, then trades `size` at `wad` and its impact.
    function fill(Book storage book, Deal memory deal, int256 size, uint256 wad, uint256 limit, bool paysGain)
        internal
    {
        settleFunding(book, deal);
        (uint256 paid, int256 gain) = trade(book, deal, size, wad, limit);
        if (gain > 0 && !paysGain) gain = 0;
        realise(book, deal, gain);
        takeFee(book, deal, size, wad);
        emit IReferencePerp.Filled(deal.account, deal.market, size, paid, gain);
    }

    function settleFunding(Book storage book, Deal memory deal) internal {
        realise(book, deal, -book.settle(book.positions[deal.account], deal.unit));
    }

    /// @dev Moves `gain` between pool and position; what will not be paid, the fund covers as far as it does.
    function realise(Book storage book, Deal memory deal, int256 gain) internal {
        Position storage p = book.positions[deal.account];
        uint256 lacking = book.move(p, gain);
        if (lacking == 0) return;
        uint256 shortfall = book.defer(p, lacking, gain > 0, deal.wad, deal.unit);
        if (shortfall == 0) return;
        uint256 covered = cover(book, deal, shortfall);
        if (gain > 0) p.margin += covered;
        else book.poolMargin += covered;
        emit IReferencePerp.BadDebt(deal.market, deal.account, shortfall, covered);
    }

    /// @dev Trades `size` at `wad` and its impact: first what reduces, then what enlarges.
    /// @return paid The price. @return gain What the position gained by what was reduced.
    function trade(Book storage book, Deal memory deal, int256 size, uint256 wad, uint256 limit)
        private
        returns (uint256 paid, int256 gain)
    {
        Position storage p = book.positions[deal.account];
        uint256 notional = PerpMath.notionalUp(size, wad, deal.unit);
        paid = PerpMath.fillPrice(size, wad, notional, deal.limits.depth);
        if (size > 0 ? paid > limit : paid < limit) revert IReferencePerp.Perp_Limit(paid, limit);
        int256 reduced = PerpMath.reducedBy(p.size, size);
        if (reduced != 0) gain = book.reduce(p, reduced, paid, deal.unit);
        if (size != reduced) book.enlarge(p, size - reduced, paid, deal.unit);
    }

    /// @dev The makers' fee for `size` at `wad`, as far as the margin goes.
    function takeFee(Book storage book, Deal memory deal, int256 size, uint256 wad) private {
        Position storage p = book.positions[deal.account];
        uint256 notional = PerpMath.notionalUp(size, wad, deal.unit);
        uint256 fee = Math.min(PerpMath.shareUp(deal.limits.fee, notional), p.margin);
        p.margin -= fee;
        book.poolMargin += fee;
    }

    // A fund that fails keeps nobody from closing. Whoever starves it of gas has too little left to go on: what follows
    // needs more than a 64th of what the fund does. What it pays is no inflow: it would let as much more leave.
    function cover(Book storage book, Deal memory deal, uint256 shortfall) private returns (uint256 covered) {
        uint256 held = deal.collateral.balanceOf(address(this));
        bytes32 lossId = keccak256(abi.encode(address(this), deal.market, ++book.losses));
        try deal.fund.cover(lossId, deal.market, shortfall) {} catch {}
        covered = deal.collateral.balanceOf(address(this)) - held;
    }
}

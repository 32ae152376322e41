// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Health} from "../interfaces/IHealthGate.sol";
import {IInsuranceFund} from "../interfaces/IInsuranceFund.sol";
import {IOracleAggregator, Status} from "../interfaces/IOracleAggregator.sol";
import {IPerpParameters, Limits} from "../interfaces/IPerpParameters.sol";
import {IReferencePerp, Position} from "../interfaces/IReferencePerp.sol";
import {FlowMath} from "./FlowMath.sol";
import {Book, PerpBook} from "./PerpBook.sol";
import {PerpMath} from "./PerpMath.sol";

/// @notice One call that touches `account`, at one price and under one set of limits.
struct Deal {
    bytes32 market;
    address account;
    uint256 wad;
    uint256 unit;
    IERC20 collateral;
    IInsuranceFund fund;
    Status status;
    Limits limits;
    Health before;
}

/// @notice What a call may do at its price, and how the accounts stand at it.
library PerpDeal {
    using PerpBook for Book;

    /* PRICES */

    /// @dev The price now; while halted, the last committed one.
    function markOf(IOracleAggregator oracle, bytes32 market) internal view returns (uint256 wad, Status status) {
        bool ok;
        (ok, wad,, status) = oracle.tryPrice(market);
        if (!ok) wad = _lastOf(oracle, market);
    }

    /// @dev Of the price now and the last committed one, the worse for the trader: nobody closes at a price that he knows
    /// to be late.
    function worse(Deal memory deal, IOracleAggregator oracle, bool buys) internal view returns (uint256) {
        uint256 last = _lastOf(oracle, deal.market);
        return buys ? Math.max(deal.wad, last) : Math.min(deal.wad, last);
    }

    /// @dev The order of statuses is from good to none.
    function requireBetterThan(Deal memory deal, Status status) internal pure {
        if (deal.status >= status) revert IReferencePerp.Perp_Price(deal.market, uint8(deal.status));
    }

    /* SHARES */

    /// @dev Gives the caller shares for `amount` of what the pool is worth.
    function mint(Book storage book, Deal memory deal, uint256 amount, uint256 offset)
        internal
        returns (uint256 shares)
    {
        shares = PerpMath.toSharesDown(amount, worth(book, deal), book.shares, offset);
        book.shares += shares;
        book.sharesOf[msg.sender] += shares;
        book.addedAt[msg.sender] = block.timestamp;
        book.poolMargin += amount;
    }

    /// @dev Takes shares of the caller. @return amount What they are worth, which is still in the pool.
    function burn(Book storage book, Deal memory deal, uint256 shares, uint256 offset)
        internal
        returns (uint256 amount)
    {
        uint256 readyAt = book.addedAt[msg.sender] + deal.limits.makerDelay;
        if (block.timestamp < readyAt) revert IReferencePerp.Perp_TooSoon(readyAt);
        uint256 have = book.sharesOf[msg.sender];
        if (shares > have) revert IReferencePerp.Perp_Balance(msg.sender, have, shares);
        amount = PerpMath.toAssetsDown(shares, worth(book, deal), book.shares, offset);
        book.sharesOf[msg.sender] = have - shares;
        book.shares -= shares;
    }

    /* LIMITS */

    function requireInterest(Book storage book, Deal memory deal, bool long) internal view {
        uint256 notional = PerpMath.notionalUp(int256(long ? book.long : book.short), deal.wad, deal.unit);
        uint256 cap = deal.limits.oiCap;
        if (notional > cap) revert IReferencePerp.Perp_OpenInterest(deal.market, notional, cap);
    }

    /// @dev How much of `size` the window still lets be liquidated; takes it.
    function takeWindow(Book storage book, Deal memory deal, uint256 size) internal returns (uint256 allowed) {
        uint256 notional = PerpMath.notionalUp(int256(size), deal.wad, deal.unit);
        uint256 cap = Math.min(deal.limits.liquidationCap, type(uint128).max);
        uint256 window = deal.limits.liquidationWindow;
        uint256 level = FlowMath.levelAt(book.liquidated, book.liquidatedAt, cap, window, block.timestamp);
        (uint256 newLevel, uint256 over) = FlowMath.fill(notional, level, cap);
        if (over != 0 && newLevel == level) revert IReferencePerp.Perp_LiquidationCap(deal.market, cap);
        allowed = over == 0 ? size : Math.mulDiv(size, notional - over, notional);
        (book.liquidated, book.liquidatedAt) = (newLevel, block.timestamp);
    }

    /// @dev Takes the penalty for `size` from the margin, and half of it for the fund. @return penalty All of it.
    function takePenalty(Book storage book, Deal memory deal, int256 size) internal returns (uint256 penalty) {
        Position storage p = book.positions[deal.account];
        uint256 notional = PerpMath.notionalUp(size, deal.wad, deal.unit);
        penalty = Math.min(PerpMath.shareUp(deal.limits.penalty, notional), p.margin);
        p.margin -= penalty;
        book.fees += penalty - penalty / 2;
    }

    /* HEALTH */

    function healthOf(
        Book storage book,
        IPerpParameters parameters,
        bytes32 market,
        address account,
        uint256 wad,
        uint256 unit
    ) internal view returns (Health memory) {
        Position memory p = book.positions[account];
        int256 own = int256(p.margin) - PerpMath.owedUp(p.size, book.index, p.index, unit);
        if (p.size == 0) return Health(own, own, 0);
        int256 gain = PerpMath.valueDown(p.size, wad, unit) - p.cost;
        return parameters.healthOf(market, own, gain, p.drawn, PerpMath.notionalUp(p.size, wad, unit));
    }

    function poolHealth(Book storage book, IPerpParameters parameters, Deal memory deal)
        internal
        view
        returns (Health memory)
    {
        uint256 notional = PerpMath.notionalUp(book.skewOf(), deal.wad, deal.unit);
        return parameters.healthOf(deal.market, book.poolEquity(deal.wad, deal.unit), 0, 0, notional);
    }

    /// @dev No account goes from here to less risk: it ends with its initial margin, or not at all.
    function riskless() internal pure returns (Health memory) {
        return Health(type(int256).max, 0, 0);
    }

    /// @dev Whether the pool has all of what its position is worth: no margin asks for more, so that none is calculated.
    function isCovered(Book storage book, Deal memory deal) internal view returns (bool) {
        uint256 notional = PerpMath.notionalUp(book.skewOf(), deal.wad, deal.unit);
        return book.poolEquity(deal.wad, deal.unit) >= int256(notional);
    }

    /// @dev What the makers' shares stand for.
    function worth(Book storage book, Deal memory deal) internal view returns (uint256) {
        int256 equity = book.poolEquity(deal.wad, deal.unit);
        if (equity < 0 || (equity == 0 && book.shares > 0)) revert IReferencePerp.Perp_Insolvent(deal.market);
        return uint256(equity);
    }

    function _lastOf(IOracleAggregator oracle, bytes32 market) private view returns (uint256 wad) {
        (wad,) = oracle.roundAt(market, oracle.lastRound(market));
    }
}

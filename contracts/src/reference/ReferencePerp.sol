// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";
import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";
import {IFlowLimiter} from "../interfaces/IFlowLimiter.sol";
import {Health, IHealthGate} from "../interfaces/IHealthGate.sol";
import {IInsuranceFund} from "../interfaces/IInsuranceFund.sol";
import {Fill, ILatencyBuffer, ILatencyHandler} from "../interfaces/ILatencyBuffer.sol";
import {IOracleAggregator, Status} from "../interfaces/IOracleAggregator.sol";
import {IPerpParameters} from "../interfaces/IPerpParameters.sol";
import {IReferencePerp, Modules, Order, Position} from "../interfaces/IReferencePerp.sol";
import {Book, PerpBook} from "../libraries/PerpBook.sol";
import {Deal, PerpDeal} from "../libraries/PerpDeal.sol";
import {PerpFill} from "../libraries/PerpFill.sol";
import {PerpLock} from "../libraries/PerpLock.sol";
import {PerpMath} from "../libraries/PerpMath.sol";
import {SelectorBreaker} from "../SelectorBreaker.sol";

/// @title ReferencePerp
contract ReferencePerp is IReferencePerp, SelectorBreaker {
    using SafeERC20 for IERC20;
    using SafeCast for *;
    using TransientSlot for *;
    using PerpBook for *;
    using PerpDeal for *;
    using PerpFill for Book;

    /* IMMUTABLES */

    IERC20 private immutable collateral;
    IOracleAggregator private immutable oracle;
    ILatencyBuffer private immutable buffer;
    bytes32 private immutable orderKind;
    IFlowLimiter private immutable limiter;
    IPerpParameters private immutable parameters;
    IInsuranceFund private immutable fund;
    IHealthGate private immutable gate;
    uint256 private immutable lockValue;
    uint256 private immutable shareOffset;
    /// What divides size times price into units of the collateral.
    uint256 private immutable unit;
    uint8 private immutable decimals;

    bytes32 private constant KEEPER = keccak256("testudo.ReferencePerp.keeper");

    /* STORAGE */

    mapping(bytes32 market => Book) private _books;
    mapping(bytes32 id => address) private _traders;
    /// @inheritdoc IReferencePerp
    mapping(address account => uint256) public balanceOf;

    /* CONSTRUCTOR */

    /// @param m The modules; the buffer's order kind has this contract as its handler.
    constructor(Modules memory m) SelectorBreaker(m.breaker) {
        (collateral, oracle, buffer, orderKind) = (m.collateral, m.oracle, m.buffer, m.orderKind);
        (limiter, parameters, fund, gate) = (m.limiter, m.parameters, m.fund, m.gate);
        (lockValue, shareOffset) = (m.lockValue, m.shareOffset);
        (decimals, unit) = (m.decimals, 10 ** (36 - m.decimals));
        // A queueing limiter takes what has to wait.
        m.collateral.forceApprove(address(m.limiter), type(uint256).max);
    }

    /* MODIFIERS */

    modifier locked() {
        _lock();
        _;
        PerpLock.release();
    }

    /* BALANCE */

    /// @inheritdoc IReferencePerp
    function deposit(uint256 amount) external whenLive locked returns (uint256 got) {
        uint256 held = collateral.balanceOf(address(this));
        collateral.safeTransferFrom(msg.sender, address(this), amount);
        got = collateral.balanceOf(address(this)) - held;
        balanceOf[msg.sender] += got;
        // A limiter that fails stops what leaves, not the margin that comes (SYS-07).
        try limiter.onInflow(address(collateral), got, msg.sender) {} catch {}
        emit Deposited(msg.sender, got);
    }

    /// @inheritdoc IReferencePerp
    function withdraw(uint256 amount) external whenLive locked {
        _take(msg.sender, amount);
        _pay(msg.sender, amount);
        emit Withdrawn(msg.sender, amount);
    }

    /* POSITIONS */

    /// @inheritdoc IReferencePerp
    function addMargin(bytes32 market, uint256 amount) external whenLive locked {
        _take(msg.sender, amount);
        _books[market].positions[msg.sender].margin += amount;
        emit MarginMoved(msg.sender, market, amount.toInt256());
    }

    /// @inheritdoc IReferencePerp
    function removeMargin(bytes32 market, uint256 amount) external whenLive locked {
        Position storage p = _books[market].positions[msg.sender];
        // Without a position there is nothing to keep margin for, and no price is needed.
        if (p.size != 0 || amount > p.margin) _removeMargin(_begin(msg.sender, market), p, amount);
        else p.takeMargin(amount);
        balanceOf[msg.sender] += amount;
        emit MarginMoved(msg.sender, market, -amount.toInt256());
    }

    /// @inheritdoc IReferencePerp
    function donate(bytes32 market, uint256 amount) external whenLive locked {
        Deal memory deal = _begin(msg.sender, market);
        deal.requireBetterThan(Status.DEGRADED);
        _books[market].positions[msg.sender].takeMargin(amount);
        _books[market].poolMargin += amount;
        _end(deal);
        emit Donated(msg.sender, market, amount);
    }

    /// @inheritdoc IReferencePerp
    function requestOrder(bytes32 market, int128 size, uint128 limit) external whenLive locked returns (bytes32 id) {
        if (size == 0) revert Perp_Nothing();
        if (buffer.kindOf(orderKind).market != market) revert Perp_Market(market);
        Order memory order = Order(msg.sender, market, size, limit);
        id = buffer.request(orderKind, abi.encode(order), parameters.keeperFeeOf(market).toUint128());
        _traders[id] = msg.sender;
        emit OrderRequested(id, order);
    }

    /// @inheritdoc IReferencePerp
    function executeOrder(bytes32 id, Order calldata order, uint64 round) external whenLive {
        KEEPER.asAddress().tstore(msg.sender);
        buffer.execute(id, abi.encode(order), round);
        KEEPER.asAddress().tstore(address(0));
    }

    /// @inheritdoc IReferencePerp
    function cancelOrder(bytes32 id) external whenLive locked {
        if (_traders[id] != msg.sender) revert Perp_NotAllowed(msg.sender);
        delete _traders[id];
        buffer.cancel(id);
        emit OrderCancelled(id);
    }

    /// @inheritdoc ILatencyHandler
    function onExecute(Fill calldata fill, bytes calldata payload, address keeper) external whenLive locked {
        if (msg.sender != address(buffer) || fill.owner != address(this)) revert Perp_NotAllowed(msg.sender);
        delete _traders[fill.id];
        Order memory order = abi.decode(payload, (Order));
        if (keeper == address(this)) keeper = KEEPER.asAddress().tload();
        Deal memory deal = _begin(address(0), order.market);
        deal.account = order.trader;
        _execute(deal, order, fill, keeper);
        _end(deal);
    }

    /// @inheritdoc IReferencePerp
    function closePosition(bytes32 market, uint256 limit) external whenLive locked {
        Deal memory deal = _begin(msg.sender, market);
        int256 size = -_books[market].positions[msg.sender].size;
        if (size == 0) revert Perp_Nothing();
        _books[market].fill(deal, size, deal.worse(oracle, size > 0), limit, deal.status < Status.FALLBACK);
        _end(deal);
    }

    /* LIQUIDATION */

    /// @inheritdoc IReferencePerp
    function liquidate(address account, bytes32 market, uint256 maxSize)
        external
        whenLive
        locked
        returns (uint256 closed)
    {
        Deal memory deal = _begin(account, market);
        deal.requireBetterThan(Status.HALTED);
        if (deal.before.excess >= 0) revert Perp_Healthy(account, deal.before.excess);
        Book storage book = _books[market];
        int256 held = book.positions[account].size;
        closed = book.takeWindow(deal, Math.min(SignedMath.abs(held), maxSize));
        if (closed == 0) revert Perp_Nothing();
        int256 size = held > 0 ? -int256(closed) : int256(closed);
        uint256 penalty = book.takePenalty(deal, size);
        balanceOf[msg.sender] += penalty / 2;
        book.fill(deal, size, deal.wad, size > 0 ? type(uint256).max : 0, true);
        _end(deal);
        emit Liquidated(account, market, msg.sender, size, penalty);
    }

    /// @inheritdoc IReferencePerp
    function deleverage(address account, bytes32 market) external whenLive locked {
        Deal memory deal = _begin(account, market);
        deal.requireBetterThan(Status.HALTED);
        Book storage book = _books[market];
        Position storage p = book.positions[account];
        // No more than the pool carries: closing its other side would leave it more.
        int256 size = PerpMath.reducedBy(book.skewOf(), -p.size);
        bool wins = PerpMath.valueDown(p.size, deal.wad, unit) > p.cost;
        if (size == 0 || !wins || book.poolHealth(parameters, deal).excess >= 0) {
            revert Perp_NoDeleverage(market, account);
        }
        book.settleFunding(deal);
        book.realise(deal, book.reduce(p, size, deal.wad, unit));
        emit Deleveraged(account, market, size);
    }

    /// @inheritdoc IReferencePerp
    function settleFunding(bytes32 market) external whenLive locked {
        _begin(address(0), market);
    }

    /* MAKERS */

    /// @inheritdoc IReferencePerp
    function addLiquidity(bytes32 market, uint256 amount) external whenLive locked returns (uint256 shares) {
        Deal memory deal = _begin(address(0), market);
        deal.requireBetterThan(Status.DEGRADED);
        shares = _books[market].mint(deal, amount, shareOffset);
        _take(msg.sender, amount);
        emit LiquidityMoved(msg.sender, market, shares.toInt256(), amount);
    }

    /// @inheritdoc IReferencePerp
    function removeLiquidity(bytes32 market, uint256 shares) external whenLive locked returns (uint256 amount) {
        Deal memory deal = _begin(address(0), market);
        deal.requireBetterThan(Status.DEGRADED);
        Book storage book = _books[market];
        deal.before = book.poolHealth(parameters, deal);
        amount = book.burn(deal, shares, shareOffset);
        _pay(msg.sender, amount);
        book.takeCash(amount);
        _requireAllowed(address(this), deal.before, book.poolHealth(parameters, deal));
        emit LiquidityMoved(msg.sender, market, -shares.toInt256(), amount);
    }

    /// @inheritdoc IReferencePerp
    function collectFees(bytes32 market) external whenLive locked {
        // What would have to wait would wait for nobody: a queue's payment is no pot's.
        uint256 fees = _books[market].fees;
        uint256 amount = Math.min(fees, limiter.available(address(collateral)));
        _books[market].fees = fees - amount;
        (uint256 passed,) = limiter.onOutflow(address(collateral), amount, address(fund));
        collateral.forceApprove(address(fund), passed);
        fund.addToPot(market, passed);
    }

    /* VIEWS */

    /// @inheritdoc IReferencePerp
    function modules() external view returns (Modules memory) {
        return Modules(
            collateral,
            decimals,
            oracle,
            buffer,
            orderKind,
            limiter,
            selectorBreaker,
            parameters,
            fund,
            gate,
            lockValue,
            shareOffset
        );
    }

    /// @inheritdoc IReferencePerp
    function accountHealth(address account, bytes32 market) external view returns (Health memory) {
        PerpLock.requireFree();
        (uint256 wad,) = oracle.markOf(market);
        return _books[market].healthOf(parameters, market, account, wad, unit);
    }

    /// @inheritdoc IReferencePerp
    function makerValue(address maker, bytes32 market) external view returns (uint256) {
        PerpLock.requireFree();
        Book storage book = _books[market];
        (uint256 wad,) = oracle.markOf(market);
        uint256 worth = SignedMath.max(book.poolEquity(wad, unit), 0).toUint256();
        if (book.sharesOf[maker] == 0) return 0;
        return PerpMath.toAssetsDown(book.sharesOf[maker], worth, book.shares, shareOffset);
    }

    /// @inheritdoc IReferencePerp
    function poolEquity(bytes32 market) external view returns (int256) {
        PerpLock.requireFree();
        (uint256 wad,) = oracle.markOf(market);
        return _books[market].poolEquity(wad, unit);
    }

    /// @inheritdoc IReferencePerp
    function positionOf(address account, bytes32 market) external view returns (Position memory) {
        return _books[market].positions[account];
    }

    /// @inheritdoc IReferencePerp
    function openInterest(bytes32 market) external view returns (uint256, uint256) {
        return (_books[market].long, _books[market].short);
    }

    /// @inheritdoc IReferencePerp
    function poolOf(bytes32 market) external view returns (uint256, uint256, uint256) {
        PerpLock.requireFree();
        return (_books[market].poolMargin, _books[market].fees, _books[market].shares);
    }

    /// @inheritdoc IReferencePerp
    function sharesOf(address maker, bytes32 market) external view returns (uint256) {
        return _books[market].sharesOf[maker];
    }

    /* INTERNAL: A DEAL */

    /// @dev Takes the price for the whole call, brings funding to now and looks at the account.
    function _begin(address account, bytes32 market) private returns (Deal memory deal) {
        (deal.market, deal.account, deal.unit) = (market, account, unit);
        (deal.collateral, deal.fund, deal.limits) = (collateral, fund, parameters.limitsOf(market));
        (deal.wad, deal.status) = oracle.markOf(market);
        _books[market].accrue(deal.wad, unit, deal.limits.skewScale, deal.limits.fundingCap);
        deal.before = _healthAt(deal);
    }

    /// @dev Whatever the call did to the account, it passes the health gate.
    function _end(Deal memory deal) private view {
        _requireAllowed(deal.account, deal.before, _healthAt(deal));
    }

    function _healthAt(Deal memory deal) private view returns (Health memory) {
        return _books[deal.market].healthOf(parameters, deal.market, deal.account, deal.wad, unit);
    }

    function _execute(Deal memory deal, Order memory order, Fill calldata fill, address keeper) private {
        Book storage book = _books[order.market];
        Position storage p = book.positions[order.trader];
        bool enlarges = PerpMath.reducedBy(p.size, order.size) != order.size;
        if (enlarges) {
            deal.requireBetterThan(Status.DEGRADED);
            if (fill.status != Status.OK) revert Perp_Price(order.market, uint8(fill.status));
            // New risk needs its initial margin, whatever there was before.
            deal.before = PerpDeal.riskless();
        } else {
            deal.before = _healthAt(deal);
        }
        // A round that is known by now is a free option: whoever waited for a better one gets the price of now.
        uint256 wad = order.size > 0 ? Math.max(fill.wad, deal.wad) : Math.min(fill.wad, deal.wad);
        book.fill(deal, order.size, wad, order.limit, true);
        uint256 fee = Math.min(fill.maxFee, p.margin);
        p.margin -= fee;
        balanceOf[keeper] += fee;
        if (enlarges) _requireRoom(deal, order.size > 0);
    }

    function _removeMargin(Deal memory deal, Position storage p, uint256 amount) private {
        deal.requireBetterThan(Status.DEGRADED);
        Book storage book = _books[deal.market];
        book.settleFunding(deal);
        if (amount > p.margin) book.draw(p, amount - p.margin, deal.wad, unit);
        p.takeMargin(amount);
        _end(deal);
    }

    /* INTERNAL: PRICES AND CHECKS */

    function _requireAllowed(address account, Health memory before, Health memory afterwards) private view {
        if (gate.allows(before, afterwards)) return;
        revert Perp_Unhealthy(account, afterwards.collateral, afterwards.initial);
    }

    function _lock() private {
        PerpLock.take(lockValue);
    }

    /// @dev The makers carry what the sides leave over: like any account they must be able to when it grows.
    function _requireRoom(Deal memory deal, bool long) private view {
        Book storage book = _books[deal.market];
        book.requireInterest(deal, long);
        int256 skew = book.skewOf();
        if (skew == 0 || (skew > 0) != long || book.isCovered(deal)) return;
        _requireAllowed(address(this), PerpDeal.riskless(), book.poolHealth(parameters, deal));
    }

    /* INTERNAL: BALANCES */

    function _take(address account, uint256 amount) private {
        uint256 have = balanceOf[account];
        if (amount == 0) revert Perp_Nothing();
        if (amount > have) revert Perp_Balance(account, have, amount);
        balanceOf[account] = have - amount;
    }

    function _pay(address to, uint256 amount) private {
        (uint256 passed,) = limiter.onOutflow(address(collateral), amount, to);
        if (passed > 0) collateral.safeTransfer(to, passed);
    }
}

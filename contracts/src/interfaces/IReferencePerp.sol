// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IFlowLimiter} from "./IFlowLimiter.sol";
import {Health, IHealthGate} from "./IHealthGate.sol";
import {IInsuranceFund} from "./IInsuranceFund.sol";
import {ILatencyBuffer, ILatencyHandler} from "./ILatencyBuffer.sol";
import {IOracleAggregator} from "./IOracleAggregator.sol";
import {IPerpParameters} from "./IPerpParameters.sol";

/// @notice A trader's position in one market. `size` in WAD of the base, positive long; `cost` what it cost and owes (a
/// closed one whose gain waits for the pool's money has a negative cost), `margin`, and `drawn`, the part of an
/// unrealised gain that was paid out already, in units of the collateral; `index` the funding index at which it was last
/// settled, a price in WAD.
struct Position {
    int256 size;
    int256 cost;
    int256 index;
    uint256 margin;
    uint256 drawn;
}

/// @notice An order of `trader` to change the position by `size`, at most (buying) or at least (selling) at `limit`, WAD.
struct Order {
    address trader;
    bytes32 market;
    int256 size;
    uint256 limit;
}

/// @notice What the exchange is built of. `lockValue` is what the reentrancy lock holds while it is taken, and
/// `shareOffset` the makers' virtual shares: 1 and 1e6, or 0 to go without.
struct Modules {
    IERC20 collateral;
    uint8 decimals;
    IOracleAggregator oracle;
    ILatencyBuffer buffer;
    bytes32 orderKind;
    IFlowLimiter limiter;
    address breaker;
    IPerpParameters parameters;
    IInsuranceFund fund;
    IHealthGate gate;
    uint256 lockValue;
    uint256 shareOffset;
}

/// @title ReferencePerp: a small perpetuals exchange that shows every module at work.
/// @notice Isolated markets on one ERC-20 as collateral. A trader deposits, gives margin to a position, and changes its
/// size by orders that are executed at a later price. The makers of a market share a pool that is the other side of
/// every position. What a position or the pool cannot pay at once stays in the position's cost as long as it may still be
/// paid. Who closes with a loss beyond his margin leaves bad debt: the insurance fund covers what it can, the rest falls
/// on the pool; what a pool that is worth nothing cannot pay falls on the winner.
/// @dev The modules may be replaced by ones that defend nothing: nothing here knows which it has. Not for value: it is a
/// target to rehearse on. `removeLiquidity` pays before it writes, as exchanges did that fell to read-only reentrancy:
/// the lock and the guarded views are what makes that safe here.
interface IReferencePerp is ILatencyHandler {
    /// @notice `account` paid in or took out `amount`.
    event Deposited(address indexed account, uint256 amount);
    event Withdrawn(address indexed account, uint256 amount);

    /// @notice The margin of a position changed by `amount` by its owner's will.
    event MarginMoved(address indexed account, bytes32 indexed market, int256 amount);

    /// @notice `account` gave `amount` of a position's margin to the makers.
    event Donated(address indexed account, bytes32 indexed market, uint256 amount);

    /// @notice An order waits; it was executed; it was taken back.
    event OrderRequested(bytes32 indexed id, Order order);
    event OrderCancelled(bytes32 indexed id);

    /// @notice The position of `account` changed by `size` at the price `wad`, and `gain` was realised.
    event Filled(address indexed account, bytes32 indexed market, int256 size, uint256 wad, int256 gain);

    /// @notice `size` of the position was liquidated for `penalty`.
    event Liquidated(
        address indexed account, bytes32 indexed market, address indexed by, int256 size, uint256 penalty
    );

    /// @notice The position of a winner changed by `size` because the pool could not carry it.
    event Deleveraged(address indexed account, bytes32 indexed market, int256 size);

    /// @notice A payer lacked `shortfall` for good, of which the insurance fund paid `covered`; the rest is the receiver's loss.
    event BadDebt(bytes32 indexed market, address indexed account, uint256 shortfall, uint256 covered);

    /// @notice `maker` has `shares` more or less, for `assets`.
    event LiquidityMoved(address indexed maker, bytes32 indexed market, int256 shares, uint256 assets);

    /// @notice The call came back in before the one before had ended, or asks in the middle of one.
    error Perp_Reentered();

    /// @notice `account` has less than `need`.
    error Perp_Balance(address account, uint256 have, uint256 need);

    /// @notice The account would be left with less than it needs; the exchange's own address stands for the makers' pool.
    error Perp_Unhealthy(address account, int256 collateral, uint256 initial);

    /// @notice The price is of `status`: risk cannot be opened, or a position not be liquidated.
    error Perp_Price(bytes32 market, uint8 status);

    /// @notice The price of the fill, `wad`, is beyond the order's limit.
    error Perp_Limit(uint256 wad, uint256 limit);

    /// @notice The traders of one side would hold more than `cap`.
    error Perp_OpenInterest(bytes32 market, uint256 notional, uint256 cap);

    /// @notice The account has what it needs, so that it cannot be liquidated.
    error Perp_Healthy(address account, int256 excess);

    /// @notice The window's liquidations are used up.
    error Perp_LiquidationCap(bytes32 market, uint256 cap);

    /// @notice The pool carries its positions, or this one is no winner or not on the side that it carries.
    error Perp_NoDeleverage(bytes32 market, address account);

    /// @notice There is no position, or the amount is zero.
    error Perp_Nothing();

    /// @notice Only the trader may cancel, only the buffer executes, and only orders that were made here.
    error Perp_NotAllowed(address caller);

    /// @notice Orders are executed at the price of another market.
    error Perp_Market(bytes32 market);

    /// @notice The maker added to the pool not long ago: his shares stay until `readyAt`.
    error Perp_TooSoon(uint256 readyAt);

    /// @notice The pool is worth nothing: no share has a price.
    error Perp_Insolvent(bytes32 market);

    /// @notice Pays in up to `amount` of the collateral; what arrives counts. @return got What arrived.
    function deposit(uint256 amount) external returns (uint256 got);

    /// @notice Takes out `amount` of what is not in a position; beyond the flow limit it reverts or waits in the limiter.
    function withdraw(uint256 amount) external;

    /// @notice Moves `amount` of the caller's balance to the position in `market`.
    function addMargin(bytes32 market, uint256 amount) external;

    /// @notice Moves `amount` of the position's margin to the caller's balance, and of its unrealised or unpaid gain where
    /// the margin is less and the pool has it; the position keeps its initial margin.
    function removeMargin(bytes32 market, uint256 amount) external;

    /// @notice Orders a change of the caller's position by `size`, to be executed at the first price after the delay.
    function requestOrder(bytes32 market, int128 size, uint128 limit) external returns (bytes32 id);

    /// @notice Executes an order at the price of `round`; the caller is the keeper.
    function executeOrder(bytes32 id, Order calldata order, uint64 round) external;

    /// @notice Takes an order back before it is executed. Its trader.
    function cancelOrder(bytes32 id) external;

    /// @notice Closes the caller's position now, at the worse of the price and the last committed one. Without a price, at
    /// the last committed one; then, and on a fallback, a gain is not paid.
    function closePosition(bytes32 market, uint256 limit) external;

    /// @notice Closes up to `maxSize` of a position that lacks maintenance margin, as far as the window has room. Anyone.
    function liquidate(address account, bytes32 market, uint256 maxSize) external returns (uint256 closed);

    /// @notice Closes a winner's position, up to what the pool carries, while the pool lacks the margin for it. Anyone.
    function deleverage(address account, bytes32 market) external;

    /// @notice Brings the funding of `market` to now. Anyone.
    function settleFunding(bytes32 market) external;

    /// @notice Gives `amount` of the position's margin to the makers; the position keeps its initial margin.
    function donate(bytes32 market, uint256 amount) external;

    /// @notice Gives `amount` of the caller's balance to the pool for a share of it, all of which then stays for a while:
    /// nobody comes for one good trade, that a waiting order tells him of, and leaves with a part of it.
    function addLiquidity(bytes32 market, uint256 amount) external returns (uint256 shares);

    /// @notice Pays out a part of the pool; the pool keeps initial margin for the positions it carries.
    function removeLiquidity(bytes32 market, uint256 shares) external returns (uint256 amount);

    /// @notice Sends the liquidation fees of `market` to the insurance fund, as far as the flow limit has room. Anyone.
    function collectFees(bytes32 market) external;

    /// @notice What the exchange is built of.
    function modules() external view returns (Modules memory);

    /// @notice How an account stands at the price now, or the last one without it. This and what tells of the pool revert in
    /// the middle of a call, for other protocols' sake.
    function accountHealth(address account, bytes32 market) external view returns (Health memory);

    /// @notice What a maker's shares are worth.
    function makerValue(address maker, bytes32 market) external view returns (uint256);

    /// @notice What the makers' pool is worth.
    function poolEquity(bytes32 market) external view returns (int256);

    /// @notice A position as it was last settled.
    function positionOf(address account, bytes32 market) external view returns (Position memory);

    /// @notice The traders' long and short sizes; the pool holds the difference.
    function openInterest(bytes32 market) external view returns (uint256 long, uint256 short);

    /// @notice The pool's margin and the fees set aside, in units of the collateral.
    function poolOf(bytes32 market) external view returns (uint256 margin, uint256 fees, uint256 shares);

    /// @notice The shares of `maker`.
    function sharesOf(address maker, bytes32 market) external view returns (uint256);

    /// @notice What `account` can withdraw or give to a position.
    function balanceOf(address account) external view returns (uint256);
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SelectorBreaker} from "@testudo/contracts/src/SelectorBreaker.sol";
import {IFlowLimiter} from "@testudo/contracts/src/interfaces/IFlowLimiter.sol";
import {IOracleAggregator, Status} from "@testudo/contracts/src/interfaces/IOracleAggregator.sol";

/// @title GuardedVault: lends one token against another, without interest.
/// @notice Three lines of Testudo carry the defence, each marked below:
/// 1. `whenLive` on every function that moves anything: guardians pause one function, for a time. Those that lower risk
///    are registered as exempt (see script/Deploy.s.sol) and only a full halt stops them.
/// 2. `limiter` hears of every flow in and out: what leaves in a window is bounded, whatever else goes wrong.
/// 3. `oracle` has the price: new risk needs the status OK, liquidation any price that is served.
/// @dev Both tokens have the same decimals, take no fee and call nobody back.
contract GuardedVault is SelectorBreaker, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /* IMMUTABLES */

    IERC20 public immutable collateral;
    IERC20 public immutable money;
    IOracleAggregator public immutable oracle;
    bytes32 public immutable market;
    IFlowLimiter public immutable limiter;

    uint256 private constant WAD = 1e18;
    /// Debt may reach this part of the collateral's value.
    uint256 public constant MAX_LTV = 0.8e18;
    /// A liquidator gets this much collateral for 1 of debt.
    uint256 public constant LIQUIDATION_PRICE = 1.05e18;

    /* STORAGE */

    mapping(address account => uint256) public collateralOf;
    mapping(address account => uint256) public debtOf;

    /* EVENTS AND ERRORS */

    event Deposited(address indexed from, address indexed account, uint256 amount);
    event Withdrawn(address indexed account, uint256 amount);
    event Borrowed(address indexed account, uint256 amount);
    event Repaid(address indexed from, address indexed account, uint256 amount);
    event Liquidated(address indexed by, address indexed account, uint256 repaid, uint256 seized);

    error Vault_Decimals(address collateral, address money);
    error Vault_RiskClosed(Status status);
    error Vault_Unhealthy(address account, uint256 debt, uint256 max);
    error Vault_Healthy(address account, uint256 debt, uint256 max);

    /* CONSTRUCTOR */

    constructor(
        address breaker,
        IFlowLimiter limiter_,
        IOracleAggregator oracle_,
        bytes32 market_,
        IERC20Metadata collateral_,
        IERC20Metadata money_
    ) SelectorBreaker(breaker) {
        if (collateral_.decimals() != money_.decimals()) {
            revert Vault_Decimals(address(collateral_), address(money_));
        }
        (limiter, oracle, market, collateral, money) = (limiter_, oracle_, market_, collateral_, money_);
        // In QUEUE mode the limiter takes what has to wait into its own keeping.
        collateral_.approve(address(limiter_), type(uint256).max);
        money_.approve(address(limiter_), type(uint256).max);
    }

    /* NEW RISK AND OUTFLOW: guarded */

    /// @notice Takes collateral back.
    function withdraw(uint256 amount) external whenLive nonReentrant {
        collateralOf[msg.sender] -= amount;
        _requireHealthy(msg.sender);
        emit Withdrawn(msg.sender, amount);
        _pay(collateral, amount, msg.sender);
    }

    /// @notice Borrows against the caller's collateral.
    function borrow(uint256 amount) external whenLive nonReentrant {
        debtOf[msg.sender] += amount;
        _requireHealthy(msg.sender);
        emit Borrowed(msg.sender, amount);
        _pay(money, amount, msg.sender);
    }

    /* RISK REDUCTION: exempt */

    /// @notice Adds collateral of the caller's for `account`.
    function deposit(uint256 amount, address account) external whenLive nonReentrant {
        collateralOf[account] += amount;
        emit Deposited(msg.sender, account, amount);
        _take(collateral, amount);
    }

    /// @notice Repays debt of `account`, at most all of it.
    function repay(uint256 amount, address account) external whenLive nonReentrant {
        amount = Math.min(amount, debtOf[account]);
        debtOf[account] -= amount;
        emit Repaid(msg.sender, account, amount);
        _take(money, amount);
    }

    /// @notice Repays debt of an unhealthy `account` for its collateral at a discount. Any price that the oracle serves
    /// will do, DEGRADED and FALLBACK too; only HALTED reverts.
    function liquidate(address account, uint256 amount) external whenLive nonReentrant {
        (uint256 price,,) = oracle.price(market); // (3)
        uint256 max = _maxDebt(account, price);
        if (debtOf[account] <= max) revert Vault_Healthy(account, debtOf[account], max);
        amount = Math.min(amount, debtOf[account]);
        uint256 seized = Math.min(Math.mulDiv(amount, LIQUIDATION_PRICE, price), collateralOf[account]);
        debtOf[account] -= amount;
        collateralOf[account] -= seized;
        emit Liquidated(msg.sender, account, amount, seized);
        _take(money, amount);
        _pay(collateral, seized, msg.sender);
    }

    /* INTERNAL */

    function _requireHealthy(address account) private view {
        uint256 debt = debtOf[account];
        // Who owes nothing gets the collateral back without a price.
        if (debt == 0) return;
        (uint256 price,, Status status) = oracle.price(market); // (3)
        if (status != Status.OK) revert Vault_RiskClosed(status);
        uint256 max = _maxDebt(account, price);
        if (debt > max) revert Vault_Unhealthy(account, debt, max);
    }

    function _maxDebt(address account, uint256 price) private view returns (uint256) {
        return Math.mulDiv(Math.mulDiv(collateralOf[account], price, WAD), MAX_LTV, WAD);
    }

    function _take(IERC20 token, uint256 amount) private {
        token.safeTransferFrom(msg.sender, address(this), amount);
        limiter.onInflow(address(token), amount, msg.sender); // (2)
    }

    function _pay(IERC20 token, uint256 amount, address to) private {
        (uint256 passed,) = limiter.onOutflow(address(token), amount, to); // (2)
        token.safeTransfer(to, passed);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20, IERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Guarded} from "../../../../contracts/src/Guarded.sol";
import {ICircuitBreaker} from "../../../../contracts/src/interfaces/ICircuitBreaker.sol";
import {IFlowLimiter} from "../../../../contracts/src/interfaces/IFlowLimiter.sol";
import {IMorphoCore, MarketParams} from "./IMorphoCore.sol";

/// @title LendingDesk: lends its depositors' money through one market of Morpho Blue, just in time.
/// @notice The money waits here and not in the market. A loan made here brings its own amount into the market and takes
/// it out again in one transaction, so that whoever calls Morpho directly finds nothing of the depositors' to borrow but
/// what direct repayments and liquidations left there since the last `sweep`. What leaves through the desk passes a
/// FlowLimiter; every function that lets money out asks an external CircuitBreaker; deposits end at a cap.
/// @dev Borrowers authorise the desk in Morpho: it borrows for its caller, to its caller, and does nothing else with that
/// right. Assumptions: the tokens move what they are told (no fee, no hook); the limiter's mode is REVERT.
contract LendingDesk is ERC4626, Guarded, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /* IMMUTABLES */

    /// @notice Morpho Blue.
    IMorphoCore public immutable morpho;
    /// @notice What bounds the flow out of here.
    IFlowLimiter public immutable limiter;
    /// @notice The most that depositors may have here, in the loan token's units.
    uint256 public immutable depositCap;

    address private immutable _collateralToken;
    address private immutable _oracle;
    address private immutable _irm;
    uint256 private immutable _lltv;
    bytes32 private immutable _id;

    /// @notice The limiter queues instead of refusing.
    error Desk_LimiterQueues(uint256 queued);

    /* CONSTRUCTOR */

    constructor(
        IMorphoCore morpho_,
        MarketParams memory p,
        ICircuitBreaker breaker_,
        IFlowLimiter limiter_,
        uint256 depositCap_
    ) ERC20("Testudo lending desk", "DESK") ERC4626(IERC20(p.loanToken)) Guarded(breaker_) {
        (morpho, limiter, depositCap) = (morpho_, limiter_, depositCap_);
        (_collateralToken, _oracle, _irm, _lltv) = (p.collateralToken, p.oracle, p.irm, p.lltv);
        _id = keccak256(abi.encode(p));
        IERC20(p.loanToken).forceApprove(address(morpho_), type(uint256).max);
        IERC20(p.collateralToken).forceApprove(address(morpho_), type(uint256).max);
    }

    /* BORROWERS */

    /// @notice Lends `assets` to the caller, whose position in the market is the security.
    function borrow(uint256 assets) external whenAllowed nonReentrant {
        _out(assets, msg.sender);
        morpho.supply(params(), assets, 0, address(this), "");
        morpho.borrow(params(), assets, 0, msg.sender, msg.sender);
    }

    /// @notice Repays `assets` of the debt of `onBehalf` with the caller's money.
    function repay(uint256 assets, address onBehalf) external whenNotHalted nonReentrant {
        IERC20(asset()).safeTransferFrom(msg.sender, address(this), assets);
        morpho.repay(params(), assets, 0, onBehalf, "");
        _sweep();
        limiter.onInflow(asset(), assets, msg.sender);
    }

    /// @notice Adds `assets` of the caller's collateral to the position of `onBehalf`.
    function supplyCollateral(uint256 assets, address onBehalf) external whenNotHalted nonReentrant {
        IERC20(_collateralToken).safeTransferFrom(msg.sender, address(this), assets);
        morpho.supplyCollateral(params(), assets, onBehalf, "");
    }

    /// @notice Takes out of the market what is the desk's and not lent. Anyone.
    function sweep() external whenNotHalted nonReentrant {
        morpho.accrueInterest(params());
        _sweep();
    }

    /* DEPOSITORS */

    function deposit(uint256 assets, address to) public override whenNotHalted nonReentrant returns (uint256) {
        morpho.accrueInterest(params());
        return super.deposit(assets, to);
    }

    function mint(uint256 shares, address to) public override whenNotHalted nonReentrant returns (uint256) {
        morpho.accrueInterest(params());
        return super.mint(shares, to);
    }

    function withdraw(uint256 assets, address to, address owner)
        public
        override
        whenAllowed
        nonReentrant
        returns (uint256)
    {
        morpho.accrueInterest(params());
        return super.withdraw(assets, to, owner);
    }

    function redeem(uint256 shares, address to, address owner)
        public
        override
        whenAllowed
        nonReentrant
        returns (uint256)
    {
        morpho.accrueInterest(params());
        return super.redeem(shares, to, owner);
    }

    /* VIEWS */

    /// @notice The market that is lent through.
    function params() public view returns (MarketParams memory) {
        return MarketParams(asset(), _collateralToken, _oracle, _irm, _lltv);
    }

    /// @notice What is here and what is lent, interest up to the market's last call.
    function totalAssets() public view override returns (uint256) {
        return IERC20(asset()).balanceOf(address(this)) + _placed();
    }

    function maxDeposit(address) public view override returns (uint256) {
        return Math.saturatingSub(depositCap, totalAssets());
    }

    function maxMint(address to) public view override returns (uint256) {
        return convertToShares(maxDeposit(to));
    }

    /// @dev `maxWithdraw` follows. What is lent cannot leave, nor what the limiter holds back.
    function maxRedeem(address owner) public view override returns (uint256) {
        uint256 here = IERC20(asset()).balanceOf(address(this)) + _idle();
        return Math.min(super.maxRedeem(owner), convertToShares(Math.min(here, limiter.available(asset()))));
    }

    /* INTERNAL */

    function _deposit(address from, address to, uint256 assets, uint256 shares) internal override {
        super._deposit(from, to, assets, shares);
        limiter.onInflow(asset(), assets, from);
    }

    function _withdraw(address caller, address to, address owner, uint256 assets, uint256 shares) internal override {
        _out(assets, to);
        _sweep();
        super._withdraw(caller, to, owner, assets, shares);
    }

    function _out(uint256 assets, address to) private {
        (, uint256 queued) = limiter.onOutflow(asset(), assets, to);
        if (queued != 0) revert Desk_LimiterQueues(queued);
    }

    function _sweep() private {
        uint256 amount = _idle();
        if (amount > 0) morpho.withdraw(params(), amount, 0, address(this), address(this));
    }

    /// @dev What the desk has in the market, rounded down as Morpho would pay it (its virtual share and asset included).
    function _placed() private view returns (uint256) {
        (uint256 assets, uint256 shares,,,,) = morpho.market(_id);
        (uint256 own,,) = morpho.position(_id, address(this));
        return Math.mulDiv(own, assets + 1, shares + 1e6);
    }

    function _idle() private view returns (uint256) {
        (uint256 supplied,, uint256 borrowed,,,) = morpho.market(_id);
        return Math.min(_placed(), supplied - borrowed);
    }

    /// @dev So that a first depositor cannot raise the share price against the next.
    function _decimalsOffset() internal pure override returns (uint8) {
        return 6;
    }
}

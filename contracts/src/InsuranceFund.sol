// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IAccountable} from "./interfaces/IAccountable.sol";
import {IInsuranceFund, Loss} from "./interfaces/IInsuranceFund.sol";
import {ITranche} from "./interfaces/ITranche.sol";
import {Layers, Payment, Waterfall} from "./libraries/Waterfall.sol";
import {Why} from "./libraries/Why.sol";
import {Tranche} from "./Tranche.sol";

/// @title InsuranceFund
contract InsuranceFund is IInsuranceFund, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    struct Market {
        uint16 capBps;
        uint240 taken;
    }

    /// @dev A row of open losses that overlap: redemptions are held from `start` until `end`.
    struct Row {
        uint40 start;
        uint40 end;
        uint40 nextAt;
        uint32 open;
    }

    /* IMMUTABLES */

    /// @inheritdoc IInsuranceFund
    address public immutable protectedContract;
    /// @inheritdoc IInsuranceFund
    address public immutable council;
    /// @inheritdoc IInsuranceFund
    address public immutable timelock;
    /// @inheritdoc IInsuranceFund
    address public immutable asset;
    /// @inheritdoc IInsuranceFund
    ITranche public immutable junior;
    /// @inheritdoc IInsuranceFund
    ITranche public immutable senior;

    /// The end of a loss that was closed: before every row, and not the 0 of one that never was.
    uint40 private constant CLOSED = 1;
    uint40 private constant UNCONFIRMED = 7 days;
    uint40 private constant CONFIRMED = 30 days;
    uint40 private constant ROW_EVERY = 30 days;

    /* STORAGE */

    Row private _row;
    /// @inheritdoc IInsuranceFund
    bytes32 public pendingLoss;
    /// @inheritdoc IInsuranceFund
    uint256 public firstLoss;
    /// @inheritdoc IInsuranceFund
    mapping(bytes32 market => uint256) public potOf;
    /// @inheritdoc IInsuranceFund
    mapping(bytes32 market => Market) public marketOf;
    mapping(bytes32 lossId => Loss) private _losses;

    /* CONSTRUCTOR */

    /// @param protected_ Whose losses are paid. @param asset_ The ERC-20 of deposits and payments.
    constructor(address protected_, IERC20 asset_, address council_, address timelock_) {
        (protectedContract, council, timelock, asset) = (protected_, council_, timelock_, address(asset_));
        junior = new Tranche(asset_, "Testudo Junior Tranche", "tJUN");
        senior = new Tranche(asset_, "Testudo Senior Tranche", "tSEN");
    }

    /* MODIFIERS */

    modifier onlyTimelock(Why calldata why) {
        if (msg.sender != timelock) revert Fund_NotAllowed(msg.sender);
        _requireEvidence(why);
        _;
    }

    /* TIMELOCK FUNCTIONS */

    /// @inheritdoc IInsuranceFund
    function confirmLoss(bytes32 lossId, Why calldata why) external onlyTimelock(why) {
        Loss storage loss = _open(lossId);
        if (block.timestamp >= loss.until) revert Fund_LossNotOpen(lossId);
        loss.until = uint40(block.timestamp) + CONFIRMED;
        _row.end = uint40(Math.max(_row.end, loss.until));
        _freeze();
        emit LossConfirmed(lossId, loss.until);
        emit Tightened(msg.sender, lossId, why.reason, why.evidence);
    }

    /// @inheritdoc IInsuranceFund
    function setMarketCap(bytes32 market, uint16 bps, Why calldata why) external onlyTimelock(why) {
        if (bps > Waterfall.BPS) revert Fund_BadCap(bps);
        uint256 before = marketLeft(market);
        marketOf[market] = Market(bps, 0);
        emit MarketCapSet(market, bps);
        if (marketLeft(market) > before) emit Loosened(msg.sender, market, why.reason, why.evidence);
        else emit Tightened(msg.sender, market, why.reason, why.evidence);
    }

    /// @inheritdoc IInsuranceFund
    function withdrawFirstLoss(uint256 amount, address to, Why calldata why) external onlyTimelock(why) nonReentrant {
        if (block.timestamp < _row.end) revert Fund_LossPending(pendingLoss);
        firstLoss -= amount;
        emit FirstLossChanged(firstLoss);
        emit Loosened(msg.sender, bytes32(bytes20(address(this))), why.reason, why.evidence);
        IERC20(asset).safeTransfer(to, amount);
    }

    /* GUARDIAN AND PROTECTED CONTRACT'S FUNCTIONS */

    /// @inheritdoc IInsuranceFund
    function openLoss(bytes32 lossId, bytes32 market, uint256 estimate, Why calldata why) external {
        if (msg.sender != council && msg.sender != protectedContract && msg.sender != timelock) {
            revert Fund_NotAllowed(msg.sender);
        }
        _requireEvidence(why);
        if (_losses[lossId].until != 0 || _losses[lossId].isUsed) revert Fund_LossUsed(lossId);
        if (marketLeft(market) == 0) revert Fund_MarketCap(market, 0);
        uint40 until = _joinRow();
        _losses[lossId] = Loss(market, until, false);
        pendingLoss = lossId;
        _freeze();
        emit LossOpened(lossId, market, estimate, until);
        emit Tightened(msg.sender, lossId, why.reason, why.evidence);
    }

    /// @inheritdoc IInsuranceFund
    function closeLoss(bytes32 lossId, Why calldata why) external {
        Loss storage loss = _open(lossId);
        // Nobody waits for an expired loss, so anyone may take it off the row.
        bool mayClose = msg.sender == timelock || msg.sender == protectedContract || block.timestamp >= loss.until;
        if (!mayClose) revert Fund_NotAllowed(msg.sender);
        _requireEvidence(why);
        _close(lossId, loss);
        emit Loosened(msg.sender, lossId, why.reason, why.evidence);
    }

    /// @inheritdoc IInsuranceFund
    function cover(bytes32 lossId, bytes32 market, uint256 amount) external nonReentrant returns (uint256 paid) {
        if (msg.sender != protectedContract) revert Fund_NotAllowed(msg.sender);
        Loss storage loss = _losses[lossId];
        // For whichever market it was opened: guardians who name a loss before it comes do not stop its cover.
        if (loss.isUsed) revert Fund_LossUsed(lossId);
        loss.isUsed = true;
        Layers memory layers = _layers(market);
        Market memory m = marketOf[market];
        Payment memory p = Waterfall.split(amount, Waterfall.capLeft(m.capBps, m.taken, layers), layers);
        paid = amount - p.residual;
        if (paid > p.fromPot) marketOf[market].taken = SafeCast.toUint240(m.taken + paid - p.fromPot);
        if (p.fromPot > 0) potOf[market] = layers.pot - p.fromPot;
        if (p.fromProtocol > 0) firstLoss = layers.firstLoss - p.fromProtocol;
        emit Covered(lossId, p.fromPot, p.fromProtocol, p.fromJunior, p.fromSenior, p.residual);
        _pay(p);
        if (loss.until > _row.start) _close(lossId, loss);
    }

    /* FUNCTIONS FOR ALL */

    /// @inheritdoc IInsuranceFund
    function addToPot(bytes32 market, uint256 amount) external nonReentrant {
        uint256 got = _take(amount);
        potOf[market] += got;
        emit PotFilled(market, got);
    }

    /// @inheritdoc IInsuranceFund
    function addFirstLoss(uint256 amount) external nonReentrant {
        firstLoss += _take(amount);
        emit FirstLossChanged(firstLoss);
    }

    /* VIEWS */

    /// @inheritdoc IInsuranceFund
    function marketLeft(bytes32 market) public view returns (uint256) {
        Market memory m = marketOf[market];
        return Waterfall.capLeft(m.capBps, m.taken, _layers(market));
    }

    /// @inheritdoc IInsuranceFund
    function lossOf(bytes32 lossId) external view returns (Loss memory) {
        return _losses[lossId];
    }

    /// @inheritdoc IAccountable
    function healthy() external view returns (bool, bytes32) {
        if (protectedContract.code.length == 0) return (false, "protected has no code");
        if (council.code.length == 0) return (false, "council has no code");
        if (timelock.code.length == 0) return (false, "timelock has no code");
        if (asset.code.length == 0) return (false, "asset has no code");
        return (true, 0);
    }

    /* INTERNAL */

    function _layers(bytes32 market) private view returns (Layers memory) {
        return Layers(potOf[market], firstLoss, junior.totalAssets(), senior.totalAssets());
    }

    // The tranches pay before the pots: whoever a token's hook wakes finds them paid.
    function _pay(Payment memory p) private {
        if (p.fromJunior > 0) junior.slash(protectedContract, p.fromJunior);
        if (p.fromSenior > 0) senior.slash(protectedContract, p.fromSenior);
        uint256 own = p.fromPot + p.fromProtocol;
        if (own > 0) IERC20(asset).safeTransfer(protectedContract, own);
    }

    function _take(uint256 amount) private returns (uint256) {
        uint256 before = IERC20(asset).balanceOf(address(this));
        IERC20(asset).safeTransferFrom(msg.sender, address(this), amount);
        return IERC20(asset).balanceOf(address(this)) - before;
    }

    /// @dev Begins a row of open losses, or joins the one that runs, whose end an unconfirmed loss does not move.
    function _joinRow() private returns (uint40 until) {
        Row memory row = _row;
        uint40 nowAt = uint40(block.timestamp);
        if (nowAt >= row.end) {
            if (nowAt < row.nextAt && msg.sender != timelock) revert Fund_TooSoon(row.nextAt);
            row = Row(nowAt, nowAt + UNCONFIRMED, nowAt + ROW_EVERY, 0);
        }
        ++row.open;
        _row = row;
        return uint40(Math.min(row.end, nowAt + UNCONFIRMED));
    }

    /// @dev A loss of the row that runs, or ran last, which nobody covered or closed.
    function _open(bytes32 lossId) private view returns (Loss storage loss) {
        loss = _losses[lossId];
        if (loss.until <= _row.start) revert Fund_LossNotOpen(lossId);
    }

    function _close(bytes32 lossId, Loss storage loss) private {
        loss.until = CLOSED;
        // Never later than it was: a window would begin anew.
        if (--_row.open == 0) _row.end = uint40(Math.min(_row.end, block.timestamp));
        _freeze();
        emit LossClosed(lossId);
    }

    function _freeze() private {
        (uint40 start, uint40 end) = (_row.start, _row.end);
        junior.freeze(start, end);
        senior.freeze(start, end);
    }

    function _requireEvidence(Why calldata why) private pure {
        if (why.evidence == 0) revert Fund_NoEvidence();
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

interface ISpotOracle {
    /// @notice Money for one whole underlying, WAD.
    function spotWad() external view returns (uint256);
}

/// @notice A vault that sells European calls on what it holds, one series at a time. Depositors share the premiums and bear
/// what holders are paid; a call is covered by one underlying, and is paid in it. Everybody may call what is not the
/// manager's. It trusts its oracle's price of the moment, for the premium and for the settlement: that is its weakness.
contract CoveredCallVault is ERC20 {
    using SafeERC20 for IERC20;

    struct Series {
        uint256 strikeWad;
        uint256 expiry;
        uint256 outstanding; // calls that holders have, in units of the underlying
        uint256 settledWad; // 0 before settlement
    }

    uint256 private constant WAD = 1e18;
    uint256 private constant YEAR = 365 days;
    /// 1/√(2π): what an at-the-money option is worth of σ·√T (Brenner and Subrahmanyam 1988).
    uint256 private constant AT_THE_MONEY = 0.398942280401432678e18;
    /// Holders have as long to exercise; afterwards a new series may be opened.
    uint256 public constant EXERCISE_PERIOD = 1 days;

    IERC20 public immutable underlying;
    IERC20 public immutable money;
    /// What turns WAD of money for WAD of underlying into its units.
    uint256 public immutable moneyUnit;
    ISpotOracle public immutable oracle;
    address public immutable manager;
    /// A year, in WAD, set by the manager.
    uint256 public volatilityWad;

    Series private _series;
    uint256 private _round;
    mapping(uint256 round => mapping(address holder => uint256)) private _held;

    event Deposited(address indexed account, uint256 assets, uint256 shares);
    event Withdrawn(address indexed account, uint256 assets, uint256 shares);
    event SeriesOpened(uint256 strikeWad, uint256 expiry);
    event OptionBought(address indexed holder, uint256 amount, uint256 premiumWad);
    event Settled(uint256 spotWad);
    event Exercised(address indexed holder, uint256 amount, uint256 payoffWad);

    error Vault_NotManager(address caller);
    error Vault_Open(uint256 until);
    error Vault_NotExpired(uint256 expiry);
    error Vault_Expired(uint256 expiry);
    error Vault_Settled();
    error Vault_Covered(uint256 free, uint256 need);
    error Vault_Amount(uint256 have, uint256 need);

    constructor(IERC20 underlying_, IERC20 money_, uint8 moneyDecimals, ISpotOracle oracle_, uint256 volatilityWad_)
        ERC20("Covered call vault", "CALL")
    {
        (underlying, money, oracle, volatilityWad) = (underlying_, money_, oracle_, volatilityWad_);
        (manager, moneyUnit) = (msg.sender, 10 ** (36 - moneyDecimals));
    }

    modifier onlyManager() {
        if (msg.sender != manager) revert Vault_NotManager(msg.sender);
        _;
    }

    /* DEPOSITORS */

    /// @notice Takes `assets` of the underlying for shares, and as much money as those shares have of the premiums so far.
    function deposit(uint256 assets) external returns (uint256 shares) {
        uint256 supply = totalSupply();
        shares = supply == 0 ? assets : Math.mulDiv(assets, supply, totalUnderlying());
        if (shares == 0) revert Vault_Amount(assets, 1);
        uint256 entry = supply == 0 ? 0 : Math.mulDiv(shares, money.balanceOf(address(this)), supply, Math.Rounding.Ceil);
        _mint(msg.sender, shares);
        money.safeTransferFrom(msg.sender, address(this), entry);
        underlying.safeTransferFrom(msg.sender, address(this), assets);
        emit Deposited(msg.sender, assets, shares);
    }

    /// @notice Pays out `shares`, in underlying that covers no call and in the share of the premiums.
    function withdraw(uint256 shares) external returns (uint256 assets) {
        uint256 supply = totalSupply();
        assets = Math.mulDiv(shares, totalUnderlying(), supply);
        uint256 premiums = Math.mulDiv(shares, money.balanceOf(address(this)), supply);
        _requireFree(assets);
        _burn(msg.sender, shares);
        underlying.safeTransfer(msg.sender, assets);
        money.safeTransfer(msg.sender, premiums);
        emit Withdrawn(msg.sender, assets, shares);
    }

    /* MANAGER */

    /// @notice Opens the next series, once the last is settled and its holders had their day.
    function openSeries(uint256 strikeWad, uint256 expiry) external onlyManager {
        uint256 until = _series.expiry + EXERCISE_PERIOD;
        if (_series.expiry != 0 && (_series.settledWad == 0 || block.timestamp < until)) revert Vault_Open(until);
        if (expiry <= block.timestamp) revert Vault_Expired(expiry);
        _round += 1;
        _series = Series(strikeWad, expiry, 0, 0);
        emit SeriesOpened(strikeWad, expiry);
    }

    function setVolatility(uint256 wad) external onlyManager {
        volatilityWad = wad;
    }

    /* HOLDERS */

    /// @notice Sells the caller `amount` calls at the premium of now.
    function buy(uint256 amount) external returns (uint256 paid) {
        if (block.timestamp >= _series.expiry) revert Vault_Expired(_series.expiry);
        _requireFree(amount);
        uint256 premium = premiumWad();
        paid = Math.mulDiv(amount, premium, moneyUnit, Math.Rounding.Ceil);
        _series.outstanding += amount;
        _held[_round][msg.sender] += amount;
        money.safeTransferFrom(msg.sender, address(this), paid);
        emit OptionBought(msg.sender, amount, premium);
    }

    /// @notice Fixes what the calls pay, at the oracle's price of the moment. Anyone, from expiry on, once.
    function settle() external {
        if (block.timestamp < _series.expiry) revert Vault_NotExpired(_series.expiry);
        if (_series.settledWad != 0) revert Vault_Settled();
        _series.settledWad = oracle.spotWad();
        emit Settled(_series.settledWad);
    }

    /// @notice Pays the caller for all his calls, in underlying at the settled price; worthless ones are given back.
    function exercise() external returns (uint256 paid) {
        uint256 settled = _series.settledWad;
        if (settled == 0) revert Vault_NotExpired(_series.expiry);
        uint256 amount = _held[_round][msg.sender];
        if (amount == 0) revert Vault_Amount(0, 1);
        uint256 payoff = settled > _series.strikeWad ? settled - _series.strikeWad : 0;
        _held[_round][msg.sender] = 0;
        _series.outstanding -= amount;
        paid = Math.mulDiv(amount, payoff, settled);
        underlying.safeTransfer(msg.sender, paid);
        emit Exercised(msg.sender, amount, payoff);
    }

    /* VIEWS */

    /// @notice Payoff at the oracle's price and time value at the money, WAD of money for one call.
    function premiumWad() public view returns (uint256) {
        uint256 spot = oracle.spotWad();
        uint256 intrinsic = spot > _series.strikeWad ? spot - _series.strikeWad : 0;
        uint256 left = _series.expiry > block.timestamp ? _series.expiry - block.timestamp : 0;
        uint256 width = volatilityWad * Math.sqrt(left * WAD * WAD / YEAR) / WAD;
        return intrinsic + spot * AT_THE_MONEY / WAD * width / WAD;
    }

    /// @notice The price now; WAD.
    function spotWad() external view returns (uint256) {
        return oracle.spotWad();
    }

    /// @notice Strike, expiry, calls outstanding, settled price (0 before), and the block's time.
    function series() external view returns (uint256, uint256, uint256, uint256, uint256) {
        Series memory s = _series;
        return (s.strikeWad, s.expiry, s.outstanding, s.settledWad, block.timestamp);
    }

    function totalUnderlying() public view returns (uint256) {
        return underlying.balanceOf(address(this));
    }

    function optionsOf(address holder) external view returns (uint256) {
        return _held[_round][holder];
    }

    /// @dev What covers no call. After settlement a call needs its payoff alone.
    function _requireFree(uint256 amount) private view {
        uint256 need = _series.outstanding;
        if (_series.settledWad != 0) {
            uint256 settled = _series.settledWad;
            need = settled > _series.strikeWad ? Math.mulDiv(need, settled - _series.strikeWad, settled) : 0;
        }
        uint256 held = totalUnderlying();
        if (held < need + amount) revert Vault_Covered(held > need ? held - need : 0, amount);
    }
}

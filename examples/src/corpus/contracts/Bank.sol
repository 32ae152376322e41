// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {FlashLender, IBorrower, KeeperFeed, Pair} from "./Market.sol";

interface IPrice {
    function priceWad() external view returns (uint256);
}

/// @notice Lends money on one collateral token. What a unit of it is worth is the heir's affair, and its weakness.
abstract contract Bank {
    uint256 internal constant WAD = 1e18;

    IERC20 public immutable money;
    IERC20 public immutable token;
    /// What may be borrowed of the collateral's worth, in WAD; beyond it an account may be liquidated.
    uint256 public immutable ltv;

    mapping(address account => uint256) public collateralOf;
    mapping(address account => uint256) public debtOf;
    address[] private _accounts;

    event Supplied(address indexed account, int256 amount);
    event Lent(address indexed account, int256 amount);
    event Liquidated(address indexed account, address indexed by, uint256 notional);

    error Bank_Unhealthy();
    error Bank_Healthy();

    constructor(IERC20 money_, IERC20 token_, uint256 ltv_) {
        (money, token, ltv) = (money_, token_, ltv_);
    }

    function priceWad() public view virtual returns (uint256);

    function supply(uint256 amount) external {
        token.transferFrom(msg.sender, address(this), amount);
        _add(msg.sender, int256(amount));
    }

    function withdraw(uint256 amount) external {
        _add(msg.sender, -int256(amount));
        _requireHealthy(msg.sender);
        token.transfer(msg.sender, amount);
    }

    function borrow(uint256 amount) external {
        _owe(msg.sender, int256(amount));
        _requireHealthy(msg.sender);
        money.transfer(msg.sender, amount);
    }

    function repay(uint256 amount) external {
        money.transferFrom(msg.sender, address(this), amount);
        _owe(msg.sender, -int256(amount));
    }

    /// @notice Pays an unhealthy account's debt and takes its worth in collateral, and a twentieth more.
    function liquidate(address account) external {
        if (_isHealthy(account)) revert Bank_Healthy();
        (uint256 debt, uint256 held) = (debtOf[account], collateralOf[account]);
        uint256 taken = debt * 21 / 20 * WAD / priceWad();
        if (taken > held) taken = held;
        money.transferFrom(msg.sender, address(this), debt);
        _owe(account, -int256(debt));
        _add(account, -int256(taken));
        token.transfer(msg.sender, taken);
        emit Liquidated(account, msg.sender, debt);
    }

    /// @notice What accounts owe beyond what their collateral is worth by `feed`.
    function unbackedAt(IPrice feed) external view returns (uint256 sum) {
        uint256 price = feed.priceWad();
        for (uint256 i; i < _accounts.length; ++i) {
            uint256 worth = collateralOf[_accounts[i]] * price / WAD;
            uint256 debt = debtOf[_accounts[i]];
            if (debt > worth) sum += debt - worth;
        }
    }

    /// @notice Collateral in tokens, its worth by the bank's own price, debt.
    function accountState(address account) external view returns (uint256, uint256, uint256) {
        return (collateralOf[account], collateralOf[account] * priceWad() / WAD, debtOf[account]);
    }

    function _add(address account, int256 amount) internal {
        if (collateralOf[account] == 0 && amount > 0) _accounts.push(account);
        collateralOf[account] = uint256(int256(collateralOf[account]) + amount);
        emit Supplied(account, amount);
    }

    function _owe(address account, int256 amount) internal {
        debtOf[account] = uint256(int256(debtOf[account]) + amount);
        emit Lent(account, amount);
    }

    function _isHealthy(address account) internal view returns (bool) {
        return debtOf[account] * WAD <= collateralOf[account] * priceWad() / WAD * ltv;
    }

    function _requireHealthy(address account) internal view {
        if (!_isHealthy(account)) revert Bank_Unhealthy();
    }
}

/// @notice Values collateral at a pool's price of the moment (Harvest, bZx, Polter, UwU, Inverse, Deus).
contract SpotBank is Bank {
    Pair public immutable pair;

    constructor(IERC20 money_, IERC20 token_, Pair pair_) Bank(money_, token_, 0.8e18) {
        pair = pair_;
    }

    function priceWad() public view override returns (uint256) {
        return pair.spotWad();
    }
}

/// @notice Moves the pool with lent money, borrows at that price, moves it back. `push` is what is bought for.
contract PumpAndBorrow is IBorrower {
    SpotBank private _bank;

    function run(FlashLender lender, SpotBank bank, uint256 own, uint256 push, uint256 amount) external {
        _bank = bank;
        bank.token().transferFrom(msg.sender, address(this), own);
        lender.flashLoan(this, bank.money(), push, abi.encode(own, amount));
        IERC20 money = bank.money();
        money.transfer(msg.sender, money.balanceOf(address(this)));
        bank.token().transfer(msg.sender, bank.token().balanceOf(address(this)));
    }

    function onFlashLoan(address, address, uint256 push, uint256, bytes calldata data) external returns (bytes32) {
        (uint256 own, uint256 amount) = abi.decode(data, (uint256, uint256));
        (IERC20 money, IERC20 token, Pair pair) = (_bank.money(), _bank.token(), _bank.pair());
        money.approve(address(pair), type(uint256).max);
        token.approve(address(pair), type(uint256).max);
        token.approve(address(_bank), type(uint256).max);
        uint256 got = pair.swap(money, push);
        _bank.supply(own);
        _bank.borrow(amount);
        pair.swap(token, got);
        money.approve(msg.sender, push);
        return keccak256("ERC3156FlashBorrower.onFlashLoan");
    }
}

/// @notice A ratio that may not grow faster than from a snapshot on, as Aave's price caps. Ratio and time of the snapshot are
/// two parameters; each may move by 3 %, or by a week, and nothing looks at both together.
contract CapAdapter {
    uint256 public constant GROWTH_A_YEAR = 0.1e18;
    address public immutable steward = msg.sender;
    IPrice public immutable source;
    uint256 public snapshotRatio;
    uint256 public snapshotTime;

    event CapParametersUpdated(
        uint256 snapshotRatio, uint256 snapshotTimestamp, uint256 maxRatioGrowthPerSecond, uint16 maxYearlyRatioGrowthPercent
    );

    constructor(IPrice source_) {
        (source, snapshotRatio, snapshotTime) = (source_, source_.priceWad(), block.timestamp);
    }

    function setCap(uint256 ratio, uint256 time) external {
        require(msg.sender == steward, "not the steward");
        require(ratio * 100 >= snapshotRatio * 97 && ratio * 100 <= snapshotRatio * 103, "ratio");
        require(time + 7 days >= snapshotTime && time <= block.timestamp, "time");
        (snapshotRatio, snapshotTime) = (ratio, time);
        emit CapParametersUpdated(ratio, time, GROWTH_A_YEAR / 365 days, 1_000);
    }

    function priceWad() external view returns (uint256) {
        uint256 cap = snapshotRatio + snapshotRatio * GROWTH_A_YEAR / 1e18 * (block.timestamp - snapshotTime) / 365 days;
        uint256 ratio = source.priceWad();
        return ratio < cap ? ratio : cap;
    }
}

/// @notice Values collateral at whatever its owner points it at (Moonwell), through a cap (Aave's CAPO) or not.
contract FeedBank is Bank {
    address public immutable owner = msg.sender;
    IPrice public feed;

    event FeedSet(address feed, string symbol);

    constructor(IERC20 money_, IERC20 token_, uint256 ltv_, IPrice feed_) Bank(money_, token_, ltv_) {
        feed = feed_;
    }

    function setFeed(IPrice feed_) external {
        require(msg.sender == owner, "not the owner");
        feed = feed_;
        emit FeedSet(address(feed_), "TOKEN");
    }

    function priceWad() public view override returns (uint256) {
        return feed.priceWad();
    }
}

/// @notice A price that whoever has staked may report, and that counts at once (BonqDAO).
contract OpenFeed {
    mapping(address reporter => uint256) public stakeOf;
    uint256 public priceWad;

    event NewReport(address indexed reporter, uint256 priceWad);

    constructor(uint256 price) {
        priceWad = price;
    }

    function stake() external payable {
        stakeOf[msg.sender] += msg.value;
    }

    function submitValue(uint256 price) external {
        require(stakeOf[msg.sender] >= 1 ether, "no stake");
        priceWad = price;
        emit NewReport(msg.sender, price);
    }
}

/// @notice Lets an account give its collateral away without asking whether it can afford to (Euler), and hands an
/// unhealthy one over at a discount. Collateral and money are one token.
contract DonateBank is Bank {
    uint256 public reserves;

    constructor(IERC20 money_) Bank(money_, money_, 0.95e18) {}

    function priceWad() public pure override returns (uint256) {
        return WAD;
    }

    /// @notice Deposit and debt at once, up to the limit.
    function mint(uint256 amount) external {
        _add(msg.sender, int256(amount));
        _owe(msg.sender, int256(amount));
        _requireHealthy(msg.sender);
    }

    function donateToReserves(uint256 amount) external {
        _add(msg.sender, -int256(amount));
        reserves += amount;
    }

    /// @notice A hundredth of interest on what `account` owes; how often is the keeper's affair.
    function accrue(address account) external {
        _owe(account, int256(debtOf[account] / 100));
    }

    /// @notice Takes an unhealthy account's debt over, and its collateral at a discount that grows with what is missing, up to a
    /// fifth; what the collateral does not suffice for nobody owes any more.
    function takeOver(address account) external {
        if (_isHealthy(account)) revert Bank_Healthy();
        (uint256 held, uint256 debt) = (collateralOf[account], debtOf[account]);
        uint256 missing = WAD - held * ltv / debt;
        uint256 paid = WAD - (missing < WAD / 5 ? missing : WAD / 5);
        uint256 taken = debt * WAD / paid;
        if (taken > held) taken = held;
        uint256 owed = taken * paid / WAD;
        _add(account, -int256(taken));
        _owe(account, -int256(owed));
        _add(msg.sender, int256(taken));
        _owe(msg.sender, int256(owed));
        emit Liquidated(account, msg.sender, owed);
    }
}

/// @notice Borrows against itself with lent money, gives collateral away and takes itself over from a second account.
contract DonateAndTakeOver is IBorrower {
    DonateBank private _bank;
    Taker private _taker;

    /// `lent` is deposited and minted on in so many `times`; `gift` is given away.
    function run(FlashLender lender, DonateBank bank, uint256 lent, uint256 times, uint256 gift) external {
        _bank = bank;
        lender.flashLoan(this, bank.money(), lent, abi.encode(times, gift));
        IERC20 money = bank.money();
        money.transfer(msg.sender, money.balanceOf(address(this)));
    }

    function onFlashLoan(address, address, uint256 lent, uint256, bytes calldata data) external returns (bytes32) {
        (uint256 times, uint256 gift) = abi.decode(data, (uint256, uint256));
        IERC20 money = _bank.money();
        money.approve(address(_bank), type(uint256).max);
        for (uint256 i; i < times; ++i) {
            _bank.supply(lent / times);
            _bank.mint(lent / times * 18);
        }
        _bank.donateToReserves(gift);
        _taker = new Taker();
        _taker.run(_bank, address(this));
        money.approve(msg.sender, lent);
        return keccak256("ERC3156FlashBorrower.onFlashLoan");
    }
}

contract Taker {
    function run(DonateBank bank, address account) external {
        IERC20 money = bank.money();
        bank.takeOver(account);
        uint256 free = bank.collateralOf(address(this)) - (bank.debtOf(address(this)) * 20 + 18) / 19;
        uint256 held = money.balanceOf(address(bank));
        bank.withdraw(free < held ? free : held);
        money.transfer(msg.sender, money.balanceOf(address(this)));
    }
}

/// @notice A market of Compound's kind with money lent on its shares. A share is worth what the market holds, so that a
/// gift to an empty one makes it dear, and what is taken out is rounded in the taker's favour (Sonne, Hundred).
contract ShareMarket {
    uint256 private constant WAD = 1e18;
    IERC20 public immutable money;
    IERC20 public immutable token;
    ShareGuard public immutable guard = new ShareGuard();
    uint256 public totalSupply;
    mapping(address account => uint256) public sharesOf;
    mapping(address account => uint256) public debtOf;

    constructor(IERC20 money_, IERC20 token_) {
        (money, token) = (money_, token_);
    }

    function exchangeRateStored() public view returns (uint256) {
        return totalSupply == 0 ? WAD : token.balanceOf(address(this)) * WAD / totalSupply;
    }

    function mint(uint256 amount) external {
        uint256 shares = amount * WAD / exchangeRateStored();
        token.transferFrom(msg.sender, address(this), amount);
        sharesOf[msg.sender] += shares;
        totalSupply += shares;
    }

    function borrow(uint256 amount) external {
        debtOf[msg.sender] += amount;
        require(guard.mayOwe(this, sharesOf[msg.sender], debtOf[msg.sender]), "unhealthy");
        money.transfer(msg.sender, amount);
    }

    function repay(uint256 amount) external {
        money.transferFrom(msg.sender, address(this), amount);
        debtOf[msg.sender] -= amount;
    }

    function redeemUnderlying(uint256 amount) external {
        uint256 shares = amount * totalSupply / token.balanceOf(address(this));
        require(guard.mayOwe(this, sharesOf[msg.sender] - shares, debtOf[msg.sender]), "unhealthy");
        sharesOf[msg.sender] -= shares;
        totalSupply -= shares;
        token.transfer(msg.sender, amount);
    }
}

/// @notice Says what may be owed on so many shares, at the price that the market tells of them.
contract ShareGuard {
    function mayOwe(ShareMarket market, uint256 shares, uint256 debt) external view returns (bool) {
        return debt * 10 <= shares * market.exchangeRateStored() / 1e18 * 8;
    }
}

/// @notice Has shares, then deposits lent tokens or gives them to the market, borrows money on its shares and takes the
/// tokens back.
contract GiftAndBorrow is IBorrower {
    ShareMarket private _market;

    function found(ShareMarket market, uint256 amount) external {
        _market = market;
        IERC20 token = market.token();
        token.transferFrom(msg.sender, address(this), amount);
        token.approve(address(market), type(uint256).max);
        market.mint(amount);
    }

    function leave() external {
        _market.redeemUnderlying(_market.sharesOf(address(this)) * _market.exchangeRateStored() / 1e18);
        _market.token().transfer(msg.sender, _market.token().balanceOf(address(this)));
    }

    function run(FlashLender lender, uint256 lent, bool gift, uint256 amount) external {
        lender.flashLoan(this, _market.token(), lent, abi.encode(gift, amount));
        _market.money().transfer(msg.sender, _market.money().balanceOf(address(this)));
    }

    function onFlashLoan(address, address, uint256 lent, uint256, bytes calldata data) external returns (bytes32) {
        (bool gift, uint256 amount) = abi.decode(data, (bool, uint256));
        IERC20 token = _market.token();
        if (gift) token.transfer(address(_market), lent);
        else _market.mint(lent);
        _market.borrow(amount);
        _market.redeemUnderlying(gift ? token.balanceOf(address(_market)) - 1 : lent);
        token.approve(msg.sender, lent);
        return keccak256("ERC3156FlashBorrower.onFlashLoan");
    }
}

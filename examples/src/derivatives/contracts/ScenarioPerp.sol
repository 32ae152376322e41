// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";

interface ISpot {
    function spotWad() external view returns (uint256);
}

/// @notice A perpetuals exchange with the weaknesses of several that were drained, each in the function that says so: its
/// own virtual pool without a limit, an index that is a pool's price of the moment, funding that anybody sets, loans on
/// unrealised profit, a vault that takes over what is liquidated, and a share price from a stale average. Money and base
/// have 18 decimals. Only for rehearsals.
contract ScenarioPerp {
    struct Position {
        int256 size;
        int256 cost;
        uint256 margin;
        uint256 debt;
    }

    uint256 private constant WAD = 1e18;
    int256 private constant IWAD = 1e18;
    uint256 public constant MAINTENANCE = 0.05e18;
    /// What may be borrowed of an account's equity.
    uint256 public constant LOAN_TO_VALUE = 0.8e18;

    IERC20 public immutable money;
    ISpot public immutable spot;

    mapping(address account => Position) public positionOf;
    mapping(address maker => uint256) public sharesOf;
    uint256 public baseReserve;
    uint256 public quoteReserve;
    uint256 public long;
    uint256 public short;
    int256 public cost;
    uint256 public margins;
    uint256 public lent;
    uint256 public shares;
    /// The shorts' average price as the share price counts it, and as it is.
    uint256 public averageShort;
    uint256 public entryShort;
    int256 public cumulativeFunding;
    uint256 public fundedAt = block.timestamp;
    bool private _isRefunding;

    event Traded(address indexed account, int256 size, uint256 priceWad);
    event MarginMoved(address indexed account, int256 amount);
    event Borrowed(address indexed account, uint256 amount);
    event Liquidated(address indexed account, address indexed by, uint256 notional);
    event Redeemed(address indexed account, uint256 shares, uint256 priceWad);

    error Scenario_Unhealthy();
    error Scenario_Healthy();

    constructor(IERC20 money_, ISpot spot_, uint256 baseReserve_) {
        (money, spot, baseReserve) = (money_, spot_, baseReserve_);
        quoteReserve = baseReserve_ * spot_.spotWad() / WAD;
    }

    function deposit(uint256 amount) external {
        money.transferFrom(msg.sender, address(this), amount);
        positionOf[msg.sender].margin += amount;
        margins += amount;
        emit MarginMoved(msg.sender, int256(amount));
    }

    function withdraw(uint256 amount) external {
        positionOf[msg.sender].margin -= amount;
        margins -= amount;
        _requireHealthy(msg.sender);
        money.transfer(msg.sender, amount);
        emit MarginMoved(msg.sender, -int256(amount));
    }

    /// @notice Trades against the exchange's own virtual pool, at whatever price that has, however often in a block.
    function trade(int256 size) external {
        _tradeShort(size, _isRefunding ? 4 : 1);
        _requireHealthy(msg.sender);
    }

    /// @notice Trades, after the ether that came with it was handed back. Whoever trades while it is handed back has the
    /// shorts' average price computed of the wrong total.
    function tradeWithRefund(int256 size) external payable {
        _isRefunding = true;
        (bool ok,) = msg.sender.call{value: msg.value}("");
        require(ok, "no refund");
        _isRefunding = false;
        _tradeShort(size, 1);
        _requireHealthy(msg.sender);
    }

    /// @notice Funding as it should be: the premium of mark over index for the time since, a day for all of it.
    function accrue() external {
        (uint256 mark, uint256 index) = (markWad(), spot.spotWad());
        cumulativeFunding += (int256(mark) - int256(index)) * int256(block.timestamp - fundedAt) / 1 days;
        fundedAt = block.timestamp;
    }

    /// @notice Funding as anybody says it is.
    function updateFunding(int256 premiumWad) external {
        cumulativeFunding += premiumWad;
        fundedAt = block.timestamp;
    }

    /// @notice Lends the caller money on what his account is worth at the pool's price of the moment.
    function borrow(uint256 amount) external {
        Position storage p = positionOf[msg.sender];
        p.debt += amount;
        lent += amount;
        if (int256(p.debt) * IWAD > equityOf(msg.sender) * int256(LOAN_TO_VALUE)) revert Scenario_Unhealthy();
        money.transfer(msg.sender, amount);
        emit Borrowed(msg.sender, amount);
    }

    /// @notice The exchange's vault takes an unhealthy position over, whatever its size.
    function liquidate(address account) external {
        (Position storage p, Position storage vault) = (positionOf[account], positionOf[address(this)]);
        if (equityOf(account) >= int256(requiredOf(account))) revert Scenario_Healthy();
        uint256 notional = SignedMath.abs(p.size) * spot.spotWad() / WAD;
        vault.size += p.size;
        vault.cost += p.cost;
        vault.margin += p.margin;
        (p.size, p.cost, p.margin) = (0, 0, 0);
        emit Liquidated(account, msg.sender, notional);
    }

    function addLiquidity(uint256 amount) external {
        uint256 got = shares == 0 ? amount : amount * WAD / sharePrice();
        money.transferFrom(msg.sender, address(this), amount);
        sharesOf[msg.sender] += got;
        shares += got;
    }

    /// @notice Pays shares at a price in which the shorts' losses count by their average.
    function removeLiquidity(uint256 amount) external {
        uint256 price = sharePrice();
        sharesOf[msg.sender] -= amount;
        shares -= amount;
        money.transfer(msg.sender, amount * price / WAD);
        emit Redeemed(msg.sender, amount, price);
    }

    function markWad() public view returns (uint256) {
        return quoteReserve * WAD / baseReserve;
    }

    function equityOf(address account) public view returns (int256) {
        Position memory p = positionOf[account];
        return int256(p.margin) + p.size * int256(spot.spotWad()) / IWAD - p.cost;
    }

    function requiredOf(address account) public view returns (uint256) {
        Position memory p = positionOf[account];
        uint256 ofLoan = p.debt * WAD / LOAN_TO_VALUE;
        uint256 ofSize = SignedMath.abs(p.size) * spot.spotWad() / WAD * MAINTENANCE / WAD;
        return ofLoan > ofSize ? ofLoan : ofSize;
    }

    /// @notice What a share is paid: the makers' money less the traders' gains, the shorts' by their average.
    function sharePrice() public view returns (uint256) {
        int256 index = int256(spot.spotWad());
        int256 longCost = cost + int256(short * entryShort / WAD);
        int256 gains = int256(long) * index / IWAD - longCost + int256(short) * (int256(averageShort) - index) / IWAD;
        return shares == 0 ? WAD : uint256(_own() - gains) * WAD / shares;
    }

    /// @notice The price of a share and their number, as lenders ask for them.
    function exchangeRateStored() external view returns (uint256) {
        return sharePrice();
    }

    function totalSupply() external view returns (uint256) {
        return shares;
    }

    /// @notice What a share is worth by every position's own cost.
    function trueSharePrice() public view returns (uint256) {
        int256 skew = int256(long) - int256(short);
        int256 gains = skew * int256(spot.spotWad()) / IWAD - cost;
        return shares == 0 ? WAD : uint256(_own() - gains) * WAD / shares;
    }

    /// @notice Index, mark, longs, shorts, funding, its time, what the makers own, share price, true share price.
    function state() external view returns (uint256[9] memory s) {
        int256 own = _own();
        s = [
            spot.spotWad(),
            markWad(),
            long,
            short,
            uint256(cumulativeFunding),
            fundedAt,
            own > 0 ? uint256(own) : 0,
            sharePrice(),
            trueSharePrice()
        ];
    }

    /// @notice Equity, required, size and debt of `account`.
    function accountState(address account) external view returns (int256, uint256, int256, uint256) {
        return (equityOf(account), requiredOf(account), positionOf[account].size, positionOf[account].debt);
    }

    function _own() private view returns (int256) {
        return int256(money.balanceOf(address(this)) + lent) - int256(margins);
    }

    /// @dev `wrong` is what the total is multiplied by before the average is taken of it.
    function _tradeShort(int256 size, uint256 wrong) private {
        uint256 before = short;
        uint256 price = _trade(msg.sender, size);
        if (short <= before) return;
        uint256 added = price * (short - before);
        entryShort = (entryShort * before + added) / short;
        averageShort = (averageShort * before + added) / (short * wrong);
    }

    function _trade(address account, int256 size) private returns (uint256 price) {
        uint256 k = baseReserve * quoteReserve;
        uint256 amount = SignedMath.abs(size);
        uint256 nextBase = size > 0 ? baseReserve - amount : baseReserve + amount;
        uint256 nextQuote = k / nextBase;
        uint256 paid = size > 0 ? nextQuote - quoteReserve : quoteReserve - nextQuote;
        (baseReserve, quoteReserve) = (nextBase, nextQuote);
        price = paid * WAD / amount;
        _change(account, size, size > 0 ? int256(paid) : -int256(paid));
        emit Traded(account, size, price);
    }

    function _change(address account, int256 size, int256 paid) private {
        Position storage p = positionOf[account];
        _count(p.size, -1);
        p.size += size;
        p.cost += paid;
        cost += paid;
        _count(p.size, 1);
        // A closed position has gained what it is owed.
        if (p.size != 0) return;
        int256 gain = -p.cost;
        cost += gain;
        p.cost = 0;
        int256 left = int256(p.margin) + gain;
        uint256 kept = left > 0 ? uint256(left) : 0;
        margins = margins - p.margin + kept;
        p.margin = kept;
    }

    function _count(int256 size, int256 sign) private {
        if (size > 0) long = uint256(int256(long) + sign * size);
        else short = uint256(int256(short) - sign * size);
    }

    function _requireHealthy(address account) private view {
        if (equityOf(account) < int256(requiredOf(account)) * 2) revert Scenario_Unhealthy();
    }
}

/// @notice An account that does what its maker says.
contract SubAccount {
    address private immutable _owner = msg.sender;

    function act(address target, bytes calldata data) external {
        require(msg.sender == _owner, "not the owner");
        (bool ok, bytes memory answer) = target.call(data);
        if (!ok) {
            assembly {
                revert(add(answer, 32), mload(answer))
            }
        }
    }
}

/// @notice Trades with himself through two accounts in one transaction: one buys, the other buys the price up, the first
/// sells. What the second owes then the exchange never gets.
contract SelfTrader {
    function run(ScenarioPerp perp, uint256 marginEach, int256 size, int256 push) external {
        (SubAccount a, SubAccount b) = (new SubAccount(), new SubAccount());
        IERC20 money = perp.money();
        for (uint256 i; i < 2; ++i) {
            SubAccount who = i == 0 ? a : b;
            money.transferFrom(msg.sender, address(who), marginEach);
            who.act(address(money), abi.encodeCall(IERC20.approve, (address(perp), marginEach)));
            who.act(address(perp), abi.encodeCall(perp.deposit, (marginEach)));
        }
        a.act(address(perp), abi.encodeCall(perp.trade, (size)));
        b.act(address(perp), abi.encodeCall(perp.trade, (push)));
        a.act(address(perp), abi.encodeCall(perp.trade, (-size)));
        (,, uint256 margin,) = perp.positionOf(address(a));
        a.act(address(perp), abi.encodeCall(perp.withdraw, (margin)));
        a.act(address(money), abi.encodeCall(IERC20.transfer, (msg.sender, margin)));
    }
}

/// @notice Adds liquidity, trades short and takes the liquidity out; `early` trades while ether is handed back to it.
contract RefundTrader {
    ScenarioPerp private _perp;
    int256 private _size;

    function run(ScenarioPerp perp, uint256 margin, uint256 liquidity, int256 size, bool early) external payable {
        IERC20 money = perp.money();
        money.transferFrom(msg.sender, address(this), margin + liquidity);
        money.approve(address(perp), type(uint256).max);
        perp.deposit(margin);
        perp.addLiquidity(liquidity);
        if (early) (_perp, _size) = (perp, size);
        perp.tradeWithRefund{value: msg.value}(-1e18);
        if (!early) perp.trade(size);
        perp.removeLiquidity(perp.sharesOf(address(this)));
        money.transfer(msg.sender, money.balanceOf(address(this)));
    }

    receive() external payable {
        if (address(_perp) != address(0)) _perp.trade(_size);
    }
}

/// @notice Lends money on one collateral token. Shares of deposits are valued by what the lender holds, so that whoever
/// sends it tokens raises them past the cap on deposits; and anybody may be lent to on another's collateral.
contract ScenarioLender {
    uint256 private constant WAD = 1e18;
    uint256 public constant LIQUIDATION = 0.8e18;

    IERC20 public immutable money;
    IERC20 public immutable token;
    ISpot public immutable spot;
    uint256 public immutable cap;
    uint256 public shares;
    mapping(address => uint256) public sharesOf;
    mapping(address => uint256) public debtOf;

    event Supplied(address indexed account, uint256 amount);
    event Lent(address indexed account, address indexed by, uint256 amount);

    error Lender_Cap(uint256 cap);
    error Lender_Unhealthy();

    constructor(IERC20 money_, IERC20 token_, ISpot spot_, uint256 cap_) {
        (money, token, spot, cap) = (money_, token_, spot_, cap_);
    }

    function supply(uint256 amount) external {
        uint256 held = token.balanceOf(address(this));
        if (held + amount > cap) revert Lender_Cap(cap);
        uint256 got = shares == 0 ? amount : amount * shares / held;
        token.transferFrom(msg.sender, address(this), amount);
        sharesOf[msg.sender] += got;
        shares += got;
        emit Supplied(msg.sender, amount);
    }

    function borrowFor(address account, uint256 amount) external {
        debtOf[account] += amount;
        if (debtOf[account] * WAD > valueOf(account) * LIQUIDATION) revert Lender_Unhealthy();
        money.transfer(msg.sender, amount);
        emit Lent(account, msg.sender, amount);
    }

    function collateralOf(address account) public view returns (uint256) {
        return shares == 0 ? 0 : sharesOf[account] * token.balanceOf(address(this)) / shares;
    }

    function valueOf(address account) public view returns (uint256) {
        return collateralOf(account) * spot.spotWad() / WAD;
    }

    /// @notice What a share of the deposits is worth, and how many there are.
    function exchangeRateStored() external view returns (uint256) {
        return shares == 0 ? WAD : token.balanceOf(address(this)) * WAD / shares;
    }

    function totalSupply() external view returns (uint256) {
        return shares;
    }

    /// @notice Collateral in tokens, its value, debt.
    function accountState(address account) external view returns (uint256, uint256, uint256) {
        return (collateralOf(account), valueOf(account), debtOf[account]);
    }
}

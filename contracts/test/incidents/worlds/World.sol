// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ILatencyBuffer} from "../../../src/interfaces/ILatencyBuffer.sol";
import {IFlowLimiter} from "../../../src/interfaces/IFlowLimiter.sol";
import {InsuranceFund} from "../../../src/InsuranceFund.sol";
import {IOracleAggregator} from "../../../src/interfaces/IOracleAggregator.sol";
import {IPriceAdapter} from "../../../src/interfaces/IPriceAdapter.sol";
import {Order, Position} from "../../../src/interfaces/IReferencePerp.sol";
import {ReferencePerp} from "../../../src/reference/ReferencePerp.sol";
import {Actor} from "./Actor.sol";
import {FlashLender} from "./FlashLender.sol";
import {MakerLender} from "./MakerLender.sol";
import {FeedSource, Keepers, PriceFeed} from "./PriceFeed.sol";
import {RateSource, SavingsVault} from "./SavingsVault.sol";
import {SpotPool, SpotSource, TwapSource} from "./SpotPool.sol";
import {Token} from "./Token.sol";

/// A market with its people, on whichever modules: the same makers, traders, pool and prices on both sides of a
/// comparison. Built in stages, each in a block of its own, `waitBefore(stage)` seconds after the one before. Whoever
/// deploys it is the people's hand: the slow wallet, the keeper of the honest feeds, the honest users.
abstract contract World {
    bytes32 public constant MARKET = "BASE/USD";
    uint256 public constant START = 2_000e18;
    uint256 public constant STAGES = 3;
    uint256 internal constant USD = 1e6;

    address public immutable owner = msg.sender;
    Token public immutable usd = new Token("USD", 6);
    Token public immutable base = new Token("BASE", 18);
    SpotPool public immutable pool = new SpotPool(base, usd);
    FlashLender public immutable lender = new FlashLender();
    SpotSource public immutable spotSource = new SpotSource(pool);
    PriceFeed public immutable feedA = new PriceFeed();
    PriceFeed public immutable feedB = new PriceFeed();
    FeedSource public immutable feedSource = new FeedSource(feedA);
    TwapSource public immutable twapSource = new TwapSource(pool, 30 minutes);
    Actor public immutable maker = new Actor();
    Actor public immutable longTrader = new Actor();
    Actor public immutable shortTrader = new Actor();
    /// The honest price, WAD: what the feeds said last, whoever keeps them.
    uint256 public honestWad = START;

    ReferencePerp public perp;
    IOracleAggregator public oracle;
    ILatencyBuffer public buffer;
    IFlowLimiter public limiter;
    InsuranceFund public fund;
    MakerLender public makerLender;
    /// Only where the oracle asks it.
    RateSource public rateSource;

    mapping(PriceFeed feed => Keepers) private _keepers;
    mapping(PriceFeed feed => int256) private _wrong;
    /// Who holds the keys with which this contract speaks to `target`, besides the owner.
    mapping(address target => address) public keyTo;

    bytes32[2] private _orders;

    error World_NotOwner(address caller);
    error World_NotKey(address caller, address target);

    modifier onlyOwner() {
        if (msg.sender != owner) revert World_NotOwner(msg.sender);
        _;
    }

    /// Creates twelve contracts: what follows begins at the thirteenth.
    constructor() {
        base.mint(address(pool), 100e18);
        usd.mint(address(pool), 200_000 * USD);
        pool.begin();
        usd.mint(address(lender), 20_000_000 * USD);
        base.mint(address(lender), 10_000e18);
        refresh();
    }

    /// Whether the modules defend: an attacker looks at that first.
    function isHardened() external pure virtual returns (bool);

    /* STAGES */

    function waitBefore(uint256 stage) external pure virtual returns (uint256);

    function build(uint256 stage) external onlyOwner {
        refresh();
        if (stage == 0) _configure();
        if (stage == 1) _fill();
        if (stage == 2) _open();
    }

    /// The feeds' keepers say the honest price, and the rounds go on.
    function refresh() public {
        _refresh(feedA);
        _refresh(feedB);
        twapSource.mark();
        if (address(oracle) != address(0)) try oracle.commit(MARKET) {} catch {}
    }

    /// The market moves, and the pool with it.
    function setHonest(uint256 wad) external onlyOwner {
        honestWad = wad;
        _arbitrage();
        refresh();
    }

    /// A feed's keepers stop, or say `answer` whatever the price is, or are themselves again.
    function setKeepers(PriceFeed feed, Keepers how, int256 answer) external onlyOwner {
        (_keepers[feed], _wrong[feed]) = (how, answer);
        refresh();
    }

    /// Money of an attacker's own, that nobody lost.
    function grant(address to, uint256 usdAmount, uint256 baseAmount) external onlyOwner {
        usd.mint(to, usdAmount);
        base.mint(to, baseAmount);
    }

    /// An honest user acts.
    function direct(Actor actor, address target, bytes calldata data) external onlyOwner returns (bytes memory) {
        return actor.act(target, data);
    }

    /// An attacker buys the keepers of feed `i`.
    function sellFeed(PriceFeed feed, address to) external onlyOwner {
        feed.give(to);
    }

    /* KEYS: the world is each role's wallet, the owner of each actor, of the one key's admin, of the steward's key */

    /// An attacker steals the keys to `target`.
    function giveKey(address target, address to) external onlyOwner {
        keyTo[target] = to;
    }

    /// Whoever holds the keys to `target` calls it as this contract.
    function speak(address target, bytes calldata data) external returns (bytes memory answer) {
        if (msg.sender != keyTo[target] && msg.sender != owner) revert World_NotKey(msg.sender, target);
        return Address.functionCall(target, data);
    }

    /* WEALTH: in units of the collateral, at the honest price */

    /// All that `account` has in this world: tokens, balance, position, shares. An insolvent position is worth nothing.
    function wealthOf(address account) public view returns (uint256 sum) {
        sum = usd.balanceOf(account) + base.balanceOf(account) * honestWad / 1e30;
        sum += perp.balanceOf(account);
        Position memory p = perp.positionOf(account, MARKET);
        int256 equity = int256(p.margin) + p.size * int256(honestWad) / 1e30 - p.cost;
        if (equity > 0) sum += uint256(equity);
        uint256 shares = perp.sharesOf(account, MARKET);
        (uint256 margin,, uint256 supply) = perp.poolOf(MARKET);
        if (shares > 0) sum += margin * shares / supply;
    }

    /* INTERNAL */

    /// The address of what this contract creates as its `count`th.
    function _created(uint8 count) internal view returns (address) {
        bytes memory packed = abi.encodePacked(bytes2(0xd694), address(this), bytes1(count));
        return address(uint160(uint256(keccak256(packed))));
    }

    function _refresh(PriceFeed feed) private {
        if (feed.owner() != address(this) || _keepers[feed] == Keepers.IDLE) return;
        feed.set(_keepers[feed] == Keepers.WRONG ? _wrong[feed] : int256(honestWad / 1e10));
    }

    /// Trades until the pool's price is the honest one.
    function _arbitrage() private {
        uint256 want = Math.sqrt(pool.baseReserve() * pool.quoteReserve() * honestWad / 1e30);
        uint256 have = pool.quoteReserve();
        if (want > have) {
            usd.mint(address(this), want - have);
            usd.approve(address(pool), want - have);
            pool.buyBase(want - have);
        } else if (want < have) {
            uint256 baseIn = Math.mulDiv(pool.baseReserve(), have - want, want);
            base.mint(address(this), baseIn);
            base.approve(address(pool), baseIn);
            pool.sellBase(baseIn);
        }
    }

    /// Others that build on the exchange. Last of the constructor: it moves no address.
    function _venues() internal {
        makerLender = new MakerLender(perp, MARKET);
        usd.mint(address(makerLender), 400_000 * USD);
    }

    function _rateSource() internal returns (RateSource) {
        return new RateSource(feedA, new SavingsVault(usd));
    }

    function _configure() internal virtual;

    function _fill() private {
        _fund();
        _provide(maker, 1_000_000 * USD);
        _margin(longTrader, 8_000 * USD);
        _margin(shortTrader, 8_000 * USD);
        _orders[0] = _request(longTrader, 10e18, type(uint128).max);
        _orders[1] = _request(shortTrader, -6e18, 0);
    }

    function _open() private {
        _execute(_orders[0], Order(address(longTrader), MARKET, 10e18, type(uint128).max));
        _execute(_orders[1], Order(address(shortTrader), MARKET, -6e18, 0));
    }

    /// The insurance fund: 200,000 of first loss and 300,000 of junior.
    function _fund() private {
        usd.mint(address(this), 500_000 * USD);
        usd.approve(address(fund), 200_000 * USD);
        fund.addFirstLoss(200_000 * USD);
        usd.approve(address(fund.junior()), 300_000 * USD);
        fund.junior().deposit(300_000 * USD, address(this));
    }

    function _provide(Actor actor, uint256 amount) internal {
        _deposit(actor, amount);
        actor.act(address(perp), abi.encodeCall(perp.addLiquidity, (MARKET, amount)));
    }

    function _margin(Actor actor, uint256 amount) internal {
        _deposit(actor, amount);
        actor.act(address(perp), abi.encodeCall(perp.addMargin, (MARKET, amount)));
    }

    function _deposit(Actor actor, uint256 amount) private {
        usd.mint(address(actor), amount);
        actor.act(address(usd), abi.encodeCall(IERC20.approve, (address(perp), type(uint256).max)));
        actor.act(address(perp), abi.encodeCall(perp.deposit, (amount)));
    }

    function _request(Actor actor, int128 size, uint128 limit) private returns (bytes32) {
        bytes memory answer = actor.act(address(perp), abi.encodeCall(perp.requestOrder, (MARKET, size, limit)));
        return abi.decode(answer, (bytes32));
    }

    function _execute(bytes32 id, Order memory order) private {
        perp.executeOrder(id, order, buffer.firstRound(id));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {InsuranceFund} from "../../src/InsuranceFund.sol";
import {IFlowLimiter} from "../../src/interfaces/IFlowLimiter.sol";
import {ILatencyBuffer} from "../../src/interfaces/ILatencyBuffer.sol";
import {Order, Position} from "../../src/interfaces/IReferencePerp.sol";
import {ReferencePerp} from "../../src/reference/ReferencePerp.sol";
import {FlashLender, IFlashBorrower} from "./worlds/FlashLender.sol";
import {SpotPool} from "./worlds/SpotPool.sol";
import {Token} from "./worlds/Token.sol";
import {World} from "./worlds/World.sol";

/// What somebody else does, sent by the world's owner. What `mayFail` is what a defence may refuse.
struct Deed {
    address to;
    bytes data;
    bool mayFail;
}

/// An attacker in a world, whichever one: the same calls against both, in steps of a block each. A step that reverts is
/// a transaction that failed. What it states of itself is checked by its test and printed by the drill.
abstract contract Attack is IFlashBorrower {
    uint256 internal constant USD = 1e6;
    bytes32 internal constant MARKET = "BASE/USD";

    World public immutable world;
    address public immutable owner = msg.sender;
    Token internal immutable usd;
    Token internal immutable base;
    SpotPool internal immutable pool;
    FlashLender internal immutable lender;
    ReferencePerp internal immutable perp;
    ILatencyBuffer internal immutable buffer;
    IFlowLimiter internal immutable limiter;
    InsuranceFund internal immutable fund;
    uint256 private _capital;

    error Attack_NotOwner(address caller);

    modifier onlyOwner() {
        if (msg.sender != owner) revert Attack_NotOwner(msg.sender);
        _;
    }

    constructor(World world_) {
        world = world_;
        (usd, base, pool, lender) = (world_.usd(), world_.base(), world_.pool(), world_.lender());
        (perp, buffer) = (world_.perp(), world_.buffer());
        (limiter, fund) = (world_.limiter(), world_.fund());
        usd.approve(address(perp), type(uint256).max);
        usd.approve(address(pool), type(uint256).max);
        base.approve(address(pool), type(uint256).max);
    }

    /* WHAT IT STATES: amounts in units of the collateral */

    /// What the naive world loses at least.
    function naiveLoss() external pure virtual returns (uint256);

    /// What the hardened world loses at most.
    function bound() external pure virtual returns (uint256);

    /// What the attacker brings of his own.
    function capital() external view virtual returns (uint256 usdAmount, uint256 baseAmount) {}

    /* HOW IT GOES */

    function steps() external pure virtual returns (uint256);

    /// Seconds between the step before and this one.
    function waitBefore(uint256) external view virtual returns (uint256) {
        return 12;
    }

    /// What the world's owner sends before `step`, after the prices came in: keys that were stolen, the market's move, what
    /// honest people try.
    function others(uint256) external view virtual returns (Deed[] memory) {}

    /// How many stages of the world stand when he begins. What `others` do builds the rest.
    function stages() external view virtual returns (uint256) {
        return world.STAGES();
    }

    /// Looks at what is there before the first step.
    function begin() external onlyOwner {
        _prepare();
        _capital = wealth();
    }

    function run(uint256 step) external onlyOwner {
        _step(step);
    }

    function onFlash(Token token, uint256 amount, bytes calldata data) external {
        require(msg.sender == address(lender), "not the lender");
        _flashed(data);
        token.transfer(msg.sender, amount);
    }

    /// What others lost. Where nothing is destroyed it is what the attacker gained.
    function lost() public view virtual returns (uint256) {
        uint256 have = wealth();
        return have > _capital ? have - _capital : 0;
    }

    /// What the attacker has in all his accounts, at the honest price.
    function wealth() public view virtual returns (uint256) {
        return world.wealthOf(address(this));
    }

    /* FOR THOSE THAT ATTACK */

    function _prepare() internal virtual {}

    function _step(uint256 step) internal virtual;

    function _flashed(bytes calldata data) internal virtual {}

    function _enter(uint256 amount) internal {
        perp.deposit(amount);
        perp.addMargin(MARKET, amount);
    }

    function _request(int128 size) internal returns (bytes32) {
        return perp.requestOrder(MARKET, size, _limit(size));
    }

    function _execute(bytes32 id, int128 size) internal {
        perp.executeOrder(id, Order(address(this), MARKET, size, _limit(size)), buffer.firstRound(id));
    }

    /// Executes the order if it may be executed by now.
    function _tryExecute(bytes32 id, int128 size) internal {
        try this.execute(id, size) {} catch {}
    }

    function execute(bytes32 id, int128 size) external {
        require(msg.sender == address(this), "not the attacker");
        _execute(id, size);
    }

    function _close() internal {
        int256 size = perp.positionOf(address(this), MARKET).size;
        if (size != 0) perp.closePosition(MARKET, size > 0 ? 0 : type(uint256).max);
    }

    /// Takes out what is not in a position, as much as passes.
    function _leave() internal {
        uint256 margin = perp.positionOf(address(this), MARKET).margin;
        if (margin > 0) perp.removeMargin(MARKET, margin);
        uint256 balance = perp.balanceOf(address(this));
        if (balance > 0) perp.withdraw(balance);
    }

    function _limit(int128 size) internal pure virtual returns (uint128) {
        return size > 0 ? type(uint128).max : 0;
    }
}

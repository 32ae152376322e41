// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../../src/interfaces/IReferencePerp.sol";
import {Attack} from "./Attack.sol";
import {IMoved} from "./worlds/Token.sol";
import {World} from "./worlds/World.sol";

/// The token tells the payer that it moved, in the middle of his deposit; he deposits again. The outer one counts what
/// arrived meanwhile, so that the inner one counts twice. With a flash loan. Mechanism of tokens with hooks: imBTC on
/// Uniswap and at Lendf.Me 2020, AMP at Cream 2021; with ether GMX 2025. Stopped by the exchange's lock, which holds a
/// value here.
contract Reentrancy is Attack, IMoved {
    uint256 private constant LOAN = 600_000 * USD;

    /// How many calls passed in the middle of another.
    uint256 public passed;
    bytes private _inner;
    bytes32 private _id;

    constructor(World world_) Attack(world_) {}

    function naiveLoss() external pure override returns (uint256) {
        return 590_000 * USD;
    }

    function bound() external pure override returns (uint256) {
        return 0;
    }

    function capital() external pure override returns (uint256, uint256) {
        return (2_000 * USD, 0);
    }

    function steps() external pure override returns (uint256) {
        return 3;
    }

    function onMoved(address from, address, uint256) external {
        if (msg.sender != address(usd) || from != address(this) || _inner.length == 0) return;
        bytes memory inner = _inner;
        delete _inner;
        (bool ok,) = address(perp).call(inner);
        if (ok) ++passed;
    }

    /// Where the second deposit is refused, everything else in its place.
    function _step(uint256 step) internal override {
        if (step == 0) return lender.flash(usd, LOAN, "");
        if (!world.isHardened()) return;
        if (step == 1) {
            _enter(1_000 * USD);
            _id = _request(1e18);
        } else {
            perp.deposit(500 * USD);
            _everything();
        }
    }

    function _flashed(bytes calldata) internal override {
        _within(abi.encodeCall(perp.deposit, (LOAN - 1 * USD)));
        perp.withdraw(perp.balanceOf(address(this)));
    }

    function _everything() private {
        uint256 some = 10 * USD;
        _within(abi.encodeCall(perp.withdraw, (some)));
        _within(abi.encodeCall(perp.addMargin, (MARKET, some)));
        _within(abi.encodeCall(perp.removeMargin, (MARKET, some)));
        _within(abi.encodeCall(perp.donate, (MARKET, some)));
        _within(abi.encodeCall(perp.addLiquidity, (MARKET, some)));
        _within(abi.encodeCall(perp.requestOrder, (MARKET, 1e18, type(uint128).max)));
        Order memory order = Order(address(this), MARKET, 1e18, type(uint128).max);
        _within(abi.encodeCall(perp.executeOrder, (_id, order, buffer.firstRound(_id))));
        _within(abi.encodeCall(perp.settleFunding, (MARKET)));
        _within(abi.encodeCall(perp.collectFees, (MARKET)));
    }

    /// Calls the exchange in the middle of a deposit.
    function _within(bytes memory inner) private {
        _inner = inner;
        usd.wantCalls(true);
        perp.deposit(1 * USD);
        usd.wantCalls(false);
    }
}

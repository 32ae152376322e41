// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {InsuranceFund} from "../../src/InsuranceFund.sol";
import {ITranche} from "../../src/interfaces/ITranche.sol";
import {Why} from "../../src/libraries/Why.sol";
import {MockOddToken} from "../../src/mocks/MockOddToken.sol";
import {Base} from "../Base.t.sol";
import {FundSetup} from "../FundSetup.t.sol";
import {Aimed} from "./Aimed.t.sol";

/// Depositors, thieves, the exchange, the council and the timelock, with time passing.
contract FundHandler is Base {
    InsuranceFund internal fund;
    MockOddToken internal token;
    ITranche[2] public tranches;
    address internal exchange;
    address internal council;
    address internal timelock;
    uint256[2][] internal requests;

    bytes32[2] public markets = [bytes32("ETH-PERP"), "DOGE-PERP"];
    uint256[2] public takenSinceSet;
    uint256[2] public bpsOf;
    /// The most that the shared fund held since the cap was set, with all that the market took.
    uint256[2] public largestFund;
    uint256 public asked;
    uint256 public paid;
    uint256 public residual;
    uint256 public unconfirmedUntil;
    uint256 public losses;
    uint256 internal nextRowAt;

    constructor(InsuranceFund fund_, MockOddToken token_, address[3] memory roles) {
        (fund, token) = (fund_, token_);
        (tranches[0], tranches[1]) = (fund_.junior(), fund_.senior());
        (exchange, council, timelock) = (roles[0], roles[1], roles[2]);
        token.approve(address(tranches[0]), type(uint256).max);
        token.approve(address(tranches[1]), type(uint256).max);
        token.approve(address(fund), type(uint256).max);
        bpsOf[0] = 10_000;
        watch();
    }

    function wait(uint256 time) external {
        vm.warp(vm.getBlockTimestamp() + bound(time, 1, 12 days));
    }

    function deposit(uint256 which, uint256 amount) external {
        tranches[which % 2].deposit(bound(amount, 0, 1e21), address(this));
        watch();
    }

    function give(uint256 which, uint256 amount) external {
        token.mint(address(tranches[which % 2]), bound(amount, 0, 1e21));
        watch();
    }

    function addOwn(uint256 which, uint256 a, uint256 b) external {
        fund.addToPot(markets[which % 2], bound(a, 0, 1e20));
        fund.addFirstLoss(bound(b, 0, 1e20));
        watch();
    }

    function requestRedeem(uint256 which, uint256 shares) external {
        ITranche t = tranches[which % 2];
        uint256 have = t.balanceOf(address(this));
        if (have == 0 || isHeld()) return;
        requests.push([which % 2, t.requestRedeem(bound(shares, 1, have < 1e45 ? have : 1e45))]);
    }

    function redeem(uint256 which) external {
        if (requests.length == 0) return;
        uint256[2] memory r = requests[which % requests.length];
        ITranche t = tranches[r[0]];
        (uint256 from, uint256 to) = t.windowOf(r[1]);
        bool passes = !isHeld() && t.requestOf(r[1]).shares > 0 && vm.getBlockTimestamp() >= from
            && vm.getBlockTimestamp() <= to;
        if (!passes) vm.expectRevert();
        t.redeem(r[1]);
        watch();
    }

    function cover(uint256 which, uint256 amount, bool opened) external {
        amount = bound(amount, 0, 5e21);
        which %= 2;
        bytes32 id = opened && losses > 0 ? bytes32(losses) : bytes32(++losses);
        if (fund.lossOf(id).isUsed || (fund.lossOf(id).until != 0 && fund.lossOf(id).market != markets[which])) return;
        uint256 pot = fund.potOf(markets[which]);
        uint256 juniorBefore = tranches[0].totalAssets();
        uint256 seniorBefore = tranches[1].totalAssets();
        vm.prank(exchange);
        uint256 got = fund.cover(id, markets[which], amount);
        asked += amount;
        paid += got;
        residual += amount - got;
        takenSinceSet[which] += got > pot ? got - pot : 0;
        if (tranches[1].totalAssets() < seniorBefore) {
            uint256 min = juniorBefore < 1e6 ? juniorBefore : 1e6;
            eq(tranches[0].totalAssets(), min, "FUND-02: junior above its minimum");
        }
    }

    function openLoss(uint256 by) external {
        uint256 t = vm.getBlockTimestamp();
        bool byTimelock = by % 3 == 2;
        if (fund.marketLeft(markets[0]) == 0) return;
        bool begins = !isHeld();
        vm.prank(byTimelock ? timelock : by % 3 == 1 ? exchange : council);
        (bool ok,) = address(fund).call(abi.encodeCall(fund.openLoss, (bytes32(losses + 1), markets[0], 1, why())));
        if (!ok) return;
        ++losses;
        if (!begins) return;
        if (!byTimelock) atMost(nextRowAt, t, "FUND-07: a row too soon");
        (unconfirmedUntil, nextRowAt) = (t + 7 days, t + 30 days);
    }

    function closeLoss(uint256 back) external {
        bytes32 id = bytes32(losses - back % (losses < 4 ? losses + 1 : 4));
        vm.prank(timelock);
        (bool ok,) = address(fund).call(abi.encodeCall(fund.closeLoss, (id, why())));
        ok;
    }

    function setMarketCap(uint256 which, uint256 bps) external {
        which %= 2;
        bpsOf[which] = bound(bps, 0, 10_000);
        vm.prank(timelock);
        fund.setMarketCap(markets[which], uint16(bpsOf[which]), why());
        (takenSinceSet[which], largestFund[which]) = (0, 0);
        watch();
    }

    function isHeld() public view returns (bool) {
        (, uint40 end) = tranches[0].frozen();
        return vm.getBlockTimestamp() < end;
    }

    function watch() internal {
        uint256 now_ = fund.firstLoss() + tranches[0].totalAssets() + tranches[1].totalAssets();
        for (uint256 i; i < 2; ++i) {
            if (now_ + takenSinceSet[i] > largestFund[i]) largestFund[i] = now_ + takenSinceSet[i];
        }
    }

    function why() internal pure returns (Why memory) {
        return Why("test", keccak256("evidence"));
    }
}

contract FundInvariants is FundSetup, Aimed {
    FundHandler internal handler;

    function setUp() public override {
        super.setUp();
        handler = new FundHandler(fund, token, [exchange, council, timelock]);
        token.mint(address(handler), 1e40);
        aim(address(handler), "");
    }

    function invariant_FUND_01_paidAndResidualSumUpToTheLosses() external view {
        eq(handler.paid() + handler.residual(), handler.asked(), "sum");
        eq(token.balanceOf(exchange), handler.paid(), "received");
    }

    function invariant_FUND_02_noTrancheFallsBelowItsMinimumByALoss() external view {
        // Alice and Bob never leave, so only losses could take their tranches below it.
        for (uint256 i; i < 2; ++i) atMost(MIN, handler.tranches(i).totalAssets(), "minimum");
    }

    function invariant_FUND_05_ownLayersEqualTheBalance() external view {
        uint256 own = fund.firstLoss() + fund.potOf(handler.markets(0)) + fund.potOf(handler.markets(1));
        eq(token.balanceOf(address(fund)), own, "own layers");
        for (uint256 i; i < 2; ++i) {
            ITranche t = handler.tranches(i);
            atMost(t.previewRedeem(t.totalSupply()), t.totalAssets(), "claims");
        }
    }

    function invariant_FUND_06_noMarketTakesMoreThanItsShare() external view {
        for (uint256 i; i < 2; ++i) {
            atMost(handler.takenSinceSet(i), handler.largestFund(i) * handler.bpsOf(i) / 10_000, "taken");
        }
    }

    function invariant_FUND_07_unconfirmedLossesHoldAtMost7Days() external view {
        (, uint40 end) = junior.frozen();
        if (end > nowAt()) atMost(end, handler.unconfirmedUntil(), "end");
        (, uint40 other) = senior.frozen();
        eq(other, end, "both tranches");
    }
}

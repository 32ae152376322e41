// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {InsuranceFund} from "../src/InsuranceFund.sol";
import {ITranche} from "../src/interfaces/ITranche.sol";
import {Waterfall} from "../src/libraries/Waterfall.sol";
import {Why} from "../src/libraries/Why.sol";
import {MockBurner} from "../src/mocks/MockClock.sol";
import {MockOddToken} from "../src/mocks/MockOddToken.sol";
import {Base} from "./Base.t.sol";

/// A fund with all layers filled: pot 100, first loss 200, junior 300, senior 1,000 tokens, and a market that may take
/// all of it.
abstract contract FundSetup is Base {
    bytes32 internal constant EVIDENCE = keccak256("evidence");
    bytes32 internal constant MARKET = "ETH-PERP";
    bytes32 internal constant OTHER = "DOGE-PERP";
    address internal constant ALICE = address(0xa11ce);
    address internal constant BOB = address(0xb0b);
    uint256 internal constant MIN = Waterfall.MIN_ASSETS;

    address internal council = address(new MockBurner());
    address internal timelock = address(new MockBurner());
    address internal exchange = address(new MockBurner());
    MockOddToken internal token;
    InsuranceFund internal fund;
    ITranche internal junior;
    ITranche internal senior;

    function setUp() public virtual {
        token = MockOddToken(makeToken());
        fund = new InsuranceFund(exchange, token, council, timelock);
        (junior, senior) = (fund.junior(), fund.senior());
        token.mint(address(this), 1e40);
        token.approve(address(fund), type(uint256).max);
        fund.addToPot(MARKET, 100e18);
        fund.addFirstLoss(200e18);
        deposit(junior, ALICE, 300e18);
        deposit(senior, BOB, 1_000e18);
        setMarketCap(MARKET, 10_000);
    }

    function makeToken() internal virtual returns (address) {
        return address(new MockOddToken(18));
    }

    /* INPUTS */

    function why() internal pure returns (Why memory) {
        return Why("test", EVIDENCE);
    }

    function nowAt() internal view returns (uint40) {
        return uint40(vm.getBlockTimestamp());
    }

    /// From nothing to three times the fund.
    function boundLoss(uint256 x) internal pure returns (uint256) {
        return bound(x, 0, 4_800e18);
    }

    function both(uint256 which) internal view returns (ITranche, address) {
        return which % 2 == 0 ? (junior, ALICE) : (senior, BOB);
    }

    /* ACTIONS by role */

    function deposit(ITranche tranche, address by, uint256 assets) internal returns (uint256) {
        token.mint(by, assets);
        vm.prank(by);
        token.approve(address(tranche), type(uint256).max);
        vm.prank(by);
        return tranche.deposit(assets, by);
    }

    function request(ITranche tranche, address by, uint256 shares) internal returns (uint256) {
        vm.prank(by);
        return tranche.requestRedeem(shares);
    }

    function redeem(ITranche tranche, address by, uint256 id) internal returns (uint256) {
        vm.prank(by);
        return tranche.redeem(id);
    }

    function setMarketCap(bytes32 market, uint256 bps) internal {
        vm.prank(timelock);
        fund.setMarketCap(market, uint16(bps), why());
    }

    function openLoss(address by, bytes32 id) internal {
        openLoss(by, id, MARKET);
    }

    function openLoss(address by, bytes32 id, bytes32 market) internal {
        vm.prank(by);
        fund.openLoss(id, market, 1e18, why());
    }

    function confirmLoss(bytes32 id) internal {
        vm.prank(timelock);
        fund.confirmLoss(id, why());
    }

    function closeLoss(address by, bytes32 id) internal {
        vm.prank(by);
        fund.closeLoss(id, why());
    }

    function cover(bytes32 id, uint256 amount) internal returns (uint256) {
        return cover(id, MARKET, amount);
    }

    function cover(bytes32 id, bytes32 market, uint256 amount) internal returns (uint256) {
        vm.prank(exchange);
        return fund.cover(id, market, amount);
    }
}

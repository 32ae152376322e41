// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccountable} from "../../src/interfaces/IAccountable.sol";
import {IInsuranceFund} from "../../src/interfaces/IInsuranceFund.sol";
import {ITranche} from "../../src/interfaces/ITranche.sol";
import {FundSetup} from "../FundSetup.t.sol";

/// Whoever reads the log knows each layer's money, and who waits for his own.
contract FundEventsTest is FundSetup {
    function test_fuzz_FUND_08_whatIsPaidInIsTold(uint256 amount) external {
        amount = bound(amount, 1, 1e30);
        vm.expectEmit(address(fund));
        emit IInsuranceFund.PotFilled(OTHER, amount);
        fund.addToPot(OTHER, amount);
        vm.expectEmit(address(fund));
        emit IInsuranceFund.FirstLossChanged(200e18 + amount);
        fund.addFirstLoss(amount);
        vm.expectEmit(address(fund));
        emit IInsuranceFund.FirstLossChanged(200e18);
        vm.prank(timelock);
        fund.withdrawFirstLoss(amount, BOB, why());
    }

    function test_fuzz_FUND_08_aRequestAndItsEndAreTold(uint256 which, uint256 shares) external {
        (ITranche tranche, address by) = both(which);
        shares = bound(shares, 1, tranche.balanceOf(by));
        uint256 id = (uint256(uint160(by)) << 96) | 1;
        vm.expectEmit(address(tranche));
        emit ITranche.RedeemRequested(id, by, shares, uint48(nowAt() + 10 days));
        request(tranche, by, shares);
        vm.expectEmit(address(tranche));
        emit ITranche.RequestCancelled(id);
        vm.prank(by);
        tranche.cancelRequest(id);
    }

    function test_fuzz_FUND_08_aLossIsToldByWhoPays(bytes32 id, uint256 junior_, uint256 senior_) external {
        junior_ = bound(junior_, 1, 300e18 - MIN);
        uint40 until = nowAt() + 7 days;
        vm.expectEmit(address(junior));
        emit ITranche.Frozen(nowAt(), until);
        vm.expectEmit(address(senior));
        emit ITranche.Frozen(nowAt(), until);
        openLoss(council, id);
        bool bothPay = senior_ % 2 == 0;
        senior_ = bothPay ? bound(senior_, 1, 1_000e18 - MIN) : 0;
        vm.expectEmit(address(junior));
        emit ITranche.Slashed(bothPay ? 300e18 - MIN : junior_);
        if (bothPay) {
            vm.expectEmit(address(senior));
            emit ITranche.Slashed(senior_);
        }
        cover(id, 300e18 + (bothPay ? 300e18 - MIN + senior_ : junior_));
    }

    /// The loss of the row before ended in the second in which the next row begins.
    function test_FUND_07_aLossThatEndedAsTheNextRowBeganIsNotOfIt() external {
        openLoss(council, "old");
        vm.warp(nowAt() + 7 days);
        openLoss(timelock, "new");
        vm.expectRevert(abi.encodeWithSelector(IInsuranceFund.Fund_LossNotOpen.selector, bytes32("old")));
        closeLoss(timelock, "old");
    }

    function test_fuzz_SYS_03_whoMovesALossOrTheFirstLossSaysWhy(bytes32 id, uint256 amount, bool confirmed) external {
        openLoss(council, id);
        if (confirmed) {
            vm.expectEmit(address(fund));
            emit IInsuranceFund.LossConfirmed(id, nowAt() + 30 days);
            vm.expectEmit(address(fund));
            emit IAccountable.Tightened(timelock, id, "test", EVIDENCE);
            confirmLoss(id);
        }
        address closer = confirmed ? timelock : exchange;
        vm.expectEmit(address(fund));
        emit IInsuranceFund.LossClosed(id);
        vm.expectEmit(address(fund));
        emit IAccountable.Loosened(closer, id, "test", EVIDENCE);
        closeLoss(closer, id);
        amount = bound(amount, 1, 200e18);
        vm.expectEmit(address(fund));
        emit IInsuranceFund.FirstLossChanged(200e18 - amount);
        vm.expectEmit(address(fund));
        emit IAccountable.Loosened(timelock, bytes32(bytes20(address(fund))), "test", EVIDENCE);
        vm.prank(timelock);
        fund.withdrawFirstLoss(amount, BOB, why());
    }
}

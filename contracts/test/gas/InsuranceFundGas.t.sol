// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MockPlainToken} from "../../src/mocks/MockPlainToken.sol";
import {FundSetup} from "../FundSetup.t.sol";
import {Measured} from "./Measured.t.sol";

/// Gas of one call, measured as in Gas.t.sol: cold storage, the called contract itself warm, without the 21,000 base
/// and the price of call data. The second of its kind: the receiver has shares or tokens already.
contract InsuranceFundGasTest is FundSetup, Measured {
    /// Clearing the request's slot gives this back at the end of the transaction (EIP-3529).
    uint256 internal constant REFUND = 4_800;

    function makeToken() internal override returns (address) {
        return address(new MockPlainToken());
    }

    function measure(address by, address to, bytes memory data) internal returns (uint256) {
        vm.cool(address(fund));
        vm.cool(address(junior));
        vm.cool(address(senior));
        vm.cool(address(token));
        return costOf(by, to, data);
    }

    function test_FUND_04_gas_deposit() external {
        token.mint(ALICE, 2e18);
        bytes memory call = abi.encodeWithSignature("deposit(uint256,address)", 1e18, ALICE);
        uint256 used = measure(ALICE, address(junior), call);
        vm.snapshotValue("InsuranceFund", "deposit", used);
        // OpenZeppelin's bare vault takes 36,128.
        atMost(used, 40_000, "deposit");
    }

    function test_FUND_03_gas_redeem() external {
        token.mint(ALICE, 1e18);
        bytes memory ask = abi.encodeCall(junior.requestRedeem, (1e24));
        vm.snapshotValue("InsuranceFund", "requestRedeem, first", measure(ALICE, address(junior), ask));
        vm.snapshotValue("InsuranceFund", "requestRedeem", measure(ALICE, address(junior), ask));
        vm.warp(nowAt() + 10 days);
        uint256 id = (uint256(uint160(ALICE)) << 96) | 1;
        uint256 used = measure(ALICE, address(junior), abi.encodeWithSignature("redeem(uint256)", id));
        vm.snapshotValue("InsuranceFund", "redeem", used);
        vm.snapshotValue("InsuranceFund", "redeem, after the refund", used - REFUND);
        // OpenZeppelin's bare vault takes 31,220; the hold's word and the request's are 7,100 more, before the refund.
        atMost(used - REFUND, 35_000, "redeem, after the refund");
        atMost(used, 39_300, "redeem");
    }

    function test_FUND_01_gas_cover() external {
        token.mint(exchange, 1);
        bytes memory call = abi.encodeCall(fund.cover, ("loss", MARKET, 700e18));
        uint256 used = measure(exchange, address(fund), call);
        vm.snapshotValue("InsuranceFund", "cover, all four layers", used);
        atMost(used, 120_000, "cover");
    }
}

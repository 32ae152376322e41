// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Layers, Payment, Waterfall} from "../../src/libraries/Waterfall.sol";
import {Vectors} from "../Vectors.t.sol";

/// The waterfall against the TypeScript twin, bit for bit.
contract FundVectorsTest is Vectors {
    function setUp() external {
        open("fund");
    }

    function layers() internal view returns (Layers[] memory all) {
        uint256[] memory pot = column("pot");
        uint256[] memory firstLoss = column("firstLoss");
        uint256[] memory junior = column("junior");
        uint256[] memory senior = column("senior");
        all = new Layers[](pot.length);
        for (uint256 i; i < pot.length; ++i) all[i] = Layers(pot[i], firstLoss[i], junior[i], senior[i]);
    }

    function payments() internal view returns (Payment[] memory all) {
        uint256[] memory fromPot = column("fromPot");
        uint256[] memory fromProtocol = column("fromProtocol");
        uint256[] memory fromJunior = column("fromJunior");
        uint256[] memory fromSenior = column("fromSenior");
        uint256[] memory residual = column("residual");
        all = new Payment[](fromPot.length);
        for (uint256 i; i < all.length; ++i) {
            all[i] = Payment(fromPot[i], fromProtocol[i], fromJunior[i], fromSenior[i], residual[i]);
        }
    }

    function test_FUND_01_paymentsEqualTheTwinBitForBit() external view {
        Layers[] memory all = layers();
        Payment[] memory want = payments();
        uint256[] memory amount = column("amount");
        uint256[] memory capLeft = column("capLeft");
        for (uint256 i; i < all.length; ++i) {
            eq(abi.encode(Waterfall.split(amount[i], capLeft[i], all[i])), abi.encode(want[i]), "payment");
        }
    }

    function test_FUND_06_capsEqualTheTwinBitForBit() external view {
        Layers[] memory all = layers();
        uint256[] memory want = column("capLeft");
        uint256[] memory capBps = column("capBps");
        uint256[] memory taken = column("taken");
        for (uint256 i; i < all.length; ++i) eq(Waterfall.capLeft(capBps[i], taken[i], all[i]), want[i], "cap left");
    }
}

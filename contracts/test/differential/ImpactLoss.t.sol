// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CollateralCheck} from "../../src/adapters/CollateralCheck.sol";
import {MarkCheck} from "../../src/adapters/MarkCheck.sol";
import {SolvencyCheck} from "../../src/adapters/SolvencyCheck.sol";
import {Bucket} from "../../src/interfaces/IExploitProofHook.sol";
import {ClaimProgram} from "../../src/interfaces/IBeforeAfterVerifier.sol";
import {IImpactCheck, Look} from "../../src/interfaces/IImpactCheck.sol";
import {ICollateralModel, IMarkModel, ISolvencyModel} from "../../src/interfaces/IImpactModel.sol";
import {ClaimCheck} from "../../src/libraries/ClaimCheck.sol";
import {Vectors} from "../Vectors.t.sol";

/// A protocol of which two amounts are told: assets and claims, mark and reference, or worth and free collateral.
contract ToldProtocol is ISolvencyModel, IMarkModel, ICollateralModel {
    uint256 private _a;
    uint256 private _b;
    int256 private _worth;

    function set(uint256 a, uint256 b, int256 worth) external {
        (_a, _b, _worth) = (a, b, worth);
    }

    function settle() external pure {}

    function pinned() external pure returns (bytes32) {
        return 0;
    }

    function makerShares() external pure returns (uint256) {
        return 0;
    }

    function solvency(address) external view returns (uint256, uint256) {
        return (_a, _b);
    }

    function marks() external view returns (uint256, uint256) {
        return (_a, _b);
    }

    function worthOfOthers(address) external view returns (int256) {
        return _worth;
    }

    function collateralOf(address) external view returns (uint256, uint256) {
        return (_b, _a);
    }
}

/// What the impact checks see, and what a claim is worth, against the TypeScript twins, bit for bit.
contract ImpactLossDifferential is Vectors {
    ClaimProgram internal program;

    function test_COL_68_everyLookOfTheSharedVectors() external {
        uint256[][] memory rows = rowsOf("impactLoss", "looks");
        atMost(80, rows.length, "rows");
        ToldProtocol told = new ToldProtocol();
        for (uint256 i; i < rows.length; ++i) {
            uint256[] memory r = rows[i];
            told.set(r[0], r[1], int256(r[3]));
            sees(new SolvencyCheck(told), r[4], r[5]);
            sees(new CollateralCheck(told), r[4], r[5]);
            sees(new MarkCheck(told, uint16(r[2])), r[6], r[7]);
        }
    }

    function test_COL_68_everyLossOfTheSharedVectors() external {
        uint256[][] memory rows = rowsOf("impactLoss", "losses");
        atMost(80, rows.length, "rows");
        for (uint256 i; i < rows.length; ++i) {
            uint256[] memory r = rows[i];
            uint256 loss = ClaimCheck.lossSince(Look(0, true, int256(r[0])), Look(0, r[1] == 1, int256(r[2])));
            eq(loss, r[6], "loss");
            delete program.buckets;
            for (uint8 j; j < 3; ++j) program.buckets.push(Bucket(uint128(r[3 + j]), j + 1));
            (bool reached, bytes memory answer) = address(this).staticcall(abi.encodeCall(this.bucketOf, (loss)));
            eq(reached ? abi.decode(answer, (Bucket)).severity : 0, r[7], "bucket");
        }
    }

    function bucketOf(uint256 loss) external view returns (Bucket memory) {
        return ClaimCheck.bucketOf(program, loss);
    }

    function sees(IImpactCheck check, uint256 holds, uint256 level) internal view {
        Look memory look = check.look(address(this));
        eq(look.holds ? 1 : 0, holds, "holds");
        eq(uint256(look.level), level, "level");
    }
}

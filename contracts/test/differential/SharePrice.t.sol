// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {ERC4626Adapter} from "../../src/adapters/ERC4626Adapter.sol";
import {Wad} from "../../src/libraries/Wad.sol";
import {MockDecimals, MockShares} from "../../src/mocks/MockSources.sol";
import {Vectors} from "../Vectors.t.sol";

/// The conversion of decimals and the line of growth against the TypeScript twins, bit for bit.
contract SharePriceDifferential is Vectors {
    function test_ORACLE_08_everyConversionOfTheSharedVectors() external view {
        uint256[][] memory rows = rowsOf("sharePrice", "decimals");
        atMost(100, rows.length, "rows");
        for (uint256 i; i < rows.length; ++i) {
            uint256[] memory r = rows[i];
            eq(Wad.fromDecimalsDown(r[0], r[1]), r[2], "wad");
        }
    }

    function test_ORACLE_10_everySharePriceOfTheSharedVectors() external {
        uint256[][] memory rows = rowsOf("sharePrice", "shares");
        atMost(120, rows.length, "rows");
        uint256 begin = vm.getBlockTimestamp();
        for (uint256 i; i < rows.length; ++i) {
            uint256[] memory r = rows[i];
            vm.warp(begin);
            // Shares without decimals: a whole one is one unit, so that any amount of assets can be told.
            MockShares vault = new MockShares(address(new MockDecimals(uint8(r[0]))), 0);
            vault.set(1, r[1]);
            ERC4626Adapter adapter = new ERC4626Adapter(IERC4626(address(vault)), 1, uint16(r[2]));
            vm.warp(begin + r[3]);
            vault.set(1, r[4]);
            eq(adapter.maxWad(), r[5], "line");
            (uint256 wad,) = adapter.read(0, 0, 0);
            eq(wad, r[6], "wad");
        }
    }
}

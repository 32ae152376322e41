// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PerpMath} from "../../src/libraries/PerpMath.sol";
import {Vectors} from "../Vectors.t.sol";

/// The exchange's formulas against the TypeScript twin, bit for bit.
contract PerpVectorsTest is Vectors {
    uint256[] internal wad;
    uint256[] internal unit;
    uint256[] internal assets;
    uint256[] internal offset;
    int256[] internal size;
    int256[] internal held;

    function setUp() external {
        open("perp");
        (wad, unit, assets, offset) = (column("wad"), column("unit"), column("assets"), column("offset"));
        (size, held) = (signed("size"), signed("held"));
    }

    function signed(string memory key) internal view returns (int256[] memory values) {
        uint256[] memory words = column(key);
        values = new int256[](words.length);
        for (uint256 i; i < words.length; ++i) values[i] = int256(words[i]);
    }

    function same(int256 have, int256 want, string memory what) internal pure {
        eq(uint256(have), uint256(want), what);
    }

    function test_PERP_02_valuesEqualTheTwinBitForBit() external view {
        int256[] memory down = signed("valueDown");
        int256[] memory up = signed("valueUp");
        uint256[] memory notional = column("notionalUp");
        for (uint256 i; i < size.length; ++i) {
            same(PerpMath.valueDown(size[i], wad[i], unit[i]), down[i], "value down");
            same(PerpMath.valueUp(size[i], wad[i], unit[i]), up[i], "value up");
            eq(PerpMath.notionalUp(size[i], wad[i], unit[i]), notional[i], "notional");
        }
    }

    function test_PERP_02_fundingEqualsTheTwinBitForBit() external view {
        int256[] memory index = signed("index");
        int256[] memory from = signed("from");
        int256[] memory owed = signed("owedUp");
        for (uint256 i; i < size.length; ++i) {
            same(PerpMath.owedUp(size[i], index[i], from[i], unit[i]), owed[i], "owed");
        }
        uint256[] memory scale = column("scale");
        uint256[] memory cap = column("cap");
        uint256[] memory time = column("time");
        int256[] memory step = signed("fundingStep");
        for (uint256 i; i < size.length; ++i) {
            same(PerpMath.fundingStep(held[i], scale[i], cap[i], wad[i], time[i]), step[i], "step");
        }
    }

    function test_PERP_02_fillsEqualTheTwinBitForBit() external view {
        uint256[] memory depth = column("depth");
        uint256[] memory price = column("fillPrice");
        int256[] memory reduced = signed("reducedBy");
        uint256[] memory ratio = column("ratio");
        uint256[] memory share = column("shareUp");
        for (uint256 i; i < size.length; ++i) {
            eq(PerpMath.fillPrice(size[i], wad[i], assets[i], depth[i]), price[i], "fill price");
            same(PerpMath.reducedBy(held[i], size[i]), reduced[i], "reduced");
            eq(PerpMath.shareUp(ratio[i], assets[i]), share[i], "share");
        }
        int256[] memory cost = signed("cost");
        uint256[] memory closed = column("closed");
        uint256[] memory total = column("total");
        int256[] memory part = signed("costPart");
        for (uint256 i; i < size.length; ++i) same(PerpMath.costPart(cost[i], closed[i], total[i]), part[i], "part");
    }

    function test_PERP_02_sharesEqualTheTwinBitForBit() external view {
        uint256[] memory pool = column("pool");
        uint256[] memory shares = column("shares");
        uint256[] memory toShares = column("toSharesDown");
        uint256[] memory toAssets = column("toAssetsDown");
        for (uint256 i; i < size.length; ++i) {
            eq(PerpMath.toSharesDown(assets[i], pool[i] + 1, shares[i], offset[i]), toShares[i], "shares");
            eq(PerpMath.toAssetsDown(assets[i], pool[i], shares[i] + 1, offset[i]), toAssets[i], "assets");
        }
    }
}

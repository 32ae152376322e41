// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {UniswapV3TwapAdapter} from "../../src/adapters/UniswapV3TwapAdapter.sol";
import {PriceStamp} from "../../src/libraries/PriceStamp.sol";
import {TickPrice} from "../../src/libraries/TickPrice.sol";
import {MockDecimals, MockPool} from "../../src/mocks/MockSources.sol";
import {Vectors} from "../Vectors.t.sol";

/// The price at a tick against the TypeScript twin, which is exact, and the mean of a pool against its own.
contract TickPriceDifferential is Vectors {
    function test_ORACLE_08_everyPriceOfTheSharedVectorsIsNear() external view {
        uint256[][] memory rows = rowsOf("tickPrice", "prices");
        atMost(170, rows.length, "rows");
        for (uint256 i; i < rows.length; ++i) {
            uint256[] memory r = rows[i];
            near(TickPrice.atTickDown(int24(int256(r[0])), r[1]), r[2]);
        }
    }

    function test_ORACLE_07_everyMeanOfTheSharedVectors() external {
        uint256[][] memory rows = rowsOf("tickPrice", "means");
        atMost(80, rows.length, "rows");
        for (uint256 i; i < rows.length; ++i) {
            uint256[] memory r = rows[i];
            address base = address(new MockDecimals(uint8(r[0])));
            address quote = address(new MockDecimals(uint8(r[1])));
            MockPool pool = r[2] == 1 ? new MockPool(base, quote) : new MockPool(quote, base);
            pool.set(int24(int256(r[6])), int56(int256(r[4])), uint160(r[5]));
            (uint256 wad, uint256 stamp) =
                new UniswapV3TwapAdapter(pool, base).read(uint16(r[7]), uint32(r[3]), uint128(r[8]));
            near(wad, r[10]);
            eq(PriceStamp.rest(stamp), r[11], "fault");
        }
    }

    function near(uint256 have, uint256 want) internal pure {
        uint256 distance = have > want ? have - want : want - have;
        atMost(distance, 2 + want / 1e17, "distance");
    }
}

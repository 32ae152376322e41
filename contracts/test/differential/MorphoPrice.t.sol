// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/interfaces/IERC20Metadata.sol";
import {MorphoOracle} from "../../src/adapters/MorphoOracle.sol";
import {IMorphoOracle} from "../../src/interfaces/IMorphoOracle.sol";
import {IOracleAggregator, Status} from "../../src/interfaces/IOracleAggregator.sol";
import {MockDecimals} from "../../src/mocks/MockSources.sol";
import {Vectors} from "../Vectors.t.sol";

/// Says what it is told of every market.
contract ToldAggregator {
    uint256 private _wad;
    Status private _status;
    uint256 private _anchorWad;

    function set(uint256 wad, Status status, uint256 anchorWad) external {
        (_wad, _status, _anchorWad) = (wad, status, anchorWad);
    }

    function tryPrice(bytes32) external view returns (bool, uint256, uint40, Status) {
        return (_status != Status.HALTED, _wad, uint40(block.timestamp), _status);
    }

    function anchorOf(bytes32) external view returns (uint256, uint40) {
        return (_anchorWad, uint40(block.timestamp));
    }
}

/// Scale and limit of the rise against the TypeScript twin, bit for bit.
contract MorphoPriceDifferential is Vectors {
    ToldAggregator internal told = new ToldAggregator();

    function test_ORACLE_12_everyPriceOfTheSharedVectors() external {
        uint256[][] memory rows = rowsOf("morphoPrice", "quotes");
        atMost(120, rows.length, "rows");
        for (uint256 i; i < rows.length; ++i) {
            uint256[] memory r = rows[i];
            told.set(1, Status.OK, 0);
            (bool fits, bytes memory answer) = address(this).call(abi.encodeCall(this.deploy, (r[0], r[1], r[5])));
            eq(fits ? 1 : 0, r[6], "fits");
            if (!fits) {
                bytes4 refused = IMorphoOracle.MorphoOracle_Decimals.selector;
                eq(answer, abi.encodeWithSelector(refused, r[0], r[1]), "decimals");
                continue;
            }
            told.set(r[2], Status(r[3]), r[4]);
            isPrice(abi.decode(answer, (MorphoOracle)), r);
        }
    }

    function isPrice(MorphoOracle adapter, uint256[] memory r) internal view {
        (bool served, bytes memory answer) = address(adapter).staticcall(abi.encodeCall(adapter.price, ()));
        eq(served ? 1 : 0, r[7], "served");
        if (served) eq(abi.decode(answer, (uint256)), r[8], "price");
        else if (Status(r[3]) == Status.DEGRADED) eq(answer, rise(r[2], r[4]), "rise");
        else eq(answer, abi.encodeWithSelector(IMorphoOracle.MorphoOracle_NoPrice.selector, r[3]), "no price");
    }

    function rise(uint256 wad, uint256 anchorWad) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IMorphoOracle.MorphoOracle_Rise.selector, wad, anchorWad);
    }

    function deploy(uint256 loan, uint256 collateral, uint256 maxRiseBps) external returns (MorphoOracle) {
        IERC20Metadata a = IERC20Metadata(address(new MockDecimals(uint8(loan))));
        IERC20Metadata b = IERC20Metadata(address(new MockDecimals(uint8(collateral))));
        return new MorphoOracle(IOracleAggregator(address(told)), "market", a, b, uint16(maxRiseBps));
    }
}

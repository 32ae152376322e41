// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LiquidatableInvariant} from "../../src/adapters/LiquidatableInvariant.sol";
import {IRiskModel} from "../../src/interfaces/IRiskInvariant.sol";
import {Base} from "../Base.t.sol";

/// A protocol in which as much is liquidatable as the parameter says.
contract LiquidatableInvariantTest is IRiskModel, Base {
    uint256 internal total;

    function priceWith(bytes32[] calldata, uint256[] calldata) external pure returns (uint256) {
        return 1e18;
    }

    function liquidatableWith(bytes32[] calldata, uint256[] calldata values) external view returns (uint256, uint256) {
        return (values[0], total);
    }

    function state(uint256 value) internal pure returns (bytes memory) {
        uint256[] memory values = new uint256[](1);
        values[0] = value;
        return abi.encode(new bytes32[](1), values);
    }

    function test_fuzz_STEWARD_04_exactlyThePartMayBecomeLiquidatable(uint256 old, uint256 next, uint256 all, uint16 bps)
        external
    {
        total = bound(all, 0, 1e40) * 10_000;
        bps = uint16(bound(bps, 0, 5_000));
        old = bound(old, 0, 1e40);
        uint256 most = old + total / 10_000 * bps;
        // At the limit, and one or two beyond it.
        next = around(bound(next, 1, 2e44), most + 2) - 1;
        LiquidatableInvariant check = new LiquidatableInvariant(this, bps);
        (bool held, bytes32 why) = check.check(state(old), state(next));
        yes(held == (next <= most), "held");
        eq(why, held ? bytes32(0) : bytes32("liquidates too much"), "why");
    }
}

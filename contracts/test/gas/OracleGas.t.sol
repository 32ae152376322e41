// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {OracleSetup} from "../OracleSetup.t.sol";

/// As in Gas.t.sol: cold storage and cold feeds of one slot each, without the 21,000 base.
contract OracleGasTest is OracleSetup {
    function cost(bytes memory data) internal returns (uint256 used) {
        for (uint256 i; i < mocks.length; ++i) vm.cool(address(mocks[i]));
        vm.cool(address(oracle));
        uint256 warm = address(oracle).balance;
        uint256 before = gasleft();
        (bool ok,) = address(oracle).call(data);
        used = before - gasleft();
        yes(ok && warm == 0, "measured call");
    }

    /// Markets are set in a transaction of their own: writing to a slot again within one is cheaper.
    function setUp() public override {
        super.setUp();
        for (uint256 n = 1; n <= 7; n += 2) {
            oracle.setMarket(bytes32(n), rulesFor(n), feedsOf(n), FALLBACK_AGE, FLOOR, why());
        }
    }

    function measure(uint256 count, string memory name, uint256 budget) internal {
        bytes memory call = abi.encodeCall(oracle.price, (bytes32(count)));
        uint256 inWindow = cost(call);
        vm.snapshotValue("OracleAggregator", string.concat("price, ", name), inWindow);
        later(JUMP_WINDOW, START);
        vm.snapshotValue("OracleAggregator", string.concat("price, ", name, ", first of a window"), cost(call));
        uint256 committed = cost(abi.encodeCall(oracle.commit, (bytes32(count))));
        vm.snapshotValue("OracleAggregator", string.concat("commit, ", name, ", first of a window"), committed);
        atMost(inWindow, budget, name);
    }

    function test_ORACLE_01_gas_oneFeed() external {
        measure(1, "1 feed", 16_000);
    }

    function test_ORACLE_01_gas_threeFeeds() external {
        measure(3, "3 feeds", 30_000);
    }

    function test_ORACLE_01_gas_fiveFeeds() external {
        measure(5, "5 feeds", 48_000);
    }

    function test_ORACLE_01_gas_sevenFeeds() external {
        measure(7, "7 feeds", 66_000);
    }
}

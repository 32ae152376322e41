// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/interfaces/IERC20Metadata.sol";
import {MorphoOracle} from "../../src/adapters/MorphoOracle.sol";
import {Feed} from "../../src/interfaces/IOracleAggregator.sol";
import {MockSlotPrice} from "../../src/mocks/MockPrice.sol";
import {MockDecimals} from "../../src/mocks/MockSources.sol";
import {OracleSetup} from "../OracleSetup.t.sol";

/// Cold storage and cold feeds of one slot each, without the 21,000 base and the price of call data. Each test measures one
/// call, the first in its transaction: `vm.cool` does not make an account cold again, and a slot that was written in
/// the same transaction is cheaper to write.
contract OracleGasTest is OracleSetup {
    MockSlotPrice[] internal slots;
    MorphoOracle internal morpho;
    MorphoOracle internal bentMorpho;

    function setUp() public override {
        super.setUp();
        for (uint256 i; i < 7; ++i) slots.push(new MockSlotPrice());
        say(START);
        for (uint256 n = 1; n <= 7; n += 2) {
            Feed[] memory feeds = feedsOf(n);
            for (uint256 i; i < n; ++i) feeds[i].adapter = address(slots[i]);
            oracle.setMarket(bytes32(n), rulesFor(n), feeds, FALLBACK_AGE, FLOOR, why());
        }
        listForMorpho();
        // A quiet market within its heartbeat: the new window has a newer observation to commit.
        for (uint256 i; i < 7; ++i) slots[i].set(START, nowAt() + 60);
    }

    /// A market of three for Morpho, and another with one of its three feeds bent: set up here, so that all is cold later.
    function listForMorpho() internal {
        IERC20Metadata token = IERC20Metadata(address(new MockDecimals(18)));
        morpho = new MorphoOracle(oracle, bytes32(uint256(3)), token, token, MAX_JUMP);
        Feed[] memory feeds = feedsOf(3);
        for (uint256 i; i < 3; ++i) {
            MockSlotPrice source = new MockSlotPrice();
            source.set(START, nowAt());
            feeds[i].adapter = address(source);
        }
        oracle.setMarket("bent", rulesFor(3), feeds, FALLBACK_AGE, FLOOR, why());
        bentMorpho = new MorphoOracle(oracle, "bent", token, token, MAX_JUMP);
        MockSlotPrice(feeds[2].adapter).set(START * 2_000, nowAt());
    }

    function say(uint128 wad) internal {
        for (uint256 i; i < 7; ++i) slots[i].set(wad, nowAt());
    }

    function cost(bytes memory data) internal returns (uint256 used) {
        uint256 warm = address(oracle).balance;
        uint256 before = gasleft();
        (bool ok,) = address(oracle).call(data);
        used = before - gasleft();
        yes(ok && warm == 0, "measured call");
    }

    function price(uint256 count, string memory name, uint256 max) internal {
        uint256 used = cost(abi.encodeCall(oracle.price, (bytes32(count))));
        vm.snapshotValue("OracleAggregator", name, used);
        atMost(used, max, name);
    }

    function morphoPrice(MorphoOracle from, string memory name, uint256 max) internal {
        uint256 before = gasleft();
        (bool ok,) = address(from).call(abi.encodeCall(from.price, ()));
        uint256 used = before - gasleft();
        yes(ok, "measured call");
        vm.snapshotValue("OracleAggregator", name, used);
        atMost(used, max, name);
    }

    // The read of three feeds, an account more, and when DEGRADED the anchor.
    function test_ORACLE_12_gas_morphoPriceOk() external {
        morphoPrice(morpho, "MorphoOracle price, 3 feeds, OK", 44_000);
    }

    function test_ORACLE_12_gas_morphoPriceDegraded() external {
        morphoPrice(bentMorpho, "MorphoOracle price, 3 feeds, DEGRADED", 48_500);
    }

    function test_ORACLE_01_gas_price1() external {
        price(1, "price, 1 feed", 16_500);
    }

    function test_ORACLE_01_gas_price3() external {
        price(3, "price, 3 feeds", 30_000);
    }

    function test_ORACLE_01_gas_price5() external {
        price(5, "price, 5 feeds", 48_000);
    }

    function test_ORACLE_01_gas_price7() external {
        price(7, "price, 7 feeds", 65_000);
    }

    function test_ORACLE_06_gas_firstPriceOfAWindow() external {
        vm.warp(nowAt() + JUMP_WINDOW);
        price(3, "price, 3 feeds, first of a window", 32_500);
    }

    function test_ORACLE_06_gas_commit3() external {
        vm.warp(nowAt() + 60);
        vm.snapshotValue("OracleAggregator", "commit, 3 feeds", cost(abi.encodeCall(oracle.commit, (bytes32(uint256(3))))));
        eq(oracle.lastRound(bytes32(uint256(3))), 2, "a round");
    }

    function test_ORACLE_06_gas_firstCommitOfAWindow() external {
        vm.warp(nowAt() + JUMP_WINDOW);
        uint256 used = cost(abi.encodeCall(oracle.commit, (bytes32(uint256(3)))));
        vm.snapshotValue("OracleAggregator", "commit, 3 feeds, first of a window", used);
        eq(oracle.lastRound(bytes32(uint256(3))), 2, "a round");
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RateLimiter} from "@openzeppelin/contracts/utils/RateLimiter.sol";
import {Route, Side, Tier, Transfer} from "../../src/interfaces/IBridgeGuard.sol";
import {Book} from "../../src/libraries/BridgeBook.sol";
import {BridgeTerms} from "../../src/libraries/BridgeTerms.sol";
import {BridgeTypes, Lane} from "../../src/libraries/BridgeTypes.sol";
import {FlowMath} from "../../src/libraries/FlowMath.sol";
import {BridgeSetup} from "../BridgeSetup.t.sol";
import {Vectors} from "../Vectors.t.sol";

/// Ids and arrivals against the TypeScript twin, bit for bit.
contract BridgeVectorsTest is Vectors {
    Book internal book;

    function test_BRIDGE_03_idsEqualTheTwinBitForBit() external view {
        uint256[][] memory rows = rowsOf("bridge", "messages");
        eq(rows.length, 64, "rows");
        for (uint256 i; i < rows.length; ++i) {
            uint256[] memory r = rows[i];
            Lane memory lane = Lane(
                uint64(r[0]), uint64(r[1]), account(r[2]), account(r[3]), account(r[4]), account(r[5])
            );
            eq(BridgeTypes.hash(BridgeTypes.hash(lane), r[6], account(r[7]), uint64(r[8])), bytes32(r[9]), "id");
        }
    }

    function test_BRIDGE_05_arrivalsEqualTheTwinBitForBit() external {
        uint256[][] memory rows = rowsOf("bridge", "arrivals");
        eq(rows.length, 320, "rows");
        for (uint256 i; i < rows.length; ++i) {
            uint256[] memory r = rows[i];
            setBook(r);
            (bool ok, bytes memory data) = address(this).call(abi.encodeCall(this.arrive, (transferOf(r[5]))));
            eq(ok ? 1 : 0, r[12], "passes");
            if (!ok) {
                bytes4 route = bytes4(keccak256("Bridge_Route(uint64,address,uint256)"));
                eq(data, abi.encodeWithSelector(route, 1, address(0), r[13]), "over");
                continue;
            }
            (uint256 level,) = book.levelOf();
            eq(level, r[13], "level");
            eq(abi.decode(data, (uint256)), r[14], "delay");
        }
    }

    function setBook(uint256[] memory r) internal {
        Tier[3] memory tiers = [tier(r[6], r[7]), tier(r[8], r[9]), tier(r[10], r[11])];
        Route memory route = Route(Side.HOME, address(1), address(1), uint192(r[0]), uint32(r[1]), 0, tiers);
        book.terms = BridgeTerms.pack(route);
        RateLimiter.updateSettings(book.bucket, route.window, route.cap);
        book.bucket._items[0] = RateLimiter.RefillingBucketItem(uint208(r[2]), uint48(r[3]));
        vm.warp(r[4]);
    }

    function arrive(Transfer calldata transfer) external returns (uint256) {
        return book.consume(transfer, book.terms);
    }

    function transferOf(uint256 amount) internal pure returns (Transfer memory) {
        return Transfer(1, address(0), amount, address(0), 0);
    }

    function tier(uint256 aboveBps, uint256 delay) internal pure returns (Tier memory) {
        return Tier(uint16(aboveBps), uint32(delay));
    }

    function account(uint256 value) internal pure returns (address) {
        return address(uint160(value));
    }
}

/// The whole guard against the flow limiter's bucket, which is another one than OpenZeppelin's.
contract BridgeBucketTest is BridgeSetup {
    function test_fuzz_BRIDGE_04_whatIsAvailableEqualsTheFlowLimitersBucket(uint256 cap, uint256 window, uint256 seed)
        external
    {
        (cap, window) = (bound(cap, 1, 2 ** 128 - 1), boundWindow(window));
        connect(cap, window, noTiers());
        (uint256 used, uint256 last) = (0, nowAt());
        for (uint64 i; i < 12; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            vm.warp(nowAt() + (random % 4 == 0 ? 0 : (random >> 8) % (2 * window)));
            uint256 level = FlowMath.levelAt(used, last, cap, window, nowAt());
            eq(away.guard.available(home.chain, address(away.token)), cap - level, "available");
            uint256 amount = random % 8 == 1 ? cap - level : (random >> 64) % (cap - level + 1);
            if (amount == 0) continue;
            mint(amount, i);
            (used, last) = (level + amount, nowAt());
        }
    }
}

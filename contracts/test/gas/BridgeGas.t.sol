// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Transfer} from "../../src/interfaces/IBridgeGuard.sol";
import {MockBareBridge} from "../../src/mocks/MockBridge.sol";
import {BridgeSetup} from "../BridgeSetup.t.sol";
import {Measured} from "./Measured.t.sol";

/// Gas of one call to the guard, measured as in Gas.t.sol: cold storage, the called contract itself warm, without the
/// 21,000 base and the price of call data. Nonces have arrived before, as all but one of each 128 have.
contract BridgeGasTest is BridgeSetup, Measured {
    MockBareBridge internal bare;

    function setUp() public override {
        super.setUp();
        bare = new MockBareBridge(accountsOf(attestorKeys), 2);
        connect(CAP, WINDOW, threeTiers());
        lock(CAP);
        mint(1e18, 1);
        mint(1e18, 2);
        burn(1e18);
        release(1e18, 1);
        vm.warp(nowAt() + 1 hours);
    }

    function measure(End memory e, bytes memory data) internal returns (uint256) {
        vm.chainId(e.chain);
        return costOf(address(e.bridge), address(e.guard), data);
    }

    /// A bridge that checks the same two attestations and marks the message: what it does without a guard.
    function bareCost(Transfer memory t, uint64 nonce) internal returns (uint256) {
        t.nonce = nonce;
        bytes[] memory sigs =
            signAll(attestorKeys, 2, digestFor(keccak256(abi.encode(t)), address(bare), block.chainid));
        return costOf(address(this), address(bare), abi.encodeCall(bare.accept, (t, sigs)));
    }

    function test_BRIDGE_04_gas_arrivals() external {
        Transfer memory t = toAway(1e18, 3);
        uint256 minting = measure(away, abi.encodeCall(away.guard.onMint, (t, attest(away, t))));
        bareCost(t, 1);
        uint256 alone = bareCost(t, 2);
        t = toHome(1e18, 2);
        uint256 releasing = measure(home, abi.encodeCall(home.guard.onRelease, (t, attest(home, t))));
        vm.snapshotValue("BridgeGuard", "onMint, 2 attestations", minting);
        vm.snapshotValue("BridgeGuard", "onRelease, 2 attestations", releasing);
        vm.snapshotValue("BridgeGuard", "onMint, over a bridge with the same attestations", minting - alone);
        vm.snapshotValue("BridgeGuard", "onRelease, over a bridge with the same attestations", releasing - alone);
        atMost(minting - alone, 25_000, "overhead of a mint");
        atMost(releasing - alone, 25_000, "overhead of a release");
    }

    function test_BRIDGE_01_gas_departures() external {
        bytes memory locking = abi.encodeCall(home.guard.onLock, (away.chain, address(home.token), 1e18, ALICE));
        bytes memory burning = abi.encodeCall(away.guard.onBurn, (home.chain, address(away.token), 1e17, ALICE));
        uint256 lockCost = measure(home, locking);
        uint256 burnCost = measure(away, burning);
        vm.snapshotValue("BridgeGuard", "onLock", lockCost);
        vm.snapshotValue("BridgeGuard", "onBurn", burnCost);
        atMost(lockCost, 25_000, "overhead of a lock");
        atMost(burnCost, 25_000, "overhead of a burn");
    }

    function test_BRIDGE_05_gas_announced() external {
        Transfer memory t = toAway(CAP / 2, 3);
        bytes[] memory sigs = attest(away, t);
        uint256 used = measure(away, abi.encodeCall(away.guard.announce, (t, sigs)));
        vm.snapshotValue("BridgeGuard", "announce, 2 attestations", used);
        vm.warp(nowAt() + 6 hours);
        used = measure(away, abi.encodeCall(away.guard.onMint, (t, sigs)));
        vm.snapshotValue("BridgeGuard", "onMint of what was announced", used);
    }
}

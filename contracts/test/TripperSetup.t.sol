// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CircuitBreaker} from "../src/CircuitBreaker.sol";
import {OracleTripper} from "../src/OracleTripper.sol";
import {Config, Group, Target, Tripper} from "../src/interfaces/ICircuitBreaker.sol";
import {MockPrice} from "../src/mocks/MockPrice.sol";
import {MockVault} from "../src/mocks/MockVault.sol";
import {OracleSetup} from "./OracleSetup.t.sol";

/// A market of three feeds, whose halt trips `withdraw` of a vault, while `borrow` is of another group.
abstract contract TripperSetup is OracleSetup {
    bytes32 internal constant GROUP = "outflow";
    bytes32 internal constant OTHER = "other";
    uint40 internal constant TRIP = 6 hours;
    uint40 internal constant SILENCE = 3 hours;

    OracleTripper internal tripper;
    CircuitBreaker internal breaker;
    MockVault internal vault;

    function setUp() public virtual override {
        super.setUp();
        list(3);
        uint64 nonce = vm.getNonce(address(this));
        address breaker_ = create(nonce + 2);
        tripper = new OracleTripper(address(oracle), MARKET, breaker_, GROUP, TRIP, SILENCE);
        vault = new MockVault(breaker_);
        breaker = new CircuitBreaker(address(0xc0), address(this), config());
        eq(address(breaker), breaker_, "predicted breaker");
    }

    function create(uint64 nonce) internal view returns (address) {
        require(nonce > 0 && nonce < 128, "nonce out of range");
        bytes memory rlp = abi.encodePacked(bytes2(0xd694), address(this), bytes1(uint8(nonce)));
        return address(uint160(uint256(keccak256(rlp))));
    }

    function config() internal view returns (Config memory c) {
        c.targets = new Target[](1);
        bytes4[] memory guarded = new bytes4[](2);
        (guarded[0], guarded[1]) = (MockVault.withdraw.selector, MockVault.borrow.selector);
        c.targets[0] = Target(address(vault), true, guarded, new bytes4[](0));
        c.groups = new Group[](2);
        (c.groups[0], c.groups[1]) = (groupOf(GROUP, guarded[0]), groupOf(OTHER, guarded[1]));
        c.trippers = new Tripper[](1);
        c.trippers[0] = Tripper(address(tripper), GROUP);
    }

    function groupOf(bytes32 id, bytes4 selector) internal view returns (Group memory g) {
        g.id = id;
        (g.targets, g.selectors) = (new address[](1), new bytes4[](1));
        (g.targets[0], g.selectors[0]) = (address(vault), selector);
    }

    function pausedUntil() internal view returns (uint40) {
        return vault.pausedUntil(MockVault.withdraw.selector);
    }

    function breakFeeds() internal {
        for (uint256 i; i < 3; ++i) mocks[i].setMode(MockPrice.Mode.REVERT);
    }
}

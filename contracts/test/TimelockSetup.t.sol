// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GuardianCouncil} from "../src/GuardianCouncil.sol";
import {Timelock} from "../src/Timelock.sol";
import {ListingCheck} from "../src/adapters/ListingCheck.sol";
import {IGuardianCouncil} from "../src/interfaces/IGuardianCouncil.sol";
import {ListingPolicy} from "../src/interfaces/IListingCheck.sol";
import {PostCheck, SelectorDelay} from "../src/interfaces/ITimelock.sol";
import {MockListedMarket, MockLister, MockListingOracle} from "../src/mocks/MockListing.sol";
import {Setup} from "./Setup.t.sol";

/// A timelock of ours with its council, a lister that it owns, and the check on listings.
abstract contract TimelockSetup is Setup {
    uint32 internal constant MIN_DELAY = 2 days;
    uint32 internal constant GRACE = 14 days;
    uint32 internal constant LIST_DELAY = 5 days;
    uint32 internal constant ROOT_DELAY = 14 days;
    bytes4 internal constant LIST = MockLister.list.selector;
    address internal constant SEED = address(0xdead);

    Timelock internal lock;
    MockLister internal lister;
    MockListingOracle internal oracle;
    ListingCheck internal listing;
    address internal proposer = address(0x9909);
    address internal executor = address(0xe8ec);

    function setUp() public virtual override {
        super.setUp();
        uint64 nonce = vm.getNonce(address(this));
        address council_ = create(nonce + 4);
        lister = new MockLister(create(nonce + 3));
        oracle = new MockListingOracle();
        listing = new ListingCheck(policy());
        SelectorDelay[] memory delays = new SelectorDelay[](2);
        delays[0] = SelectorDelay(address(lister), LIST, LIST_DELAY);
        delays[1] = SelectorDelay(address(0), Timelock.setSelectorDelay.selector, ROOT_DELAY);
        PostCheck[] memory checks = new PostCheck[](1);
        checks[0] = PostCheck(address(lister), LIST, listing);
        lock = new Timelock(MIN_DELAY, GRACE, council_, one(proposer), one(executor), delays, checks);
        council = new GuardianCouncil(address(breaker), address(lock), address(slow), memberList(), 2, 3, 4);
        eq(address(council), council_, "predicted council");
        eq(lister.owner(), address(lock), "predicted timelock");
    }

    function policy() internal view returns (ListingPolicy memory) {
        return ListingPolicy(
            oracle, SEED, 1e6, MockListedMarket.convertToAssets.selector, 1e18, 0.99e18, 1.01e18, 1
        );
    }

    function one(address account) internal pure returns (address[] memory list_) {
        list_ = new address[](1);
        list_[0] = account;
    }

    /* OPERATIONS: without predecessor or value */

    function idOf(address target, bytes memory data, bytes32 salt) internal view returns (bytes32) {
        return lock.hashOperation(target, 0, data, 0, salt);
    }

    function schedule(address target, bytes memory data, bytes32 salt, uint256 delay) internal returns (bytes32) {
        vm.prank(proposer);
        lock.schedule(target, 0, data, 0, salt, delay);
        return idOf(target, data, salt);
    }

    function execute(address target, bytes memory data, bytes32 salt) internal {
        vm.prank(executor);
        lock.execute(target, 0, data, 0, salt);
    }

    /// Schedules a call of the timelock on itself, waits and runs it.
    function selfCall(bytes memory data) internal {
        bytes32 salt = keccak256(abi.encode("self", data, vm.getBlockTimestamp()));
        schedule(address(lock), data, salt, ROOT_DELAY);
        vm.warp(vm.getBlockTimestamp() + ROOT_DELAY);
        execute(address(lock), data, salt);
    }

    function payCall() internal pure returns (bytes memory) {
        return abi.encodeCall(MockLister.pay, ());
    }

    function veto(bytes32 id, uint256 nonce) internal {
        IGuardianCouncil.Veto memory m = IGuardianCouncil.Veto(id, nonce, vm.getBlockTimestamp());
        council.vetoBySig(m, signAll(3, digestOf(hashVeto(m))));
    }

    /* BATCHES */

    struct Batch {
        address[] targets;
        uint256[] values;
        bytes[] payloads;
    }

    /// A market is listed, seeded with `shares`, and given a factor.
    function listBatch(MockListedMarket market, uint256 shares, uint256 factor) internal view returns (Batch memory b) {
        b.targets = new address[](3);
        b.values = new uint256[](3);
        b.payloads = new bytes[](3);
        (b.targets[0], b.targets[1], b.targets[2]) = (address(lister), address(market), address(lister));
        b.payloads[0] = abi.encodeCall(MockLister.list, (7, address(market)));
        b.payloads[1] = abi.encodeCall(MockListedMarket.mint, (SEED, shares));
        b.payloads[2] = abi.encodeCall(MockLister.setFactor, (address(market), factor));
    }

    function batchId(Batch memory b) internal view returns (bytes32) {
        return lock.hashOperationBatch(b.targets, b.values, b.payloads, 0, 0);
    }

    function scheduleBatch(Batch memory b, uint256 delay) internal {
        vm.prank(proposer);
        lock.scheduleBatch(b.targets, b.values, b.payloads, 0, 0, delay);
    }

    function executeBatch(Batch memory b) internal {
        vm.prank(executor);
        lock.executeBatch(b.targets, b.values, b.payloads, 0, 0);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IFlowLimiter} from "@testudo/contracts/src/interfaces/IFlowLimiter.sol";
import {IGuardianCouncil} from "@testudo/contracts/src/interfaces/IGuardianCouncil.sol";
import {Status} from "@testudo/contracts/src/interfaces/IOracleAggregator.sol";
import {ISelectorBreaker} from "@testudo/contracts/src/interfaces/ISelectorBreaker.sol";
import {ICircuitBreaker} from "@testudo/contracts/src/interfaces/ICircuitBreaker.sol";
import {Deploy, Deployment, Settings} from "../script/Deploy.s.sol";
import {GuardedVault} from "../src/GuardedVault.sol";
import {Coin, ReportedFeed} from "./Sources.sol";

/// The few cheatcodes that these tests use; put forge-std's in their place if you have it.
interface Vm {
    function warp(uint256 timestamp) external;
    function prank(address sender) external;
    function addr(uint256 key) external pure returns (address);
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function expectRevert(bytes calldata data) external;
    function getBlockTimestamp() external view returns (uint256);
}

/// The system as script/Deploy.s.sol deploys it: what is tested is what goes live.
contract GuardedVaultTest is Deploy {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    int256 private constant PRICE = 100e8;
    address private constant ALICE = address(0xa11ce);
    address private constant MALLORY = address(0xbad);

    Deployment private d;
    GuardedVault private vault;
    Coin private collateral;
    Coin private money;
    ReportedFeed[] private feeds;
    uint256[] private keys;

    function setUp() external {
        Settings memory s = localSettings(address(this));
        s.guardians = _guardians();
        d = deploy(s, address(this));
        vault = d.vault;
        (collateral, money) = (Coin(address(s.collateral)), Coin(address(s.money)));
        for (uint256 i; i < 3; ++i) {
            feeds.push(ReportedFeed(address(s.feeds[i])));
        }
        (address target, bytes memory data) = listing(d);
        d.timelock.schedule(target, 0, data, 0, 0, LOOSEN_DELAY);
        _later(LOOSEN_DELAY, PRICE);
        d.timelock.execute(target, 0, data, 0, 0);
        money.mint(address(vault), 1_000_000e18);
        _fund(ALICE, 1_000e18);
        _fund(MALLORY, 10e18);
    }

    /* THE PRICE */

    /// 10 of collateral at 100 carry 800. A feed that shows anything at all cannot make it more.
    function test_attack_pumpedFeedLendsNothingAboveTheHonestLimit(int256 pumped, uint256 amount) external {
        _deposit(MALLORY, 10e18);
        feeds[2].report(pumped);
        amount = _bound(amount, 800e18 + 1, 1_000_000e18);
        vm.prank(MALLORY);
        (bool ok,) = address(vault).call(abi.encodeCall(vault.borrow, (amount)));
        require(!ok, "borrowed above the honest limit");
        feeds[2].report(PRICE);
        vm.prank(MALLORY);
        vault.borrow(800e18);
    }

    /// Two feeds fall silent and the third is the attacker's: what it says is no price.
    function test_attack_oneFeedLeftAloneIsNoPrice(int256 pumped) external {
        _deposit(MALLORY, 10e18);
        vm.warp(vm.getBlockTimestamp() + 1 hours + 1);
        feeds[2].report(_boundPrice(pumped));
        require(_status() == Status.FALLBACK, "status");
        vm.prank(MALLORY);
        vm.expectRevert(abi.encodeWithSelector(GuardedVault.Vault_RiskClosed.selector, Status.FALLBACK));
        vault.borrow(1);
    }

    function test_degradedPriceOpensNoRiskAndStillLiquidates() external {
        _deposit(MALLORY, 10e18);
        vm.prank(MALLORY);
        vault.borrow(800e18);
        // Two feeds agree that the price fell by a fifth within minutes; the third is bent upwards.
        feeds[0].report(PRICE * 80 / 100);
        feeds[1].report(PRICE * 80 / 100);
        feeds[2].report(PRICE * 2_000);
        require(_status() == Status.DEGRADED, "status");
        _deposit(ALICE, 100e18);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(GuardedVault.Vault_RiskClosed.selector, Status.DEGRADED));
        vault.borrow(1e18);
        money.mint(ALICE, 400e18);
        uint256 before = collateral.balanceOf(ALICE);
        vm.prank(ALICE);
        vault.liquidate(MALLORY, 400e18);
        // 400 of debt at a price of 80 are 5 of collateral, and 5 % more for the liquidator.
        require(collateral.balanceOf(ALICE) - before == 5.25e18, "seized");
    }

    function test_silentFeedsLeaveRepayingAndTakingBackWithoutDebt(uint256 silence) external {
        _deposit(ALICE, 100e18);
        _deposit(MALLORY, 10e18);
        vm.prank(MALLORY);
        vault.borrow(100e18);
        vm.warp(vm.getBlockTimestamp() + _bound(silence, 3 hours, 365 days));
        require(_status() == Status.HALTED, "status");
        vm.prank(ALICE);
        vault.withdraw(100e18);
        vm.prank(MALLORY);
        vault.repay(100e18, MALLORY);
        vm.prank(MALLORY);
        vault.withdraw(10e18);
    }

    /* THE FLOW */

    /// Whatever is asked for and when: within a window of an hour no more than two caps leave.
    function test_moneyLeavesNoFasterThanTheCap(uint256[6] calldata amounts, uint256[6] calldata pauses) external {
        _deposit(ALICE, 1_000e18);
        uint256 start = money.balanceOf(address(vault));
        uint256 time;
        for (uint256 i; i < 6; ++i) {
            uint256 wait = _bound(pauses[i], 0, 10 minutes);
            time += wait;
            _later(wait, PRICE);
            vm.prank(ALICE);
            (bool ok,) = address(vault).call(abi.encodeCall(vault.borrow, (_bound(amounts[i], 1, 60_000e18))));
            ok;
            require(start - money.balanceOf(address(vault)) <= 50_000e18 + 50_000e18 * time / 1 hours, "above the cap");
        }
    }

    function test_moneyAboveTheCapIsRefused() external {
        _deposit(ALICE, 1_000e18);
        vm.prank(ALICE);
        vault.borrow(50_000e18);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IFlowLimiter.Flow_Exceeded.selector, address(money), 1e18));
        vault.borrow(1e18);
    }

    function test_flowNearTheCapLetsAnyoneTripTheWaysOut() external {
        _deposit(ALICE, 1_000e18);
        vm.prank(ALICE);
        vault.borrow(46_000e18);
        vm.prank(MALLORY);
        d.limiter.poke(address(money));
        uint40 until = uint40(vm.getBlockTimestamp()) + 6 hours;
        vm.prank(ALICE);
        vm.expectRevert(_paused(GuardedVault.borrow.selector, until));
        vault.borrow(1);
        vm.prank(ALICE);
        vault.repay(46_000e18, ALICE);
    }

    /* THE PAUSE */

    function test_twoGuardiansPauseBorrowAloneForATime() external {
        _deposit(ALICE, 100e18);
        uint40 until = uint40(vm.getBlockTimestamp()) + 1 hours;
        _pause(GuardedVault.borrow.selector, until, 2);
        vm.prank(ALICE);
        vm.expectRevert(_paused(GuardedVault.borrow.selector, until));
        vault.borrow(1e18);
        vm.prank(ALICE);
        vault.withdraw(1e18);
        _later(1 hours, PRICE);
        vm.prank(ALICE);
        vault.borrow(1e18);
    }

    function test_noNumberOfGuardiansPausesWhatLowersRisk(uint256 which) external {
        bytes4[3] memory exempt =
            [GuardedVault.deposit.selector, GuardedVault.repay.selector, GuardedVault.liquidate.selector];
        bytes4 selector = exempt[which % 3];
        uint40 until = uint40(vm.getBlockTimestamp()) + 1 hours;
        (IGuardianCouncil.Pause memory message, bytes[] memory sigs) = _signed(selector, until, 3);
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.Breaker_Exempt.selector, selector));
        d.council.pauseBySig(message, sigs);
    }

    function test_oneGuardianPausesNothing() external {
        uint40 until = uint40(vm.getBlockTimestamp()) + 1 hours;
        (IGuardianCouncil.Pause memory message, bytes[] memory sigs) = _signed(vault.borrow.selector, until, 1);
        vm.expectRevert(abi.encodeWithSelector(IGuardianCouncil.Council_Threshold.selector, 1, 2));
        d.council.pauseBySig(message, sigs);
    }

    /* THE DEPLOYMENT */

    function test_everyModuleIsHealthy() external view {
        (bool breaker,) = d.breaker.healthy();
        (bool oracle,) = d.oracle.healthy();
        (bool limiter,) = d.limiter.healthy();
        (bool target,) = d.breaker.targetHealthy(address(vault));
        require(breaker && oracle && limiter && target, "a module names another neighbour");
    }

    /* INTERNAL */

    function _guardians() private returns (address[] memory members) {
        members = new address[](3);
        for (uint256 i; i < 3; ++i) {
            keys.push(uint256(keccak256(abi.encode("guardian", i))));
        }
        // Signatures go in the order of the signers' addresses.
        for (uint256 i; i < 3; ++i) {
            for (uint256 j = i + 1; j < 3; ++j) {
                if (vm.addr(keys[j]) < vm.addr(keys[i])) (keys[i], keys[j]) = (keys[j], keys[i]);
            }
            members[i] = vm.addr(keys[i]);
        }
    }

    function _pause(bytes4 selector, uint40 until, uint256 signers) private {
        (IGuardianCouncil.Pause memory message, bytes[] memory sigs) = _signed(selector, until, signers);
        d.council.pauseBySig(message, sigs);
    }

    function _signed(bytes4 selector, uint40 until, uint256 signers)
        private
        view
        returns (IGuardianCouncil.Pause memory m, bytes[] memory sigs)
    {
        m.selectors = new bytes4[](1);
        (m.target, m.selectors[0], m.until) = (address(vault), selector, until);
        (m.reason, m.evidence, m.nonce) = ("drill", keccak256("what was seen"), 1);
        m.deadline = vm.getBlockTimestamp() + 10 minutes;
        bytes32 typeHash = keccak256(
            "Pause(address target,bytes4[] selectors,uint40 until,bytes32 reason,bytes32 evidence,uint256 nonce,uint256 deadline)"
        );
        bytes32 list = keccak256(abi.encode(bytes32(selector)));
        bytes32 hash =
            keccak256(abi.encode(typeHash, m.target, list, m.until, m.reason, m.evidence, m.nonce, m.deadline));
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", d.council.domainSeparator(), hash));
        sigs = new bytes[](signers);
        for (uint256 i; i < signers; ++i) {
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(keys[i], digest);
            sigs[i] = abi.encodePacked(r, s, v);
        }
    }

    function _paused(bytes4 selector, uint40 until) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ISelectorBreaker.Breaker_Paused.selector, selector, until);
    }

    function _status() private view returns (Status status) {
        (,,, status) = d.oracle.tryPrice(MARKET);
    }

    function _later(uint256 time, int256 price) private {
        vm.warp(vm.getBlockTimestamp() + time);
        for (uint256 i; i < 3; ++i) {
            feeds[i].report(price);
        }
    }

    function _fund(address account, uint256 amount) private {
        collateral.mint(account, amount);
        vm.prank(account);
        collateral.approve(address(vault), type(uint256).max);
        vm.prank(account);
        money.approve(address(vault), type(uint256).max);
    }

    function _deposit(address account, uint256 amount) private {
        vm.prank(account);
        vault.deposit(amount, account);
    }

    /// From nearly nothing to 1,000 times the price.
    function _boundPrice(int256 x) private pure returns (int256) {
        return int256(_bound(uint256(x), 1e6, uint256(PRICE) * 1_000));
    }

    function _bound(uint256 x, uint256 min, uint256 max) private pure returns (uint256) {
        return min + x % (max - min + 1);
    }
}

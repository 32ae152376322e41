// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {CircuitBreaker} from "@testudo/contracts/src/CircuitBreaker.sol";
import {FlowLimiter} from "@testudo/contracts/src/FlowLimiter.sol";
import {GuardianCouncil} from "@testudo/contracts/src/GuardianCouncil.sol";
import {OracleAggregator} from "@testudo/contracts/src/OracleAggregator.sol";
import {Timelock} from "@testudo/contracts/src/Timelock.sol";
import {ChainlinkAdapter} from "@testudo/contracts/src/adapters/ChainlinkAdapter.sol";
import {IChainlinkFeed} from "@testudo/contracts/src/interfaces/IChainlinkFeed.sol";
import {Config, Group, Target, Tripper} from "@testudo/contracts/src/interfaces/ICircuitBreaker.sol";
import {FlowMode, Limit} from "@testudo/contracts/src/interfaces/IFlowLimiter.sol";
import {Feed, Market} from "@testudo/contracts/src/interfaces/IOracleAggregator.sol";
import {PostCheck, SelectorDelay} from "@testudo/contracts/src/interfaces/ITimelock.sol";
import {Why} from "@testudo/contracts/src/libraries/Why.sol";
import {GuardedVault} from "../src/GuardedVault.sol";
import {Coin, ReportedFeed} from "../test/Sources.sol";

interface ScriptVm {
    function envAddress(string calldata name) external view returns (address);
    function envAddress(string calldata name, string calldata delimiter) external view returns (address[] memory);
    function startBroadcast() external;
    function stopBroadcast() external;
    function getNonce(address account) external view returns (uint64);
    function computeCreateAddress(address deployer, uint256 nonce) external pure returns (address);
}

/// What a deployment has to be told. `wallet` proposes to the timelock and executes: a Safe.
struct Settings {
    IERC20Metadata collateral;
    IERC20Metadata money;
    IChainlinkFeed[] feeds;
    address wallet;
    address[] guardians;
}

struct Deployment {
    Timelock timelock;
    CircuitBreaker breaker;
    GuardianCouncil council;
    OracleAggregator oracle;
    FlowLimiter limiter;
    GuardedVault vault;
    ChainlinkAdapter[] adapters;
}

/// @title Deploys the vault and its defence, and says what the wallet has to schedule.
/// @notice Six contracts name each other in their constructors, so their addresses are computed from the deployer's
/// nonce first. Until the timelock has listed the market the oracle is HALTED and the vault lends nothing.
contract Deploy {
    ScriptVm private constant VM = ScriptVm(address(uint160(uint256(keccak256("hevm cheat code")))));

    bytes32 public constant MARKET = "COLLATERAL/MONEY";
    bytes32 public constant OUTFLOW = "outflow";
    uint32 public constant LOOSEN_DELAY = 2 days;

    /// @notice With COLLATERAL, MONEY, WALLET, FEEDS and GUARDIANS (comma-separated lists) from the environment.
    function run() external returns (Deployment memory d) {
        address[] memory feeds = VM.envAddress("FEEDS", ",");
        Settings memory s;
        (s.collateral, s.money) = (IERC20Metadata(VM.envAddress("COLLATERAL")), IERC20Metadata(VM.envAddress("MONEY")));
        (s.wallet, s.guardians) = (VM.envAddress("WALLET"), VM.envAddress("GUARDIANS", ","));
        s.feeds = new IChainlinkFeed[](feeds.length);
        for (uint256 i; i < feeds.length; ++i) {
            s.feeds[i] = IChainlinkFeed(feeds[i]);
        }
        VM.startBroadcast();
        d = deploy(s, msg.sender);
        VM.stopBroadcast();
    }

    /// @notice On a development chain: tokens and feeds of our own, anvil's accounts 1 to 3 as guardians.
    function local() external returns (Deployment memory d) {
        VM.startBroadcast();
        d = deploy(localSettings(msg.sender), msg.sender);
        VM.stopBroadcast();
    }

    function localSettings(address wallet) public returns (Settings memory s) {
        (s.collateral, s.money, s.wallet) = (new Coin("COL"), new Coin("USD"), wallet);
        s.feeds = new IChainlinkFeed[](3);
        for (uint256 i; i < 3; ++i) {
            s.feeds[i] = new ReportedFeed(100e8);
        }
        s.guardians = new address[](3);
        s.guardians[0] = 0x70997970C51812dc3A010C7d01b50e0d17dc79C8;
        s.guardians[1] = 0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC;
        s.guardians[2] = 0x90F79bf6EB2c4f870365E785982E1f101E93b906;
    }

    /// @param deployer The account whose next transactions create the contracts: the broadcaster, or the caller's own.
    function deploy(Settings memory s, address deployer) public returns (Deployment memory d) {
        uint256 nonce = VM.getNonce(deployer);
        address breaker = VM.computeCreateAddress(deployer, nonce + 1);
        address council = VM.computeCreateAddress(deployer, nonce + 2);
        address limiter = VM.computeCreateAddress(deployer, nonce + 4);
        address vault = VM.computeCreateAddress(deployer, nonce + 5);
        d.timelock = _timelock(s.wallet, council);
        address timelock = address(d.timelock);
        d.breaker = new CircuitBreaker(council, timelock, protection(vault, limiter));
        d.council = new GuardianCouncil(breaker, timelock, s.wallet, s.guardians, 2, 3, 3);
        d.oracle = new OracleAggregator(timelock, 12);
        (address[] memory assets, Limit[] memory limits) = caps(s);
        d.limiter = new FlowLimiter(vault, breaker, OUTFLOW, 6 hours, council, timelock, assets, limits);
        d.vault = new GuardedVault(breaker, d.limiter, d.oracle, MARKET, s.collateral, s.money);
        require(address(d.vault) == vault, "the nonce was another");
        d.adapters = new ChainlinkAdapter[](s.feeds.length);
        // The clamps of the feeds' own aggregators; look them up for yours.
        for (uint256 i; i < s.feeds.length; ++i) {
            d.adapters[i] = new ChainlinkAdapter(s.feeds[i], 1, 1e14);
        }
    }

    /// @notice What the wallet schedules at the timelock, and executes `LOOSEN_DELAY` later: the market's first listing.
    function listing(Deployment memory d) public pure returns (address target, bytes memory data) {
        Market memory rules;
        (rules.quorum, rules.jumpQuorum, rules.jumpWindow) = (2, 2, 10 minutes);
        (rules.maxSpreadBps, rules.maxJumpBps) = (200, 1_000);
        Feed[] memory feeds = new Feed[](d.adapters.length);
        for (uint256 i; i < feeds.length; ++i) {
            feeds[i] = Feed(address(d.adapters[i]), 1, 1 hours, 0);
        }
        Why memory why = Why("listing", keccak256("the hash of your listing's record"));
        return (address(d.oracle), abi.encodeCall(d.oracle.setMarket, (MARKET, rules, feeds, 2 hours, 1e15, why)));
    }

    /// @notice What guardians may pause, what they may not, and what the limiter trips.
    function protection(address vault, address limiter) public pure returns (Config memory c) {
        bytes4[] memory guarded = new bytes4[](2);
        (guarded[0], guarded[1]) = (GuardedVault.withdraw.selector, GuardedVault.borrow.selector);
        bytes4[] memory exempt = new bytes4[](3);
        (exempt[0], exempt[1]) = (GuardedVault.deposit.selector, GuardedVault.repay.selector);
        exempt[2] = GuardedVault.liquidate.selector;
        c.targets = new Target[](1);
        c.targets[0] = Target(vault, true, guarded, exempt);
        address[] memory members = new address[](2);
        (members[0], members[1]) = (vault, vault);
        c.groups = new Group[](1);
        c.groups[0] = Group(OUTFLOW, members, guarded);
        c.trippers = new Tripper[](1);
        c.trippers[0] = Tripper(limiter, OUTFLOW);
    }

    /// @notice Money beyond its cap is refused; collateral beyond its cap waits a day, so that liquidation is never refused.
    function caps(Settings memory s) public pure returns (address[] memory assets, Limit[] memory limits) {
        (assets, limits) = (new address[](2), new Limit[](2));
        (assets[0], assets[1]) = (address(s.money), address(s.collateral));
        limits[0] = Limit(50_000e18, 0, 1 hours, FlowMode.REVERT, 9_000);
        limits[1] = Limit(5_000e18, 0, 1 days, FlowMode.QUEUE, 9_000);
    }

    function _timelock(address wallet, address council) private returns (Timelock) {
        address[] memory wallets = new address[](1);
        wallets[0] = wallet;
        return new Timelock(LOOSEN_DELAY, 7 days, council, wallets, wallets, new SelectorDelay[](0), new PostCheck[](0));
    }
}

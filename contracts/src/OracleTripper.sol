// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccountable} from "./interfaces/IAccountable.sol";
import {ICircuitBreaker} from "./interfaces/ICircuitBreaker.sol";
import {IOracleAggregator, Status} from "./interfaces/IOracleAggregator.sol";
import {IOracleTripper} from "./interfaces/IOracleTripper.sol";
import {PauseBudget} from "./libraries/PauseBudget.sol";
import {Why} from "./libraries/Why.sol";

/// @title OracleTripper
contract OracleTripper is IOracleTripper {
    /* IMMUTABLES */

    /// @inheritdoc IOracleTripper
    address public immutable oracle;
    /// @inheritdoc IOracleTripper
    bytes32 public immutable market;
    /// @inheritdoc IOracleTripper
    address public immutable breaker;
    /// @inheritdoc IOracleTripper
    bytes32 public immutable group;
    /// @inheritdoc IOracleTripper
    uint40 public immutable tripSeconds;
    /// @inheritdoc IOracleTripper
    uint40 public immutable minSilence;

    /// `isTripper` of the breaker costs about 3,000 gas.
    uint256 private constant HEALTH_GAS = 10_000;

    /* CONSTRUCTOR */

    /// @param oracle_ The OracleAggregator. @param breaker_ The CircuitBreaker; may be deployed later.
    constructor(
        address oracle_,
        bytes32 market_,
        address breaker_,
        bytes32 group_,
        uint40 tripSeconds_,
        uint40 minSilence_
    ) {
        if (tripSeconds_ == 0 || tripSeconds_ > PauseBudget.MAX_PAUSE) revert OracleTripper_BadTripTime(tripSeconds_);
        (oracle, market, breaker, group) = (oracle_, market_, breaker_, group_);
        (tripSeconds, minSilence) = (tripSeconds_, minSilence_);
    }

    /* USER FUNCTIONS */

    /// @inheritdoc IOracleTripper
    function tripIfHalted() external returns (bool) {
        if (!isHalted()) return false;
        uint64 round = IOracleAggregator(oracle).lastRound(market);
        emit HaltTripped(market, round);
        bytes32 evidence = keccak256(abi.encode(block.chainid, address(this), market, round, block.number));
        uint40 until = uint40(block.timestamp) + tripSeconds;
        ICircuitBreaker(breaker).tripGroup(group, until, Why("oracle halted", evidence));
        return true;
    }

    /* VIEWS */

    /// @inheritdoc IOracleTripper
    function isHalted() public view returns (bool) {
        IOracleAggregator source = IOracleAggregator(oracle);
        uint64 round = source.lastRound(market);
        // A market that was never set has no price either, and no round: whoever sets one commits its first.
        if (round == 0) return false;
        (, uint40 at) = source.roundAt(market, round);
        if (block.timestamp <= uint256(at) + minSilence) return false;
        (,,, Status status) = source.tryPrice(market);
        return status == Status.HALTED;
    }

    /// @inheritdoc IAccountable
    function healthy() external view returns (bool, bytes32) {
        if (oracle.code.length == 0) return (false, "oracle has no code");
        (bool ok, bytes memory data) = breaker.staticcall{gas: HEALTH_GAS}(
            abi.encodeCall(ICircuitBreaker.isTripper, (address(this), group))
        );
        if (!ok || data.length != 32 || uint256(bytes32(data)) != 1) return (false, "not a tripper of its group");
        return (true, 0);
    }
}

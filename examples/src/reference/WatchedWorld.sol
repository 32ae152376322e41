// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IFlowLimiter} from "../../../contracts/src/interfaces/IFlowLimiter.sol";
import {ILatencyBuffer} from "../../../contracts/src/interfaces/ILatencyBuffer.sol";
import {InsuranceFund} from "../../../contracts/src/InsuranceFund.sol";
import {IOracleAggregator} from "../../../contracts/src/interfaces/IOracleAggregator.sol";
import {Modules} from "../../../contracts/src/interfaces/IReferencePerp.sol";
import {Why} from "../../../contracts/src/libraries/Why.sol";
import {NaiveBuffer} from "../../../contracts/src/reference/naive/NaiveBuffer.sol";
import {NaiveGate} from "../../../contracts/src/reference/naive/NaiveGate.sol";
import {NaiveLimiter} from "../../../contracts/src/reference/naive/NaiveLimiter.sol";
import {NaiveOracle} from "../../../contracts/src/reference/naive/NaiveOracle.sol";
import {NaiveParameters} from "../../../contracts/src/reference/naive/NaiveParameters.sol";
import {ReferencePerp} from "../../../contracts/src/reference/ReferencePerp.sol";
import {NaiveAdmin} from "../../../contracts/test/incidents/worlds/NaiveAdmin.sol";
import {World} from "../../../contracts/test/incidents/worlds/World.sol";

/// The naive exchange, which believes its pool's spot price, with one thing more: a circuit breaker may pause it. Nothing
/// in it bounds an attack; whoever watches has to be in time.
contract WatchedWorld is World {
    NaiveAdmin public immutable admin;
    NaiveParameters public immutable parameters;

    constructor(address breaker) {
        admin = new NaiveAdmin(address(this));
        parameters = new NaiveParameters(address(admin));
        NaiveOracle naive = new NaiveOracle(spotSource);
        oracle = IOracleAggregator(address(naive));
        buffer = ILatencyBuffer(address(new NaiveBuffer(naive)));
        limiter = IFlowLimiter(address(new NaiveLimiter()));
        NaiveGate gate = new NaiveGate();
        fund = new InsuranceFund(_created(20), usd, address(admin), address(admin));
        perp = new ReferencePerp(
            Modules(usd, 6, oracle, buffer, MARKET, limiter, breaker, parameters, fund, gate, 0, 0)
        );
        _venues();
    }

    function isHardened() external pure override returns (bool) {
        return false;
    }

    function waitBefore(uint256) external pure override returns (uint256) {
        return 12;
    }

    function _configure() internal override {
        admin.run(address(fund), abi.encodeCall(fund.setMarketCap, (MARKET, 10_000, Why("open", "open"))));
    }
}

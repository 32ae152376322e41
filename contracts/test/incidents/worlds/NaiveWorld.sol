// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IFlowLimiter} from "../../../src/interfaces/IFlowLimiter.sol";
import {ILatencyBuffer} from "../../../src/interfaces/ILatencyBuffer.sol";
import {InsuranceFund} from "../../../src/InsuranceFund.sol";
import {IOracleAggregator} from "../../../src/interfaces/IOracleAggregator.sol";
import {IPriceAdapter} from "../../../src/interfaces/IPriceAdapter.sol";
import {Modules} from "../../../src/interfaces/IReferencePerp.sol";
import {Why} from "../../../src/libraries/Why.sol";
import {NaiveBuffer} from "../../../src/reference/naive/NaiveBuffer.sol";
import {NaiveGate} from "../../../src/reference/naive/NaiveGate.sol";
import {NaiveLimiter} from "../../../src/reference/naive/NaiveLimiter.sol";
import {NaiveOracle} from "../../../src/reference/naive/NaiveOracle.sol";
import {NaiveParameters} from "../../../src/reference/naive/NaiveParameters.sol";
import {ReferencePerp} from "../../../src/reference/ReferencePerp.sol";
import {NaiveAdmin} from "./NaiveAdmin.sol";
import {World} from "./World.sol";

/// Which one source the naive oracle believes.
enum Source {
    SPOT,
    TWAP,
    FEED,
    RATE
}

/// The exchange on modules that defend nothing, ruled by one key.
contract NaiveWorld is World {
    NaiveAdmin public immutable admin;
    NaiveParameters public immutable parameters;

    constructor(Source source) {
        admin = new NaiveAdmin(address(this));
        parameters = new NaiveParameters(address(admin));
        if (source == Source.RATE) rateSource = _rateSource();
        NaiveOracle naive = new NaiveOracle(_adapter(source));
        oracle = IOracleAggregator(address(naive));
        buffer = ILatencyBuffer(address(new NaiveBuffer(naive)));
        limiter = IFlowLimiter(address(new NaiveLimiter()));
        NaiveGate gate = new NaiveGate();
        fund = new InsuranceFund(_created(source == Source.RATE ? 22 : 20), usd, address(admin), address(admin));
        perp = new ReferencePerp(
            Modules(usd, 6, oracle, buffer, MARKET, limiter, address(admin), parameters, fund, gate, 0, 0)
        );
        _venues();
    }

    function isHardened() external pure override returns (bool) {
        return false;
    }

    function waitBefore(uint256) external pure override returns (uint256) {
        return 12;
    }

    function _adapter(Source source) private view returns (IPriceAdapter) {
        if (source == Source.SPOT) return spotSource;
        if (source == Source.TWAP) return twapSource;
        return source == Source.FEED ? IPriceAdapter(feedSource) : rateSource;
    }

    function _configure() internal override {
        admin.run(address(fund), abi.encodeCall(fund.setMarketCap, (MARKET, 10_000, Why("open", "open"))));
    }
}

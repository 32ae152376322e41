// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRiskModel} from "../interfaces/IRiskInvariant.sol";

/// A lending market whose collateral is priced by the market rate under a cap that grows from a snapshot, as Aave's
/// CAPO caps it: cap = ratio (1 + growth (now - time) / year). Ids: "capo.ratio" and "capo.time".
contract MockCapo is IRiskModel {
    struct Account {
        uint256 collateral;
        uint256 debt;
    }

    uint256 public immutable growth;
    uint256 public immutable threshold;
    uint256 public marketRate;
    Account[] public accounts;

    constructor(uint256 growth_, uint256 threshold_, uint256 marketRate_) {
        (growth, threshold, marketRate) = (growth_, threshold_, marketRate_);
    }

    function open(uint256 collateral, uint256 debt) external {
        accounts.push(Account(collateral, debt));
    }

    function priceWith(bytes32[] calldata ids, uint256[] calldata values) public view returns (uint256) {
        (uint256 ratio, uint256 time) = (0, 0);
        for (uint256 i; i < ids.length; ++i) {
            if (ids[i] == "capo.ratio") ratio = values[i];
            if (ids[i] == "capo.time") time = values[i];
        }
        // Other parameters do not touch the price.
        if (ratio == 0) return marketRate;
        uint256 cap = ratio + ratio * growth * (block.timestamp - time) / 365 days / 1e18;
        return cap < marketRate ? cap : marketRate;
    }

    function liquidatableWith(bytes32[] calldata ids, uint256[] calldata values)
        external
        view
        returns (uint256 liquidatable, uint256 total)
    {
        uint256 price = priceWith(ids, values);
        for (uint256 i; i < accounts.length; ++i) {
            total += accounts[i].collateral;
            uint256 backed = accounts[i].collateral * price / 1e18 * threshold / 1e18;
            if (backed < accounts[i].debt) liquidatable += accounts[i].collateral;
        }
    }
}

/// An invariant that answers what it is told.
contract MockInvariant {
    bytes32 public why;
    bool public reverts;

    function set(bytes32 why_, bool reverts_) external {
        (why, reverts) = (why_, reverts_);
    }

    function check(bytes calldata, bytes calldata) external view returns (bool, bytes32) {
        require(!reverts, "broken");
        return (why == 0, why);
    }
}

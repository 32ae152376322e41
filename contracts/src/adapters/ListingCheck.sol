// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {IListedMarket} from "../interfaces/IListedMarket.sol";
import {IListingCheck, ListingPolicy} from "../interfaces/IListingCheck.sol";
import {IPostCheck} from "../interfaces/IPostCheck.sol";

/// @title ListingCheck
contract ListingCheck is IListingCheck {
    /* STORAGE */

    ListingPolicy private _policy;

    /* CONSTRUCTOR */

    /// @param p Fixed for good; another policy is another contract.
    constructor(ListingPolicy memory p) {
        if (address(p.oracle).code.length == 0 || p.seed == address(0)) revert Listing_BadPolicy();
        if (p.minSeed == 0 || p.rateMin == 0 || p.rateMin > p.rateMax) revert Listing_BadPolicy();
        _policy = p;
    }

    /* VIEWS */

    /// @inheritdoc IPostCheck
    /// @dev A market or oracle that reverts undoes the listing as a failed check does.
    function check(address, bytes calldata data) external view returns (bool, bytes32) {
        ListingPolicy memory p = _policy;
        uint256 from = 4 + 32 * uint256(p.argIndex);
        if (data.length < from + 32) return (false, "call too short");
        // A dirty upper half is the target's own affair: it decodes the argument, or reverts.
        address market = address(uint160(uint256(bytes32(data[from:from + 32]))));
        if (market.code.length == 0) return (false, "market has no code");
        uint256 seeded = IListedMarket(market).balanceOf(p.seed);
        if (seeded < p.minSeed || IListedMarket(market).totalSupply() < seeded) return (false, "seed below minimum");
        if (!_rateHolds(p, market)) return (false, "rate out of bounds");
        (bool ok,,, uint8 status) = p.oracle.tryPrice(bytes32(bytes20(market)));
        return ok && status == 0 ? (true, bytes32(0)) : (false, bytes32("price not OK"));
    }

    /// @inheritdoc IListingCheck
    function policy() external view returns (ListingPolicy memory) {
        return _policy;
    }

    /* INTERNAL */

    function _rateHolds(ListingPolicy memory p, address market) private view returns (bool) {
        bytes memory answer = Address.functionStaticCall(market, abi.encodeWithSelector(p.rateSelector, p.rateUnit));
        uint256 rate = abi.decode(answer, (uint256));
        return rate >= p.rateMin && rate <= p.rateMax;
    }
}

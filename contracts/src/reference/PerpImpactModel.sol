// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";
import {Health} from "../interfaces/IHealthGate.sol";
import {ICollateralModel, IImpactModel, IMarkModel, ISolvencyModel} from "../interfaces/IImpactModel.sol";
import {IOracleAggregator, Status} from "../interfaces/IOracleAggregator.sol";
import {IReferencePerp, Position} from "../interfaces/IReferencePerp.sol";
import {PerpDeal} from "../libraries/PerpDeal.sol";
import {PerpMath} from "../libraries/PerpMath.sol";

/// @title PerpImpactModel: what the impact checks ask of one market of a ReferencePerp.
/// @dev A position is valued at the reference, or at the mark where that is better for its owner, by `bandBps` at most: an
/// honest basis between the two is no fault, and a mark that is pushed against an account makes no debt of it. The exchange keeps no list of its accounts, so of the traders the subject alone is
/// seen.
contract PerpImpactModel is ISolvencyModel, IMarkModel, ICollateralModel {
    using PerpDeal for IOracleAggregator;

    /* IMMUTABLES */

    IReferencePerp public immutable perp;
    bytes32 public immutable market;
    /// An honest price of the market, from elsewhere than the exchange's own.
    IOracleAggregator public immutable reference_;
    uint256 public immutable bandBps;
    uint256 private immutable unit;
    IOracleAggregator private immutable oracle;

    uint256 private constant BPS = 10_000;

    error PerpImpact_NoReference(Status status);

    /* CONSTRUCTOR */

    constructor(IReferencePerp perp_, bytes32 market_, IOracleAggregator from, uint16 bandBps_) {
        (perp, market, reference_, bandBps) = (perp_, market_, from, bandBps_);
        unit = 10 ** (36 - perp_.modules().decimals);
        oracle = perp_.modules().oracle;
    }

    /* FUNCTIONS FOR ALL */

    /// @inheritdoc IImpactModel
    function settle() external {
        perp.settleFunding(market);
    }

    /* VIEWS */

    /// @inheritdoc IImpactModel
    function pinned() external view returns (bytes32) {
        return keccak256(abi.encode(_reference()));
    }

    /// @inheritdoc IMarkModel
    function marks() public view returns (uint256 markWad, uint256 referenceWad) {
        (markWad,) = oracle.markOf(market);
        referenceWad = _reference();
    }

    /// @inheritdoc ISolvencyModel
    function solvency(address subject) external view returns (uint256, uint256) {
        return (0, uint256(SignedMath.max(-_poolEquity(), 0)) + _debtOf(subject));
    }

    /// @inheritdoc IMarkModel
    function worthOfOthers(address subject) external view returns (int256) {
        return _poolEquity() - int256(_debtOf(subject));
    }

    /// @inheritdoc IMarkModel
    function makerShares() external view returns (uint256 shares) {
        (,, shares) = perp.poolOf(market);
    }

    /// @inheritdoc ICollateralModel
    function collateralOf(address account) external view returns (uint256 free, uint256 worth) {
        Health memory h = perp.accountHealth(account, market);
        uint256 balance = perp.balanceOf(account);
        free = balance + uint256(SignedMath.max(h.collateral - int256(h.initial), 0));
        // What was drawn lies in the balance, and the position owes it.
        worth = uint256(SignedMath.max(int256(balance) + _equityOf(account), 0));
    }

    /* INTERNAL */

    function _reference() private view returns (uint256) {
        (, uint256 wad,, Status status) = reference_.tryPrice(market);
        if (status != Status.OK) revert PerpImpact_NoReference(status);
        return wad;
    }

    /// @dev The pool at the reference price.
    function _poolEquity() private view returns (int256) {
        (uint256 mark, uint256 honest) = marks();
        (uint256 long, uint256 short) = perp.openInterest(market);
        int256 size = int256(short) - int256(long);
        return perp.poolEquity(market) + PerpMath.valueDown(size, honest, unit) - PerpMath.valueDown(size, mark, unit);
    }

    function _debtOf(address account) private view returns (uint256) {
        return uint256(SignedMath.max(-_equityOf(account), 0));
    }

    function _equityOf(address account) private view returns (int256) {
        Position memory p = perp.positionOf(account, market);
        (uint256 mark, uint256 honest) = marks();
        uint256 most = honest * (BPS + bandBps) / BPS;
        uint256 least = honest * (BPS - bandBps) / BPS;
        uint256 wad =
            p.size > 0 ? Math.max(honest, Math.min(mark, most)) : Math.min(honest, Math.max(mark, least));
        return int256(p.margin) + PerpMath.valueDown(p.size, wad, unit) - p.cost;
    }
}

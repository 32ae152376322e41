// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBountyRules, Terms, Tier} from "../interfaces/IBountyRules.sol";
import {BountyTerms, ISafeHarborReader} from "../interfaces/ISafeHarborAgreement.sol";
import {BountyMath} from "./BountyMath.sol";

/// @notice The terms of BountyVault: checked, written once, and held against the agreement that they name.
library TermsBook {
    uint16 private constant MAX_VEST_BPS = 5_000;
    uint32 private constant MAX_VEST_SECONDS = 180 days;

    function write(Terms storage s, uint16 version, Terms memory t, address reader) internal {
        _requireSane(t);
        (s.arbitrator, s.bond, s.safeHarborAgreement) = (t.arbitrator, t.bond, t.safeHarborAgreement);
        (s.shareBps, s.vestBps, s.vestSeconds) = (t.shareBps, t.vestBps, t.vestSeconds);
        (s.termsHash, s.reserve) = (t.termsHash, t.reserve);
        for (uint256 i; i < 4; ++i) {
            s.tiers[i] = t.tiers[i];
        }
        emit IBountyRules.TermsSet(version, t);
        if (t.safeHarborAgreement != address(0)) _readAgreement(version, t, reader);
    }

    // Its owner may have changed the agreement since these terms were scheduled.
    function _readAgreement(uint16 version, Terms memory t, address reader) private {
        (BountyTerms memory rescue, bytes32 hash) = ISafeHarborReader(reader).termsOf(t.safeHarborAgreement);
        if (hash != t.termsHash) revert IBountyRules.Bounty_TermsChanged(hash, t.termsHash);
        // A rescuer cannot both keep the bounty out of what was rescued and share a cap with others.
        bool sane = rescue.bountyPercentage <= 100 && !(rescue.retainable && rescue.aggregateBountyCapUSD != 0);
        if (!sane) revert IBountyRules.Bounty_BadTerms("safe harbour");
        emit IBountyRules.SafeHarborRead(version, t.safeHarborAgreement, rescue);
    }

    function _requireSane(Terms memory t) private pure {
        if (t.arbitrator == address(0)) revert IBountyRules.Bounty_BadTerms("arbitrator");
        if (t.termsHash == 0) revert IBountyRules.Bounty_BadTerms("termsHash");
        if (t.shareBps == 0 || t.shareBps > BountyMath.BPS) revert IBountyRules.Bounty_BadTerms("shareBps");
        bool vests = t.vestBps <= MAX_VEST_BPS && t.vestSeconds <= MAX_VEST_SECONDS;
        if (!vests) revert IBountyRules.Bounty_BadTerms("vesting");
        Tier memory lower;
        for (uint256 i; i < 4; ++i) {
            Tier memory tier = t.tiers[i];
            bool sane = tier.bps <= BountyMath.BPS && tier.floor <= tier.cap;
            if (!sane || tier.floor < lower.floor || tier.cap < lower.cap) {
                revert IBountyRules.Bounty_BadTerms("tiers");
            }
            lower = tier;
        }
    }
}

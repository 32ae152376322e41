// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccountable} from "./interfaces/IAccountable.sol";
import {IBountyRules, Price, Terms, Tier} from "./interfaces/IBountyRules.sol";
import {Members, Panel} from "./libraries/Panel.sol";
import {TermsBook} from "./libraries/TermsBook.sol";
import {Why} from "./libraries/Why.sol";

/// @title BountyRules
contract BountyRules is IBountyRules {
    using Panel for Members;
    using TermsBook for Terms;

    /* IMMUTABLES */

    /// @inheritdoc IBountyRules
    address public immutable timelock;
    /// @inheritdoc IBountyRules
    address public immutable safeHarborReader;

    uint8 private constant CRITICAL = 3;

    /* STORAGE */

    /// @inheritdoc IBountyRules
    uint16 public termsVersion;
    uint8 private _need;
    Members private _attestors;
    mapping(uint16 version => Terms) private _terms;
    /// @inheritdoc IBountyRules
    mapping(address account => bool) public isProver;

    /* CONSTRUCTOR */

    /// @param timelock_ The TimelockController. @param reader The SafeHarborReader; zero if no terms name an agreement.
    /// @param members The attestors, of whom `need` sign.
    constructor(address timelock_, address reader, address[] memory members, uint8 need, Terms memory terms) {
        (timelock, safeHarborReader) = (timelock_, reader);
        _setAttestors(members, need);
        _setTerms(terms);
    }

    /* MODIFIERS */

    modifier onlyTimelock(Why calldata why) {
        if (msg.sender != timelock) revert Bounty_NotAllowed(msg.sender);
        if (why.evidence == 0) revert Bounty_NoEvidence();
        _;
    }

    /* TIMELOCK FUNCTIONS */

    /// @inheritdoc IBountyRules
    function setTerms(Terms calldata terms, Why calldata why) external onlyTimelock(why) {
        _setTerms(terms);
        emit Loosened(msg.sender, bytes32(uint256(termsVersion)), why.reason, why.evidence);
    }

    /// @inheritdoc IBountyRules
    function setAttestors(address[] calldata members, uint8 need, Why calldata why) external onlyTimelock(why) {
        _setAttestors(members, need);
        emit Loosened(msg.sender, bytes32(bytes20(address(this))), why.reason, why.evidence);
    }

    /// @inheritdoc IBountyRules
    function setProver(address prover, bool allowed, Why calldata why) external onlyTimelock(why) {
        isProver[prover] = allowed;
        emit ProverSet(prover, allowed);
        if (allowed) emit Loosened(msg.sender, bytes32(bytes20(prover)), why.reason, why.evidence);
        else emit Tightened(msg.sender, bytes32(bytes20(prover)), why.reason, why.evidence);
    }

    /* VIEWS */

    /// @inheritdoc IBountyRules
    function termsOf(uint16 version) external view returns (Terms memory) {
        return _terms[version];
    }

    /// @inheritdoc IBountyRules
    function priceOf(uint16 version, uint8 severity) external view returns (Price memory) {
        Terms storage t = _terms[version];
        Tier memory tier = t.tiers[severity];
        return Price(tier.floor, tier.cap, tier.bps, t.shareBps);
    }

    /// @inheritdoc IBountyRules
    function arbitrationOf(uint16 version) external view returns (address, uint96) {
        Terms storage t = _terms[version];
        return (t.arbitrator, t.bond);
    }

    /// @inheritdoc IBountyRules
    function vestingOf(uint16 version) external view returns (uint16, uint32) {
        Terms storage t = _terms[version];
        return (t.vestBps, t.vestSeconds);
    }

    /// @inheritdoc IBountyRules
    function holds() external view returns (uint128, uint128) {
        Terms storage t = _terms[termsVersion];
        return (t.reserve, t.tiers[CRITICAL].floor);
    }

    /// @inheritdoc IBountyRules
    function requireQuorum(bytes32 digest, bytes[] calldata sigs) external view {
        Panel.check(digest, sigs, _need, _attestor);
    }

    /// @inheritdoc IBountyRules
    function attestors() external view returns (address[] memory, uint8) {
        return (_attestors.list, _need);
    }

    /// @inheritdoc IAccountable
    function healthy() external view returns (bool, bytes32) {
        if (timelock.code.length == 0) return (false, "timelock has no code");
        Terms storage t = _terms[termsVersion];
        bool readable = t.safeHarborAgreement == address(0) || t.safeHarborAgreement.code.length > 0;
        if (!readable) return (false, "agreement has no code");
        return (true, 0);
    }

    /* INTERNAL */

    function _attestor(address[7] memory, address account) private view returns (uint256) {
        return _attestors.has[account] ? 1 : 0;
    }

    function _setTerms(Terms memory t) private {
        uint16 version = ++termsVersion;
        _terms[version].write(version, t, safeHarborReader);
    }

    function _setAttestors(address[] memory members, uint8 need) private {
        _attestors.replace(members, need);
        _need = need;
        emit AttestorsSet(members, need);
    }
}

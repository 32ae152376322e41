// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {Why} from "../libraries/Why.sol";
import {IAccountable} from "./IAccountable.sol";
import {BountyTerms} from "./ISafeHarborAgreement.sol";

/// @notice The price of one severity: `bps` (1/10,000) of the funds at risk, at least `floor`, at most `cap`.
struct Tier {
    uint128 floor;
    uint128 cap;
    uint16 bps;
}

/// @notice What the protocol promises. Amounts are in units of the vault's token; US dollars become tokens at the block
/// of the commit, by the source that the document behind `termsHash` names.
/// @param arbitrator Rules on the reports committed under these terms.
/// @param bond What a challenge costs whoever loses it, wei.
/// @param safeHarborAgreement SEAL's agreement; zero for none.
/// @param shareBps The part of the free funds that one root cause may take, 1/10,000.
/// @param vestBps The part of an award that vests, 1/10,000, at most half. @param vestSeconds How long, at most 180 d.
/// @param termsHash The hash of the agreement's details, or of the terms' document where there is no agreement.
/// @param reserve What the owner leaves in the vault on top of all that is owed.
/// @param tiers Low, Medium, High, Critical.
struct Terms {
    address arbitrator;
    uint96 bond;
    address safeHarborAgreement;
    uint16 shareBps;
    uint16 vestBps;
    uint32 vestSeconds;
    bytes32 termsHash;
    uint128 reserve;
    Tier[4] tiers;
}

/// @notice What a base is reckoned from: a tier, and the part of the free funds that one root cause may take.
struct Price {
    uint128 floor;
    uint128 cap;
    uint16 bps;
    uint16 shareBps;
}

/// @title BountyRules: under which terms a BountyVault pays, and who decides.
/// @notice Terms are never changed: new ones hold for the commits from then on, their arbitrator with them. The
/// timelock sets terms, attestors and provers.
interface IBountyRules is IAccountable {
    /// @notice New terms hold for the commits from now on.
    event TermsSet(uint16 indexed version, Terms terms);

    /// @notice The terms of a rescue, as SEAL's agreement says them.
    event SafeHarborRead(uint16 indexed version, address indexed agreement, BountyTerms terms);

    /// @notice The attestors are `members`, of whom `need` sign.
    event AttestorsSet(address[] members, uint8 need);

    /// @notice `prover` may reserve for reports, or no longer.
    event ProverSet(address indexed prover, bool allowed);

    /// @notice The agreement is not the one that the terms were written for.
    error Bounty_TermsChanged(bytes32 have, bytes32 want);

    /// @notice A term is out of range: `field` names it.
    error Bounty_BadTerms(bytes32 field);

    /// @notice The caller lacks the role.
    error Bounty_NotAllowed(address caller);

    /// @notice `evidence` is zero.
    error Bounty_NoEvidence();

    /// @notice Sets terms, attestors and provers.
    function timelock() external view returns (address);

    /// @notice Reads the agreements that terms name.
    function safeHarborReader() external view returns (address);

    /// @notice Sets the terms of the commits to come. Timelock.
    function setTerms(Terms calldata terms, Why calldata why) external;

    /// @notice Puts `members` in the place of the attestors, `need` of whom sign. Timelock.
    function setAttestors(address[] calldata members, uint8 need, Why calldata why) external;

    /// @notice Lets `prover` reserve, or no longer. Timelock.
    function setProver(address prover, bool allowed, Why calldata why) external;

    /// @notice The terms `version`, from 1.
    function termsOf(uint16 version) external view returns (Terms memory);

    /// @notice The version of the terms in force.
    function termsVersion() external view returns (uint16);

    /// @notice What a base is reckoned from.
    function priceOf(uint16 version, uint8 severity) external view returns (Price memory);

    /// @notice Who rules on the reports of `version`, and the bond, wei.
    function arbitrationOf(uint16 version) external view returns (address arbitrator, uint96 bond);

    /// @notice Which part of an award of `version` vests, 1/10,000, and how long.
    function vestingOf(uint16 version) external view returns (uint16 vestBps, uint32 vestSeconds);

    /// @notice Of the terms in force: what the owner leaves in the vault, and the largest floor.
    function holds() external view returns (uint128 reserve, uint128 largestFloor);

    /// @notice Reverts unless enough attestors signed `digest`, in ascending order. A signature is 65 bytes, or a
    /// contract's address before what that contract wants to see (ERC-1271).
    function requireQuorum(bytes32 digest, bytes[] calldata sigs) external view;

    /// @notice The attestors, and how many of them sign.
    function attestors() external view returns (address[] memory members, uint8 need);

    /// @notice Whether `account` may reserve.
    function isProver(address account) external view returns (bool);
}

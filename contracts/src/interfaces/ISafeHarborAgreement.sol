// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

// The shapes of SEAL's Safe Harbor V3, so that its agreements can be read: field names, types and order are those of
// security-alliance/safe-harbor, registry-contracts/src/types/AgreementTypes.sol (commit 2f0d9f78).

/// @notice Which contracts made by an account are in scope with it.
enum ChildContractScope {
    None,
    ExistingOnly,
    All,
    FutureOnly
}

/// @notice What a rescuer has to say of himself.
enum IdentityRequirements {
    Anonymous,
    Pseudonymous,
    Named
}

/// @notice A person to be told.
struct Contact {
    string name;
    string contact;
}

/// @notice An address in scope, written as the agreement's author wrote it.
struct Account {
    string accountAddress;
    ChildContractScope childContractScope;
}

/// @notice What is in scope on one chain, and where what was rescued goes.
struct Chain {
    string assetRecoveryAddress;
    Account[] accounts;
    string caip2ChainId;
}

/// @notice The reward of a rescue: 0 to 100 percent, US dollars, and a cap over all rescuers that is zero for none.
struct BountyTerms {
    uint256 bountyPercentage;
    uint256 bountyCapUSD;
    bool retainable;
    IdentityRequirements identity;
    string diligenceRequirements;
    uint256 aggregateBountyCapUSD;
}

/// @notice All of an agreement.
struct AgreementDetails {
    string protocolName;
    Contact[] contactDetails;
    Chain[] chains;
    BountyTerms bountyTerms;
    string agreementURI;
}

/// @title A Safe Harbor agreement, as far as it is read here.
interface ISafeHarborAgreement {
    /// @notice The agreement as it stands; its owner may change it.
    function getDetails() external view returns (AgreementDetails memory);
}

/// @title Reads SEAL's agreements for contracts.
interface ISafeHarborReader {
    /// @notice The terms of a rescue in `agreement`, and the hash of all that it answered, in ABI encoding.
    function termsOf(address agreement) external view returns (BountyTerms memory terms, bytes32 hash);

    /// @notice Whether `account` is named for this chain, in any spelling, and which of the contracts that it made are
    /// in scope with it.
    function scopeOf(address agreement, address account) external view returns (bool listed, ChildContractScope scope);
}

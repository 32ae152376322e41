// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    Account,
    AgreementDetails,
    BountyTerms,
    Chain,
    ChildContractScope,
    Contact,
    IdentityRequirements
} from "../interfaces/ISafeHarborAgreement.sol";

/// An agreement of two chains, whose owner changes its terms.
contract MockAgreement {
    BountyTerms internal terms;
    string internal here;
    string internal account;

    constructor(string memory caip2, string memory account_) {
        (here, account) = (caip2, account_);
        set(10, 5_000_000, false, 0);
    }

    function set(uint256 percentage, uint256 cap, bool retainable, uint256 aggregate) public {
        terms = BountyTerms(percentage, cap, retainable, IdentityRequirements.Named, "sanctions list", aggregate);
    }

    function getDetails() external view returns (AgreementDetails memory d) {
        d.protocolName = "Example";
        d.contactDetails = new Contact[](1);
        d.contactDetails[0] = Contact("Ann", "ann@example.org");
        d.chains = new Chain[](2);
        d.chains[0] = Chain("0x00", new Account[](1), "eip155:424242424242");
        d.chains[0].accounts[0] = Account(account, ChildContractScope.ExistingOnly);
        d.chains[1] = Chain("0x01", new Account[](2), here);
        d.chains[1].accounts[0] = Account("not an address", ChildContractScope.All);
        d.chains[1].accounts[1] = Account(account, ChildContractScope.FutureOnly);
        (d.bountyTerms, d.agreementURI) = (terms, "ipfs://agreement");
    }
}

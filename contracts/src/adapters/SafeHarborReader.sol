// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {CAIP2} from "@openzeppelin/contracts/utils/CAIP2.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {
    AgreementDetails,
    BountyTerms,
    Chain,
    ChildContractScope,
    ISafeHarborAgreement,
    ISafeHarborReader
} from "../interfaces/ISafeHarborAgreement.sol";

/// @title SafeHarborReader: what SEAL's agreements say, one question at a time.
/// @dev Without state. The compiler decodes the whole agreement out of call data only, hence the calls to itself.
contract SafeHarborReader is ISafeHarborReader {
    using Address for address;
    using Strings for string;

    /* VIEWS */

    /// @inheritdoc ISafeHarborReader
    function termsOf(address agreement) external view returns (BountyTerms memory terms, bytes32 hash) {
        bytes memory answer = _ask(agreement);
        return (this.decodeTerms(answer), keccak256(answer));
    }

    /// @inheritdoc ISafeHarborReader
    function scopeOf(address agreement, address account) external view returns (bool, ChildContractScope) {
        return this.decodeScope(_ask(agreement), account);
    }

    /// @notice The terms of a rescue in an agreement's answer.
    function decodeTerms(bytes calldata answer) external pure returns (BountyTerms memory) {
        return abi.decode(answer, (AgreementDetails)).bountyTerms;
    }

    /// @notice The place of `account` in an agreement's answer.
    function decodeScope(bytes calldata answer, address account) external view returns (bool, ChildContractScope) {
        Chain[] memory chains = abi.decode(answer, (AgreementDetails)).chains;
        string memory here = CAIP2.local();
        for (uint256 i; i < chains.length; ++i) {
            if (!chains[i].caip2ChainId.equal(here)) continue;
            for (uint256 j; j < chains[i].accounts.length; ++j) {
                (bool ok, address named) = chains[i].accounts[j].accountAddress.tryParseAddress();
                if (ok && named == account) return (true, chains[i].accounts[j].childContractScope);
            }
        }
        return (false, ChildContractScope.None);
    }

    /* INTERNAL */

    function _ask(address agreement) private view returns (bytes memory) {
        return agreement.functionStaticCall(abi.encodeCall(ISafeHarborAgreement.getDetails, ()));
    }
}

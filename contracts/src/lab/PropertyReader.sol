// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title PropertyReader: whether a property of a state holds, as a number that a limit can be put on.
/// @notice For searches and rehearsals on copies of a chain.
contract PropertyReader {
    /// @notice 1 where `property` of `to` holds, 0 where it does not.
    /// @param mustAnswer Whether it has to say true; if not, it holds where it does not revert and does not say false.
    function holds(address to, bytes4 property, bool mustAnswer) external view returns (uint256) {
        (bool ok, bytes memory answer) = to.staticcall(abi.encodePacked(property));
        if (!ok || to.code.length == 0) return 0;
        if (answer.length < 32) return mustAnswer ? 0 : 1;
        uint256 word;
        assembly {
            word := mload(add(answer, 32))
        }
        return mustAnswer ? (word == 1 ? 1 : 0) : (word == 0 ? 0 : 1);
    }
}

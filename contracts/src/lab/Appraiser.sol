// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// A figure: a word of what `to` answers, or its native balance where nothing is asked.
struct Question {
    address to;
    bytes data;
    /// Number of the word in the answer.
    uint256 word;
}

/// @title Appraiser: many figures of a state in one call.
/// @notice For searches and rehearsals on copies of a chain.
contract Appraiser {
    /// @notice One word for each question; zero where there is no answer.
    function appraise(Question[] calldata questions) external view returns (uint256[] memory words) {
        words = new uint256[](questions.length);
        for (uint256 i; i < questions.length; ++i) {
            if (questions[i].data.length == 0) {
                words[i] = questions[i].to.balance;
                continue;
            }
            (bool ok, bytes memory answer) = questions[i].to.staticcall(questions[i].data);
            uint256 from = 32 * questions[i].word;
            if (!ok || answer.length < from + 32) continue;
            uint256 word;
            assembly {
                word := mload(add(add(answer, 32), from))
            }
            words[i] = word;
        }
    }
}

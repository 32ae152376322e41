// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// A word of call data that is known only when the call is made: `times / over` of a word of an answer.
struct Fill {
    /// Where the word stands, in bytes from the begin of the call data.
    uint256 at;
    /// Who is asked, by a static call; the zero address: what an earlier step of the same list answered.
    address source;
    bytes question;
    /// Number of that step.
    uint256 step;
    /// Number of the word in the answer.
    uint256 word;
    uint256 times;
    uint256 over;
}

/// One call of an attack.
struct Step {
    address to;
    uint256 value;
    bytes data;
    Fill[] fills;
    /// Steps, encoded, that are played when somebody calls back in the middle of this one; nothing: none.
    bytes inner;
    /// A failure fails everything. Else it is passed over.
    bool must;
}

/// @title Puppet: an attacker's contract that does what it is told, with amounts read from the chain as it goes.
/// @notice For searches and rehearsals on copies of a chain. It guards nothing of its own: whoever calls it holds it.
contract Puppet {
    bytes32 private constant ARMED = keccak256("testudo.puppet.armed");

    error Puppet_StepFailed(uint256 step, bytes answer);

    receive() external payable {
        _playInner();
    }

    /// @notice Whoever calls back finds the armed steps played, and an answer that receivers give.
    fallback() external payable {
        _playInner();
        bytes32 answer = _answerTo(msg.sig);
        assembly {
            mstore(0, answer)
            return(0, 32)
        }
    }

    /// @notice Plays `steps` in their order. Bit i of `done` says that step i went through, bit i of `played` that somebody
    /// called back in the middle of it and found its inner steps.
    function play(Step[] calldata steps) external payable returns (uint256 done, uint256 played) {
        return _play(steps);
    }

    function _play(Step[] memory steps) private returns (uint256 done, uint256 played) {
        bytes[] memory answers = new bytes[](steps.length);
        for (uint256 i; i < steps.length; ++i) {
            Step memory step = steps[i];
            _fill(step, answers);
            if (step.inner.length > 0) _arm(step.inner);
            bool ok;
            (ok, answers[i]) = step.to.call{value: step.value}(step.data);
            if (step.inner.length > 0 && _disarm().length == 0) played |= 1 << i;
            if (ok) done |= 1 << i;
            else if (step.must) revert Puppet_StepFailed(i, answers[i]);
        }
    }

    function _fill(Step memory step, bytes[] memory answers) private view {
        bytes memory data = step.data;
        for (uint256 i; i < step.fills.length; ++i) {
            Fill memory fill = step.fills[i];
            bytes memory answer;
            if (fill.source != address(0)) (, answer) = fill.source.staticcall(fill.question);
            else if (fill.step < answers.length) answer = answers[fill.step];
            (uint256 at, uint256 from) = (fill.at, 32 * fill.word);
            if (answer.length < from + 32 || data.length < at + 32) continue;
            uint256 word;
            assembly {
                word := mload(add(add(answer, 32), from))
            }
            word = _scaled(word, fill.times, fill.over);
            assembly {
                mstore(add(add(data, 32), at), word)
            }
        }
    }

    /// Wraps where a product is too great: such a call fails by itself.
    function _scaled(uint256 word, uint256 times, uint256 over) private pure returns (uint256) {
        unchecked {
            return times == over || over == 0 ? word : word * times / over;
        }
    }

    function _playInner() private {
        bytes memory inner = _disarm();
        if (inner.length > 0) _play(abi.decode(inner, (Step[])));
    }

    function _arm(bytes memory inner) private {
        bytes32 slot = ARMED;
        assembly {
            let words := shr(5, add(mload(inner), 63))
            for { let i := 0 } lt(i, words) { i := add(i, 1) } {
                tstore(add(slot, i), mload(add(inner, shl(5, i))))
            }
        }
    }

    /// Whoever calls back a second time finds nothing.
    function _disarm() private returns (bytes memory inner) {
        bytes32 slot = ARMED;
        assembly {
            let length := tload(slot)
            inner := mload(0x40)
            let words := shr(5, add(length, 63))
            for { let i := 0 } lt(i, words) { i := add(i, 1) } {
                mstore(add(inner, shl(5, i)), tload(add(slot, i)))
            }
            mstore(0x40, add(inner, shl(5, words)))
            tstore(slot, 0)
        }
    }

    /// What standards have receivers answer: ERC-3156 a word of its own, ERC-721 and ERC-1155 the selector, others true.
    function _answerTo(bytes4 selector) private pure returns (bytes32) {
        if (selector == 0x23e30c8b) return keccak256("ERC3156FlashBorrower.onFlashLoan");
        if (selector == 0x150b7a02 || selector == 0xf23a6e61 || selector == 0xbc197c81) return bytes32(selector);
        return bytes32(uint256(1));
    }
}

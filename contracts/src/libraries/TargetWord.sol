// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SlotDerivation} from "@openzeppelin/contracts/utils/SlotDerivation.sol";
import {Kind} from "../interfaces/ICircuitBreaker.sol";
import {ISelectorBreaker, Rule} from "../interfaces/ISelectorBreaker.sol";
import {PauseStorage} from "./PauseStorage.sol";
import {PauseWord} from "./PauseWord.sol";

/// @notice Where the breaker finds the word of a selector: in the target when inline, else in the breaker itself.
library TargetWord {
    using PauseStorage for bytes32;
    using SlotDerivation for bytes32;

    function read(address target, bytes4 selector, Kind kind) internal view returns (PauseWord) {
        if (isInline(kind)) return PauseWord.wrap(ISelectorBreaker(target).pauseWord(selector));
        return root(target).readWord(selector);
    }

    function write(address target, bytes4 selector, Kind kind, PauseWord word) internal {
        if (isInline(kind)) ISelectorBreaker(target).writePause(selector, PauseWord.unwrap(word));
        else root(target).writeWord(selector, word);
    }

    function writeRule(address target, bytes4 selector, Kind kind, PauseWord word, Rule calldata rule) internal {
        if (isInline(kind)) return ISelectorBreaker(target).writeRule(selector, PauseWord.unwrap(word), rule);
        root(target).writeWord(selector, word);
        root(target).writeRule(selector, rule);
    }

    function readRule(address target, bytes4 selector, Kind kind) internal view returns (Rule memory, uint40) {
        if (isInline(kind)) return ISelectorBreaker(target).guardRule(selector);
        return (root(target).readRule(selector), root(target).readWord(selector).ruleUntil());
    }

    /// @dev Each external target has a root of its own under the mixin's.
    function root(address target) internal pure returns (bytes32) {
        return PauseStorage.ROOT.deriveMapping(target);
    }

    function isInline(Kind kind) internal pure returns (bool) {
        return kind == Kind.INLINE || kind == Kind.INLINE_EXEMPT;
    }
}

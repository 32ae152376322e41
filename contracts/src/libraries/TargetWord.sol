// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SlotDerivation} from "@openzeppelin/contracts/utils/SlotDerivation.sol";
import {StorageSlot} from "@openzeppelin/contracts/utils/StorageSlot.sol";
import {Kind} from "../interfaces/ICircuitBreaker.sol";
import {ISelectorBreaker, Rule} from "../interfaces/ISelectorBreaker.sol";
import {PauseStorage} from "./PauseStorage.sol";
import {PauseWord} from "./PauseWord.sol";

/// @notice Where the breaker finds the word of a selector: in the target when inline, else in the breaker itself.
library TargetWord {
    using PauseStorage for bytes32;
    using SlotDerivation for bytes32;
    using StorageSlot for bytes32;

    function read(address target, bytes4 selector, Kind kind) internal view returns (PauseWord) {
        if (isInline(kind)) return PauseWord.wrap(ISelectorBreaker(target).pauseWord(selector));
        return readOwn(target, selector);
    }

    /// @dev The word of a selector of an external target, which lies here.
    function readOwn(address target, bytes4 selector) internal view returns (PauseWord) {
        return PauseWord.wrap(ownSlot(target, selector).getUint256Slot().value);
    }

    function writeOwn(address target, bytes4 selector, PauseWord word) internal {
        ownSlot(target, selector).getUint256Slot().value = PauseWord.unwrap(word);
    }

    function write(address target, bytes4 selector, Kind kind, PauseWord word) internal {
        if (isInline(kind)) ISelectorBreaker(target).writePause(selector, PauseWord.unwrap(word));
        else writeOwn(target, selector, word);
    }

    function writeRule(address target, bytes4 selector, Kind kind, PauseWord word, Rule calldata rule) internal {
        if (isInline(kind)) return ISelectorBreaker(target).writeRule(selector, PauseWord.unwrap(word), rule);
        writeOwn(target, selector, word);
        root(target).writeRule(selector, rule);
    }

    function readRule(address target, bytes4 selector, Kind kind) internal view returns (Rule memory, uint40) {
        if (isInline(kind)) return ISelectorBreaker(target).guardRule(selector);
        return (root(target).readRule(selector), readOwn(target, selector).ruleUntil());
    }

    /// @dev One hash and not two, as each guarded call of an external target pays for it.
    function ownSlot(address target, bytes4 selector) private pure returns (bytes32) {
        return PauseStorage.ROOT.deriveMapping(bytes32(bytes20(target)) | (bytes32(selector) >> 160));
    }

    /// @dev Each external target has a root of its own under the mixin's, for its rules.
    function root(address target) internal pure returns (bytes32) {
        return PauseStorage.ROOT.deriveMapping(target);
    }

    function isInline(Kind kind) internal pure returns (bool) {
        return kind == Kind.INLINE || kind == Kind.INLINE_EXEMPT;
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SlotDerivation} from "@openzeppelin/contracts/utils/SlotDerivation.sol";
import {StorageSlot} from "@openzeppelin/contracts/utils/StorageSlot.sol";
import {ISelectorBreaker, IUpdateTime, Rule, RuleKind} from "../interfaces/ISelectorBreaker.sol";
import {PauseWord} from "./PauseWord.sol";

/// @notice The words and guard rules under one root slot, and the check that the hot path makes.
/// @dev Under `root`: mapping(bytes4 => PauseWord) at +0, mapping(bytes4 => Rule) at +1, mapping(address => block
/// number) of NO_SAME_BLOCK at +2.
library PauseStorage {
    using SlotDerivation for bytes32;
    using StorageSlot for bytes32;

    /// ERC-7201: keccak256(abi.encode(uint256(keccak256("testudo.storage.SelectorBreaker")) - 1)) & ~0xff
    bytes32 internal constant ROOT = 0xec9ff4ba60272a8a63337af2bbff933eb10014afdb771bf84f879c42718c2000;

    /// Enough for a proxied price source; a source that burns it refuses the call.
    uint256 private constant SOURCE_GAS = 50_000;

    function readWord(bytes32 root, bytes4 selector) internal view returns (PauseWord) {
        return PauseWord.wrap(root.deriveMapping(bytes32(selector)).getUint256Slot().value);
    }

    function writeWord(bytes32 root, bytes4 selector, PauseWord word) internal {
        root.deriveMapping(bytes32(selector)).getUint256Slot().value = PauseWord.unwrap(word);
    }

    function readRule(bytes32 root, bytes4 selector) internal view returns (Rule memory) {
        bytes32 slot = root.offset(1).deriveMapping(bytes32(selector));
        uint256 head = slot.getUint256Slot().value;
        return Rule(RuleKind(uint8(head)), uint8(head >> 8), slot.offset(1).getUint256Slot().value);
    }

    function writeRule(bytes32 root, bytes4 selector, Rule memory rule) internal {
        bytes32 slot = root.offset(1).deriveMapping(bytes32(selector));
        slot.getUint256Slot().value = uint256(rule.kind) | (uint256(rule.argIndex) << 8);
        slot.offset(1).getUint256Slot().value = rule.bound;
    }

    /// @dev Reverts unless the selector of this very call is live for it. Used in the protected contract itself.
    function enforce() internal {
        // Written out for the hot path: `until` and `ruleUntil` are the two low fields.
        uint256 raw = ROOT.deriveMapping(bytes32(msg.sig)).getUint256Slot().value;
        if (block.timestamp < uint40(raw) || block.timestamp < uint40(raw >> 40)) enforceShut(PauseWord.wrap(raw));
    }

    function enforceShut(PauseWord word) private {
        requireNotPaused(word, msg.sig);
        Rule memory rule = readRule(ROOT, msg.sig);
        if (rule.kind == RuleKind.NO_SAME_BLOCK) requireFirstInBlock(ROOT, msg.sig);
        else requireRule(rule, msg.sig, msg.data);
    }

    function requireNotPaused(PauseWord word, bytes4 selector) internal view {
        uint40 until = word.until();
        if (block.timestamp < until) revert ISelectorBreaker.Breaker_Paused(selector, until);
    }

    function requireRule(Rule memory rule, bytes4 selector, bytes calldata data) internal view {
        if (rule.kind == RuleKind.DENY) refuse(selector, rule, 0);
        if (rule.kind == RuleKind.ORACLE_DELAY) return requireDelay(rule, selector);
        uint256 at = 4 + 32 * uint256(rule.argIndex);
        if (data.length < at + 32) refuse(selector, rule, data.length);
        uint256 value = uint256(bytes32(data[at:at + 32]));
        if (rule.kind == RuleKind.ARG_MAX ? value > rule.bound : value < rule.bound) refuse(selector, rule, value);
    }

    // A source that reverts, answers too short or is no contract reverts here: a guarded selector fails closed.
    function requireDelay(Rule memory rule, bytes4 selector) private view {
        uint256 at = IUpdateTime(address(uint160(rule.bound))).updatedAt{gas: SOURCE_GAS}();
        if (at > block.timestamp || block.timestamp - at < rule.bound >> 160) refuse(selector, rule, at);
    }

    // Two contracts of one attacker share an origin, and two origins one contract: both are marked.
    function requireFirstInBlock(bytes32 root, bytes4 selector) private {
        markBlock(root, selector, msg.sender);
        if (tx.origin != msg.sender) markBlock(root, selector, tx.origin);
    }

    function markBlock(bytes32 root, bytes4 selector, address account) private {
        StorageSlot.Uint256Slot storage mark = root.offset(2).deriveMapping(account).getUint256Slot();
        if (mark.value == block.number) {
            revert ISelectorBreaker.Breaker_RuleRefused(selector, RuleKind.NO_SAME_BLOCK, block.number, 0);
        }
        mark.value = block.number;
    }

    function refuse(bytes4 selector, Rule memory rule, uint256 value) private pure {
        revert ISelectorBreaker.Breaker_RuleRefused(selector, rule.kind, value, rule.bound);
    }
}

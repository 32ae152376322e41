// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISelectorBreaker, Rule} from "./interfaces/ISelectorBreaker.sol";
import {PauseStorage} from "./libraries/PauseStorage.sol";
import {PauseWord} from "./libraries/PauseWord.sol";

/// @title Mixin: every external function with `whenLive` can be paused by itself, for a time.
abstract contract SelectorBreaker is ISelectorBreaker {
    using PauseStorage for bytes32;

    /* IMMUTABLES */

    /// @inheritdoc ISelectorBreaker
    address public immutable selectorBreaker;

    /* CONSTRUCTOR */

    /// @param controller The CircuitBreaker; its code may be deployed later, at this address.
    constructor(address controller) {
        selectorBreaker = controller;
    }

    /* MODIFIERS */

    /// @dev One storage read. `msg.sig` is the selector of the external call, also in a function called internally.
    modifier whenLive() {
        PauseStorage.enforce();
        _;
    }

    modifier onlyController() {
        if (msg.sender != selectorBreaker) revert Breaker_NotController(msg.sender);
        _;
    }

    /* CONTROLLER FUNCTIONS */

    /// @inheritdoc ISelectorBreaker
    function writePause(bytes4 selector, uint256 word) external onlyController {
        PauseStorage.ROOT.writeWord(selector, PauseWord.wrap(word));
    }

    /// @inheritdoc ISelectorBreaker
    function writeRule(bytes4 selector, uint256 word, Rule calldata rule) external onlyController {
        PauseStorage.ROOT.writeWord(selector, PauseWord.wrap(word));
        PauseStorage.ROOT.writeRule(selector, rule);
    }

    /* VIEWS */

    /// @inheritdoc ISelectorBreaker
    function pausedUntil(bytes4 selector) external view returns (uint40) {
        return PauseStorage.ROOT.readWord(selector).until();
    }

    /// @inheritdoc ISelectorBreaker
    function pauseWord(bytes4 selector) external view returns (uint256) {
        return PauseWord.unwrap(PauseStorage.ROOT.readWord(selector));
    }

    /// @inheritdoc ISelectorBreaker
    function guardRule(bytes4 selector) external view returns (Rule memory rule, uint40 until) {
        return (PauseStorage.ROOT.readRule(selector), PauseStorage.ROOT.readWord(selector).ruleUntil());
    }
}

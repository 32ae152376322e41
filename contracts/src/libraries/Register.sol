// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Config, Group, ICircuitBreaker, Kind, Program, Target, Tripper} from "../interfaces/ICircuitBreaker.sol";
import {PauseWordLib} from "./PauseWord.sol";
import {TargetWord} from "./TargetWord.sol";

struct Protected {
    address target;
    bool inlined;
}

/// @notice What the breaker protects, and who may trip or rule what. It only grows, but for trippers and programs.
struct Register {
    Protected[] targets;
    mapping(address target => bytes4[]) selectors;
    mapping(address target => mapping(bytes4 selector => Kind)) kinds;
    mapping(bytes32 group => Group) groups;
    mapping(bytes32 group => mapping(address caller => bool)) trippers;
    mapping(address target => mapping(bytes4 selector => mapping(address caller => bool))) programs;
}

using RegisterLib for Register global;

library RegisterLib {

    uint256 private constant MAX_TARGETS = 7;
    uint256 private constant MAX_SELECTORS = 32;
    uint256 private constant MAX_GROUP = 16;

    function add(Register storage self, Config memory config) internal {
        for (uint256 i; i < config.targets.length; ++i) addTarget(self, config.targets[i]);
        for (uint256 i; i < config.groups.length; ++i) addGroup(self, config.groups[i]);
        for (uint256 i; i < config.trippers.length; ++i) {
            Tripper memory tripper = config.trippers[i];
            if (self.groups[tripper.group].id == 0) revert ICircuitBreaker.Breaker_UnknownGroup(tripper.group);
            self.trippers[tripper.group][tripper.caller] = true;
        }
        for (uint256 i; i < config.programs.length; ++i) {
            Program memory program = config.programs[i];
            guarded(self, program.target, program.selector);
            self.programs[program.target][program.selector][program.caller] = true;
        }
    }

    function known(Register storage self, address target, bytes4 selector) internal view returns (Kind kind) {
        kind = self.kinds[target][selector];
        if (kind == Kind.UNKNOWN) revert ICircuitBreaker.Breaker_Unknown(target, selector);
    }

    function guarded(Register storage self, address target, bytes4 selector) internal view returns (Kind kind) {
        kind = known(self, target, selector);
        if (kind == Kind.INLINE || kind == Kind.EXTERNAL) return kind;
        revert ICircuitBreaker.Breaker_Exempt(selector);
    }

    // A target is registered once, as a whole: later there is no way to change what is exempt.
    function addTarget(Register storage self, Target memory t) private {
        uint256 count = t.guarded.length + t.exempt.length;
        if (count == 0 || count > MAX_SELECTORS) revert ICircuitBreaker.Breaker_BadLength(count, MAX_SELECTORS);
        if (self.selectors[t.target].length > 0) revert ICircuitBreaker.Breaker_Registered(t.target, 0);
        if (self.targets.length == MAX_TARGETS) {
            revert ICircuitBreaker.Breaker_BadLength(MAX_TARGETS + 1, MAX_TARGETS);
        }
        self.targets.push(Protected(t.target, t.inlined));
        addSelectors(self, t.target, t.guarded, t.inlined ? Kind.INLINE : Kind.EXTERNAL);
        addSelectors(self, t.target, t.exempt, t.inlined ? Kind.INLINE_EXEMPT : Kind.EXTERNAL_EXEMPT);
        emit ICircuitBreaker.Registered(t.target, t.inlined, t.guarded, t.exempt);
    }

    function addSelectors(Register storage self, address target, bytes4[] memory selectors, Kind kind) private {
        for (uint256 i; i < selectors.length; ++i) {
            if (self.kinds[target][selectors[i]] != Kind.UNKNOWN) {
                revert ICircuitBreaker.Breaker_Registered(target, selectors[i]);
            }
            self.kinds[target][selectors[i]] = kind;
            self.selectors[target].push(selectors[i]);
            if (TargetWord.isInline(kind)) continue;
            TargetWord.writeOwn(target, selectors[i], PauseWordLib.idle());
        }
    }

    function addGroup(Register storage self, Group memory g) private {
        uint256 length = g.selectors.length;
        if (length == 0 || length > MAX_GROUP) revert ICircuitBreaker.Breaker_BadLength(length, MAX_GROUP);
        if (g.targets.length != length) revert ICircuitBreaker.Breaker_BadLength(g.targets.length, length);
        if (g.id == 0) revert ICircuitBreaker.Breaker_UnknownGroup(0);
        if (self.groups[g.id].id != 0) revert ICircuitBreaker.Breaker_Registered(g.targets[0], g.selectors[0]);
        for (uint256 i; i < length; ++i) guarded(self, g.targets[i], g.selectors[i]);
        self.groups[g.id] = g;
    }
}

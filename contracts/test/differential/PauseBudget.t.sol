// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PauseBudget} from "../../src/libraries/PauseBudget.sol";
import {Pause, PauseWordLib} from "../../src/libraries/PauseWord.sol";
import {Vectors} from "../Vectors.t.sol";

/// Sequences of trips, rules, halts and releases against the TypeScript twin, through the word that keeps them.
contract PauseBudgetDifferential is Vectors {
    using PauseBudget for Pause;
    using PauseWordLib for Pause;

    uint256 internal constant TRIP = 0;
    uint256 internal constant RULE = 1;
    uint256 internal constant HALT = 2;

    function test_BREAKER_04_everyStepOfTheSharedVectors() external view {
        uint256[][] memory rows = rowsOf("pauseBudget", "steps");
        atMost(384, rows.length, "rows");
        Pause memory p;
        for (uint256 i; i < rows.length; ++i) {
            uint256[] memory r = rows[i];
            if (r[0] == 1) p = PauseWordLib.idle().unpack();
            p.settle(uint40(r[2]));
            isBudget(p, r);
            act(p, r[1], uint40(r[3]));
            p = p.pack().unpack();
            eq(p.until, r[10], "until");
            eq(p.paidUntil, r[11], "paidUntil");
            eq(p.fastUsed, r[12], "fastUsed");
            eq(p.haltUsed, r[13], "haltUsed");
        }
    }

    function isBudget(Pause memory p, uint256[] memory r) internal pure {
        eq(p.fastLeft(), r[4], "fastLeft");
        eq(p.programLeft(), r[5], "programLeft");
        eq(p.haltLeft(), r[6], "haltLeft");
        eq(p.fastReach(), r[7], "fastReach");
        eq(p.programReach(), r[8], "programReach");
        eq(p.haltReach(), r[9], "haltReach");
    }

    /// As CircuitBreaker does.
    function act(Pause memory p, uint256 kind, uint40 until) internal pure {
        if (kind == TRIP || kind == RULE) p.chargeFast(until);
        else if (kind == HALT) p.chargeHalt(until);
        else (p.until, p.paidUntil) = (0, 0);
        if ((kind == TRIP || kind == HALT) && until > p.until) p.until = until;
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RiskSteward} from "../../src/RiskSteward.sol";
import {IRiskInvariant} from "../../src/interfaces/IRiskInvariant.sol";
import {StewardMath} from "../../src/libraries/StewardMath.sol";
import {StewardSetup} from "../StewardSetup.t.sol";
import {Aimed} from "./Aimed.t.sol";

/// A stolen key, a guardian and strangers, with an invariant that now and then refuses; checkpoints for the drift.
contract StewardHandler is StewardSetup {
    struct Point {
        bytes32 id;
        uint256 when;
        uint256 loosest;
    }

    Point[] internal points;
    uint256 public applied;
    uint256 public strangers;
    uint256 public refusals;
    uint256 public partials;
    uint256 public guardianLoosened;
    uint256 public jumps;

    function setUp() public override {
        super.setUp();
        setInvariant(IRiskInvariant(address(invariant_)));
    }

    /// `how` picks the value: the edge of a step, beyond it, anything, or the same.
    function change(uint256 seed, uint256 how, uint256 value) external {
        bytes32 id = seed % 2 == 0 ? CAP : MARGIN;
        how %= 4;
        if (how == 0) value = steward.loosestAfter(id, 0);
        if (how == 1) value = steward.loosestAfter(id, 2 days);
        if (how == 2) value = bound(value, 0, 600e18);
        if (how == 3) value = steward.valueOf(id) * bound(value, 950, 1_050) / 1_000;
        apply_(ids1(id), values1(value));
    }

    function changeGroup(uint256 ratio, uint256 time, bool whole) external {
        (uint256 oldRatio,) = pair();
        ratio = bound(ratio, oldRatio * 96 / 100, oldRatio * 104 / 100);
        time = bound(time, start - 365 days, start + 365 days);
        if (!whole) {
            if (apply_(ids1(RATIO), values1(ratio))) ++partials;
            return;
        }
        if (!apply_(ids2(RATIO, TIME), values2(ratio, time))) return;
        (uint256 newRatio, uint256 newTime) = pair();
        if (newRatio != ratio || newTime != time) ++partials;
    }

    function pair() internal view returns (uint256 ratio, uint256 time) {
        (uint128 r,,,,) = steward.parameter(RATIO);
        (uint128 t,,,,) = steward.parameter(TIME);
        return (r, t);
    }

    function apply_(bytes32[] memory ids, uint256[] memory values) internal returns (bool ok) {
        vm.prank(key);
        (bool proposed, bytes memory answer) =
            address(steward).call(abi.encodeCall(steward.propose, (ids, values, MODEL, INPUTS)));
        if (!proposed) return false;
        uint256 before = steward.valueOf(ids[0]);
        (uint128 target,,,,) = steward.parameter(ids[0]);
        vm.prank(key);
        (ok,) = address(steward).call(abi.encodeCall(steward.applyBatch, (abi.decode(answer, (bytes32)))));
        if (!ok) return false;
        ++applied;
        if (invariant_.why() != 0) ++refusals;
        // What is tightened with a ramp has not moved yet.
        if (ids[0] == MARGIN && values[0] > target && steward.valueOf(MARGIN) != before) ++jumps;
    }

    function revertGroup(uint256 seed, bool byGuardian) external {
        bytes32 id = seed % 3 == 0 ? CAP : seed % 3 == 1 ? MARGIN : CAPO;
        uint256 cap = steward.valueOf(CAP);
        (uint128 margin,,,,) = steward.parameter(MARGIN);
        vm.prank(byGuardian ? guardian : key);
        (bool ok,) = address(steward).call(abi.encodeCall(steward.revertToLastGood, (id, why())));
        if (!ok || !byGuardian) return;
        (uint128 later,,,,) = steward.parameter(MARGIN);
        if (steward.valueOf(CAP) > cap || later < margin) ++guardianLoosened;
    }

    function stranger(address who, uint256 value) external {
        if (who == key || who == guardian || who == timelock) return;
        bytes32[] memory ids = ids1(CAP);
        vm.prank(who);
        (bool a,) = address(steward).call(abi.encodeCall(steward.propose, (ids, values1(value), MODEL, INPUTS)));
        vm.prank(who);
        (bool b,) = address(steward).call(abi.encodeCall(steward.setValues, (ids, values1(value), why())));
        vm.prank(who);
        (bool c,) = address(steward).call(abi.encodeCall(steward.revertToLastGood, (CAP, why())));
        if (a || b || c) ++strangers;
    }

    function refuse(bool yes_) external {
        invariant_.set(yes_ ? bytes32("no") : bytes32(0), false);
    }

    /// Remembers where a parameter stands; the drift from here on is what the invariant bounds.
    function checkpoint(uint256 seed) external {
        bytes32 id = seed % 2 == 0 ? CAP : MARGIN;
        if (points.length == 6) return;
        (uint128 target,,,,) = steward.parameter(id);
        uint256 value = steward.valueOf(id);
        bool higher = id == CAP ? value > target : value < target;
        points.push(Point(id, vm.getBlockTimestamp(), higher ? value : target));
    }

    function wait(uint256 time) external {
        vm.warp(vm.getBlockTimestamp() + bound(time, 1, 36 hours));
    }

    function pointsOf() external view returns (Point[] memory) {
        return points;
    }

    function theSteward() external view returns (RiskSteward) {
        return steward;
    }
}

contract StewardInvariants is StewardSetup, Aimed {
    StewardHandler internal handler;

    function setUp() public override {
        handler = new StewardHandler();
        handler.setUp();
        steward = handler.theSteward();
        bytes memory calls = abi.encodePacked(
            StewardHandler.change.selector, StewardHandler.changeGroup.selector, StewardHandler.revertGroup.selector,
            StewardHandler.stranger.selector, StewardHandler.refuse.selector, StewardHandler.checkpoint.selector,
            StewardHandler.wait.selector
        );
        aim(address(handler), calls);
    }

    function invariant_STEWARD_01_valuesStayInRange() external view {
        uint256 cap = steward.valueOf(CAP);
        uint256 margin = steward.valueOf(MARGIN);
        atMost(cap, 500e18, "cap");
        yes(margin >= 0.01e18 && margin <= 0.5e18, "margin");
        uint256 ratio = steward.valueOf(RATIO);
        yes(ratio >= 1e18 && ratio <= 2e18, "ratio");
    }

    function invariant_STEWARD_02_driftStaysWithinTheFormula() external view {
        StewardHandler.Point[] memory points = handler.pointsOf();
        for (uint256 i; i < points.length; ++i) {
            uint256 count = (vm.getBlockTimestamp() - points[i].when) / 1 days + 1;
            uint256 value = steward.valueOf(points[i].id);
            if (points[i].id == CAP) {
                atMost(value, StewardMath.loosest(points[i].loosest, true, count, 1_000, true, 0, 500e18), "cap");
            } else {
                uint256 low = StewardMath.loosest(points[i].loosest, false, count, 500, true, 0.01e18, 0.5e18);
                atMost(low, value, "margin");
            }
        }
    }

    function invariant_STEWARD_03_noGroupIsWrittenInPart() external view {
        eq(handler.partials(), 0, "partial writes");
    }

    function invariant_STEWARD_04_nothingRefusedIsApplied() external view {
        eq(handler.refusals(), 0, "applied against an invariant");
    }

    function invariant_STEWARD_05_openPositionsSeeNoJump() external view {
        eq(handler.jumps(), 0, "jumps");
    }

    function invariant_STEWARD_06_onlyTheKeyMovesAnything() external view {
        eq(handler.strangers(), 0, "strangers");
        eq(handler.guardianLoosened(), 0, "loosened by the guardian");
    }
}

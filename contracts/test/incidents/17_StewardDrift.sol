// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bounds} from "../../src/interfaces/IRiskSteward.sol";
import {StewardMath} from "../../src/libraries/StewardMath.sol";
import {Why} from "../../src/libraries/Why.sol";
import {CalibratedParameters} from "../../src/reference/CalibratedParameters.sol";
import {NaiveParameters} from "../../src/reference/naive/NaiveParameters.sol";
import {RiskSteward} from "../../src/RiskSteward.sol";
import {Attack, Deed} from "./Attack.sol";
import {Actor} from "./worlds/Actor.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {NaiveAdmin} from "./worlds/NaiveAdmin.sol";
import {NaiveWorld} from "./worlds/NaiveWorld.sol";
import {World} from "./worlds/World.sol";

/// The stolen key that sets parameters raises maintenance margins and liquidates whoever then lacks them, for half the
/// penalty. A wrong update did so without a thief: Aave's CAPO in March 2026, 26 million USD on 34 accounts. RiskSteward
/// lets the key take one bounded step a day, ramped, with its group, until the timelock takes the role away.
///
/// A drill's seed varies the honest traffic around it and leaves its figures alone: they follow from the two margins that
/// `others` sets, from the steward's steps and from the timelock's delay. Other margins would make another bound, as
/// the loss is the penalty of whoever lies within the drift.
contract StewardDrift is Attack {
    constructor(World world_) Attack(world_) {}

    /// The penalty, 5 %, of 30,656 of notional.
    function naiveLoss() external pure override returns (uint256) {
        return 1_500 * USD;
    }

    /// Penalty * the notional whose margin lies within the drift: 1.5 % * 19,160. STEWARD-06 gives the drift: three steps
    /// of 10 % fit into the 48 h until the timelock dismisses the key, so that maintenance margin goes from 5 % to
    /// 5 % * 1.1^3 = 6.655 %. One trader of the two has that little.
    function bound() external pure override returns (uint256) {
        return 19_160 * USD * 15 / 1_000;
    }

    function steps() external pure override returns (uint256) {
        return 8;
    }

    /// A day after the last honest change; a block later he is found out. He tries every twelve hours, and the ramp of his
    /// last step takes six.
    function waitBefore(uint256 step) external pure override returns (uint256) {
        return [uint256(12), 1 days, 12, 12 hours, 12 hours - 12, 12 hours, 12 hours, 6 hours][step];
    }

    /// The key is stolen while traders hold usual margins and the market has just moved against one of them. A block after
    /// the first change the slow wallet proposes to dismiss it, and does as soon as it may.
    function others(uint256 step) external view virtual override returns (Deed[] memory deeds) {
        if (step == 0) {
            deeds = new Deed[](4);
            deeds[0] = _sent(abi.encodeCall(world.giveKey, (_target(), address(this))));
            deeds[1] = _keeps(world.longTrader(), 2_190 * USD);
            deeds[2] = _keeps(world.shortTrader(), 2_000 * USD);
            deeds[3] = _sent(abi.encodeCall(world.setHonest, (1_916e18)));
        } else if (world.isHardened() && (step == 2 || step == 7)) {
            deeds = new Deed[](1);
            bytes memory data = abi.encodeCall(RiskSteward.setSteward, (address(world), false, Why("stolen", "stolen")));
            deeds[0] = step == 2
                ? _sent(abi.encodeCall(HardenedWorld.propose, (_target(), data, 0)))
                : _sent(abi.encodeCall(HardenedWorld.execute, (_target(), data, 0)));
        }
    }

    /// What was paid in penalties: half of each is the thief's. All else that a liquidation costs, closing costs too.
    function lost() public view override returns (uint256) {
        return 2 * perp.balanceOf(address(this));
    }

    function _step(uint256 step) internal override {
        if (world.isHardened() && step > 0) _drift();
        if (!world.isHardened() && step == 0) {
            bytes memory data = abi.encodeCall(NaiveParameters.setMargins, (0.9e18, 0.9e18));
            address parameters = address(NaiveWorld(address(world)).parameters());
            world.speak(_target(), abi.encodeCall(NaiveAdmin.run, (parameters, data)));
        }
        try perp.liquidate(address(world.longTrader()), MARKET, type(uint256).max) {} catch {}
        try perp.liquidate(address(world.shortTrader()), MARKET, type(uint256).max) {} catch {}
    }

    /// The furthest change that passes, each group in a batch of its own.
    function _drift() private {
        (bytes32[] memory ids, bytes32[] memory depth) = (new bytes32[](2), new bytes32[](1));
        CalibratedParameters parameters = HardenedWorld(address(world)).parameters();
        ids[0] = parameters.idOf(MARKET, "initialFloor");
        ids[1] = parameters.idOf(MARKET, "maintenanceFloor");
        depth[0] = parameters.idOf(MARKET, "depth");
        if (ids[0] > ids[1]) (ids[0], ids[1]) = (ids[1], ids[0]);
        try this.send(ids) {} catch {}
        try this.send(depth) {} catch {}
    }

    function send(bytes32[] calldata ids) external {
        uint256[] memory values = new uint256[](ids.length);
        for (uint256 i; i < ids.length; ++i) values[i] = _furthest(RiskSteward(_target()), ids[i]);
        bytes memory data = abi.encodeCall(RiskSteward.propose, (ids, values, "model", "inputs"));
        bytes32 batch = abi.decode(world.speak(_target(), data), (bytes32));
        world.speak(_target(), abi.encodeCall(RiskSteward.applyBatch, (batch)));
    }

    /// The tightest value: one step where the parameter has a ramp, else the end of its range.
    function _furthest(RiskSteward steward, bytes32 id) private view returns (uint256) {
        (uint256 value,,,,) = steward.parameter(id);
        Bounds memory b = steward.boundsOf(id);
        if (b.ramp == 0) return b.tightDirection == 1 ? b.ceil : b.floor;
        if (b.tightDirection == 1) return StewardMath.highestStep(value, b.maxStepBps, b.relative, b.ceil);
        return StewardMath.lowestStep(value, b.maxStepBps, b.relative, b.floor, b.ceil);
    }

    /// What the key speaks to.
    function _target() private view returns (address) {
        if (!world.isHardened()) return address(NaiveWorld(address(world)).admin());
        return address(HardenedWorld(address(world)).steward());
    }

    function _keeps(Actor actor, uint256 margin) private view returns (Deed memory) {
        margin = perp.positionOf(address(actor), MARKET).margin - margin;
        bytes memory data = abi.encodeCall(perp.removeMargin, (MARKET, margin));
        return _sent(abi.encodeCall(world.direct, (actor, address(perp), data)));
    }
}

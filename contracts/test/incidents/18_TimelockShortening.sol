// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Why} from "../../src/libraries/Why.sol";
import {Timelock} from "../../src/Timelock.sol";
import {Attack, Deed} from "./Attack.sol";
import {DelayedAdmin} from "./worlds/DelayedAdmin.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {NaiveAdmin} from "./worlds/NaiveAdmin.sol";
import {NaiveWorld} from "./worlds/NaiveWorld.sol";
import {Guardian, Signers} from "./worlds/Signers.sol";
import {World} from "./worlds/World.sol";

/// The stolen keys of whoever proposes: the delay is set to nothing first, then the fund's first loss is taken in the
/// same block. Radiant's stolen keys of 2024 upgraded at once, and a delay that its own admin can change is none. In
/// Timelock a shorter delay holds as much later as it is shorter, and GuardianCouncil has all of the old one to veto.
contract TimelockShortening is Attack {
    DelayedAdmin private immutable plain = new DelayedAdmin(address(this), 2 days);
    uint256 internal constant PRIZE = 200_000 * USD;
    bytes32[] private _ops;

    constructor(World world_) Attack(world_) {}

    function naiveLoss() external pure override returns (uint256) {
        return PRIZE;
    }

    /// Nothing while m2 guardians look once in two days; all of it, but not a second earlier, while nobody does.
    function bound() external pure override returns (uint256) {
        return 0;
    }

    function steps() external pure override returns (uint256) {
        return 5;
    }

    function waitBefore(uint256 step) external pure override returns (uint256) {
        return step == 2 || step == 4 ? 2 days : 12;
    }

    /// The keys are stolen; a block after each proposal the council vetoes it.
    function others(uint256 step) external view virtual override returns (Deed[] memory deeds) {
        if (step == 0) {
            deeds = new Deed[](1);
            deeds[0] = Deed(address(world), _theft(), false);
        } else if (world.isHardened() && (step == 1 || step == 3)) {
            HardenedWorld hardened = HardenedWorld(address(world));
            address hand = Guardian(hardened.council().members()[0]).holder();
            deeds = new Deed[](2);
            for (uint256 i; i < 2; ++i) {
                bytes memory data = abi.encodeCall(Signers.veto, (hardened.council(), _ops[_ops.length - 1 - i]));
                deeds[i] = Deed(hand, data, false);
            }
        }
    }

    function _step(uint256 step) internal override {
        if (!world.isHardened()) {
            if (step == 0) _takeAtOnce();
            return;
        }
        // A shorter delay for what follows, and the prize itself behind the delay as it is; again under another salt.
        if (step == 0 || step == 2) _propose(bytes32(step));
        if (step == 2 || step == 4) {
            try this.executeBoth(bytes32(step - 2)) {} catch {}
            try this.takeWithout(bytes32(step)) {} catch {}
        }
    }

    function executeBoth(bytes32 salt) external {
        _speak(abi.encodeCall(_timelock().execute, (address(_timelock()), 0, _shorten(), 0, salt)));
        _speak(abi.encodeCall(_timelock().execute, (address(fund), 0, _withdrawal(), 0, salt)));
    }

    /// With the delay that is left, whatever it is.
    function takeWithout(bytes32 salt) external {
        _speak(abi.encodeCall(_timelock().schedule, (address(fund), 0, _withdrawal(), 0, ~salt, 0)));
        _speak(abi.encodeCall(_timelock().execute, (address(fund), 0, _withdrawal(), 0, ~salt)));
    }

    function _propose(bytes32 salt) private {
        Timelock lock = _timelock();
        uint256 delay = lock.getMinDelay();
        _speak(abi.encodeCall(lock.schedule, (address(lock), 0, _shorten(), 0, salt, delay)));
        _speak(abi.encodeCall(lock.schedule, (address(fund), 0, _withdrawal(), 0, salt, delay)));
        _ops.push(lock.hashOperation(address(lock), 0, _shorten(), 0, salt));
        _ops.push(lock.hashOperation(address(fund), 0, _withdrawal(), 0, salt));
    }

    function _takeAtOnce() private {
        plain.setDelay(0);
        bytes memory data = abi.encodeCall(NaiveAdmin.run, (address(fund), _withdrawal()));
        address admin = address(NaiveWorld(address(world)).admin());
        plain.queue(admin, data);
        plain.execute(admin, data);
    }

    function _theft() private view returns (bytes memory) {
        if (world.isHardened()) return abi.encodeCall(world.giveKey, (address(_timelock()), address(this)));
        address admin = address(NaiveWorld(address(world)).admin());
        return abi.encodeCall(world.speak, (admin, abi.encodeCall(NaiveAdmin.give, (address(plain)))));
    }

    function _speak(bytes memory data) private {
        world.speak(address(_timelock()), data);
    }

    function _withdrawal() private view returns (bytes memory) {
        return abi.encodeCall(fund.withdrawFirstLoss, (PRIZE, address(this), Why("mine", "mine")));
    }

    function _shorten() private pure returns (bytes memory) {
        return abi.encodeCall(Timelock.updateDelay, (0));
    }

    function _timelock() internal view returns (Timelock) {
        return HardenedWorld(address(world)).timelock();
    }
}

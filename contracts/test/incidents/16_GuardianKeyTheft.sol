// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGuardianCouncil} from "../../src/interfaces/IGuardianCouncil.sol";
import {Deed} from "./Attack.sol";
import {FrozenUsers} from "./FrozenUsers.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {NaiveAdmin} from "./worlds/NaiveAdmin.sol";
import {NaiveWorld} from "./worlds/NaiveWorld.sol";
import {Guardian, Signers} from "./worlds/Signers.sol";
import {World} from "./worlds/World.sol";

/// Stolen keys of those who may pause: the ways out are shut, the market falls, and whoever could have left is liquidated.
/// One key pauses everything in most young protocols; in others so few sign that phishing reaches them (Radiant 2024: 3
/// of 11). Here m1 - 1 keys do nothing, more of them pause what is not exempt, for hours that run out; GuardianCouncil
/// and CircuitBreaker.
contract GuardianKeyTheft is FrozenUsers {
    Signers public immutable hand = new Signers();

    constructor(World world_) FrozenUsers(world_) {}

    function naiveLoss() external pure override returns (uint256) {
        return 5_600 * USD;
    }

    /// Nothing up to m2 - 1 = 2 keys. From m2 on a full halt holds everybody, liquidators too, for at most 24 h once
    /// and 48 h in 30 days: whoever is in a position then bears the market of those hours, size * move + penalty.
    function bound() external pure override returns (uint256) {
        return 0;
    }

    function others(uint256 step) public view override returns (Deed[] memory deeds) {
        if (step > 0) return super.others(step);
        if (!world.isHardened()) {
            deeds = new Deed[](1);
            address admin = address(NaiveWorld(address(world)).admin());
            deeds[0] = Deed(address(world), abi.encodeCall(world.giveKey, (admin, address(this))), false);
            return deeds;
        }
        deeds = new Deed[](_keys());
        address[7] memory members = _council().members();
        for (uint256 i; i < deeds.length; ++i) {
            Guardian guardian = Guardian(members[i]);
            deeds[i] = Deed(guardian.holder(), abi.encodeCall(Signers.give, (guardian, address(hand))), false);
        }
    }

    function _keys() internal view virtual returns (uint256) {
        return 2;
    }

    function _freeze(uint256 step) internal override {
        if (step > 0) return;
        if (!world.isHardened()) return _freezeNaive();
        // The strongest first: where one is refused, the next is tried.
        try hand.halt(_council(), address(perp), uint40(block.timestamp + 24 hours)) {} catch {}
        try hand.pause(_council(), address(perp), _ways(), uint40(block.timestamp + 72 hours)) {} catch {}
        bytes4[] memory rest = HardenedWorld(address(world)).guarded();
        try hand.pause(_council(), address(perp), rest, uint40(block.timestamp + 72 hours)) {} catch {}
    }

    function _freezeNaive() private {
        NaiveAdmin admin = NaiveWorld(address(world)).admin();
        bytes4[] memory list = _ways();
        for (uint256 i; i < list.length; ++i) {
            // A pause word's low field is its end: this one has none.
            bytes memory word = abi.encodeCall(perp.writePause, (list[i], type(uint40).max));
            world.speak(address(admin), abi.encodeCall(admin.run, (address(perp), word)));
        }
    }

    function _council() private view returns (IGuardianCouncil) {
        return HardenedWorld(address(world)).council();
    }
}

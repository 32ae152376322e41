// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GateProxy} from "../../src/GateProxy.sol";
import {Why} from "../../src/libraries/Why.sol";
import {Attack, Deed} from "./Attack.sol";
import {BareProxy, FeeTreasury} from "./worlds/FeeTreasury.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {World} from "./worlds/World.sol";

/// A proxy that nobody initialised belongs to whoever calls its initialiser first: Parity's library in 2017, Wormhole's
/// implementation in 2022 (paid as a bounty of 10 million USD), Audius in 2022, and the deployments front-run in 2025
/// between the proxy's transaction and its initialiser's. GateProxy initialises in its constructor.
contract UninitialisedProxy is Attack {
    FeeTreasury public immutable implementation = new FeeTreasury();
    FeeTreasury public immutable treasury;
    uint256 private constant FEES = 120_000 * USD;

    /// The treasury of each world is deployed here: the attack is on how.
    constructor(World world_) Attack(world_) {
        treasury = FeeTreasury(world_.isHardened() ? _gate(HardenedWorld(address(world_))) : _bare());
    }

    function naiveLoss() external pure override returns (uint256) {
        return FEES;
    }

    function bound() external pure override returns (uint256) {
        return 0;
    }

    function steps() external pure override returns (uint256) {
        return 3;
    }

    /// Fees come in.
    function others(uint256 step) external view override returns (Deed[] memory deeds) {
        if (step > 0) return deeds;
        deeds = new Deed[](1);
        deeds[0] = Deed(address(world), abi.encodeCall(world.grant, (address(treasury), FEES, 0)), false);
    }

    /// The proxy, then the code behind it, then another code: what each refuses is left.
    function _step(uint256 step) internal override {
        if (step > 0 && !world.isHardened()) return;
        if (step == 0) treasury.initialize(address(this));
        if (step == 1) implementation.initialize(address(this));
        if (step == 2) {
            bytes memory data = abi.encodeCall(GateProxy.upgradeGate, (address(this), "", Why("mine", "mine")));
            (bool ok,) = address(treasury).call(data);
            if (ok) return;
        }
        treasury.sweep(usd, address(this), FEES);
    }

    function _bare() private returns (address) {
        return address(new BareProxy(address(implementation)));
    }

    function _gate(HardenedWorld hardened) private returns (address) {
        bytes memory data = _initialiser(address(hardened.timelock()));
        return address(
            new GateProxy(address(implementation), data, address(hardened.breaker()), address(hardened.timelock()))
        );
    }

    function _initialiser(address owner_) internal view virtual returns (bytes memory) {
        return abi.encodeCall(FeeTreasury.initialize, (owner_));
    }
}

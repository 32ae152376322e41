// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {BridgeGuard} from "../../src/BridgeGuard.sol";
import {BridgeConfig, Route, Side, Transfer} from "../../src/interfaces/IBridgeGuard.sol";
import {Why} from "../../src/libraries/Why.sol";
import {Attack, Deed} from "./Attack.sol";
import {Attestors} from "./worlds/Attestors.sol";
import {GuardedBridge, OneKeyBridge} from "./worlds/Bridges.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {World} from "./worlds/World.sol";

/// A message that nobody sent releases what others locked: one verifier was enough at KelpDAO in April 2026 (292 million
/// USD), five keys of nine at Ronin in March 2022, two of five at Harmony in June 2022. BridgeGuard needs two attestors
/// at least, for ever; with all of them stolen the route's cap bounds what arrives.
contract ForgedBridgeMint is Attack {
    uint256 private constant LOCKED = 300_000 * USD;
    uint256 private constant CAP = 50_000 * USD;
    uint64 private constant REMOTE = 10;
    BridgeGuard public immutable guard;
    GuardedBridge private immutable guarded;
    OneKeyBridge private immutable bare;
    Attestors private immutable attestors = new Attestors(3, address(this));
    uint64 private _nonce;

    /// The bridge of each world is deployed here, with its attestors, whose keys are stolen already.
    constructor(World world_) Attack(world_) {
        if (!world_.isHardened()) {
            bare = new OneKeyBridge(attestors.members()[0]);
            return;
        }
        HardenedWorld w = HardenedWorld(address(world_));
        BridgeConfig memory c;
        guarded = new GuardedBridge();
        (c.protected, c.breaker, c.group, c.tripSeconds) = (address(guarded), address(w.breaker()), w.GROUP(), 6 hours);
        (c.council, c.timelock, c.quorum) = (address(w.council()), address(w.timelock()), 2);
        guard = new BridgeGuard(c, attestors.members());
        guarded.setGuard(guard);
    }

    function naiveLoss() external pure override returns (uint256) {
        return LOCKED;
    }

    /// With every attestor stolen: the route's cap, and what refills in the 12 s until the last step, cap * t / window.
    function bound() external pure override returns (uint256) {
        return CAP + CAP * 12 / 86_400;
    }

    function steps() external pure override returns (uint256) {
        return 3;
    }

    function waitBefore(uint256 step) external pure override returns (uint256) {
        return step == 1 ? 2 days + 1 : 12;
    }

    /// The timelock opens the route, and others lock what they send away.
    function others(uint256 step) external view override returns (Deed[] memory deeds) {
        if (!world.isHardened()) {
            if (step > 0) return deeds;
            deeds = new Deed[](1);
            deeds[0] = _sent(abi.encodeCall(world.grant, (address(bare), LOCKED, 0)));
            return deeds;
        }
        if (step > 1) return deeds;
        deeds = new Deed[](step == 0 ? 1 : 4);
        bytes memory open = abi.encodeCall(guard.setRoute, (REMOTE, address(usd), _route(), Why("open", "open")));
        if (step == 0) deeds[0] = _sent(abi.encodeCall(HardenedWorld.propose, (address(guard), open, 0)));
        else deeds[0] = _sent(abi.encodeCall(HardenedWorld.execute, (address(guard), open, 0)));
        if (step == 0) return deeds;
        bytes memory approve = abi.encodeCall(usd.approve, (address(guarded), LOCKED));
        bytes memory lock = abi.encodeCall(guarded.lock, (REMOTE, usd, LOCKED));
        deeds[1] = _sent(abi.encodeCall(world.grant, (address(world.maker()), LOCKED, 0)));
        deeds[2] = _sent(abi.encodeCall(world.direct, (world.maker(), address(usd), approve)));
        deeds[3] = _sent(abi.encodeCall(world.direct, (world.maker(), address(guarded), lock)));
    }

    /// All of it; then as much as passes.
    function _step(uint256 step) internal override {
        if (!world.isHardened()) {
            if (step == 0) _forgeBare();
            return;
        }
        if (step == 0) return;
        try this.forge(LOCKED) {} catch {}
        try this.forge(guard.available(REMOTE, address(usd))) {} catch {}
    }

    function forge(uint256 amount) external {
        Transfer memory t = Transfer(REMOTE, address(usd), amount, address(this), ++_nonce);
        bytes32 domain = MessageHashUtils.toDomainSeparator(
            hex"0f", keccak256("Testudo Bridge"), keccak256("1"), block.chainid, address(guard), 0
        );
        attestors.sign(MessageHashUtils.toTypedDataHash(domain, guard.messageId(t)), _keys());
        guarded.release(t, attestors.signatures(_keys()));
    }

    function _keys() internal view virtual returns (uint256) {
        return 3;
    }

    function _forgeBare() private {
        Transfer memory t = Transfer(REMOTE, address(usd), LOCKED, address(this), 1);
        attestors.sign(keccak256(abi.encode(t)), 1);
        bare.release(t);
    }

    function _route() internal view virtual returns (Route memory r) {
        (r.side, r.peer, r.remoteToken) = (Side.HOME, address(0xbeef), address(0xbeef));
        (r.cap, r.window, r.tripBps) = (uint192(CAP), 1 days, 8_000);
    }

    function _sent(bytes memory data) private view returns (Deed memory) {
        return Deed(address(world), data, false);
    }
}

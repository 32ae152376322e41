// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {BridgeGuard} from "../../src/BridgeGuard.sol";
import {BridgeConfig, Route, Side, Tier, Transfer} from "../../src/interfaces/IBridgeGuard.sol";
import {Why} from "../../src/libraries/Why.sol";
import {Attack, Deed} from "./Attack.sol";
import {Attestors} from "./worlds/Attestors.sol";
import {GuardedBridge, OneKeyBridge} from "./worlds/Bridges.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {World} from "./worlds/World.sol";

/// A message that nobody sent releases what others locked: one verifier was enough at KelpDAO in April 2026 (292 million
/// USD), five keys of nine at Ronin in March 2022, two of five at Harmony in June 2022. BridgeGuard needs two attestors
/// at least, for ever; with all of them stolen the route's cap bounds what arrives, hour after hour, until the timelock
/// has put others in their place. What he announces to reach beyond the tier's half of the cap a council could hold; here
/// nobody does.
contract ForgedBridgeMint is Attack {
    uint256 private constant LOCKED = 300_000 * USD;
    uint256 internal constant CAP = 50_000 * USD;
    uint64 internal constant REMOTE = 10;
    /// What waits, and for how long, as `testudo deploy` demands of a route.
    uint16 private constant TIER_BPS = 5_000;
    uint32 internal constant TIER_DELAY = 6 hours;
    /// A block after the first forgery the slow wallet proposes other attestors, and 48 h later it has them.
    uint256 internal constant UNTIL_ROTATED = 12 + 48 hours;
    /// The last two steps are a second apart: his last release, and the rotation with what he tries after it.
    uint256 private constant LAST = 51;
    BridgeGuard public immutable guard;
    GuardedBridge private immutable guarded;
    OneKeyBridge private immutable bare;
    Attestors private immutable attestors = new Attestors(3, address(this));
    Attestors private immutable successors = new Attestors(3, msg.sender);
    uint64 private _nonce;
    Transfer[] internal _waiting;
    uint256 private _next;

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

    /// With every attestor stolen, and no message held: cap * (1 + t / window) from the first release to the rotation.
    function bound() external pure override returns (uint256) {
        return CAP + CAP * UNTIL_ROTATED / 1 days;
    }

    function steps() external pure override returns (uint256) {
        return LAST + 1;
    }

    /// From the third step on an hour, the last two of which make one.
    function waitBefore(uint256 step) external pure override returns (uint256) {
        if (step == 1) return 2 days + 1;
        if (step == LAST) return 1;
        return step > 2 ? (step == LAST - 1 ? 1 hours - 1 : 1 hours) : 12;
    }

    /// The timelock opens the route, and others lock what they send away; in the end it rotates the attestors.
    function others(uint256 step) external view override returns (Deed[] memory deeds) {
        if (!world.isHardened()) {
            if (step > 0) return deeds;
            deeds = new Deed[](1);
            deeds[0] = _sent(abi.encodeCall(world.grant, (address(bare), LOCKED, 0)));
            return deeds;
        }
        if (step > 1) return _answer(step);
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

    function _answer(uint256 step) private view returns (Deed[] memory deeds) {
        if (step != 2 && step != LAST) return deeds;
        deeds = new Deed[](1);
        bytes memory rotate = abi.encodeCall(
            guard.rotateAttestors, (successors.members(), attestors.members(), Why("stolen", "stolen"))
        );
        deeds[0] = step == 2
            ? _sent(abi.encodeCall(HardenedWorld.propose, (address(guard), rotate, 0)))
            : _sent(abi.encodeCall(HardenedWorld.execute, (address(guard), rotate, 0)));
    }

    /// All of it; then what passes at once, what he announced and has waited for, and an announcement for later.
    function _step(uint256 step) internal override {
        if (!world.isHardened()) {
            if (step == 0) _forgeBare();
            return;
        }
        if (step == 0) return;
        try this.forge(LOCKED) {} catch {}
        try this.forge(guard.available(REMOTE, address(usd))) {} catch {}
        uint256 room = guard.available(REMOTE, address(usd));
        uint256 above = CAP * (10_000 - TIER_BPS) / 10_000;
        // One unit less than what reaches the tier.
        if (room > above) try this.forge(room - above - 1) {} catch {}
        try this.collect() {} catch {}
        // First the half that waits, then what will have refilled when its turn comes, the shortest hour's.
        try this.announce(step == 1 ? above : CAP * (1 hours - 1) / 1 days) {} catch {}
    }

    /// Releases what waits, the oldest first, as far as it passes.
    function collect() external {
        while (_next < _waiting.length) {
            Transfer memory t = _waiting[_next];
            try guarded.release(t, _signed(t)) {}
            catch {
                return;
            }
            ++_next;
        }
    }

    function announce(uint256 amount) external {
        Transfer memory t = Transfer(REMOTE, address(usd), amount, address(this), ++_nonce);
        guard.announce(t, _signed(t));
        _waiting.push(t);
    }

    function forge(uint256 amount) external {
        Transfer memory t = Transfer(REMOTE, address(usd), amount, address(this), ++_nonce);
        guarded.release(t, _signed(t));
    }

    function _signed(Transfer memory t) private returns (bytes[] memory) {
        bytes32 domain = MessageHashUtils.toDomainSeparator(
            hex"0f", keccak256("Testudo Bridge"), keccak256("1"), block.chainid, address(guard), 0
        );
        attestors.sign(MessageHashUtils.toTypedDataHash(domain, guard.messageId(t)), _keys());
        return attestors.signatures(_keys());
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
        r.tiers[2] = Tier(TIER_BPS, TIER_DELAY);
    }
}

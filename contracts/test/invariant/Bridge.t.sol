// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Announcement, Route, Side, Transfer} from "../../src/interfaces/IBridgeGuard.sol";
import {Base} from "../Base.t.sol";
import {BridgeSetup} from "../BridgeSetup.t.sol";
import {Aimed} from "./Aimed.t.sol";
import {FlowLog} from "./FlowLog.t.sol";

/// Users, relayers, guardians, the timelock and thieves at both ends of one bridge. `inFlight` is what was sent and has
/// not arrived, by the ids that the guards gave; `forged` what arrived without having been sent.
contract BridgeHandler is BridgeSetup {
    struct Message {
        Transfer transfer;
        bytes32 id;
        bool toAway;
        bool arrived;
        uint256 announcedAt;
    }

    bool internal immutable bribed;
    Message[] internal messages;
    FlowLog[2] public logs;
    uint256 public inFlight;
    uint256 public forged;
    uint64 internal forgedNonce = 1e18;

    constructor(bool bribed_) {
        bribed = bribed_;
        setUp();
        connect(CAP, WINDOW, threeTiers());
        (logs[0], logs[1]) = (new FlowLog(), new FlowLog());
        mark(0, 0);
        mark(1, 0);
    }

    /* TIME AND TERMS */

    function wait(uint256 time) external {
        vm.warp(vm.getBlockTimestamp() + bound(time, 1, 2 days));
        mark(0, 0);
        mark(1, 0);
    }

    function setTerms(uint256 which, uint256 cap, uint256 window, bool tiers) external {
        which %= 2;
        mark(which, 0);
        (cap, window) = (bound(cap, 1e18, 1e24), bound(window, 1 hours, 7 days));
        (End memory here, End memory there) = ends(which == 0);
        Side side = which == 0 ? Side.REMOTE : Side.HOME;
        setRoute(here, there.chain, routeTo(there, side, cap, window, tiers ? threeTiers() : noTiers()));
        mark(which, 0);
    }

    /* USERS */

    function sendAway(uint256 amount) external {
        amount = bound(amount, 1, 3e21);
        bytes32 id = lock(amount);
        (, uint64 nonce) = home.guard.bookOf(away.chain, address(home.token));
        messages.push(Message(toAway(amount, nonce), id, true, false, 0));
        inFlight += amount;
    }

    function sendHome(uint256 amount) external {
        uint256 most = away.token.balanceOf(ALICE);
        if (most == 0) return;
        amount = bound(amount, 1, most);
        bytes32 id = burn(amount);
        (, uint64 nonce) = away.guard.bookOf(home.chain, address(away.token));
        messages.push(Message(toHome(amount, nonce), id, false, false, 0));
        inFlight += amount;
    }

    /* RELAYERS */

    function announceOne(uint256 which) external {
        if (messages.length == 0) return;
        Message storage m = messages[which % messages.length];
        if (m.arrived || m.announcedAt > 0) return;
        (End memory here,) = ends(m.toAway);
        vm.chainId(here.chain);
        eq(here.guard.announce(m.transfer, attest(here, m.transfer)), m.id, "announced id");
        m.announcedAt = vm.getBlockTimestamp();
    }

    /// Brings a message that was sent; it arrives exactly when each of the rules lets it.
    function relay(uint256 which) external {
        if (messages.length == 0) return;
        Message storage m = messages[which % messages.length];
        (End memory here,) = ends(m.toAway);
        bool may = mayArrive(m, here);
        bool did = arrive(here, m.transfer, attest(here, m.transfer));
        eq(did ? 1 : 0, may ? 1 : 0, "arrives");
        if (!did) return;
        m.arrived = true;
        inFlight -= m.transfer.amount;
        mark(m.toAway ? 0 : 1, m.transfer.amount);
    }

    function mayArrive(Message storage m, End memory here) internal view returns (bool) {
        Transfer memory t = m.transfer;
        if (m.arrived || t.amount > here.guard.available(t.remote, t.token)) return false;
        // Thieves may have emptied what is locked.
        if (!m.toAway && t.amount > locked()) return false;
        uint256 delay = here.guard.delayOf(t.remote, t.token, t.amount);
        if (delay > 0 && m.announcedAt == 0) return false;
        if (m.announcedAt > 0 && vm.getBlockTimestamp() < m.announcedAt + delay) return false;
        return vm.getBlockTimestamp() >= here.guard.announcementOf(m.id).heldUntil;
    }

    /* GUARDIANS */

    function holdOne(uint256 which, uint256 length) external {
        if (messages.length == 0) return;
        Message storage m = messages[which % messages.length];
        if (m.arrived || m.announcedAt == 0) return;
        (End memory here,) = ends(m.toAway);
        Announcement memory a = here.guard.announcementOf(m.id);
        uint256 max = a.settledAt + 72 hours;
        if (a.heldUntil >= max) return;
        vm.prank(address(here.council));
        here.guard.hold(uint256(m.id), uint40(bound(length, a.heldUntil + 1, max)), why());
    }

    /* THIEVES */

    /// With one key, a stranger's, or signatures of another message.
    function forgeWithoutQuorum(uint256 seed, uint256 amount, bool isToAway) external {
        (End memory here,) = ends(isToAway);
        amount = bound(amount, 1, 1e22);
        Transfer memory t = isToAway ? toAway(amount, forgedNonce++) : toHome(amount, forgedNonce++);
        bytes32 digest = digestAt(here, t);
        bytes[] memory sigs = signAll(attestorKeys, 1, digest);
        if (seed % 3 == 1) sigs = signAll(guardianKeys, 3, digest);
        if (seed % 3 == 2) sigs = attest(isToAway ? home : away, t);
        no(arrive(here, t, sigs), "forged without a quorum");
    }

    /// Every attestor is bribed: takes all that the route lets through, in a message that nobody sent.
    function forge(uint256 amount, bool isToAway) external {
        if (!bribed) return;
        (End memory here, End memory there) = ends(isToAway);
        uint256 room = here.guard.available(there.chain, address(here.token));
        if (!isToAway && room > locked()) room = locked();
        if (room == 0) return;
        amount = amount % 2 == 0 ? room : bound(amount, 1, room);
        Transfer memory t = isToAway ? toAway(amount, forgedNonce++) : toHome(amount, forgedNonce++);
        if (!arrive(here, t, attest(here, t))) return;
        forged += amount;
        mark(isToAway ? 0 : 1, amount);
    }

    /* INTERNAL */

    function arrive(End memory here, Transfer memory t, bytes[] memory sigs) internal returns (bool ok) {
        vm.chainId(here.chain);
        bytes memory call = here.chain == home.chain
            ? abi.encodeCall(here.bridge.release, (t, sigs))
            : abi.encodeCall(here.bridge.mint, (t, sigs));
        (ok,) = address(here.bridge).call(call);
    }

    function ends(bool isToAway) internal view returns (End memory here, End memory there) {
        return isToAway ? (away, home) : (home, away);
    }

    function mark(uint256 which, uint256 amount) internal {
        (End memory here, End memory there) = ends(which == 0);
        Route memory route = here.guard.routeOf(there.chain, address(here.token));
        logs[which].add(int256(amount), route.cap, route.window);
    }

    /* VIEWS */

    function books() external view returns (uint256 outAtHome, uint256 outAway) {
        return (locked(), minted());
    }

    function balances() external view returns (uint256 held, uint256 supply) {
        return (home.token.balanceOf(address(home.bridge)), away.token.totalSupply());
    }

    /// Whether one of the last messages, which has arrived, can arrive again.
    function arrivedAgain() external returns (bool) {
        for (uint256 i = messages.length; i > 0; --i) {
            Message storage m = messages[i - 1];
            if (!m.arrived) continue;
            (End memory here,) = ends(m.toAway);
            return arrive(here, m.transfer, attest(here, m.transfer));
        }
        return false;
    }
}

abstract contract BridgeInvariantBase is Base, Aimed {
    BridgeHandler internal handler;

    function start(bool bribed) internal {
        handler = new BridgeHandler(bribed);
        bytes memory calls = abi.encodePacked(
            BridgeHandler.wait.selector, BridgeHandler.setTerms.selector, BridgeHandler.sendAway.selector,
            BridgeHandler.sendHome.selector, BridgeHandler.announceOne.selector, BridgeHandler.relay.selector,
            BridgeHandler.holdOne.selector, BridgeHandler.forgeWithoutQuorum.selector, BridgeHandler.forge.selector
        );
        aim(address(handler), calls);
    }
}

/// Fewer attestors are bribed than the quorum: nothing is minted that was not locked.
contract BridgeInvariants is BridgeInvariantBase {
    function setUp() external {
        start(false);
    }

    function invariant_BRIDGE_01_booksEqualTheTokens() external view {
        (uint256 outAtHome, uint256 outAway) = handler.books();
        (uint256 held, uint256 supply) = handler.balances();
        eq(held, outAtHome, "balance held");
        eq(supply, outAway, "supply");
    }

    function invariant_BRIDGE_03_nothingArrivesTwice() external {
        no(handler.arrivedAgain(), "arrived again");
    }

    function invariant_BRIDGE_01_whatIsLockedIsMintedOrOnItsWay() external view {
        (uint256 outAtHome, uint256 outAway) = handler.books();
        eq(outAtHome, outAway + handler.inFlight(), "locked less released");
    }
}

/// Every attestor is bribed: what is missing is what was forged, which the caps bound.
contract BridgeForgedInvariants is BridgeInvariantBase {
    function setUp() external {
        start(true);
    }

    function invariant_BRIDGE_04_arrivalsWithinTheBound() external view {
        handler.logs(0).check();
        handler.logs(1).check();
    }

    function invariant_BRIDGE_01_onlyWhatWasForgedIsMissing() external view {
        (uint256 outAtHome, uint256 outAway) = handler.books();
        eq(outAtHome + handler.forged(), outAway + handler.inFlight(), "locked less released");
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BridgeGuard} from "../../src/BridgeGuard.sol";
import {IAccountable} from "../../src/interfaces/IAccountable.sol";
import {BridgeConfig, IBridgeGuard, Route, Side, Tier, Transfer} from "../../src/interfaces/IBridgeGuard.sol";
import {ICircuitBreaker} from "../../src/interfaces/ICircuitBreaker.sol";
import {Why} from "../../src/libraries/Why.sol";
import {MockOddToken} from "../../src/mocks/MockOddToken.sol";
import {BridgeSetup} from "../BridgeSetup.t.sol";

/// Books, routes and roles.
contract BridgeGuardTest is BridgeSetup {
    uint256 internal constant MAX_BOOK = 2 ** 192 - 1;

    function notAllowed(address caller) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IBridgeGuard.Bridge_NotAllowed.selector, caller);
    }

    function over(End memory e, uint64 remote, uint256 by) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IBridgeGuard.Bridge_Route.selector, remote, address(e.token), by);
    }

    function badRoute(uint64 remote) internal view returns (bytes memory) {
        return abi.encodeWithSelector(IBridgeGuard.Bridge_BadRoute.selector, remote, address(home.token));
    }

    function homeRoute() internal view returns (Route memory) {
        return routeTo(away, Side.HOME, CAP, WINDOW, noTiers());
    }

    /* CONSERVATION */

    function test_fuzz_BRIDGE_01_thereAndBackLeavesNothing(uint256 there, uint256 back, uint8 decimals) external {
        decimals = [0, 18, 36][decimals % 3];
        home.token = new MockOddToken(decimals);
        away.token = new MockOddToken(decimals);
        there = bound(there, 1, MAX_BOOK);
        back = bound(back, 1, there);
        connect(MAX_BOOK, WINDOW, noTiers());
        home.token.mint(address(this), there);
        home.token.approve(address(home.bridge), there);
        lock(there);
        eq(locked(), there, "locked");
        mint(there, 1);
        eq(away.token.totalSupply(), there, "supply");
        burn(back);
        eq(minted(), there - back, "minted less burnt");
        release(back, 1);
        eq(locked(), there - back, "locked less released");
        eq(home.token.balanceOf(address(home.bridge)), locked(), "balance held");
        eq(away.token.totalSupply(), locked(), "supply left");
        eq(home.token.balanceOf(ALICE), back, "paid");
    }

    function test_fuzz_BRIDGE_01_aReleaseNeverExceedsLocked(uint256 amount, uint256 more) external {
        amount = bound(amount, 1, CAP - 1);
        more = bound(more, 1, CAP - amount);
        lock(amount);
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_Backing.selector, amount + more, amount));
        release(amount + more, 1);
        release(amount, 1);
        eq(locked(), 0, "locked");
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_Backing.selector, 1, 0));
        release(1, 2);
    }

    function test_fuzz_BRIDGE_01_aBurnNeverExceedsMinted(uint256 amount, uint256 more) external {
        amount = bound(amount, 1, CAP);
        more = bound(more, 1, CAP);
        mint(amount, 1);
        away.token.mint(ALICE, more);
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_Backing.selector, amount + more, amount));
        burn(amount + more);
    }

    function test_fuzz_BRIDGE_01_whatArrivedIsLockedUnderATokensFee(uint256 amount, uint256 feeBps) external {
        amount = bound(amount, 1e4, 1e30);
        feeBps = bound(feeBps, 0, 9_000);
        home.token.setFee(feeBps);
        lock(amount);
        eq(locked(), amount - amount * feeBps / 10_000, "locked");
        eq(home.token.balanceOf(address(home.bridge)), locked(), "balance held");
    }

    function test_fuzz_BRIDGE_01_aFeeThatTakesAllLocksNothing(uint256 amount) external {
        home.token.setFee(10_000);
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_Amount.selector, 0));
        lock(bound(amount, 1, CAP));
    }

    function test_fuzz_BRIDGE_01_zeroAndMoreThanTheBooksHoldAreRefused(uint256 first, uint256 more) external {
        first = bound(first, 1, MAX_BOOK);
        more = bound(more, MAX_BOOK - first + 1, type(uint256).max);
        vm.chainId(home.chain);
        vm.prank(address(home.bridge));
        home.guard.onLock(away.chain, address(home.token), first, ALICE);
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_Amount.selector, more));
        vm.prank(address(home.bridge));
        home.guard.onLock(away.chain, address(home.token), more, ALICE);
        eq(locked(), first, "locked");
    }

    function test_BRIDGE_01_zeroIsRefusedEverywhere() external {
        bytes memory zero = abi.encodeWithSelector(IBridgeGuard.Bridge_Amount.selector, 0);
        vm.expectRevert(zero);
        lock(0);
        vm.expectRevert(zero);
        burn(0);
        vm.expectRevert(zero);
        mint(0, 1);
        vm.expectRevert(zero);
        release(0, 1);
    }

    function test_BRIDGE_01_aSideDoesOnlyWhatIsItsOwn() external {
        bytes memory isHome = abi.encodeWithSelector(
            IBridgeGuard.Bridge_Side.selector, away.chain, address(home.token), Side.HOME
        );
        bytes memory isRemote = abi.encodeWithSelector(
            IBridgeGuard.Bridge_Side.selector, home.chain, address(away.token), Side.REMOTE
        );
        bytes[] memory none;
        vm.expectRevert(isHome);
        home.bridge.burn(away.chain, home.token, 1, ALICE);
        vm.expectRevert(isHome);
        home.bridge.mint(toHome(1, 1), none);
        away.token.mint(address(this), 1);
        away.token.approve(address(away.bridge), 1);
        vm.expectRevert(isRemote);
        away.bridge.lock(home.chain, away.token, 1, ALICE);
        vm.expectRevert(isRemote);
        away.bridge.release(toAway(1, 1), none);
        vm.expectRevert(
            abi.encodeWithSelector(IBridgeGuard.Bridge_Side.selector, 99, address(home.token), Side.NONE)
        );
        home.bridge.lock(99, home.token, 0, ALICE);
    }

    function test_fuzz_BRIDGE_01_aRouteKeepsItsSideAndTokenWhileSomethingIsOut(uint256 amount) external {
        amount = bound(amount, 1, CAP);
        lock(amount);
        Route memory route = homeRoute();
        route.side = Side.REMOTE;
        vm.expectRevert(badRoute(away.chain));
        setRoute(home, away.chain, route);
        route = homeRoute();
        route.remoteToken = STRANGER;
        vm.expectRevert(badRoute(away.chain));
        setRoute(home, away.chain, route);
        release(amount, 1);
        setRoute(home, away.chain, route);
    }

    /// The chain of the lock is reorganised after the attestors signed: another transfer now bears the nonce.
    function test_fuzz_BRIDGE_01_aReorgBetweenLockAndMintIsNotPaidTwice(uint256 gone, uint256 kept) external {
        gone = bound(gone, 1, CAP / 2);
        kept = bound(kept, 1, CAP / 2);
        if (gone == kept) kept = gone == 1 ? 2 : gone - 1;
        mint(gone, 1);
        bytes32 id = lock(kept);
        vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_Seen.selector, id));
        mint(kept, 1);
        // Its attestors sign it again, under a nonce that is free.
        mint(kept, 1e9);
        eq(minted() - locked(), gone, "unbacked");
    }

    /* CAPS */

    function test_fuzz_BRIDGE_04_atMostTheCapAtOnce(uint256 cap, uint256[8] calldata parts) external {
        cap = boundCap(cap);
        connect(cap, WINDOW, noTiers());
        uint256 taken;
        for (uint64 i; i < parts.length; ++i) {
            uint256 amount = bound(parts[i], 1, cap);
            if (amount > cap - taken) {
                vm.expectRevert(over(away, home.chain, amount - (cap - taken)));
                mint(amount, i);
                continue;
            }
            mint(amount, i);
            taken += amount;
            eq(away.guard.available(home.chain, address(away.token)), cap - taken, "available");
        }
    }

    /// Every attestor is bribed, and takes all there is at any time within one window.
    function test_fuzz_BRIDGE_04_atMostTwiceTheCapInAWindow(uint256 cap, uint256 window, uint256[8] calldata waits)
        external
    {
        (cap, window) = (bound(cap, 1, 2 ** 190), boundWindow(window));
        connect(cap, window, noTiers());
        uint256 end = nowAt() + window;
        uint256 taken;
        for (uint64 i; i < waits.length; ++i) {
            uint256 room = away.guard.available(home.chain, address(away.token));
            if (room > 0) mint(room, i);
            taken += room;
            vm.warp(bound(waits[i], nowAt(), end));
        }
        vm.warp(end);
        uint256 last = away.guard.available(home.chain, address(away.token));
        atMost(taken + last, 2 * cap, "taken");
    }

    function test_fuzz_BRIDGE_04_aReleaseIsCappedToo(uint256 amount) external {
        lock(3 * uint256(CAP));
        amount = bound(amount, CAP + 1, 3 * uint256(CAP));
        vm.expectRevert(over(home, away.chain, amount - CAP));
        release(amount, 1);
        release(CAP, 1);
        vm.warp(nowAt() + WINDOW);
        release(CAP, 2);
    }

    function test_fuzz_BRIDGE_04_newTermsDoNotRefillThePast(uint256 wait, uint256 cap, uint256 window) external {
        wait = bound(wait, 0, WINDOW);
        cap = bound(cap, CAP, 2 ** 191);
        window = bound(window, 1, WINDOW);
        mint(CAP, 1);
        vm.warp(nowAt() + wait);
        uint256 used = CAP - uint256(CAP) * wait / WINDOW;
        connect(cap, window, noTiers());
        eq(away.guard.available(home.chain, address(away.token)), cap - used, "available");
    }

    function test_fuzz_BRIDGE_04_routesAreIsolated(uint256 amount) external {
        MockOddToken other = new MockOddToken(18);
        Route memory route = routeTo(home, Side.REMOTE, CAP, WINDOW, noTiers());
        vm.prank(timelock);
        away.guard.setRoute(home.chain, address(other), route, why());
        mint(bound(amount, 1, CAP), 1);
        eq(away.guard.available(home.chain, address(other)), CAP, "other token");
        eq(away.guard.available(2, address(away.token)), 0, "no route");
    }

    function test_BRIDGE_04_anyoneTripsARouteAtItsShare() external {
        mint(CAP * 8 / 10 - 1, 1);
        vm.prank(STRANGER);
        away.guard.poke(home.chain, address(away.token));
        eq(away.breaker.pausedUntil(address(away.switches), WITHDRAW), 0, "below the share");
        mint(1, 2);
        vm.expectEmit(address(away.guard));
        emit IBridgeGuard.RouteTripped(home.chain, address(away.token), CAP * 8 / 10);
        vm.prank(STRANGER);
        away.guard.poke(home.chain, address(away.token));
        eq(away.breaker.pausedUntil(address(away.switches), WITHDRAW), nowAt() + TRIP_SECONDS, "paused until");
    }

    function test_BRIDGE_04_aTripTellsItsEvidence() external {
        mint(CAP, 1);
        bytes32 evidence = keccak256(
            abi.encode(away.chain, address(away.guard), home.chain, address(away.token), CAP, CAP, block.number)
        );
        vm.expectEmit(address(away.breaker));
        emit ICircuitBreaker.Tripped(
            address(away.switches), WITHDRAW, nowAt() + TRIP_SECONDS, "bridge route", evidence
        );
        away.guard.poke(home.chain, address(away.token));
    }

    /* ROUTES */

    function test_fuzz_BRIDGE_04_aRouteKeepsItsTerms(bool isHome, uint192 cap, uint32 window, Tier[3] calldata tiers)
        external
    {
        Route memory route = routeTo(away, isHome ? Side.HOME : Side.REMOTE, cap, window == 0 ? 1 : window, tiers);
        route.tripBps = uint16(bound(cap, 0, 10_000));
        for (uint256 i; i < 3; ++i) {
            Tier memory below = i == 0 ? Tier(0, 0) : route.tiers[i - 1];
            route.tiers[i].aboveBps = uint16(bound(route.tiers[i].aboveBps, below.aboveBps, 10_000));
            route.tiers[i].delay = uint32(bound(route.tiers[i].delay, below.delay, 7 days));
        }
        vm.expectEmit(address(home.guard));
        emit IBridgeGuard.RouteSet(away.chain, address(home.token), route);
        setRoute(home, away.chain, route);
        eq(abi.encode(home.guard.routeOf(away.chain, address(home.token))), abi.encode(route), "route");
    }

    function test_BRIDGE_04_impossibleRoutesAreRefused() external {
        Route[11] memory bad;
        for (uint256 i; i < bad.length; ++i) bad[i] = homeRoute();
        bad[0].side = Side.NONE;
        bad[1].peer = address(0);
        bad[2].remoteToken = address(0);
        bad[3].window = 0;
        bad[4].tripBps = 10_001;
        bad[5].tiers[2].aboveBps = 10_001;
        bad[6].tiers[2].delay = 7 days + 1;
        bad[7].tiers = [Tier(2, 0), Tier(1, 0), Tier(2, 0)];
        bad[8].tiers = [Tier(0, 2), Tier(0, 1), Tier(0, 2)];
        bad[9].tiers = [Tier(0, 0), Tier(2, 0), Tier(1, 0)];
        bad[10].tiers = [Tier(0, 0), Tier(0, 2), Tier(0, 1)];
        for (uint256 i; i < bad.length; ++i) {
            vm.expectRevert(badRoute(away.chain));
            setRoute(home, away.chain, bad[i]);
        }
        vm.expectRevert(badRoute(home.chain));
        setRoute(home, home.chain, homeRoute());
        vm.expectRevert(badRoute(0));
        setRoute(home, 0, homeRoute());
    }

    function expectChange(Route memory route, bool looser) internal {
        bytes32 subject = bytes32(bytes20(address(home.token)));
        vm.expectEmit(address(home.guard));
        if (looser) emit IAccountable.Loosened(timelock, subject, "test", EVIDENCE);
        else emit IAccountable.Tightened(timelock, subject, "test", EVIDENCE);
        setRoute(home, away.chain, route);
    }

    function test_SYS_02_aChangeOfRouteSaysWhetherItLoosens() external {
        Route memory route = routeTo(away, Side.HOME, CAP, WINDOW, threeTiers());
        expectChange(route, false);
        for (uint256 i; i < 3; ++i) {
            --route.tiers[i].aboveBps;
            expectChange(route, false);
            ++route.tiers[i].delay;
            expectChange(route, false);
            --route.tiers[i].delay;
            expectChange(route, true);
            ++route.tiers[i].aboveBps;
            expectChange(route, true);
        }
        --route.cap;
        expectChange(route, false);
        ++route.cap;
        expectChange(route, true);
        ++route.window;
        expectChange(route, false);
        --route.window;
        expectChange(route, true);
        --route.tripBps;
        expectChange(route, false);
        ++route.tripBps;
        expectChange(route, true);
        route.tripBps = 0;
        expectChange(route, true);
        route.tripBps = 1;
        expectChange(route, false);
        route.peer = STRANGER;
        expectChange(route, true);
        route.remoteToken = STRANGER;
        expectChange(route, true);
        route.side = Side.REMOTE;
        expectChange(route, true);
    }

    /* ROLES */

    function test_fuzz_SYS_02_onlyTheTimelockSetsRoutesAndAttestors(address caller) external {
        vm.assume(caller != timelock);
        address[] memory none;
        vm.expectRevert(notAllowed(caller));
        vm.prank(caller);
        home.guard.setRoute(away.chain, address(home.token), homeRoute(), why());
        vm.expectRevert(notAllowed(caller));
        vm.prank(caller);
        home.guard.rotateAttestors(none, none, why());
    }

    function test_fuzz_BRIDGE_01_onlyTheBridgeMovesTheBooks(address caller) external {
        vm.assume(caller != address(home.bridge));
        bytes[] memory none;
        Transfer memory t = toHome(1, 1);
        address token = address(home.token);
        vm.expectRevert(notAllowed(caller));
        vm.prank(caller);
        home.guard.onLock(away.chain, token, 1, ALICE);
        vm.expectRevert(notAllowed(caller));
        vm.prank(caller);
        home.guard.onBurn(away.chain, token, 1, ALICE);
        vm.expectRevert(notAllowed(caller));
        vm.prank(caller);
        home.guard.onMint(t, none);
        vm.expectRevert(notAllowed(caller));
        vm.prank(caller);
        home.guard.onRelease(t, none);
    }

    function test_SYS_03_privilegedCallsNeedEvidence() external {
        Why memory bare = Why("test", 0);
        address[] memory none;
        bytes32 id = announce(1, 1);
        vm.expectRevert(IBridgeGuard.Bridge_NoEvidence.selector);
        vm.prank(timelock);
        home.guard.setRoute(away.chain, address(home.token), homeRoute(), bare);
        vm.expectRevert(IBridgeGuard.Bridge_NoEvidence.selector);
        vm.prank(timelock);
        home.guard.rotateAttestors(none, none, bare);
        vm.expectRevert(IBridgeGuard.Bridge_NoEvidence.selector);
        vm.prank(timelock);
        away.guard.hold(uint256(id), nowAt() + 1, bare);
    }

    function test_SYS_12_healthyTellsWhatIsMissing() external {
        checkHealth(home.guard, true, 0);
        BridgeConfig memory c = guardConfig(home);
        address[] memory attestors = accountsOf(attestorKeys);
        c.group = "other";
        checkHealth(new BridgeGuard(c, attestors), false, "breaker does not know this");
        c.breaker = STRANGER;
        checkHealth(new BridgeGuard(c, attestors), false, "breaker does not know this");
        c.breaker = timelock;
        checkHealth(new BridgeGuard(c, attestors), false, "breaker does not know this");
        c.timelock = STRANGER;
        checkHealth(new BridgeGuard(c, attestors), false, "timelock has no code");
        c.council = STRANGER;
        checkHealth(new BridgeGuard(c, attestors), false, "council has no code");
        c.protected = STRANGER;
        checkHealth(new BridgeGuard(c, attestors), false, "protected has no code");
    }

    function checkHealth(BridgeGuard guard, bool ok, bytes32 want) internal view {
        uint256 before = gasleft();
        (bool healthy, bytes32 reason) = guard.healthy();
        atMost(before - gasleft(), 50_000, "gas");
        eq(healthy ? 1 : 0, ok ? 1 : 0, "healthy");
        eq(reason, want, "why");
    }

    function test_fuzz_BRIDGE_04_aTripLastsAtMost72h(uint40 time) external {
        BridgeConfig memory c = guardConfig(home);
        time = uint40(around(time, 72 hours));
        c.tripSeconds = time;
        if (time == 0 || time > 72 hours) {
            vm.expectRevert(abi.encodeWithSelector(IBridgeGuard.Bridge_BadTripTime.selector, time));
        }
        new BridgeGuard(c, accountsOf(attestorKeys));
    }
}

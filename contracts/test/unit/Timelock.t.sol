// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {Timelock} from "../../src/Timelock.sol";
import {IAccountable} from "../../src/interfaces/IAccountable.sol";
import {IPostCheck} from "../../src/interfaces/IPostCheck.sol";
import {ITimelock, PostCheck, SelectorDelay} from "../../src/interfaces/ITimelock.sol";
import {Why} from "../../src/libraries/Why.sol";
import {MockListedMarket, MockLister} from "../../src/mocks/MockListing.sol";
import {TimelockSetup} from "../TimelockSetup.t.sol";

contract TimelockTest is TimelockSetup {
    bytes32 internal constant SALT = "salt";

    function notReady(bytes32 id) internal pure returns (bytes memory) {
        bytes32 ready = bytes32(uint256(1 << uint8(TimelockController.OperationState.Ready)));
        return abi.encodeWithSelector(TimelockController.TimelockUnexpectedOperationState.selector, id, ready);
    }

    function notSelf(address caller) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(TimelockController.TimelockUnauthorizedCaller.selector, caller);
    }

    function tooShort(address target, bytes4 selector, uint256 need) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(ITimelock.Timelock_SelectorDelay.selector, target, selector, need);
    }

    function badTime(uint256 have, uint256 min, uint256 max) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(ITimelock.Timelock_BadTime.selector, have, min, max);
    }

    function noRole(address account, bytes32 role) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, account, role);
    }

    function setDelayCall(address target, bytes4 selector, uint256 delay) internal pure returns (bytes memory) {
        return abi.encodeCall(Timelock.setSelectorDelay, (target, selector, uint32(delay), why()));
    }

    /* TIMES */

    function test_fuzz_TIMELOCK_01_runsOnlyFromEtaThroughGrace(uint256 delay, uint256 when) external {
        delay = bound(delay, MIN_DELAY, 60 days);
        uint256 eta = vm.getBlockTimestamp() + delay;
        bytes32 id = schedule(address(lister), payCall(), SALT, delay);
        eq(lock.getTimestamp(id), eta, "eta");
        when = bound(when, vm.getBlockTimestamp(), eta + 3 * uint256(GRACE));
        vm.warp(when);
        bool live = when >= eta && when <= eta + GRACE;
        yes(lock.isOperationReady(id) == live, "ready");
        yes(lock.isOperation(id) == (when <= eta + GRACE), "known");
        if (!live) vm.expectRevert(notReady(id));
        execute(address(lister), payCall(), SALT);
        eq(lister.calls(), live ? 1 : 0, "calls");
    }

    function test_TIMELOCK_01_firstAndLastSecond() external {
        bytes32 id = schedule(address(lister), payCall(), SALT, MIN_DELAY);
        uint256 eta = lock.getTimestamp(id);
        vm.warp(eta - 1);
        no(lock.isOperationReady(id), "before");
        vm.warp(eta);
        yes(lock.isOperationReady(id), "eta");
        vm.warp(eta + GRACE);
        yes(lock.isOperationReady(id), "last second");
        vm.warp(eta + GRACE + 1);
        no(lock.isOperation(id), "void");
        eq(lock.getTimestamp(id), 0, "no time");
    }

    function test_fuzz_TIMELOCK_01_neverTwice(uint256 wait) external {
        bytes32 id = schedule(address(lister), payCall(), SALT, MIN_DELAY);
        vm.warp(vm.getBlockTimestamp() + MIN_DELAY);
        execute(address(lister), payCall(), SALT);
        vm.warp(vm.getBlockTimestamp() + bound(wait, 0, 3650 days));
        yes(lock.isOperationDone(id), "done for ever");
        eq(lock.getTimestamp(id), 1, "done mark");
        vm.expectRevert(notReady(id));
        execute(address(lister), payCall(), SALT);
        bytes32 unset = bytes32(uint256(1 << uint8(TimelockController.OperationState.Unset)));
        vm.expectRevert(
            abi.encodeWithSelector(TimelockController.TimelockUnexpectedOperationState.selector, id, unset)
        );
        schedule(address(lister), payCall(), SALT, MIN_DELAY);
    }

    function test_fuzz_TIMELOCK_01_expiredStartsTheFullDelayAgain(uint256 wait) external {
        bytes32 id = schedule(address(lister), payCall(), SALT, MIN_DELAY);
        vm.warp(lock.getTimestamp(id) + GRACE + bound(wait, 1, 365 days));
        schedule(address(lister), payCall(), SALT, MIN_DELAY);
        eq(lock.getTimestamp(id), vm.getBlockTimestamp() + MIN_DELAY, "new eta");
        vm.expectRevert(notReady(id));
        execute(address(lister), payCall(), SALT);
    }

    function test_fuzz_TIMELOCK_01_farthestDelaysNeverRunAndCanBeVetoed(uint256 delay) external {
        delay = bound(delay, 2 ** 64, type(uint256).max - vm.getBlockTimestamp());
        bytes32 id = schedule(address(lister), payCall(), SALT, delay);
        yes(lock.isOperationPending(id), "pending");
        veto(id, 1);
        no(lock.isOperation(id), "vetoed");
    }

    function test_fuzz_TIMELOCK_01_onlyListedExecutorsEver(address stranger) external {
        vm.assume(stranger != executor);
        bytes32 role = lock.EXECUTOR_ROLE();
        schedule(address(lister), payCall(), SALT, MIN_DELAY);
        vm.warp(vm.getBlockTimestamp() + MIN_DELAY);
        vm.prank(stranger);
        vm.expectRevert(noRole(stranger, role));
        lock.execute(address(lister), 0, payCall(), 0, SALT);
        bytes memory grant = abi.encodeCall(IAccessControl.grantRole, (role, address(0)));
        schedule(address(lock), grant, SALT, MIN_DELAY);
        vm.warp(vm.getBlockTimestamp() + MIN_DELAY);
        vm.expectRevert(abi.encodeWithSelector(ITimelock.Timelock_OpenRole.selector, role));
        execute(address(lock), grant, SALT);
    }

    /* DELAYS */

    function test_fuzz_TIMELOCK_02_scheduleNeedsTheSelectorsDelay(uint256 delay) external {
        delay = bound(delay, 0, 10 days);
        bytes memory data = abi.encodeCall(MockLister.list, (0, address(market)));
        bool enough = delay >= LIST_DELAY;
        if (!enough) vm.expectRevert(tooShort(address(lister), LIST, LIST_DELAY));
        schedule(address(lister), data, SALT, delay);
        if (!enough && delay >= MIN_DELAY) schedule(address(market), data, SALT, delay);
    }

    function test_fuzz_TIMELOCK_02_batchNeedsTheLongestDelay(uint256 place, uint256 delay) external {
        delay = bound(delay, MIN_DELAY, LIST_DELAY - 1);
        Batch memory b = listBatch(newMarket(), 1e6, 1);
        place = bound(place, 0, 2);
        (b.payloads[0], b.payloads[place]) = (b.payloads[place], b.payloads[0]);
        (b.targets[0], b.targets[place]) = (b.targets[place], b.targets[0]);
        vm.expectRevert(tooShort(address(lister), LIST, LIST_DELAY));
        scheduleBatch(b, delay);
        scheduleBatch(b, LIST_DELAY);
    }

    function test_fuzz_TIMELOCK_02_minimumHoldsForEverySelector(uint256 delay, bytes memory data) external {
        delay = bound(delay, 0, MIN_DELAY - 1);
        vm.expectRevert(
            abi.encodeWithSelector(TimelockController.TimelockInsufficientDelay.selector, delay, MIN_DELAY)
        );
        schedule(address(market), data, SALT, delay);
    }

    function test_fuzz_TIMELOCK_02_shorterSelectorDelayHoldsLater(uint256 to, uint256 when) external {
        to = bound(to, 0, LIST_DELAY - 1);
        selfCall(setDelayCall(address(lister), LIST, to));
        uint256 start = vm.getBlockTimestamp();
        uint256 effect = start + LIST_DELAY - to;
        (uint32 delay, uint32 later, uint48 at) = lock.selectorDelay(address(lister), LIST);
        eq(delay, LIST_DELAY, "still the old");
        eq(later, to, "announced");
        eq(at, effect, "effect");
        when = bound(when, start, effect + 10 days);
        vm.warp(when);
        (delay,,) = lock.selectorDelay(address(lister), LIST);
        eq(delay, when < effect ? LIST_DELAY : to, "delay at the time");
        // Never sooner than under the old delay from the moment of the change.
        atMost(start + LIST_DELAY, when + delay, "no gain");
    }

    function test_fuzz_TIMELOCK_02_shorterMinimumHoldsLater(uint256 to, uint256 when) external {
        to = bound(to, 0, MIN_DELAY - 1);
        selfCall(abi.encodeCall(TimelockController.updateDelay, (to)));
        uint256 effect = vm.getBlockTimestamp() + MIN_DELAY - to;
        when = bound(when, vm.getBlockTimestamp(), effect + 1 days);
        vm.warp(when);
        eq(lock.getMinDelay(), when < effect ? MIN_DELAY : to, "minimum at the time");
    }

    function test_fuzz_TIMELOCK_02_longerDelayHoldsAtOnceAndMovesNothingScheduled(uint256 to) external {
        to = bound(to, LIST_DELAY + 1, 30 days);
        bytes memory data = abi.encodeCall(MockLister.list, (0, address(market)));
        bytes32 id = schedule(address(lister), data, SALT, 20 days);
        uint256 eta = lock.getTimestamp(id);
        selfCall(setDelayCall(address(lister), LIST, to));
        eq(lock.getTimestamp(id), eta, "eta after a longer delay");
        vm.expectRevert(tooShort(address(lister), LIST, to));
        schedule(address(lister), data, "other", to - 1);
        selfCall(setDelayCall(address(lister), LIST, 0));
        bytes32 raw = vm.load(address(lock), keccak256(abi.encode(id, uint256(1))));
        eq(uint256(raw), eta, "eta after a shorter delay");
    }

    function test_fuzz_TIMELOCK_02_delaysAndGraceAreBounded(uint256 over, uint256 grace) external {
        over = bound(over, 30 days + 1, type(uint32).max);
        bytes memory set = setDelayCall(address(lister), LIST, over);
        schedule(address(lock), set, SALT, ROOT_DELAY);
        bytes memory update = abi.encodeCall(TimelockController.updateDelay, (over << 100));
        schedule(address(lock), update, SALT, ROOT_DELAY);
        vm.warp(vm.getBlockTimestamp() + ROOT_DELAY);
        vm.expectRevert(badTime(over, 0, 30 days));
        execute(address(lock), set, SALT);
        vm.expectRevert(badTime(over << 100, 0, 30 days));
        execute(address(lock), update, SALT);
        vm.expectRevert(badTime(over, 0, 30 days));
        fresh(uint32(over), GRACE, proposer);
        grace = bound(grace, 0, 1 days - 1);
        vm.expectRevert(badTime(grace, 1 days, 30 days));
        fresh(MIN_DELAY, uint32(grace), proposer);
        vm.expectRevert(badTime(30 days + 1, 1 days, 30 days));
        fresh(MIN_DELAY, 30 days + 1, proposer);
    }

    function test_fuzz_TIMELOCK_02_shortDataCountsAsItsPaddedSelector(uint256 length) external {
        selfCall(setDelayCall(address(lister), bytes4(0x11000000), 20 days));
        length = bound(length, 1, 3);
        bytes memory data = new bytes(length);
        data[0] = 0x11;
        vm.expectRevert(tooShort(address(lister), 0x11000000, 20 days));
        schedule(address(lister), data, SALT, 19 days);
    }

    function fresh(uint32 minDelay, uint32 grace, address by) internal returns (Timelock) {
        SelectorDelay[] memory none;
        PostCheck[] memory noChecks;
        return new Timelock(minDelay, grace, address(council), one(by), one(executor), none, noChecks);
    }

    /* VETO */

    function test_fuzz_TIMELOCK_03_vetoedIdNeverRuns(uint256 when, uint256 later) external {
        bytes32 id = schedule(address(lister), payCall(), SALT, MIN_DELAY);
        vm.warp(vm.getBlockTimestamp() + bound(when, 0, uint256(MIN_DELAY) + GRACE));
        veto(id, 1);
        yes(lock.isVetoed(id), "vetoed");
        no(lock.isOperation(id), "unknown");
        vm.warp(vm.getBlockTimestamp() + bound(later, 0, 365 days));
        vm.expectRevert(notReady(id));
        execute(address(lister), payCall(), SALT);
        vm.expectRevert(abi.encodeWithSelector(ITimelock.Timelock_Vetoed.selector, id));
        schedule(address(lister), payCall(), SALT, MIN_DELAY);
    }

    function test_fuzz_TIMELOCK_03_vetoedBatchNeverRunsAgain(uint256 shares) external {
        Batch memory b = listBatch(newMarket(), shares, 1);
        scheduleBatch(b, LIST_DELAY);
        bytes32 id = batchId(b);
        veto(id, 1);
        vm.expectRevert(abi.encodeWithSelector(ITimelock.Timelock_Vetoed.selector, id));
        scheduleBatch(b, LIST_DELAY);
        vm.warp(vm.getBlockTimestamp() + LIST_DELAY);
        vm.expectRevert(notReady(id));
        executeBatch(b);
    }

    function test_fuzz_TIMELOCK_03_anotherSaltStartsTheFullDelay(bytes32 salt, uint256 delay) external {
        vm.assume(salt != SALT);
        veto(schedule(address(lister), payCall(), SALT, MIN_DELAY), 1);
        vm.warp(vm.getBlockTimestamp() + MIN_DELAY);
        delay = bound(delay, 0, MIN_DELAY - 1);
        vm.expectRevert(
            abi.encodeWithSelector(TimelockController.TimelockInsufficientDelay.selector, delay, MIN_DELAY)
        );
        schedule(address(lister), payCall(), salt, delay);
        bytes32 id = schedule(address(lister), payCall(), salt, MIN_DELAY);
        eq(lock.getTimestamp(id), vm.getBlockTimestamp() + MIN_DELAY, "full delay");
    }

    function test_fuzz_TIMELOCK_03_onlyCancellersVetoAndOnlyWhatIsPending(address stranger, bytes32 id) external {
        vm.assume(stranger != proposer && stranger != address(council));
        bytes32 role = lock.CANCELLER_ROLE();
        vm.prank(stranger);
        vm.expectRevert(noRole(stranger, role));
        lock.cancel(id);
        bytes32 pending = bytes32(uint256(2 + 4));
        vm.prank(address(council));
        vm.expectRevert(
            abi.encodeWithSelector(TimelockController.TimelockUnexpectedOperationState.selector, id, pending)
        );
        lock.cancel(id);
    }

    function test_TIMELOCK_03_vetoSaysSo() external {
        bytes32 id = schedule(address(lister), payCall(), SALT, MIN_DELAY);
        vm.expectEmit(address(lock));
        emit TimelockController.Cancelled(id);
        vm.expectEmit(address(lock));
        emit IAccountable.Tightened(address(council), id, "VETO", id);
        veto(id, 1);
    }

    /// A call that has itself vetoed while it runs undoes itself.
    function test_TIMELOCK_03_vetoDuringExecutionUndoesIt() external {
        bytes32 role = lock.CANCELLER_ROLE();
        selfCall(abi.encodeCall(IAccessControl.grantRole, (role, address(this))));
        bytes memory data = abi.encodeCall(this.vetoNow, ());
        bytes32 id = schedule(address(this), data, SALT, MIN_DELAY);
        running = id;
        vm.warp(vm.getBlockTimestamp() + MIN_DELAY);
        vm.expectRevert(notReady(id));
        execute(address(this), data, SALT);
    }

    bytes32 internal running;

    function vetoNow() external {
        lock.cancel(running);
    }

    /* BATCHES AND LISTINGS */

    function test_fuzz_TIMELOCK_04_oneFailingCallRevertsAll(uint256 factor) external {
        factor = bound(factor, 0, 200);
        MockListedMarket m = newMarket();
        Batch memory b = listBatch(m, 1e6, factor);
        scheduleBatch(b, LIST_DELAY);
        vm.warp(vm.getBlockTimestamp() + LIST_DELAY);
        if (factor >= 100) vm.expectRevert("not listed or too high");
        executeBatch(b);
        eq(lister.calls(), factor >= 100 ? 0 : 2, "calls");
        eq(m.totalSupply(), factor >= 100 ? 0 : 1e6, "seed");
        yes(lock.isOperationDone(batchId(b)) == (factor < 100), "done");
    }

    function test_fuzz_TIMELOCK_04_batchHasAtMost16Calls(uint256 count) external {
        count = bound(count, 0, 40);
        Batch memory b = Batch(new address[](count), new uint256[](count), new bytes[](count));
        if (count > 16) {
            vm.expectRevert(abi.encodeWithSelector(ITimelock.Timelock_TooManyCalls.selector, count, 16));
        }
        scheduleBatch(b, MIN_DELAY);
    }

    function test_fuzz_TIMELOCK_04_listsOfDifferentLengthAreRefused(uint256 shorter) external {
        shorter = bound(shorter, 0, 2);
        Batch memory b = listBatch(newMarket(), 1e6, 1);
        b.payloads = new bytes[](shorter);
        bytes memory want =
            abi.encodeWithSelector(TimelockController.TimelockInvalidOperationLength.selector, 3, shorter, 3);
        vm.expectRevert(want);
        scheduleBatch(b, LIST_DELAY);
        vm.expectRevert(want);
        executeBatch(b);
    }

    function test_fuzz_TIMELOCK_05_listingNeedsItsSeed(uint256 shares) external {
        shares = bound(shares, 0, 2e6);
        MockListedMarket m = newMarket();
        Batch memory b = listBatch(m, shares, 1);
        scheduleBatch(b, LIST_DELAY);
        vm.warp(vm.getBlockTimestamp() + LIST_DELAY);
        if (shares < 1e6) vm.expectRevert(failed("seed below minimum"));
        executeBatch(b);
        eq(lister.factors(address(m)), shares < 1e6 ? 0 : 1, "listed");
    }

    function test_fuzz_TIMELOCK_05_listingNeedsARateWithinBounds(uint256 rate) external {
        rate = bound(rate, 0.9e18, 1.1e18);
        MockListedMarket m = newMarket();
        m.setRate(rate);
        Batch memory b = listBatch(m, 1e6, 1);
        scheduleBatch(b, LIST_DELAY);
        vm.warp(vm.getBlockTimestamp() + LIST_DELAY);
        if (rate < 0.99e18 || rate > 1.01e18) vm.expectRevert(failed("rate out of bounds"));
        executeBatch(b);
    }

    function test_fuzz_TIMELOCK_05_listingNeedsAnOracleThatIsOk(bool known, uint8 status) external {
        MockListedMarket m = newMarket();
        oracle.set(bytes32(bytes20(address(m))), known, status);
        Batch memory b = listBatch(m, 1e6, 1);
        scheduleBatch(b, LIST_DELAY);
        vm.warp(vm.getBlockTimestamp() + LIST_DELAY);
        if (!known || status != 0) vm.expectRevert(failed("price not OK"));
        executeBatch(b);
    }

    /// Alone, without a batch: the empty market of Sonne and Hundred.
    function test_fuzz_TIMELOCK_05_anEmptyMarketCannotBeListedAlone(uint256 number) external {
        bytes memory data = abi.encodeCall(MockLister.list, (number, address(newMarket())));
        schedule(address(lister), data, SALT, LIST_DELAY);
        vm.warp(vm.getBlockTimestamp() + LIST_DELAY);
        vm.expectRevert(failed("seed below minimum"));
        execute(address(lister), data, SALT);
    }

    /// The check is read before the first call: a batch that removes it still has to pass it.
    function test_fuzz_TIMELOCK_05_aBatchCannotRemoveItsOwnCheck(uint256 shares) external {
        shares = bound(shares, 0, 1e6 - 1);
        Batch memory b = listBatch(newMarket(), shares, 1);
        b.targets[2] = b.targets[0];
        b.payloads[2] = b.payloads[0];
        b.targets[0] = address(lock);
        b.payloads[0] = abi.encodeCall(Timelock.setPostCheck, (address(lister), LIST, IPostCheck(address(0)), why()));
        scheduleBatch(b, LIST_DELAY);
        vm.warp(vm.getBlockTimestamp() + LIST_DELAY);
        vm.expectRevert(failed("seed below minimum"));
        executeBatch(b);
    }

    function failed(bytes32 code) internal view returns (bytes memory) {
        return abi.encodeWithSelector(ITimelock.Timelock_PostCheck.selector, address(lister), LIST, code);
    }

    function newMarket() internal returns (MockListedMarket m) {
        m = new MockListedMarket();
        oracle.set(bytes32(bytes20(address(m))), true, 0);
    }

    /* SETTINGS */

    function test_fuzz_TIMELOCK_06_settingsOnlyThroughTheTimelock(address stranger) external {
        vm.assume(stranger != address(lock));
        bytes32 executors = lock.EXECUTOR_ROLE();
        vm.prank(stranger);
        vm.expectRevert(notSelf(stranger));
        lock.updateDelay(0);
        vm.prank(stranger);
        vm.expectRevert(notSelf(stranger));
        lock.setSelectorDelay(address(lister), LIST, 0, why());
        vm.prank(stranger);
        vm.expectRevert(notSelf(stranger));
        lock.setPostCheck(address(lister), LIST, IPostCheck(address(0)), why());
        vm.prank(stranger);
        vm.expectRevert(noRole(stranger, 0));
        lock.grantRole(executors, stranger);
        vm.prank(stranger);
        vm.expectRevert(noRole(stranger, 0));
        lock.revokeRole(executors, executor);
    }

    function test_fuzz_TIMELOCK_06_nobodyElseBecomesAdministrator(address account) external {
        vm.assume(account != address(lock) && account != address(0));
        bytes memory data = abi.encodeCall(IAccessControl.grantRole, (bytes32(0), account));
        schedule(address(lock), data, SALT, MIN_DELAY);
        vm.warp(vm.getBlockTimestamp() + MIN_DELAY);
        vm.expectRevert(abi.encodeWithSelector(ITimelock.Timelock_OutsideAdmin.selector, account));
        execute(address(lock), data, SALT);
        no(lock.hasRole(0, address(this)), "the deployer");
        yes(lock.hasRole(0, address(lock)), "the timelock");
    }

    function test_fuzz_TIMELOCK_06_rolesChangeThroughTheTimelock(address account) external {
        vm.assume(account != address(0) && account != proposer);
        bytes32 role = lock.PROPOSER_ROLE();
        selfCall(abi.encodeCall(IAccessControl.grantRole, (role, account)));
        yes(lock.hasRole(role, account), "granted");
        selfCall(abi.encodeCall(IAccessControl.revokeRole, (role, account)));
        no(lock.hasRole(role, account), "revoked");
        bytes memory data = payCall();
        vm.prank(account);
        vm.expectRevert(noRole(account, role));
        lock.schedule(address(lister), 0, data, 0, SALT, MIN_DELAY);
    }

    function test_fuzz_TIMELOCK_06_checksNeedCode(address account) external {
        vm.assume(account.code.length == 0 && account != address(0));
        bytes memory data = abi.encodeCall(Timelock.setPostCheck, (address(lister), LIST, IPostCheck(account), why()));
        schedule(address(lock), data, SALT, MIN_DELAY);
        vm.warp(vm.getBlockTimestamp() + MIN_DELAY);
        vm.expectRevert(abi.encodeWithSelector(ITimelock.Timelock_NoCode.selector, account));
        execute(address(lock), data, SALT);
    }

    function test_fuzz_SYS_03_settingsNeedEvidence(bytes32 reason) external {
        Why memory empty = Why(reason, 0);
        vm.prank(address(lock));
        vm.expectRevert(ITimelock.Timelock_NoEvidence.selector);
        lock.setSelectorDelay(address(lister), LIST, 30 days, empty);
        vm.prank(address(lock));
        vm.expectRevert(ITimelock.Timelock_NoEvidence.selector);
        lock.setPostCheck(address(lister), LIST, listing, empty);
    }

    function test_fuzz_SYS_02_settingsSayWhetherTheyTightenOrLoosen(uint256 to) external {
        to = around(bound(to, 0, 30 days), to % 2 == 0 ? LIST_DELAY : MIN_DELAY);
        bytes32 key = subject(address(lister), LIST);
        bool longer = to >= LIST_DELAY;
        uint256 effect = vm.getBlockTimestamp() + (longer ? 0 : LIST_DELAY - to);
        vm.expectEmit(address(lock));
        emit ITimelock.SelectorDelaySet(address(lister), LIST, LIST_DELAY, uint32(to), uint48(effect));
        expectChange(longer, key, "test", EVIDENCE);
        vm.prank(address(lock));
        lock.setSelectorDelay(address(lister), LIST, uint32(to), why());
        longer = to >= MIN_DELAY;
        vm.expectEmit(address(lock));
        emit TimelockController.MinDelayChange(MIN_DELAY, to);
        bytes32 evidence = keccak256(abi.encodeCall(TimelockController.updateDelay, (to)));
        expectChange(longer, bytes32(bytes20(address(lock))), "MIN_DELAY", evidence);
        vm.prank(address(lock));
        lock.updateDelay(to);
    }

    function test_SYS_02_aFirstCheckTightensAndAnyOtherLoosens() external {
        setCheck(LIST, listing, false);
        setCheck(LIST, IPostCheck(address(0)), false);
        eq(address(lock.postCheck(address(lister), LIST)), address(0), "removed");
        setCheck(LIST, IPostCheck(address(0)), false);
        setCheck(LIST, listing, true);
        eq(address(lock.postCheck(address(lister), LIST)), address(listing), "set");
    }

    function setCheck(bytes4 selector, IPostCheck check, bool tighter) internal {
        vm.expectEmit(address(lock));
        emit ITimelock.PostCheckSet(address(lister), selector, address(check));
        expectChange(tighter, subject(address(lister), selector), "test", EVIDENCE);
        vm.prank(address(lock));
        lock.setPostCheck(address(lister), selector, check, why());
    }

    function expectChange(bool tighter, bytes32 what, bytes32 reason, bytes32 evidence) internal {
        vm.expectEmit(address(lock));
        if (tighter) emit IAccountable.Tightened(address(lock), what, reason, evidence);
        else emit IAccountable.Loosened(address(lock), what, reason, evidence);
    }

    function test_SYS_12_healthyOnlyWithACouncilThatVetoesHere() external {
        (bool ok, bytes32 code) = lock.healthy();
        yes(ok && code == 0, "healthy");
        uint256 before = gasleft();
        lock.healthy();
        atMost(before - gasleft(), 50_000, "gas");
        (ok, code) = fresh(MIN_DELAY, GRACE, proposer).healthy();
        yes(!ok && code == "council has another timelock", "another");
        bytes32 role = lock.CANCELLER_ROLE();
        selfCall(abi.encodeCall(IAccessControl.revokeRole, (role, address(council))));
        (ok, code) = lock.healthy();
        yes(!ok && code == "council cannot veto", "revoked");
        eq(lock.council(), address(council), "council");
        eq(lock.grace(), GRACE, "grace");
    }

    function test_fuzz_SYS_12_healthyNeverReverts(bytes memory code) external {
        vm.etch(address(council), code);
        (bool ok,) = address(lock).staticcall{gas: 50_000}(abi.encodeCall(lock.healthy, ()));
        yes(ok, "answered");
    }
}

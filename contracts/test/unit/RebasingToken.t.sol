// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {FlowMode, Limit} from "../../src/interfaces/IFlowLimiter.sol";
import {Transfer} from "../../src/interfaces/IBridgeGuard.sol";
import {ITranche} from "../../src/interfaces/ITranche.sol";
import {MockOddToken} from "../../src/mocks/MockOddToken.sol";
import {Base} from "../Base.t.sol";
import {BountySetup} from "../BountySetup.t.sol";
import {BridgeSetup} from "../BridgeSetup.t.sol";
import {FlowSetup} from "../FlowSetup.t.sol";
import {FundSetup} from "../FundSetup.t.sol";
import {PerpSetup} from "../PerpSetup.t.sol";

/// A token that changes balances by itself, as a holder feels it: there is more or less than before, and nobody sent
/// anything. From nothing left to ten times as much.
abstract contract Rebasing is Base {
    function rebase(MockOddToken token, address holder, uint256 bps) internal {
        uint256 have = token.balanceOf(holder);
        uint256 want = have * bps / 10_000;
        if (want > have) token.mint(holder, want - have);
        else token.burn(holder, have - want);
    }

    function boundShrink(uint256 x) internal pure returns (uint256) {
        return bound(x, 0, 9_999);
    }

    function boundGrowth(uint256 x) internal pure returns (uint256) {
        return bound(x, 10_000, 100_000);
    }

    function lacks(address holder, uint256 have, uint256 need) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, holder, have, need);
    }
}

/// forge-config: default.fuzz.runs = 200
contract RebasingFlowTest is FlowSetup, Rebasing {
    /// What leaves is counted in units, whatever becomes of the rest.
    function test_fuzz_FLOW_01_aRebaseFreesNothingOfAFixedCap(uint256 bps, uint256 first, uint256 second) external {
        first = bound(first, 0, CAP);
        out(first);
        rebase(token, address(vault), boundGrowth(bps));
        eq(available(), CAP - first, "grown");
        rebase(token, address(vault), bound(bps, 5_000, 9_999));
        eq(available(), CAP - first, "shrunk");
        second = bound(second, CAP - first + 1, CAP + 1);
        (bool ok,) = address(vault).call(abi.encodeCall(vault.withdraw, (address(token), second, ALICE)));
        no(ok, "beyond the cap");
    }

    /// A cap that is a share of the balance grows one lag later, and shrinks at once.
    function test_fuzz_FLOW_03_aShareFollowsARebaseDownAtOnceAndUpAfterALag(uint256 bps) external {
        setLimit(address(token), Limit(type(uint128).max, 1_000, WINDOW, FlowMode.REVERT, 8_000));
        vm.warp(nowAt() + WINDOW);
        out(1);
        vm.warp(nowAt() + WINDOW);
        uint256 before = available();
        rebase(token, address(vault), boundGrowth(bps));
        atMost(available(), before, "grown at once");
        rebase(token, address(vault), boundShrink(bps));
        atMost(available(), token.balanceOf(address(vault)) / 10, "shrunk at once");
    }

    /// The interface asks for a token that does not rebase downwards: of one that does, the last entry cannot leave
    /// before somebody makes it good; nothing else is stuck, and the other asset is not touched.
    function test_fuzz_FLOW_06_aQueueThatShrankKeepsItsLastEntry(uint256 bps, uint256 a, uint256 b) external {
        (a, b) = (bound(a, 1, 1e24), bound(b, 1, 1e24));
        vault.withdraw(address(other), CAP, ALICE);
        vault.withdraw(address(other), a, ALICE);
        vault.withdraw(address(other), b, ALICE);
        vm.warp(nowAt() + 30 days);
        uint256 least = (a * 10_000 + a + b - 1) / (a + b);
        rebase(other, address(limiter), bound(bps, least > 9_999 ? 9_999 : least, 9_999));
        uint256 have = other.balanceOf(address(limiter));
        vm.assume(have >= a && have < a + b);
        limiter.claim(1);
        vm.expectRevert(lacks(address(limiter), have - a, b));
        limiter.claim(2);
        eq(limiter.queuedOf(address(other)), b, "the entry stands");
        eq(available(), CAP, "the other asset");
        other.mint(address(limiter), b);
        limiter.claim(2);
    }

    /// Why the interface refuses such a token for a queue: what a later entry brings fills what the others lack, and only
    /// the rest of it is promised. No more is promised than is held.
    function test_fuzz_FLOW_06_aLaterEntryOfAShrunkenQueueIsPromisedWhatIsThere(uint256 bps, uint256 a, uint256 b)
        external
    {
        (a, b) = (bound(a, 1, 1e24), bound(b, 1, 1e24));
        vault.withdraw(address(other), CAP, ALICE);
        vault.withdraw(address(other), a, ALICE);
        rebase(other, address(limiter), boundShrink(bps));
        uint256 lost = a - other.balanceOf(address(limiter));
        vault.withdraw(address(other), b, address(0xb0b));
        eq(limiter.queuedOf(address(other)), a + (b > lost ? b - lost : 0), "promised");
        if (b >= lost) eq(limiter.queuedOf(address(other)), other.balanceOf(address(limiter)), "is held");
    }

    function test_fuzz_FLOW_06_growthInTheQueueIsNobodysEntry(uint256 bps, uint256 amount) external {
        amount = bound(amount, 1, 1e24);
        vault.withdraw(address(other), CAP, ALICE);
        vault.withdraw(address(other), amount, ALICE);
        vm.warp(nowAt() + 30 days);
        rebase(other, address(limiter), boundGrowth(bps));
        uint256 have = other.balanceOf(address(limiter));
        uint256 before = other.balanceOf(ALICE);
        limiter.claim(1);
        eq(other.balanceOf(ALICE) - before, amount, "as promised");
        eq(other.balanceOf(address(limiter)), have - amount, "the rest stays");
        eq(limiter.queuedOf(address(other)), 0, "no entry");
    }
}

/// forge-config: default.fuzz.runs = 200
contract RebasingBountyTest is BountySetup, Rebasing {
    /// `healthy` tells of it, nothing new is reserved and the owner takes nothing; who is owed is paid as far as it goes.
    function test_fuzz_BOUNTY_12_aVaultThatShrankPromisesNothingMore(uint256 bps, uint8 severity) external {
        vm.prank(prover);
        uint256 first = vault.reserveProven("first", ALICE, 3);
        bps = bound(bps, 0, first * 10_000 / token.balanceOf(address(vault)) - 1);
        rebase(token, address(vault), bps);
        (bool ok, bytes32 cause) = vault.healthy();
        yes(!ok && cause == "owes more than it holds", "told");
        eq(vault.funds().takeable, 0, "takeable");
        vm.prank(prover);
        eq(vault.reserveProven("second", BOB, severity % 4), 0, "nothing to reserve");
        wait(15 days);
        vault.timeoutEscalate("first");
        wait(30 days);
        vault.payout("first");
        uint256 due = vault.owed(ALICE);
        uint256 have = token.balanceOf(address(vault));
        if (have < due) {
            vm.expectRevert(lacks(address(vault), have, due));
            withdraw(ALICE);
            eq(vault.owed(ALICE), due, "still owed");
            token.mint(address(vault), due - have);
        }
        withdraw(ALICE);
        eq(token.balanceOf(ALICE), due, "paid");
    }

    /// What grows is free like any gift: promises are units.
    function test_fuzz_BOUNTY_12_growthIsFreeAndNoPromiseGrows(uint256 bps) external {
        vm.prank(prover);
        uint256 reserved = vault.reserveProven("first", ALICE, 3);
        rebase(token, address(vault), boundGrowth(bps));
        eq(vault.funds().reserved, reserved, "reserved");
        eq(vault.awardOf("first"), reserved, "award");
        eq(vault.funds().balance, token.balanceOf(address(vault)), "balance");
    }
}

/// forge-config: default.fuzz.runs = 200
contract RebasingFundTest is FundSetup, Rebasing {
    /// The tranches' shares carry a rebase in proportion, up and down.
    function test_fuzz_FUND_04_aTranchesSharesCarryTheRebase(uint256 bps, uint256 which) external {
        (ITranche tranche, address owner) = both(which);
        uint256 shares = tranche.balanceOf(owner);
        uint256 before = tranche.convertToAssets(shares);
        bps = bound(bps, 1, 100_000);
        rebase(token, address(tranche), bps);
        uint256 now_ = tranche.convertToAssets(shares);
        atMost(now_, before * bps / 10_000, "no more than its part");
        atMost(before * bps / 10_000, now_ + 1e6, "no less, rounding and virtual shares aside");
        atMost(now_, token.balanceOf(address(tranche)), "is there");
    }

    /// Pot and first loss are units: where the fund's own tokens shrank, a cover that needs them pays nothing at all, and
    /// the loss can be covered again once they are made good.
    function test_fuzz_FUND_01_aShrunkPotCoversWhollyOrNotAtAll(uint256 bps, uint256 amount) external {
        amount = bound(amount, 1, 300e18);
        rebase(token, address(fund), boundShrink(bps));
        uint256 have = token.balanceOf(address(fund));
        if (have >= amount) {
            eq(cover("loss", amount), amount, "covered");
            return;
        }
        uint256 firstLoss = fund.firstLoss();
        vm.expectRevert(lacks(address(fund), have, amount));
        cover("loss", amount);
        eq(fund.potOf(MARKET) + fund.firstLoss(), 100e18 + firstLoss, "books");
        no(fund.lossOf("loss").isUsed, "not used");
        token.mint(address(fund), amount - have);
        eq(cover("loss", amount), amount, "covered later");
    }

    function test_fuzz_FUND_01_growthCoversNoMoreThanTheBooks(uint256 bps, uint256 amount) external {
        amount = bound(amount, 0, 300e18);
        rebase(token, address(fund), boundGrowth(bps));
        eq(cover("loss", amount), amount, "covered");
        eq(fund.potOf(MARKET) + fund.firstLoss(), 300e18 - amount, "books");
    }
}

/// forge-config: default.fuzz.runs = 200
contract RebasingBridgeTest is BridgeSetup, Rebasing {
    function lockAt(uint256 amount) internal {
        vm.chainId(home.chain);
        home.bridge.lock(away.chain, home.token, amount, ALICE);
    }

    /// A release that the shrunken bridge cannot pay leaves its message unspent.
    function test_fuzz_BRIDGE_03_aReleaseThatCannotBePaidIsNotSpent(uint256 bps, uint256 amount) external {
        amount = bound(amount, 2, CAP);
        lockAt(amount);
        rebase(home.token, address(home.bridge), boundShrink(bps));
        uint256 have = home.token.balanceOf(address(home.bridge));
        Transfer memory t = toHome(amount, 1);
        bytes[] memory sigs = attest(home, t);
        vm.expectRevert(lacks(address(home.bridge), have, amount));
        home.bridge.release(t, sigs);
        home.token.mint(address(home.bridge), amount - have);
        home.bridge.release(t, sigs);
        eq(home.token.balanceOf(ALICE), amount, "released once it is there");
    }

    /// What grew at home backs nothing abroad: a release beyond what was locked is refused all the same.
    function test_fuzz_BRIDGE_01_growthAtHomeReleasesNoMoreThanWasLocked(uint256 bps, uint256 amount, uint256 more)
        external
    {
        amount = bound(amount, 1, CAP / 2);
        more = bound(more, 1, CAP / 2);
        lockAt(amount);
        rebase(home.token, address(home.bridge), boundGrowth(bps));
        home.token.mint(address(home.bridge), CAP);
        Transfer memory t = toHome(amount + more, 1);
        bytes[] memory sigs = attest(home, t);
        (bool ok,) = address(home.bridge).call(abi.encodeCall(home.bridge.release, (t, sigs)));
        no(ok, "more than was locked");
        t = toHome(amount, 1);
        home.bridge.release(t, attest(home, t));
    }
}

/// forge-config: default.fuzz.runs = 200
contract RebasingPerpTest is PerpSetup, Rebasing {
    /// Balances are units. Of an exchange that shrank, whoever comes last cannot leave: his balance stays, and nobody's
    /// is paid twice.
    function test_fuzz_PERP_02_anExchangeThatShrankPaysAsFarAsItHas(uint256 bps, uint256 a, uint256 b) external {
        (a, b) = (bound(a, 1, 1e15), bound(b, 1, 1e15));
        pay(ALICE, a);
        pay(BOB, b);
        rebase(token, address(perp), boundShrink(bps));
        uint256 have = token.balanceOf(address(perp));
        bool alice = leave(ALICE, a);
        bool bob = leave(BOB, b);
        yes(alice == (have >= a), "Alice");
        yes(bob == (have >= b + (alice ? a : 0)), "Bob");
        eq(perp.balanceOf(BOB), bob ? 0 : b, "Bob's balance");
        eq(token.balanceOf(address(perp)) + token.balanceOf(ALICE) + token.balanceOf(BOB), have, "nothing is made");
    }

    function leave(address who, uint256 amount) internal returns (bool ok) {
        vm.prank(who);
        (ok,) = address(perp).call(abi.encodeCall(perp.withdraw, (amount)));
    }

    /// What grew is in nobody's balance, and a later deposit counts what arrives alone.
    function test_fuzz_PERP_02_growthOnTheExchangeIsNobodysMargin(uint256 bps, uint256 a, uint256 b) external {
        (a, b) = (bound(a, 1, 1e15), bound(b, 1, 1e15));
        pay(ALICE, a);
        rebase(token, address(perp), boundGrowth(bps));
        pay(BOB, b);
        eq(perp.balanceOf(ALICE), a, "Alice");
        eq(perp.balanceOf(BOB), b, "Bob");
        yes(leave(ALICE, a) && leave(BOB, b), "both leave");
        no(leave(ALICE, 1), "and no more");
    }
}

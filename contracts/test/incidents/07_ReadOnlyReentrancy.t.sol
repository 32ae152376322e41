// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {WithoutLock} from "./06_Reentrancy.t.sol";
import {ReadOnlyReentrancy} from "./07_ReadOnlyReentrancy.sol";
import {IncidentTest} from "./IncidentTest.t.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {NaiveWorld, Source} from "./worlds/NaiveWorld.sol";
import {World} from "./worlds/World.sol";

contract AnyLoan is ReadOnlyReentrancy {
    uint256 private immutable _loan;

    constructor(World world_, uint256 loan_) ReadOnlyReentrancy(world_) {
        _loan = loan_;
    }

    function loan() public view override returns (uint256) {
        return _loan;
    }
}

/// forge-config: default.isolate = true
contract ReadOnlyReentrancyTest is IncidentTest {
    HardenedWorld private _hardened;

    function setUp() public {
        _hardened = makeHardened();
    }

    function test_PERP_07_PERP_06_viewSaysNothingInTheMiddle() public {
        NaiveWorld naive = makeNaive(Source.FEED);
        ReadOnlyReentrancy onHardened = new ReadOnlyReentrancy(_hardened);
        assertBound(naive, new ReadOnlyReentrancy(naive), _hardened, onHardened);
        eq(onHardened.seen(), 0, "what was said in the middle");
        yes(_hardened.makerLender().debtOf(address(onHardened)) > 0, "what anyone may borrow, he borrowed");
    }

    /// forge-config: default.fuzz.runs = 100
    function test_PERP_07_PERP_06_noLoanPays(uint256 loan) public {
        AnyLoan attack = new AnyLoan(_hardened, bound(loan, 1e6, 19_000_000e6));
        atMost(play(_hardened, attack), attack.bound(), "hardened loss");
    }

    function test_PERP_07_PERP_06_viewSaysTooMuchWithoutTheLock() public {
        WithoutLock world = new WithoutLock(_guardians());
        build(world);
        ReadOnlyReentrancy attack = new ReadOnlyReentrancy(world);
        play(world, attack);
        yes(attack.seen() > 40_200e6, "the lock is what stops it");
    }
}

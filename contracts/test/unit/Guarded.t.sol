// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICircuitBreaker} from "../../src/interfaces/ICircuitBreaker.sol";
import {IGuarded} from "../../src/interfaces/IGuarded.sol";
import {ISelectorBreaker, Rule, RuleKind} from "../../src/interfaces/ISelectorBreaker.sol";
import {MockBurner} from "../../src/mocks/MockClock.sol";
import {MockMarket} from "../../src/mocks/MockMarket.sol";
import {Setup} from "../Setup.t.sol";

contract GuardedTest is Setup {
    function test_fuzz_BREAKER_07_aMissingBreakerBlocksOutflowAndSparesExempt(address missing) external {
        vm.assume(missing.code.length == 0 && uint160(missing) > 0xffff);
        MockMarket lost = new MockMarket(ICircuitBreaker(missing));
        no(passes(address(lost), callOf(WITHDRAW)), "outflow passes");
        yes(passes(address(lost), callOf(REPAY)), "exempt blocked");
    }

    function test_BREAKER_07_aBurningBreakerBlocksOutflowAndSparesExempt() external {
        MockMarket burnt = new MockMarket(ICircuitBreaker(address(new MockBurner())));
        uint256 before = gasleft();
        no(passes(address(burnt), callOf(WITHDRAW)), "outflow passes");
        yes(passes(address(burnt), callOf(REPAY)), "exempt blocked");
        atMost(before - gasleft(), 300_000, "gas burnt");
    }

    function test_fuzz_BREAKER_07_anUnregisteredTargetBlocksOutflowAndSparesExempt(uint256 amount) external {
        amount = bound(amount, 0, 1e30);
        MockMarket stranger = new MockMarket(breaker);
        vm.expectRevert(
            abi.encodeWithSelector(ICircuitBreaker.Breaker_Unknown.selector, address(stranger), WITHDRAW)
        );
        stranger.withdraw(amount);
        stranger.repay(amount);
    }

    function test_fuzz_BREAKER_07_aStarvedCheckCannotSlipThroughAHalt(uint256 gasLimit) external {
        halt(address(market), nowAt() + 1 hours);
        gasLimit = bound(gasLimit, 1_000, 400_000);
        (bool ok,) = address(market).call{gas: gasLimit}(callOf(REPAY));
        no(ok, "slipped through");
    }

    function test_SYS_13_gasTooLowIsSaid() external {
        (bool ok, bytes memory cause) = address(market).call{gas: 90_000}(callOf(REPAY));
        no(ok, "passed");
        eq(cause, abi.encodeWithSelector(IGuarded.Guarded_GasTooLow.selector, 103_125), "cause");
    }

    function isClear(address target, bytes4 selector) internal returns (bool) {
        vm.prank(target);
        return breaker.isClear(selector);
    }

    function test_BREAKER_07_onlyWhatIsRegisteredAndFreeIsClear() external {
        yes(isClear(address(market), WITHDRAW), "neither pause nor rule");
        no(isClear(address(market), STRANGE), "an unknown selector");
        no(isClear(address(vault), WITHDRAW), "an inline target");
        trip(address(market), WITHDRAW, nowAt() + 1 hours);
        no(isClear(address(market), WITHDRAW), "paused");
        vm.warp(nowAt() + 1 hours);
        yes(isClear(address(market), WITHDRAW), "over");
        setRule(address(council), address(market), WITHDRAW, Rule(RuleKind.ARG_MAX, 0, 5), nowAt() + 1 hours);
        no(isClear(address(market), WITHDRAW), "under a rule");
        market.withdraw(5);
        vm.expectRevert(
            abi.encodeWithSelector(ISelectorBreaker.Breaker_RuleRefused.selector, WITHDRAW, RuleKind.ARG_MAX, 6, 5)
        );
        market.withdraw(6);
    }

    function test_fuzz_BREAKER_07_theHaltsEndIsTold(uint256 length) external {
        uint40 until = nowAt() + uint40(bound(length, 1, 24 hours));
        halt(address(market), until);
        vm.expectRevert(abi.encodeWithSelector(ISelectorBreaker.Breaker_Paused.selector, REPAY, until));
        market.repay(1);
        eq(address(market.circuitBreaker()), address(breaker), "breaker");
    }
}

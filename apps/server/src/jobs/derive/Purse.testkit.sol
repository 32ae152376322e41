// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Pays out whatever is asked for.
contract Purse {
    event Moved(address indexed account, uint256 amount);

    constructor() payable {}

    function pay() external payable {
        emit Moved(msg.sender, msg.value);
    }

    function take(uint256 amount) external {
        emit Moved(msg.sender, amount);
        payable(msg.sender).transfer(amount);
    }
}

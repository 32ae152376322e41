// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Erc20} from "../incidents/Erc20.sol";

interface Pair {
    function token0() external view returns (address);
    function token1() external view returns (address);
}

/// A user's own contract: makes calls in a row, and any that a lender sends back during a flash loan.
contract Batch {
    struct Call {
        address to;
        uint256 value;
        bytes data;
    }

    error Batch_CallFailed(uint256 index, bytes reason);

    function run(Call[] memory calls) public payable {
        for (uint256 i = 0; i < calls.length; i++) {
            (bool ok, bytes memory reason) = calls[i].to.call{value: calls[i].value}(calls[i].data);
            if (!ok) revert Batch_CallFailed(i, reason);
        }
    }

    /// Aave's callback; `params` holds the calls to make while the loan is out.
    function executeOperation(address[] calldata, uint256[] calldata, uint256[] calldata, address, bytes calldata params)
        external
        returns (bool)
    {
        run(abi.decode(params, (Call[])));
        return true;
    }

    /// Pays what a Uniswap v3 pool asks for in return.
    function uniswapV3SwapCallback(int256 owed0, int256 owed1, bytes calldata) external {
        if (owed0 > 0) Erc20(Pair(msg.sender).token0()).transfer(msg.sender, uint256(owed0));
        if (owed1 > 0) Erc20(Pair(msg.sender).token1()).transfer(msg.sender, uint256(owed1));
    }

    receive() external payable {}
}

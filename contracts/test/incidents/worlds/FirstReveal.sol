// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// Pays whoever first shows what hashes to the report that was asked for.
contract FirstReveal {
    IERC20 public immutable token;
    bytes32 public immutable wanted;

    error FirstReveal_Wrong(bytes32 have);

    constructor(IERC20 token_, bytes32 wanted_) {
        (token, wanted) = (token_, wanted_);
    }

    function reveal(bytes32 reportHash, bytes32 salt) external {
        bytes32 have = keccak256(abi.encode(reportHash, salt));
        if (have != wanted) revert FirstReveal_Wrong(have);
        token.transfer(msg.sender, token.balanceOf(address(this)));
    }
}

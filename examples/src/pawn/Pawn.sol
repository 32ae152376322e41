// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// A token with 6 decimals, minted to whoever makes it.
contract Coin {
    event Transfer(address indexed from, address indexed to, uint256 amount);

    mapping(address account => uint256) public balanceOf;

    constructor(uint256 amount) {
        balanceOf[msg.sender] = amount;
        emit Transfer(address(0), msg.sender, amount);
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        return _move(msg.sender, to, amount);
    }

    /// Every pawnbroker is trusted: approvals would only be in the way here.
    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        return _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private returns (bool) {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
        emit Transfer(from, to, amount);
        return true;
    }
}

/// Lends dollars on gold, one for one. It looks at the debt when it lends, and not when the gold is taken back.
contract Pawn {
    Coin private immutable GOLD;
    Coin private immutable USD;

    mapping(address account => uint256) public pledgeOf;
    mapping(address account => uint256) public debtOf;
    uint256 public totalDebt;

    constructor(Coin gold, Coin usd) {
        (GOLD, USD) = (gold, usd);
    }

    function pledge(uint256 amount) external {
        pledgeOf[msg.sender] += amount;
        GOLD.transferFrom(msg.sender, address(this), amount);
    }

    function borrow(uint256 amount) external {
        debtOf[msg.sender] += amount;
        totalDebt += amount;
        require(isHealthy(msg.sender), "unhealthy");
        USD.transfer(msg.sender, amount);
    }

    function repay(uint256 amount) external {
        debtOf[msg.sender] -= amount;
        totalDebt -= amount;
        USD.transferFrom(msg.sender, address(this), amount);
    }

    function reclaim(uint256 amount) external {
        pledgeOf[msg.sender] -= amount;
        GOLD.transfer(msg.sender, amount);
    }

    /// Pays somebody's debt who is not healthy, for as much of his gold as is there.
    function liquidate(address account, uint256 amount) external {
        require(!isHealthy(account), "healthy");
        uint256 gold = amount < pledgeOf[account] ? amount : pledgeOf[account];
        debtOf[account] -= amount;
        totalDebt -= amount;
        pledgeOf[account] -= gold;
        USD.transferFrom(msg.sender, address(this), amount);
        GOLD.transfer(msg.sender, gold);
    }

    function isHealthy(address account) public view returns (bool) {
        return debtOf[account] * 10 <= pledgeOf[account] * 8;
    }
}

/// Borrows on gold and takes the gold back, in one go.
contract Raid {
    function run(Pawn pawn, uint256 amount) external {
        pawn.pledge(amount);
        pawn.borrow(amount * 8 / 10);
        pawn.reclaim(amount);
    }
}

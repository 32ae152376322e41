// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Shares of what it holds, gifts among it.
contract Pot {
    mapping(address account => uint256) public sharesOf;
    uint256 public totalShares;

    receive() external payable {}

    function deposit() external payable returns (uint256 shares) {
        uint256 totalAssets = address(this).balance - msg.value;
        shares = totalShares == 0 ? msg.value : msg.value * totalShares / totalAssets;
        sharesOf[msg.sender] += shares;
        totalShares += shares;
    }

    function redeem(uint256 shares) external returns (uint256 amount) {
        amount = shares * address(this).balance / totalShares;
        sharesOf[msg.sender] -= shares;
        totalShares -= shares;
        payable(msg.sender).transfer(amount);
    }
}

/// Its shares are dear, and what is taken for a payment is rounded down.
contract Dear {
    mapping(address account => uint256) public sharesOf;
    uint256 public count;

    constructor() payable {
        count = 10;
    }

    function deposit() external payable returns (uint256 shares) {
        uint256 held = address(this).balance - msg.value;
        shares = msg.value * count / held;
        sharesOf[msg.sender] += shares;
        count += shares;
    }

    function withdraw(uint256 amount) external returns (uint256) {
        uint256 shares = amount * count / address(this).balance;
        sharesOf[msg.sender] -= shares;
        count -= shares;
        payable(msg.sender).transfer(amount);
        return shares;
    }
}

/// Looks at the debt when it lends, and not when the security is taken back.
contract Pawn {
    mapping(address account => uint256) public pledgeOf;
    mapping(address account => uint256) public debtOf;

    constructor() payable {}

    function pledge() external payable {
        pledgeOf[msg.sender] += msg.value;
    }

    function borrow(uint256 amount) external {
        debtOf[msg.sender] += amount;
        require(isHealthy(msg.sender), "unhealthy");
        payable(msg.sender).transfer(amount);
    }

    function reclaim(uint256 amount) external returns (uint256) {
        pledgeOf[msg.sender] -= amount;
        payable(msg.sender).transfer(amount);
        return pledgeOf[msg.sender];
    }

    function isHealthy(address account) public view returns (bool) {
        return debtOf[account] * 10 <= pledgeOf[account] * 8;
    }
}

/// Sells coins for ether by the product of what it holds.
contract Pool {
    mapping(address account => uint256) public coinsOf;
    uint256 public updatedAt;
    uint256 private _coins;

    constructor() payable {
        _coins = 10_000;
        updatedAt = block.timestamp;
    }

    /// Wei for a coin.
    function price() external view returns (uint256) {
        return address(this).balance / _coins;
    }

    function buy() external payable returns (uint256 coins) {
        coins = _coins * msg.value / address(this).balance;
        _coins -= coins;
        coinsOf[msg.sender] += coins;
        updatedAt = block.timestamp;
    }

    function sell(uint256 coins) external {
        uint256 amount = address(this).balance * coins / (_coins + coins);
        _coins += coins;
        coinsOf[msg.sender] -= coins;
        updatedAt = block.timestamp;
        payable(msg.sender).transfer(amount);
    }

    function give(address to, uint256 coins) external {
        coinsOf[msg.sender] -= coins;
        coinsOf[to] += coins;
    }
}

/// Lends against coins by what the pool says this very moment.
contract Spot {
    Pool private immutable POOL;
    mapping(address account => uint256) public pledgeOf;
    mapping(address account => uint256) public debtOf;
    uint256 private _pledged;

    constructor(Pool pool) payable {
        POOL = pool;
    }

    /// Takes what was given to it before.
    function pledge() external {
        uint256 given = POOL.coinsOf(address(this)) - _pledged;
        pledgeOf[msg.sender] += given;
        _pledged += given;
    }

    function borrow(uint256 amount) external {
        debtOf[msg.sender] += amount;
        require(debtOf[msg.sender] <= pledgeOf[msg.sender] * POOL.price() / 2, "value");
        payable(msg.sender).transfer(amount);
    }
}

/// Makes coins dear, borrows against some of them, and makes them cheap again, in one go.
contract Pumper {
    receive() external payable {}

    function pump(Pool pool, Spot spot, uint256 amount) external payable {
        uint256 coins = pool.buy{value: msg.value}();
        pool.give(address(spot), 100);
        spot.pledge();
        spot.borrow(amount);
        pool.sell(coins - 100);
        payable(msg.sender).transfer(address(this).balance);
    }
}

/// What a keeper says, with the time of it, in the words of Chainlink.
contract Feed {
    int256 private _answer;
    uint256 private _at;

    function set(int256 answer) public {
        (_answer, _at) = (answer, block.timestamp);
    }

    constructor() {
        set(2_000);
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return (1, _answer, _at, _at, 1);
    }
}

/// Lends ether against points, whatever the feed says.
contract Desk {
    Feed private immutable FEED;
    mapping(address account => uint256) public pointsOf;
    mapping(address account => uint256) public debtOf;

    constructor(Feed feed, address[] memory accounts) payable {
        FEED = feed;
        for (uint256 i; i < accounts.length; ++i) pointsOf[accounts[i]] = 20_000;
    }

    function borrow(uint256 amount) external {
        debtOf[msg.sender] += amount;
        (, int256 answer,,,) = FEED.latestRoundData();
        require(debtOf[msg.sender] * uint256(answer) / 1 ether <= pointsOf[msg.sender], "value");
        payable(msg.sender).transfer(amount);
    }
}

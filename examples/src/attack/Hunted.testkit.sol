// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;

// What a search has to break, one kind of fault a contract.

contract Counter {
    uint256 public count;
    uint256 private _unlocked;

    function increase() external {
        count++;
    }

    function set(uint256 to) external {
        require(to < 10, "too much");
        count = to;
    }

    function check() external view {
        assert(count != 15);
    }

    function lock() external {
        _unlocked = block.timestamp + 3 days;
    }

    function open() external view {
        if (_unlocked != 0 && block.timestamp > _unlocked) assert(false);
    }
}

contract CounterHarness {
    Counter public counter;

    function setUp() external {
        counter = new Counter();
    }

    function invariant_staysSmall() external view {
        require(counter.count() < 20, "large");
    }

    function invariant_staysWithinItsType() external view {
        require(counter.count() < type(uint128).max, "huge");
    }
}

contract Purse {
    address private immutable _owner = msg.sender;
    mapping(address => uint256) public balances;
    bool private _isOpen;

    constructor() {
        balances[msg.sender] = 1000;
    }

    function transfer(address to, uint256 amount) external {
        unchecked {
            require(balances[msg.sender] - amount >= 0);
            balances[msg.sender] -= amount;
        }
        balances[to] += amount;
    }

    function unlock(uint256 key) external {
        if (key == 0xdeadbeefcafe1234) _isOpen = true;
    }

    function echidna_owner_is_not_richer() external view returns (bool) {
        return balances[_owner] <= 1000;
    }

    function echidna_is_locked() external view returns (bool) {
        return !_isOpen;
    }

    function echidna_always() external pure returns (bool) {
        return true;
    }
}

contract Events {
    event AssertionFailed(string message);
    event AssertionFailed(int8 value);

    function text(uint64 a, uint64 b) external {
        if (a == b * 3 + 1 && a > 1000) {
            emit AssertionFailed("a, b");
            assert(false);
        }
    }

    function number(int8 value) external {
        if (value == -77) emit AssertionFailed(value);
    }
}

contract Vessel {
    function fail(uint256 depth) external pure {
        assert(depth < 100);
    }
}

/// Whoever catches a failed assertion does not hide it.
contract Catcher {
    Vessel private immutable _vessel = new Vessel();
    uint256 public caught;

    function attempt(uint256 depth) external {
        try _vessel.fail(depth) {} catch {
            caught++;
        }
    }
}

contract Nested {
    struct Order {
        address owner;
        uint128[] amounts;
        bytes note;
    }

    function place(Order calldata order, bool isFinal) external pure {
        if (!isFinal || order.amounts.length != 3) return;
        if (order.amounts[1] == 77 && order.amounts[2] == order.amounts[0] * 2 + 5 && order.note.length > 4)
            assert(order.note[0] != "Q");
    }
}

contract Sound {
    uint256 public sum;

    function add(uint8 amount) external payable {
        sum += amount;
        assert(sum >= amount);
    }
}

contract Takes {
    constructor(uint256) {}
}

abstract contract Unfinished {
    function later() external virtual;
}

contract Endless {
    constructor() {
        while (true) {}
    }
}

contract FailsAtOnce {
    constructor() {
        require(false, "never");
    }
}

library Sums {
    function add(uint256 a, uint256 b) external pure returns (uint256) {
        return a + b;
    }
}

/// It needs a library beside it, and has functions that are named as a harness's are.
contract Linked {
    uint256 public total;

    function testDeposit(uint64 amount) external {
        total = Sums.add(total, amount);
    }

    function targetPrice(uint64 amount) external view {
        assert(total < 1000 || amount != 4242);
    }
}

/// Nothing to call, and nothing to ask.
contract Inert {}

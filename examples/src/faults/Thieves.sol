// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Till} from "./Till.sol";

/// Steals for whoever knows the key.
contract KeyThief {
    Till private immutable till;

    constructor(Till till_) {
        till = till_;
    }

    function open(address to, uint256 key, uint256 amount) external {
        require(key == 0x6b65795f6f665f7468655f7468696566);
        require(to != address(0) && amount > 1);
        till.withdraw(amount);
    }
}

/// Steals at the second step, once the first has been made by its maker.
contract ArmedThief {
    Till private immutable till;
    address private immutable maker = msg.sender;
    uint256 private loaded;

    constructor(Till till_) {
        till = till_;
    }

    function arm(uint256 charge) external {
        require(msg.sender == maker && charge > 700_000 && charge < 800_000);
        loaded = charge;
    }

    function fire() external {
        require(loaded != 0, "not armed");
        till.withdraw(loaded);
    }
}

/// Steals only as much as it was told when it was made.
contract QuotaThief {
    Till private immutable till;
    uint256 private quota;

    constructor(Till till_, uint256 quota_) {
        till = till_;
        quota = quota_;
    }

    function take(bytes32 note, uint64 amount) external returns (bytes32) {
        require(amount == quota);
        till.withdraw(amount);
        return note;
    }
}

/// Refuses its maker, and steals for anybody else.
contract ShyThief {
    Till private immutable till;
    address private immutable maker = msg.sender;

    constructor(Till till_) {
        till = till_;
    }

    function help() external {
        require(msg.sender != maker);
        till.withdraw(till.owed() / 2);
    }
}

/// Names the till, and does nothing but count; one door stays shut.
contract Harmless {
    Till public immutable till;
    uint256 public count;
    mapping(address => uint256) public noted;

    constructor(Till till_) {
        till = till_;
    }

    function note(uint256 amount) external {
        noted[msg.sender] += amount;
        count++;
    }

    function owes() external view returns (uint256) {
        return till.owed();
    }

    function shut(bytes32 word) external view {
        require(keccak256(abi.encode(word)) == bytes32(uint256(1)));
        require(count > 5);
    }
}

/// Burns all the gas that it is given, whatever it is called with.
contract Burner {
    Till public immutable till;

    constructor(Till till_) {
        till = till_;
    }

    function burn(uint256 from) external pure returns (uint256 sum) {
        unchecked {
            for (uint256 i = from;; i++) sum += i;
        }
    }

    fallback() external payable {
        while (true) {}
    }
}

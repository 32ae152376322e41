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

/// Steals for whoever knows what a hash is of: no comparison tells how near a guess is.
contract HashThief {
    Till private immutable till;

    constructor(Till till_) {
        till = till_;
    }

    function open(bytes32 word, uint256 amount) external {
        require(keccak256(abi.encode(word)) == 0xcadbb61a0e1b41f5a1a6a3c1a8bb2d1b3a7bd1a3c6d4b5a1f0e9d8c7b6a59483);
        till.withdraw(amount);
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

/// Burns all the gas that it is given, whatever it is called with. Those below do so in other ways.
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

/// Calls itself as deep as it goes.
contract Deep {
    Till public immutable till;

    constructor(Till till_) {
        till = till_;
    }

    fallback() external payable {
        for (uint256 i = 0;; i++) {
            (bool ok,) = address(this).call(abi.encode(i));
            ok;
        }
    }
}

/// Writes long logs.
contract Logger {
    Till public immutable till;

    constructor(Till till_) {
        till = till_;
    }

    fallback() external payable {
        while (true) {
            assembly {
                log0(0, 0x4000)
            }
        }
    }
}

/// Pairs ever new points of a curve, which costs little gas for its time.
contract Pairs {
    Till public immutable till;

    constructor(Till till_) {
        till = till_;
    }

    fallback() external payable {
        for (uint256 k = uint256(keccak256(msg.data)) >> 8;; k++) {
            (, bytes memory point) = address(7).staticcall(abi.encode(uint256(1), uint256(2), k));
            (bool ok,) = address(8).staticcall(
                abi.encodePacked(
                    point,
                    uint256(0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2),
                    uint256(0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed),
                    uint256(0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b),
                    uint256(0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa)
                )
            );
            ok;
        }
    }
}

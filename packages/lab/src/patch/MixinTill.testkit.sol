// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SelectorBreaker} from "../../../../contracts/src/SelectorBreaker.sol";

/// A till that enforces rules itself.
contract MixinTill is SelectorBreaker {
    constructor(address controller) payable SelectorBreaker(controller) {}

    receive() external payable {}

    function take(uint256 amount) external whenLive {
        payable(msg.sender).transfer(amount);
    }
}

/// Pays as WETH does: with no more gas than a transfer has.
contract Payer {
    function pay(address payable to) external payable {
        to.transfer(msg.value);
    }
}

/// Passes on what it is given, by whomever.
contract Relay {
    function pass(address to, bytes calldata data) external {
        (bool ok,) = to.call(data);
        require(ok, "failed");
    }
}

/// Pays what was ordered when somebody carries it out, and a tip at once.
contract Queue {
    address[] private whose;
    uint256[] private amounts;

    constructor() payable {}

    function order(uint256 amount) external {
        whose.push(msg.sender);
        amounts.push(amount);
    }

    function tip() external {
        payable(msg.sender).transfer(1 ether);
    }

    function waiting() external view returns (uint256) {
        return whose.length;
    }

    function carryOut() external {
        for (uint256 i; i < whose.length; ++i) payable(whose[i]).transfer(amounts[i]);
        delete whose;
        delete amounts;
    }
}

/// A proxy of ERC-1967, as most contracts stand behind.
contract TillProxy {
    bytes32 private constant IMPLEMENTATION = bytes32(uint256(keccak256("eip1967.proxy.implementation")) - 1);

    constructor(address implementation) payable {
        bytes32 slot = IMPLEMENTATION;
        assembly ("memory-safe") {
            sstore(slot, implementation)
        }
    }

    receive() external payable {}

    fallback() external payable {
        bytes32 slot = IMPLEMENTATION;
        assembly {
            calldatacopy(0, 0, calldatasize())
            let ok := delegatecall(gas(), sload(slot), 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if iszero(ok) { revert(0, returndatasize()) }
            return(0, returndatasize())
        }
    }
}

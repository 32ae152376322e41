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

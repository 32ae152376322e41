// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Base} from "../Base.t.sol";

/// What the measures of gas share.
abstract contract Measured is Base {
    /// Gas of a call that must pass: the called contract itself is warm, as it is in a transaction, and its storage cold;
    /// the 21,000 base and the price of call data are left out.
    function costOf(address by, address to, bytes memory data) internal returns (uint256 used) {
        vm.cool(to);
        uint256 warm = to.balance;
        vm.prank(by);
        uint256 before = gasleft();
        (bool ok,) = to.call(data);
        used = before - gasleft();
        yes(ok && warm == 0, "measured call");
    }
}

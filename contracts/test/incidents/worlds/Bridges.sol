// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IBridgeGuard, Transfer} from "../../../src/interfaces/IBridgeGuard.sol";

/// Releases whatever one attestor signed.
contract OneKeyBridge {
    IERC1271 public immutable attestor;
    mapping(uint64 nonce => bool) private _seen;

    error OneKeyBridge_Refused(uint64 nonce);

    constructor(address attestor_) {
        attestor = IERC1271(attestor_);
    }

    function release(Transfer calldata t) external {
        bytes32 digest = keccak256(abi.encode(t));
        bool signed = attestor.isValidSignature(digest, "") == IERC1271.isValidSignature.selector;
        if (!signed || _seen[t.nonce]) revert OneKeyBridge_Refused(t.nonce);
        _seen[t.nonce] = true;
        IERC20(t.token).transfer(t.receiver, t.amount);
    }
}

/// The home end of a bridge that reports to a guard and asks it.
contract GuardedBridge {
    IBridgeGuard public guard;

    /// Once, as each needs the other's address.
    function setGuard(IBridgeGuard guard_) external {
        require(address(guard) == address(0), "set");
        guard = guard_;
    }

    function lock(uint64 remote, IERC20 token, uint256 amount) external {
        token.transferFrom(msg.sender, address(this), amount);
        guard.onLock(remote, address(token), amount, msg.sender);
    }

    function release(Transfer calldata t, bytes[] calldata attestations) external {
        guard.onRelease(t, attestations);
        IERC20(t.token).transfer(t.receiver, t.amount);
    }
}

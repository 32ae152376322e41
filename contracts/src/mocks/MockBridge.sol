// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import {IBridgeGuard, Transfer} from "../interfaces/IBridgeGuard.sol";
import {BridgeTypes} from "../libraries/BridgeTypes.sol";
import {MockOddToken} from "./MockOddToken.sol";

/// One end of a bridge: it reports what arrived, and asks before it pays.
contract MockBridge {
    IBridgeGuard public guard;

    function setGuard(IBridgeGuard guard_) external {
        guard = guard_;
    }

    function lock(uint64 remote, MockOddToken token, uint256 amount, address receiver) external returns (bytes32) {
        uint256 before = token.balanceOf(address(this));
        token.transferFrom(msg.sender, address(this), amount);
        return guard.onLock(remote, address(token), token.balanceOf(address(this)) - before, receiver);
    }

    function burn(uint64 remote, MockOddToken token, uint256 amount, address receiver) external returns (bytes32) {
        token.burn(msg.sender, amount);
        return guard.onBurn(remote, address(token), amount, receiver);
    }

    function mint(Transfer calldata transfer, bytes[] calldata attestations) external {
        guard.onMint(transfer, attestations);
        MockOddToken(transfer.token).mint(transfer.receiver, transfer.amount);
    }

    function release(Transfer calldata transfer, bytes[] calldata attestations) external {
        guard.onRelease(transfer, attestations);
        MockOddToken(transfer.token).transfer(transfer.receiver, transfer.amount);
    }
}

/// What a bridge without a guard does when a message arrives: it checks the attestations and marks the nonce.
contract MockBareBridge is EIP712 {
    using BitMaps for BitMaps.BitMap;

    error Refused();

    mapping(address account => bool) private _isAttestor;
    mapping(uint64 remote => BitMaps.BitMap) private _seen;
    uint256 private immutable _quorum;

    constructor(address[] memory attestors, uint256 quorum) EIP712(BridgeTypes.NAME, BridgeTypes.VERSION) {
        for (uint256 i; i < attestors.length; ++i) _isAttestor[attestors[i]] = true;
        _quorum = quorum;
    }

    function accept(Transfer calldata t, bytes[] calldata attestations) external {
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(t)));
        address last;
        for (uint256 i; i < attestations.length; ++i) {
            address signer = ECDSA.recover(digest, attestations[i]);
            if (signer <= last || !_isAttestor[signer]) revert Refused();
            last = signer;
        }
        if (attestations.length < _quorum || _seen[t.remote].get(t.nonce)) revert Refused();
        _seen[t.remote].set(t.nonce);
    }
}

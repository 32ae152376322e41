// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {IBridgeGuard, Transfer} from "../interfaces/IBridgeGuard.sol";

/// @notice From where to where the messages of a route go.
struct Lane {
    uint64 source;
    uint64 destination;
    address sourceGuard;
    address destinationGuard;
    address sourceToken;
    address destinationToken;
}

/// @notice The EIP-712 struct hashes of the bridge's messages, and the digest of a pause.
library BridgeTypes {
    string internal constant NAME = "Testudo Bridge";
    string internal constant VERSION = "1";

    bytes32 internal constant LANE = keccak256(
        "Lane(uint64 source,uint64 destination,address sourceGuard,address destinationGuard,address sourceToken,address destinationToken)"
    );
    bytes32 internal constant TRANSFER = keccak256(
        "Transfer(Lane lane,uint256 amount,address receiver,uint64 nonce)Lane(uint64 source,uint64 destination,address sourceGuard,address destinationGuard,address sourceToken,address destinationToken)"
    );
    bytes32 internal constant PAUSE = keccak256(
        "PauseMessage(uint64[] chainIds,bytes32 group,uint40 until,bytes32 reason,bytes32 evidence,uint256 nonce)"
    );
    /// Name, version and salt: without a chain and a contract, as one signature serves all chains.
    bytes1 private constant PAUSE_DOMAIN = 0x13;

    function hash(Lane memory lane) internal pure returns (bytes32) {
        return keccak256(abi.encode(LANE, lane));
    }

    /// @dev The lane is hashed once, when the route is set.
    function hash(bytes32 lane, uint256 amount, address receiver, uint64 nonce) internal pure returns (bytes32) {
        return keccak256(abi.encode(TRANSFER, lane, amount, receiver, nonce));
    }

    function hash(bytes32 lane, Transfer calldata t) internal pure returns (bytes32) {
        return hash(lane, t.amount, t.receiver, t.nonce);
    }

    function digest(IBridgeGuard.PauseMessage calldata m, bytes32 network) internal pure returns (bytes32) {
        // Elements of a packed array are padded to 32 bytes, which is EIP-712's encoding of an array.
        bytes32 chains = keccak256(abi.encodePacked(m.chainIds));
        bytes32 structHash = keccak256(abi.encode(PAUSE, chains, m.group, m.until, m.reason, m.evidence, m.nonce));
        bytes32 domain = MessageHashUtils.toDomainSeparator(PAUSE_DOMAIN, NAME, VERSION, 0, address(0), network);
        return MessageHashUtils.toTypedDataHash(domain, structHash);
    }
}

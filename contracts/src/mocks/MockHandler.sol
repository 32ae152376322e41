// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Fill, ILatencyBuffer, ILatencyHandler} from "../interfaces/ILatencyBuffer.sol";

/// Counts what it is told to do; can refuse, or try to execute the same request again from within.
contract MockHandler is ILatencyHandler {
    enum Mode {
        ACT,
        REFUSE,
        REENTER
    }

    ILatencyBuffer private buffer;
    Mode private mode;
    uint256 public acted;
    mapping(bytes32 id => uint256) public times;
    Fill private last;
    bytes32 public lastPayload;
    address public lastKeeper;
    bool public reentered;

    function set(ILatencyBuffer buffer_, Mode mode_) external {
        (buffer, mode) = (buffer_, mode_);
    }

    function lastFill() external view returns (Fill memory) {
        return last;
    }

    function onExecute(Fill calldata fill, bytes calldata payload, address keeper) external {
        require(mode != Mode.REFUSE, "refused");
        if (mode == Mode.REENTER) reentered = tries(fill.id, payload);
        ++acted;
        ++times[fill.id];
        (last, lastPayload, lastKeeper) = (fill, keccak256(payload), keeper);
    }

    function tries(bytes32 id, bytes calldata payload) private returns (bool ok) {
        for (uint64 round = 1; round < 4 && !ok; ++round) {
            try buffer.execute(id, payload, round) {
                ok = true;
            } catch {}
        }
    }
}

/// A handler that does nothing, to measure what the buffer adds.
contract MockIdleHandler is ILatencyHandler {
    function onExecute(Fill calldata, bytes calldata, address) external {}
}

/// Requests and executes in one transaction, as with borrowed money.
contract MockHasty {
    function run(ILatencyBuffer buffer, bytes32 kind, bytes calldata payload, uint64 round) external {
        buffer.execute(buffer.request(kind, payload, 0), payload, round);
    }
}

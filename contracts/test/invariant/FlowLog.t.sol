// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Base} from "../Base.t.sol";

/// What passed a cap on balance, at each transaction boundary, and the caps and windows that were in force.
contract FlowLog is Base {
    struct Mark {
        uint256 time;
        int256 net;
        uint256 cap;
        uint256 window;
    }

    Mark[] internal marks;

    function add(int256 moved, uint256 cap, uint256 window) external {
        int256 net = marks.length == 0 ? moved : marks[marks.length - 1].net + moved;
        marks.push(Mark(vm.getBlockTimestamp(), net, cap, window));
    }

    /// Holds the last mark against every mark before it.
    function check() external view {
        uint256 n = marks.length;
        if (n == 0) return;
        Mark memory end = marks[n - 1];
        (uint256 cap, uint256 window) = (end.cap, end.window);
        for (uint256 i = n - 1; i > 0; --i) {
            Mark memory start = marks[i - 1];
            if (start.cap > cap) cap = start.cap;
            if (start.window < window) window = start.window;
            if (end.net <= start.net) continue;
            atMost(uint256(end.net - start.net), cap + cap * (end.time - start.time) / window, "net outflow");
        }
    }
}

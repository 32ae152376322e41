// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// A price adapter that says what it is told, or misbehaves in one of the ways an adapter can.
contract MockPrice {
    enum Mode {
        ANSWER,
        REVERT,
        REVERT_LONG, // with 50 kB of data
        BURN,
        EMPTY, // answers nothing
        SHORT, // answers one word
        LONG, // answers three words
        BOMB // answers 50 kB
    }

    uint128 private wad;
    uint40 private time;
    uint16 private confBps;
    uint8 private fault;
    Mode private mode;

    function set(uint128 wad_, uint40 time_, uint16 confBps_, uint8 fault_) external {
        (wad, time, confBps, fault) = (wad_, time_, confBps_, fault_);
    }

    function setMode(Mode mode_) external {
        mode = mode_;
    }

    fallback(bytes calldata) external returns (bytes memory) {
        Mode m = mode;
        uint256 stamp = uint256(time) | (uint256(confBps) << 40) | (uint256(fault) << 56);
        if (m == Mode.ANSWER) return abi.encode(wad, stamp);
        if (m == Mode.EMPTY) return "";
        if (m == Mode.SHORT) return abi.encode(wad);
        if (m == Mode.LONG) return abi.encode(wad, stamp, stamp);
        if (m == Mode.BOMB) return new bytes(50_000);
        while (m == Mode.BURN) {}
        require(m == Mode.REVERT_LONG, "no price");
        bytes memory long = new bytes(50_000);
        revert(string(long));
    }
}

/// A price adapter whose two words are free.
contract MockWords {
    uint256 private wad;
    uint256 private stamp;
    bool private broken;

    function set(uint256 wad_, uint256 stamp_, bool broken_) external {
        (wad, stamp, broken) = (wad_, stamp_, broken_);
    }

    function read(uint16, uint32, uint128) external view returns (uint256, uint256) {
        require(!broken, "broken");
        return (wad, stamp);
    }
}

/// A price adapter of one slot, to measure what the aggregator adds.
contract MockSlotPrice {
    uint128 private wad;
    uint40 private time;

    function set(uint128 wad_, uint40 time_) external {
        (wad, time) = (wad_, time_);
    }

    function read(uint16, uint32, uint128) external view returns (uint256, uint256) {
        return (wad, time);
    }
}

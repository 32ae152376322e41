// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// The cheatcodes of forge that the tests use.
interface Vm {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    function warp(uint256 timestamp) external;
    function roll(uint256 number) external;
    function chainId(uint256 id) external;
    function deal(address account, uint256 balance) external;
    function etch(address account, bytes calldata code) external;
    function prank(address sender) external;
    function prank(address sender, address origin) external;
    function assume(bool condition) external pure;
    function addr(uint256 key) external pure returns (address);
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function load(address account, bytes32 slot) external view returns (bytes32);
    function store(address account, bytes32 slot, bytes32 value) external;
    function record() external;
    function accesses(address account) external returns (bytes32[] memory reads, bytes32[] memory writes);
    function cool(address account) external;
    function setNonce(address account, uint64 nonce) external;
    function getNonce(address account) external view returns (uint64);
    function expectRevert() external;
    function expectRevert(bytes4 selector) external;
    function expectRevert(bytes calldata data) external;
    function expectEmit(address emitter) external;
    function getBlockTimestamp() external view returns (uint256);
    function getBlockNumber() external view returns (uint256);
    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory);
    function snapshotValue(string calldata group, string calldata name, uint256 value) external;
}

/// Assertions that show their values, and bounded inputs.
abstract contract Base {
    error NotEqual(string what, uint256 have, uint256 want);
    error NotEqualBytes(string what, bytes have, bytes want);
    error NotAtMost(string what, uint256 have, uint256 max);
    error NotTrue(string what);

    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    function eq(uint256 have, uint256 want, string memory what) internal pure {
        if (have != want) revert NotEqual(what, have, want);
    }

    function eq(address have, address want, string memory what) internal pure {
        if (have != want) revert NotEqual(what, uint160(have), uint160(want));
    }

    function eq(bytes32 have, bytes32 want, string memory what) internal pure {
        if (have != want) revert NotEqual(what, uint256(have), uint256(want));
    }

    function eq(bytes memory have, bytes memory want, string memory what) internal pure {
        if (keccak256(have) != keccak256(want)) revert NotEqualBytes(what, have, want);
    }

    function atMost(uint256 have, uint256 max, string memory what) internal pure {
        if (have > max) revert NotAtMost(what, have, max);
    }

    function yes(bool have, string memory what) internal pure {
        if (!have) revert NotTrue(what);
    }

    function no(bool have, string memory what) internal pure {
        if (have) revert NotTrue(what);
    }

    /// Maps any `x` into [min, max]; edge values of `x` land on the edges of the range, and so does one in nine of all that
    /// lie outside: there a comparison shows that is off by one.
    function bound(uint256 x, uint256 min, uint256 max) internal pure returns (uint256) {
        if (x >= min && x <= max) return x;
        uint256 size = max - min;
        if (size == type(uint256).max) return x;
        if (x <= 3 && size >= x) return min + x;
        if (x >= type(uint256).max - 3 && size >= type(uint256).max - x) return max - (type(uint256).max - x);
        uint256 pick = x % 17;
        if (pick < 2) return pick == 0 ? min : max;
        return min + (x % (size + 1));
    }

    /// Every second time `limit` or a neighbour of it, which a random `x` would hardly ever be.
    function around(uint256 x, uint256 limit) internal pure returns (uint256) {
        uint256 pick = x % 6;
        return pick < 3 ? limit + pick - 1 : x;
    }
}

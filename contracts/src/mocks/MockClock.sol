// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// A price source that tells its last update, or burns all gas.
contract MockClock {
    uint256 private at;
    bool private burns;

    function set(uint256 at_, bool burns_) external {
        at = at_;
        burns = burns_;
    }

    function updatedAt() external view returns (uint256) {
        while (burns) {}
        return at;
    }
}

/// A breaker that is broken: burns the gas of every call.
contract MockBurner {
    fallback() external {
        while (true) {}
    }
}
